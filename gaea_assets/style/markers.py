"""Markers of the voice: countable habits of the narration, and how far the tuned model took them over."""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

# ruff: noqa: SIM905 - word lists read better as text

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style import dialogue, italics, persons
from gaea_assets.style.background import Background, load
from gaea_assets.style.imperatives import DETERMINERS, is_imperative
from gaea_assets.style.tokens import WORD, paragraphs, sentences
from gaea_assets.style.units import Passage

Matrix = NDArray[np.float64]
MARKERS = (
    "second person",
    "italic thoughts",
    "narrator asides",
    "imperatives",
    "generic you",
    "reader address",
    "questions in narration",
    "exclamations in narration",
    "coined terms",
)
MOST_LOG = float(np.log(10))  # a marker a hundred times rarer weighs no more than one ten times rarer
LEAST_EVENTS = 8

_UNIVERSAL = re.compile(
    r"\b(?:(?:a|every|any|no) (?:man|woman|person|mind|heart|soul|people|life|lie|story|god|machine|world|"
    r"child|wound|mother|father|love|truth|war|door|promise|memory)|men|women|people|humans?|humanity|mankind|"
    r"everyone|everybody|anyone|anybody|nobody|no one|none of us|all of us|those who|he who|"
    r"one (?:does|is|can|must|may|never|learns|has)|nature|time|death|life|love|truth|memory|grief|fear|hope|"
    r"power|history|silence|knowledge|freedom|the (?:world|universe|heart|mind|dead|earth|"
    r"law|past|future|truth|"
    r"gods?|human|soul|body)|nothing|everything|there (?:is|are) (?:no|nothing|always|never)\b|"
    r"it is (?:a|an|the|always|never|not|easy|hard|one|only|strange|said|true|in)|such is|"
    r"th(?:is|at) is (?:how|what|the|why)|"
    r"we (?:are|all|call|do|have|know|never|say|tell|forget|cannot|learn))\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"\b(?:is|are|does|do|has|have|cannot|can|must|may|never \w+s|makes?|takes?|knows?|comes?|goes|remains?|"
    r"forgets?|remembers?|learns?|begins?|ends?|gives?|keeps?|finds?|becomes?|seems?|lies|needs?|loves?|"
    r"lives?|dies|asks?|wants?|forgives?|waits?|calls?|tells?|says?|means?|survives?|belongs?|isn't|aren't|"
    r"doesn't|don't|hasn't)\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|had|did|wasn't|weren't|hadn't|didn't|went|came|said|saw|felt|knew|stood)\b", re.I)
_STORY_PERSON = re.compile(
    r"\b(?:i|me|my|mine|myself|he|him|his|himself|she|her|hers|herself|your|yours|yourself|you)\b",
    re.IGNORECASE,
)
SHORT = 9  # words; a longer sentence that holds in general names times and things by the way
# What ties a sentence to the scene: a time, or a thing that stands there. *In the end* and *in the world* do not.
_SCENE = re.compile(
    r"\b(?:now|here|today|tonight|tomorrow|yesterday|"
    r"(?:this|that) (?:morning|evening|afternoon|night|hour|room|street)|"
    r"on (?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"(?:at|in|on|through|behind|beside|across|under|over|into|from|by|near|outside|inside|answers?|moves) the "
    r"(?!(?:world|end|dark|beginning|heart|mind|soul|universe|past|future|same|long|dead|living|other|one|"
    r"truth|first|last|way|sea|night|light|wrong|right|hands?|face|most|earth|gods?|body|law)s?\b)\w+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class MarkerCounts:
    """Marker events of an arm, one row a text.

    Attributes:
        events: Shape (texts, markers), in the order of `MARKERS`.
        words: Words of narration, thoughts included, shape (texts,).
        groups: Group (prompt) of each text.
    """

    events: Matrix
    words: Matrix
    groups: tuple[str, ...]

    @property
    def rates(self) -> Matrix:
        """Events in a thousand words of narration over the arm, half an event added, shape (markers,)."""
        return rate(self.events.sum(0), self.words.sum())


def rate(events: Matrix, words: Matrix | float) -> Matrix:
    """Events in a thousand words; half an event is added so that none is not minus infinity in logarithms."""
    return (events + 0.5) / np.maximum(words, 1) * 1000


_MAXIM = re.compile(
    r"^\W*(?:(?:an?|every|the) )?([a-z]+)(?: (?:is|are) (?:an?|the|never|always|not|only|no|ever|nothing|what|how)\b"
    r"| (?:makes?|reads?|keeps?|has|have|gives?|takes?|knows?|forgives?|forgets?|speaks?|never \w+|always \w+) )",
    re.IGNORECASE,
)
_NO_SUBJECT = frozenset(
    "it this that these those there here he she they we i you who what which where when how why one such nobody "
    "now then "
    "then so as if and but or for yet not never always only all both none some any each everything".split()
)


def _is_maxim(sentence: str, lexicon: frozenset[str]) -> bool:
    """Whether a sentence says what a thing is or does by nature: *Hunger is a patient teacher*."""
    match = _MAXIM.match(sentence)
    if not match:
        return False
    noun, start = match.group(1).lower(), sentence[match.start(1)]
    bare = start.isupper()  # no article before it
    article = sentence.lstrip().lower().startswith(("a ", "an ", "every "))
    return noun in lexicon and noun not in _NO_SUBJECT and (bare or article)


def is_aside(sentence: str) -> bool:
    """Whether the narrator steps out of the scene to say what holds in general.

    A general subject, the present tense, and nobody of the story in the sentence.
    """
    if _PAST.search(sentence) or _STORY_PERSON.search(sentence):
        return False
    words = len(WORD.findall(sentence))
    if words < 3 or (words <= SHORT and _SCENE.search(sentence)):
        return False
    return bool(_UNIVERSAL.search(sentence) and _PRESENT.search(sentence)) or _is_maxim(sentence, load().lexicon)


def coined_terms(passages: Sequence[Passage], background: Background, least: int = 3) -> frozenset[str]:
    """Terms of the author's own: words nobody else uses, and everyday words that the author capitalises.

    A capitalised word is a term rather than a name when it often follows an article or the like (*the
    Torment*).

    Args:
        passages: The author's training chunks.
        background: For the lexicon.
        least: Uses needed, in at least two chunks.

    Returns:
        Words in the case they count in: lower case for unknown words, capitalised for everyday words made
            into terms.
    """
    uses: Counter[str] = Counter()
    chunks: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    thing: Counter[str] = Counter()
    for passage in passages:
        thing.update(
            word for s in passage.sentences for before, word in pairwise(s.words) if before.lower() in DETERMINERS
        )
        found = Counter(
            w
            for s in passage.sentences
            for i, w in enumerate(s.words)
            if w[0].islower() or (i and not s.text.isupper())
        )
        uses.update(found)
        chunks.update(found.keys())
        lower.update({w: n for w, n in found.items() if w[0].islower()})
    return frozenset(
        w
        for w, n in uses.items()
        if n >= least
        and (chunks[w] >= 2 or len(passages) == 1)
        and (w[0].islower() or thing[w] >= 0.25 * n)
        and _is_coined(w, lower, n, background.lexicon)
    )


def _is_coined(word: str, lower: Counter[str], uses: int, lexicon: frozenset[str]) -> bool:
    bare = word[:-2] if word.endswith("'s") else word
    if "'" in word or len(bare) < 4:
        return False
    if word[0].islower():
        return bare not in lexicon and bare.rstrip("s") not in lexicon
    small = bare.lower()
    return bare[1:].islower() and small in lexicon and small not in _CAPITALISED and lower[small] < uses


_CAPITALISED = frozenset(
    "mister miss lady lord king queen captain doctor colonel father mother uncle aunt heaven lord "
    "english french german american british january february march april june july august september "
    "october november december monday tuesday wednesday thursday friday saturday sunday christmas "
    "easter street north south east west christian roman greek indian spanish italian professor judge "
    "duke prince princess count general major god bible latin".split()
)


def count_markers(passages: Sequence[Passage], groups: Sequence[str], coined: frozenset[str]) -> MarkerCounts:
    """Count the markers of an arm's texts."""
    rows, words = [], []
    for passage in passages:
        events, total = _count_text(passage, coined)
        rows.append(events)
        words.append(float(total))
    return MarkerCounts(np.array(rows).reshape(-1, len(MARKERS)), np.array(words), tuple(groups))


def _count_text(passage: Passage, coined: frozenset[str]) -> tuple[Matrix, int]:
    told, _ = dialogue.split(paragraphs(passage.text))
    thoughts = 0
    events = np.zeros(len(MARKERS))
    words = 0
    second = persons.decide(italics.without_thoughts(part) for part in told).person == "second"
    for part in told:
        if "*" in part:
            found = italics.find(part)
            thoughts += sum(item.thought for item in found)
            words += sum(len(WORD.findall(item.text)) for item in found if item.thought)
            part = italics.without_thoughts(part)
        for sentence in sentences(part):
            tokens = WORD.findall(sentence)
            if tokens:
                words += len(tokens)
                events += _sentence_events(sentence, tokens, second)
    events[MARKERS.index("italic thoughts")] = thoughts
    if coined:
        events[-1] = sum(
            w in coined or (w[0].isupper() and w.lower() in coined) for s in passage.sentences for w in s.words
        )
    return events, words


def _sentence_events(sentence: str, tokens: Iterable[str], second: bool) -> Matrix:
    loose = persons.is_generic_in_second_person if second else persons.is_generic
    you = sum(persons.FORMS.get(token.lower()) == "second" for token in tokens)
    reader = persons.addresses_reader(sentence)
    generic = bool(you) and loose(sentence)
    return np.array(
        [
            0 if generic or reader else you,
            0,
            is_aside(sentence),
            is_imperative(sentence),
            generic,
            reader,
            sentence.rstrip("”’)* ").endswith("?"),
            sentence.rstrip("”’)* ").endswith("!"),
            0,
        ],
        float,
    )


def adoption(tuned: Matrix, base: Matrix, author: Matrix) -> Matrix:
    """How far a rate went from base to author: `100 * max(0, 1 - |ln t/a| / |ln b/a|)` (design.md).

    100 at the author's rate, 0 at the base's and at anything as far off on either side, so overuse is
    punished.

    Args:
        tuned: Rates, any shape.
        base: Rates of the base model.
        author: Rates of the author.

    Returns:
        Scores; NaN where base and author have the same rate.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.abs(np.log(tuned / author)) / np.abs(np.log(base / author))
    return np.where(np.isfinite(left), 100 * np.maximum(0, 1 - left), np.nan)
