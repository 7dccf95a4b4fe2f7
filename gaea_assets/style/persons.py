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
LEAST_YOU = 3

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
    r"\b(?:(?:if|when|whenever|where|wherever|once|unless|until|as|though) (?:you|one)\b(?=[^.!?]{0,240}\byou\b)"
    r"|you (?:can|could|may|might|must|would|should|will|'d|'ll)? ?"
    r"(?:never |hardly |always |almost |scarcely )?"
    r"(?:know|see|find|imagine|suppose|expect|think|say|guess|fancy|believe|understand|remember|observe|"
    r"perceive|judge|conceive|call)\b|(?:mind|thank|tell|assure|promise|warn|give|show|ask|beg|let) you\b|"
    r"do you (?:know|see)|you (?:can|could) (?:always )?tell|as you (?:know|see|may|might|will|please|like)|"
    r"(?:kind|sort) of \w+ you)",
    re.IGNORECASE,
)
# The same, where it is counted as a mark of the voice: not *You know him at once* or *You find the key*.
_MODAL = r"(?:can|could|may|might|must|should|will|would|shall|ought|cannot|can't|couldn't|won't|wouldn't|need)"
_MARKED = re.compile(
    r"\bif (?:you|one)\b[^.!?]{0,240}\byou\b"
    r"|\b(?:when|whenever|where|wherever|once|unless|until|as|though) you\b[^.!?]{0,240}"
    r"\byou(?:'ll|'d| (?:see|hear|smell|"
    rf"feel|know|learn|find|come to|are|were|get|lose|need|do not|don't|never|always|{_MODAL}))\b"
    rf"|\byou(?:'d|'ll)? (?:{_MODAL} )?(?:never |hardly |always |almost |scarcely )?(?<!you )"
    r"(?:have |be )?(?:know|see|find|imagine[d]?|suppose|expect|think|thought|sa(?:y|id)|guess(?:ed)?|fancy|believed?|"
    r"understand|observe|perceive|judge|conceive|call)\b"
    r"|\byou know an? |\byou (?:know|see|understand)(?=[,;—?]| (?:how|what|why|(?:the|that) (?:sort|kind|type))\b)"
    r"|, you (?:know|see|understand)(?=[.!?])"
    rf"|\byou (?:{_MODAL}|don't|do not|never)\b[^.!?,;]{{0,120}}\b(?:an?|any|every|everything|anything|nothing|no)\b"
    r"|\byou \w+ (?:what|whatever|as) you \w+"
    r"|\b(?:mind|thank|tell|assure|promise|warn|beg) you\b|\b(?:I|we|me|us)\b[^.!?]{0,240} (?:give|show|ask|let) you\b"
    r"|\bdo you (?:know|see)\b|\byou (?:can|could) (?:always )?tell\b"
    r"|\bas you (?:know|see|may|might|will|please|like)\b|\b(?:kind|sort) of \w+ you\b",
    re.IGNORECASE,
)
_SET_PHRASE = re.compile(
    r"\b(?:you know(?=[,.!?])|you see(?=,)|as (?:you|they) (?:know|say|please)|mind you|you can always tell|"
    r"you never know|you cannot have|as the saying goes)\b|\byou (?:can|could) tell an? |"
    r"^\W*you \w+ (?:what|whatever|as) you \w+(?: \w+)?\W*$",
    re.IGNORECASE,
)
# A proverb speaks of any thing: nothing in it has been named before.
_PROVERB = re.compile(
    r"^(?!.*\b(?:the|this|that|these|those|your|his|her|their|my|he|she|him|they|them|it|its|there|here|now|was|were)\b)"
    r"\W*(?:if you\b[^.!?]{0,240}\ban? [^.!?]{0,240}\byou\b|"
    r"you (?:can't|cannot|can never|don't|do not|never) (?:\w+ ){1,8}an? (?:\w+ ){2})",
    re.IGNORECASE | re.DOTALL,
)
_KIND = (
    "dear|gentle|kind|good|courteous|patient|candid|fair|astute|beloved|delicate|indulgent|intelligent|judicious|worthy|"
    "curious|attentive|honest|friendly|impatient"
)
_READER = re.compile(
    rf"\b(?<!\ba )(?<!\ban )(?<!\bvery )(?<!\bso )(?:{_KIND}) reader\b"
    r"|\b(?:dear|gentle|kind|courteous|beloved) readers\b|\b(?:my|our) readers?\b|\bO readers?\b"
    r"|\bthe (?:(?!(?:card|lip|meter|mind|news|palm|proof|tape) )\w+ )?reader"
    r"(?: (?:who|that) [^.!?,]{1,80}?)?,? (?:already |now |perhaps |doubtless )?"
    r"(?:may|might|must|will|shall|can|cannot|should|would|ought|need|knows|has|is|does|wonders|asks|thinks|remembers|finds|sees)\b"
    r"|\b(?:tell|ask|inform|spare|remind|assure|warn|beg|leave|trust|inviting|invite|trouble|weary|give|"
    r"(?:seem|appear|known|clear|familiar|obvious|introduced?) to) the reader\b"
    r"|(?:^\W*|[,;:—.!?“] ?|\b(?:you|o|oh|ah|and|but|yes|no|then|so|for|know|believe me) )readers?(?=[,.!?;:—])"
    r"|\byou,? who (?:(?:have |are )?read(?:ing)?|hold (?:this|these|my))\b"
    r"|\b(?:you,?|as you)(?: now| are| have)? (?:hold|holding|read|reading|turn|turning)(?: over)?"
    r" (?:this|these|my|our) (?:books?|pages?|lines?|words?|story|tale|chapters?|history|volume|account)\b",
    re.IGNORECASE,
)
_NARRATOR = re.compile(r"\b(?:I|we|me|us|my|our)\b")
# *You* with a modal verb (*you may blame her if you please*) may be anybody; with a plain one it does something.
_CLAUSE_YOU = re.compile(r"\b(?:if|as|when|whenever|where|until|unless|once) you \w+", re.IGNORECASE)
_OPEN_YOU = re.compile(rf"\byou(?:'ll|'d| (?:{_MODAL}|had better|have to))\b", re.IGNORECASE)
_PLAIN_YOU = re.compile(rf"\byou(?:'re|'ve)?(?!'| (?:{_MODAL}|had better|have to)\b) \w", re.IGNORECASE)
_TOLD_PAST = re.compile(r"\b(?:was|were|had|did|went|came|said|saw|knew|took|gave|\w{2,}ed)\b", re.IGNORECASE)
READER_SENTENCES = 2
"""How many sentences after an address to the reader the *you* is still the reader."""


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
    return bool(_MARKED.search(sentence)) or addresses_reader(sentence)


