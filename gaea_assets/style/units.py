"""Cut text into units of about 100 words and count what the channels need: any window is a sum of units.

A unit ends at the sentence end nearest to a multiple of `UNIT_WORDS`; therefore windows of the same number
of units have, on average, the same number of words for every writer, whatever the length of their sentences.
"""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style import typography
from gaea_assets.style.names import MASK, is_name
from gaea_assets.style.tokens import WORD, paragraphs, sentences

UNIT_WORDS = 100
Counts = NDArray[np.float32]

ALPHABET = " abcdefghijklmnopqrstuvwxyz.,;:!?—-()\"'@0"
_CODE = {mark: code for code, mark in enumerate(ALPHABET)}
_OTHER = len(ALPHABET)
SYMBOLS = _OTHER + 1
_FOLD = {ord(m): ord("\"") for m in "“”‘’"} | {ord("\n"): ord(" "), ord("*"): None}  # fmt: skip
_PLAIN = {  # the accented letters of English prose; what is not here is `_OTHER`
    ord(a): b for a, b in zip("àâäáãåçèéêëìíîïñòóôöõøùúûüýÿœæ", "aaaaaaceeeeiiiinoooooouuuuyyoa", strict=True)
}  # fmt: skip
PUNCTUATION = ".,;:!?—-(\"'"


@dataclass(frozen=True)
class Sentence:
    """One sentence of canonical text.

    Attributes:
        text: The sentence as canonical text.
        words: Its words in their own case.
        paragraph: Number of its paragraph in the text.
    """

    text: str
    words: list[str]
    paragraph: int


@dataclass(frozen=True)
class Passage:
    """A text parsed once: canonical text and its sentences.

    Attributes:
        text: Canonical text.
        sentences: In order of reading.
    """

    text: str
    sentences: list[Sentence]

    @property
    def words(self) -> int:
        """Number of words."""
        return sum(len(sentence.words) for sentence in self.sentences)


def parse(text: str, *, canonical: bool = False) -> Passage:
    """Parse raw text (or canonical text, if said so) into sentences that hold at least one word each."""
    text = text if canonical else typography.normalise(text)
    found = [
        Sentence(sentence, tokens, number)
        for number, paragraph in enumerate(paragraphs(text))
        for sentence in sentences(paragraph)
        if (tokens := WORD.findall(sentence))
    ]
    return Passage(text, found)


def unit_numbers(lengths: Sequence[int], size: int = UNIT_WORDS) -> NDArray[np.int64]:
    """Assign each sentence to a unit of about `size` words.

    Args:
        lengths: Words of each sentence, shape (sentences,).
        size: Words wanted in a unit.

    Returns:
        Unit number of each sentence, shape (sentences,), rising from 0 without gaps. A text is cut into
        round(words / size) units, at least one.
    """
    if not len(lengths):
        return np.zeros(0, np.int64)
    middle = np.cumsum(lengths) - np.asarray(lengths) / 2
    total = float(np.sum(lengths))
    wanted = max(1, round(total / size))
    raw = np.minimum((middle / (total / wanted)).astype(np.int64), wanted - 1)
    return np.unique(raw, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True)
class UnitCounts:
    """What the similarity channels count, one row a unit.

    Attributes:
        words: Words of each unit, shape (units,).
        mfw: Counts of the background's frequent words, shape (units, frequent words).
        chars: Counts of the background's character 3-grams, shape (units, 3-grams).
        char_total: All character 3-grams of each unit, shape (units,).
        marks: Counts of single punctuation marks, then of pairs of successive marks, shape (units, marks).
    """

    words: Counts
    mfw: Counts
    chars: Counts
    char_total: Counts
    marks: Counts


def char_codes(text: str) -> NDArray[np.int64]:
    """Codes of characters: lower case, accents folded, one kind of quote, digits as 0, no italics marks."""
    folded = text.translate(_FOLD).lower().translate(_PLAIN)
    points = np.frombuffer(folded.encode("utf-32-le"), np.uint32)
    table = np.full(0x3000, _OTHER, np.int64)
    for mark, code in _CODE.items():
        table[ord(mark)] = code
    table[ord("0") : ord("9") + 1] = _CODE["0"]
    return table[np.minimum(points, 0x2FFF)]


