"""Word n-grams of many texts as numbers, so that millions of words can be compared by sorting."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True)
class Words:
    """The words of texts, one text behind the other, as numbers; case and kind of apostrophe aside."""

    ids: NDArray[np.int32]
    """Number of each word, shape (words,)."""
    starts: Ints
    """Place of the first word of each text, and behind them the number of words, shape (texts + 1,)."""

    def text_of(self, places: Ints) -> Ints:
        """Number of the text that holds each place."""
        return np.searchsorted(self.starts, places, "right") - 1

    def ngrams(self, n: int) -> tuple[Hashes, Ints]:
        """Hash and place of each run of n words; none reaches from one text into the next."""
        count = max(0, len(self.ids) - n + 1)
        hashes = np.zeros(count, np.uint64)
        for shift in range(n):
            hashes *= _MULTIPLIER
            hashes += self.ids[shift : shift + count].astype(np.uint64)
            hashes ^= hashes >> np.uint64(29)
            hashes *= _SPREAD
        crossing = np.zeros(count, bool)
        for back in range(1, n):
            ends = self.starts[1:-1] - back
            crossing[ends[(ends >= 0) & (ends < count)]] = True
        places = np.flatnonzero(~crossing)
        return hashes[places], places


class Vocabulary:
    """Gives each different word a number; texts that are to be compared share one vocabulary."""

    def __init__(self) -> None:
        self._ids: defaultdict[str, int] = defaultdict()
        self._ids.default_factory = self._ids.__len__

    def read(self, texts: Iterable[str]) -> Words:
        """The words of the texts."""
        parts = [np.fromiter(map(self._ids.__getitem__, words_of(text)), np.int32) for text in texts]
        starts = np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64)
        return Words(np.concatenate(parts) if parts else np.zeros(0, np.int32), starts)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, with straight apostrophes."""
    return WORD.findall(text.lower().replace("\u2019", "'"))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each of `words_of`, as offsets in the text."""
    return [match.span() for match in WORD.finditer(text)]