def is_generic_in_second_person(sentence: str) -> bool:
    """Whether a *you* is anybody even where *you* is the person of the story: only set phrases say so."""
    return bool(_SET_PHRASE.search(sentence) or _PROVERB.search(sentence)) or addresses_reader(sentence)


def addresses_reader(sentence: str) -> bool:
    """Whether a sentence names its reader; *the reader put down his book* does not."""
    if "read" not in sentence and "Read" not in sentence and "book" not in sentence and "page" not in sentence:
        return False
    return bool(_READER.search(sentence)) or ("the reader" in sentence and bool(_NARRATOR.search(sentence)))


def decide(narration: Iterable[str]) -> Person:
    """Decide the person of a stretch of narration.

    Second person needs *you* as the person of the story: it must lead the third person or stand in many
    sentences, and a teller's *I* beside it makes it address (a letter, a reader), not second-person
    narration. A *you* that only may, can or will do something beside what *he* or *she* did is anybody.

    Args:
        narration: Sentences or paragraphs of narration (speech and thoughts already out).

    Returns:
        The decision with its rates.
    """
    tally = _Tally(Counter())
    for part in narration:
        for sentence in sentences(part):
            tokens = [token.lower() for token in WORD.findall(sentence)]
            if tokens:
                tally.add(sentence, tokens)
    return _verdict(tally)


@dataclass
class _Tally:
    """What is counted of a window: pronouns by person, and sentences by who their *you* may be."""

    counts: Counter[str]
    words: int = 0
    sentences: int = 0
    teller: int = 0
    with_you: int = 0
    generic: int = 0
    open: int = 0
    past_third: int = 0
    to_reader: int = 0

    def add(self, sentence: str, tokens: list[str]) -> None:
        self.words += len(tokens)
        self.sentences += 1
        seen = Counter(FORMS[token] for token in tokens if token in FORMS)
        self.counts.update(seen)
        self.teller += sum(token in _SINGULAR_FIRST for token in tokens)
        if seen["second"]:
            self.with_you += 1
            self._add_you(sentence)
        else:
            self.past_third += bool(seen["third"] and _TOLD_PAST.search(sentence))
        self.to_reader -= self.to_reader > 0

    def _add_you(self, sentence: str) -> None:
        if addresses_reader(sentence):
            self.to_reader = READER_SENTENCES + 1
        if self.to_reader or _GENERIC.search(sentence) or _PROVERB.search(sentence):
            self.generic += 1
        elif _OPEN_YOU.search(sentence) and not _PLAIN_YOU.search(_CLAUSE_YOU.sub("", sentence)):
            self.open += 1

    @property
    def anybody(self) -> bool:
        """Whether no *you* does anything of its own beside a story of somebody else's past."""
        return bool(self.generic and self.past_third and self.generic + self.open == self.with_you)


def _verdict(tally: _Tally) -> Person:
    counts, total, with_you, teller = tally.counts, tally.words, tally.with_you, tally.teller
    per = 1000.0 / max(total, 1)
    first, second, third = (counts[p] * per for p in PERSONS)
    lean = (counts["first"] - counts["third"]) / (counts["first"] + counts["third"] + 1.0)
    share = with_you / max(tally.sentences, 1)
    own = with_you - tally.generic
    person = "undecided"
    alone = counts["third"] >= 2 and counts["third"] == counts.total()
    if total >= 10 and (counts.total() >= 3 or alone):
        sustained = (
            second >= 15
            and counts["second"] >= LEAST_YOU
            and share >= 0.15
            and own >= 0.3 * with_you
            and not tally.anybody
        )
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
