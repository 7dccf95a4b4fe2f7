"""Figures of repetition and of word order, and their limits in human fiction."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.arms import KEPT, Arm
from gaea_assets.style.background import Background
from gaea_assets.style.lexicon import fiction_words
from gaea_assets.style.memorisation import lower_words

FIGURES = ("distinct-1", "distinct-2", "distinct-3", "distinct-4", "zlib", "word order", "fresh 8-grams", "frames")
DESIGN_WORDS = 2000
PLAIN_NAMES = dict(
    zip(
        FIGURES,
        ("different words", "different pairs of words", "different runs of three words", "different runs of four words",
         "variety (compressed size)", "words in their usual order", "new runs of eight words",
         "different sentence frames"),
        strict=True,
    )
)  # fmt: skip
# First percentile of human fiction per 2,000 words (design.md); shorter windows use the percentiles fitted
# with the background.
DESIGN_LIMITS = (0.277, 0.786, 0.943, 0.973, 0.382)
PAIR_WORDS = 200
TELLING_WORDS = 200
ORDER_MARGIN = 0.75  # dialect lowers word order (by a tenth); shuffling takes it to about 0
FRAME_WORDS = 6  # a frame: six words in a row with everything but the 200 most frequent words left blank


def distinct(words: Sequence[str], n: int) -> float:
    """Share of n-grams that are distinct (Li et al., 2016); 1 for text shorter than n words."""
    grams = [hash(tuple(words[i : i + n])) for i in range(len(words) - n + 1)] if n > 1 else list(words)
    return len(set(grams)) / len(grams) if grams else 1.0


def zlib_ratio(text: str) -> float:
    """Compressed size over size in bytes, at level 9; 1 for empty text."""
    raw = text.encode()
    return len(zlib.compress(raw, 9)) / len(raw) if raw else 1.0


def word_order(words: Sequence[str], columns: dict[str, int], gain: NDArray[np.float64]) -> float:
    """Mean pointwise mutual information, in bits, of adjacent frequent words.

    Shuffled words have about 0 or less, whatever their frequencies; human prose has clearly more.

    Args:
        words: Words in lower case.
        columns: Column of each frequent word.
        gain: log2 of observed over expected pair frequency, shape (PAIR_WORDS, PAIR_WORDS).

    Returns:
        The mean. With fewer than 20 such pairs 0 (so much text without them has no grammar), or NaN for a short text.
    """
    ids = np.array([columns.get(word, PAIR_WORDS) for word in words])
    first, second = ids[:-1], ids[1:]
    keep = (first < PAIR_WORDS) & (second < PAIR_WORDS)
    if keep.sum() < 20:
        return 0.0 if len(words) >= TELLING_WORDS else float("nan")
    return float(gain[first[keep], second[keep]].mean())


def figures(words: Sequence[str], text: str, background: Background) -> NDArray[np.float64]:
    """All figures of one window, in the order of `FIGURES`; each is worse when lower.

    Args:
        words: The window's words in lower case.
        text: The window's text.
        background: For word order.

    Returns:
        Shape (8,).
    """
    eight = max(len(words) - 7, 1)
    frame = [word if background.word_columns.get(word, PAIR_WORDS) < PAIR_WORDS else "_" for word in words]
    return np.array(
        [
            *(distinct(words, n) for n in (1, 2, 3, 4)),
            zlib_ratio(text),
            word_order(words, background.word_columns, background.pair_gain),
            1 - (eight - len({hash(tuple(words[i : i + 8])) for i in range(eight)})) / eight,
            distinct(frame, FRAME_WORDS),
        ]
    )


def limits(words: int, background: Background) -> NDArray[np.float64]:
    """Lower limits for a window of so many words: the design's at 2,000, else the fitted first percentile."""
    at = np.log(max(words, 1))
    fitted = np.array([np.interp(at, np.log(background.limit_lengths), column) for column in background.limits.T])
    fitted[FIGURES.index("word order")] *= ORDER_MARGIN
    if words >= DESIGN_WORDS:
        fitted[: len(DESIGN_LIMITS)] = DESIGN_LIMITS
    return fitted


@lru_cache(KEPT)
def vocabulary(train: Arm) -> frozenset[str]:
    """Words that general fiction or the author uses, in lower case."""
    return frozenset(fiction_words()) | {word for p in train.passages for word in lower_words(p)}


def known_share(arm: Arm, known: frozenset[str]) -> float:
    """Share of the words of an arm that are known, as they stand or without a possessive, or used more than once.

    Proper names are known. Dialect and invented terms come again; random letters hardly do.
    """
    names = {name.lower() for name in arm.names}
    words = Counter(word for passage in arm.passages for word in lower_words(passage))
    unknown = sum(
        count
        for word, count in words.items()
        if count == 1 and word not in known and word not in names and word.strip("'").removesuffix("'s") not in known
    )
    return 1 - unknown / max(words.total(), 1)


@dataclass(frozen=True)
class WindowFigures:
    """Figures of one window beside its limits.

    Attributes:
        group: Where the window comes from.
        words: Its words.
        values: Figures, in the order of `FIGURES`.
        limits: Lower limits.
        text: Its beginning, to be shown.
    """

    group: str
    words: int
    values: NDArray[np.float64]
    limits: NDArray[np.float64]
    text: str = ""

    @property
    def below(self) -> list[str]:
        """Figures under their limit."""
        return [name for name, v, low in zip(FIGURES, self.values, self.limits, strict=True) if v < low]
