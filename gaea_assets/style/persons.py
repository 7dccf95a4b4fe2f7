"""Grammatical person of narration, decided for windows of 300 words by who the pronouns point at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gaea_assets.style import dialogue, italics
from gaea_assets.style.tokens import WORD, sentences
from gaea_assets.style.units import unit_numbers

PERSONS = ("first", "second", "third")
WINDOW_WORDS = 300
MINIMUM_WORDS = 60  # a shorter remainder joins its neighbour or stays undecided

_BASE = {
    "first": "i me my mine myself we us our ours ourselves",
    "second": "you your yours yourself yourselves thou thee thy thine",
    "third": "he him his himself she her hers herself they them their theirs themselves",
}
_VERBS = ("", "'m", "'re", "'s", "'ve", "'d", "'ll")
FORMS: Mapping[str, str] = {
    word + ending: person for person, words in _BASE.items() for word in words.split() for ending in _VERBS
}
_SINGULAR_FIRST = frozenset(w + e for w in ("i", "me", "my", "mine", "myself") for e in _VERBS)
# Turns of phrase in which *you* is the reader or anybody, not a person of the story.
_GENERIC = re.compile(
    r"\b(?:(?:if|when|whenever|where|wherever|once|unless|until|as|though) (?:you|one)\b(?=[^.!?]*\byou\b)"
    r"|you (?:can|could|may|might|must|would|should|will|'d|'ll)? ?"
    r"(?:never |hardly |always |almost |scarcely )?"
    r"(?:know|see|find|imagine|suppose|expect|think|say|guess|fancy|believe|understand|remember|observe|"
    r"perceive|judge|conceive|call)\b|(?:mind|thank|tell|assure|promise|warn|give|show|ask|beg|let) you\b|"
    r"do you (?:know|see)|you (?:can|could) (?:always )?tell|as you (?:know|see|may|might|will|please|like)|"
    r"(?:kind|sort) of \w+ you)",
    re.IGNORECASE,
)
_SET_PHRASE = re.compile(
    r"\b(?:you know(?=[,.!?])|you see(?=,)|as (?:you|they) (?:know|say|please)|mind you|you can always tell|"
    r"you never know|you cannot have|as the saying goes)\b|\byou (?:can|could) tell an? ",
    re.IGNORECASE,
)
_READER = re.compile(
    r"\b(?:(?:dear|gentle|kind|good|courteous|patient|candid|fair|astute|beloved) readers?|the reader|"
    r"my readers?|our readers?|(?<![\w-])reader(?=,)|you who (?:read|have read|are reading)|as you read|"
    r"O reader)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Person:
    """The person of one window of narration.

    Attributes:
        person: `first`, `second`, `third`, or `undecided` with too few pronouns or none of them leading.
        first, second, third: Pronouns of each person in a thousand words of narration.
        words: Words of narration in the window.
        lean: From -1 (third) to 1 (first): (first - third) / (first + third), smoothed.
    """

    person: str
    first: float
    second: float
    third: float
    words: int
    lean: float


def narration_of(paragraph_list: Sequence[str]) -> list[str]:
    """Narration of canonical paragraphs, without speech and italic thoughts."""
    told, _ = dialogue.split(paragraph_list)
    return [italics.without_thoughts(text) if "*" in text else text for text in told]


def is_generic(sentence: str) -> bool:
    """Whether a sentence's *you* is anybody or the reader: a proverb's or a guidebook's *you*."""
    return bool(_GENERIC.search(sentence) or _READER.search(sentence))


def is_generic_in_second_person(sentence: str) -> bool:
    """Whether a *you* is anybody even where *you* is the person of the story: only set phrases say so."""
    return bool(_SET_PHRASE.search(sentence) or _READER.search(sentence))


def addresses_reader(sentence: str) -> bool:
    """Whether a sentence names its reader."""
    return bool(_READER.search(sentence))


def decide(narration: Iterable[str]) -> Person:
    """Decide the person of a stretch of narration.

    Second person needs *you* as the person of the story: it must lead the third person or stand in many
    sentences, and a teller's *I* beside it makes it address (a letter, a reader), not second-person
    narration.

    Args:
        narration: Sentences or paragraphs of narration (speech and thoughts already out).

    Returns:
        The decision with its rates.
    """
    counts: Counter[str] = Counter()
    total = with_you = generic = all_sentences = teller = 0
    for part in narration:
        for sentence in sentences(part):
            tokens = [token.lower() for token in WORD.findall(sentence)]
            if not tokens:
                continue
            total += len(tokens)
            all_sentences += 1
            seen = Counter(FORMS[token] for token in tokens if token in FORMS)
            counts.update(seen)
            teller += sum(token in _SINGULAR_FIRST for token in tokens)
            if seen["second"]:
                with_you += 1
                generic += is_generic(sentence)
    return _verdict(counts, total, with_you, generic, all_sentences, teller)


def _verdict(counts: Counter[str], total: int, with_you: int, generic: int, all_sentences: int, teller: int) -> Person:
    per = 1000.0 / max(total, 1)
    first, second, third = (counts[p] * per for p in PERSONS)
    lean = (counts["first"] - counts["third"]) / (counts["first"] + counts["third"] + 1.0)
    share = with_you / max(all_sentences, 1)
    own = with_you - generic
    person = "undecided"
    alone = counts["third"] >= 2 and counts["third"] == counts.total()
    if total >= 10 and (counts.total() >= 3 or alone):
        sustained = second >= 15 and share >= 0.15 and own >= 0.3 * with_you
        if sustained and counts["second"] > 1.2 * teller and counts["second"] > 0.15 * counts["third"]:
            person = "second"
        elif (counts["first"] * per >= 12 and teller * per >= 6) or counts["first"] > counts["third"]:
            person = "first"
        elif third >= 8:
            person = "third"
    return Person(person, first, second, third, total, lean)


def windows(paragraph_list: Sequence[str], size: int = WINDOW_WORDS) -> list[Person]:
    """Decide every window of about `size` words of narration.

    Args:
        paragraph_list: Canonical paragraphs of one text, speech and all.
        size: Words of narration in a window.

    Returns:
        One decision a window, in order; empty without narration.
    """
    told = [s for part in narration_of(paragraph_list) for s in sentences(part) if WORD.search(s)]
    numbers = unit_numbers([len(WORD.findall(s)) for s in told], size)
    groups: dict[int, list[str]] = {}
    for number, sentence in zip(numbers, told, strict=True):
        groups.setdefault(int(number), []).append(sentence)
    return [decide(group) for group in groups.values()]