def trigram_codes(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes of the successive character 3-grams, shape (characters - 2,); from 0 to `SYMBOLS` cubed."""
    if len(codes) < 3:
        return np.zeros(0, np.int64)
    return (codes[:-2] * SYMBOLS + codes[1:-1]) * SYMBOLS + codes[2:]


def mark_codes(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Punctuation of a text in order.

    Returns:
        Positions in `codes`, and mark numbers (indices of `PUNCTUATION`), both of shape (marks,).
        Apostrophes inside words count as marks (contractions are a habit); opening and closing quotes are
        one mark.
    """
    table = np.full(SYMBOLS, -1, np.int64)
    for number, mark in enumerate(PUNCTUATION):
        table[_CODE[mark]] = number
    marks = table[codes]
    places = np.flatnonzero(marks >= 0)
    return places, marks[places]


MARKS = len(PUNCTUATION) + len(PUNCTUATION) ** 2


def count_units(
    passage: Passage,
    units: NDArray[np.int64],
    names: frozenset[str],
    words: Mapping[str, int],
    trigrams: NDArray[np.int64],
) -> UnitCounts:
    """Count the channels of a passage.

    Args:
        passage: Parsed text.
        units: Unit of each sentence, shape (sentences,).
        names: Proper names to mask.
        words: Frequent word to column.
        trigrams: Character 3-gram code to column, -1 where not counted, shape (SYMBOLS ** 3,).

    Returns:
        Counts with one row a unit.
    """
    number = int(units[-1]) + 1 if len(units) else 0
    lengths = np.array([len(s.words) for s in passage.sentences], np.int64)
    total = np.bincount(units, lengths, number).astype(np.float32)
    columns = np.fromiter(
        (-1 if is_name(w, names) else words.get(w.lower(), -1) for s in passage.sentences for w in s.words),
        np.int64,
        int(lengths.sum()),
    )
    mfw = _table(np.repeat(units, lengths), columns, number, len(words))
    text, spans = masked_text(passage, names)
    codes = char_codes(text)
    row = np.repeat(units, spans) if len(codes) == int(spans.sum()) else _rows_of(passage, units, names)
    grams = trigram_codes(codes)
    kept = int(trigrams.max(initial=-1)) + 1
    chars = _table(row[: len(grams)], trigrams[grams], number, kept)
    char_total = np.bincount(row[: len(grams)], minlength=number).astype(np.float32)
    places, marks = mark_codes(codes)
    single = _table(row[places], marks, number, len(PUNCTUATION))
    pairs = _table(row[places[1:]], marks[:-1] * len(PUNCTUATION) + marks[1:], number, len(PUNCTUATION) ** 2)
    return UnitCounts(total, mfw, chars, char_total, np.hstack([single, pairs]))


def masked_text(passage: Passage, names: frozenset[str]) -> tuple[str, NDArray[np.int64]]:
    """The passage as one line, names masked, italics marks removed; and the characters of each sentence."""
    parts = []
    for sentence in passage.sentences:
        text = sentence.text.replace("*", "")
        if names and any(is_name(word, names) for word in sentence.words):
            text = WORD.sub(lambda m: MASK if is_name(m.group(), names) else m.group(), text)
        parts.append(text + " ")
    return "".join(parts), np.array([len(part) for part in parts], np.int64)


def _rows_of(passage: Passage, units: NDArray[np.int64], names: frozenset[str]) -> NDArray[np.int64]:
    """Unit of each character code, for text in which folding changed the number of characters."""
    text, spans = masked_text(passage, names)
    ends = np.cumsum(spans)
    folded = [len(char_codes(text[end - span : end])) for end, span in zip(ends, spans, strict=True)]
    return np.repeat(units, folded)


def _table(rows: NDArray[np.int64], columns: NDArray[np.int64], height: int, width: int) -> Counts:
    """Count pairs of row and column; a column of -1 is left out."""
    keep = columns >= 0
    flat = rows[keep] * width + columns[keep]
    return np.bincount(flat, minlength=height * width).reshape(height, width).astype(np.float32)
