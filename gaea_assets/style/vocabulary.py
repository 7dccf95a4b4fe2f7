"""Vocabulary: frequent words as a distribution, and Craig's Zeta, words one writer uses and another not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.arms import KEPT, Arm
from gaea_assets.style.names import is_name

Matrix = NDArray[np.float64]
SEGMENT_UNITS = 5
MARKERS = 200


def jensen_shannon(p: Matrix, q: Matrix) -> Matrix:
    """Jensen-Shannon divergence in bits (Lin, 1991) between rows of `p` and the distribution `q`.

    Args:
        p: Shape (windows, words), rows summing to 1.
        q: Shape (words,), summing to 1.

    Returns:
        Shape (windows,).
    """
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(p > 0, p * np.log2(p / middle), 0.0).sum(1)
        right = np.where(q > 0, q * np.log2(q / middle), 0.0).sum(1)
    return (left + right) / 2


def distribution(arm: Arm, windows: Matrix) -> Matrix:
    """Distribution over the frequent words and one class for all others, shape (windows, words + 1)."""
    used = np.flatnonzero(windows.any(0))
    counts = (windows[:, used].astype(np.float32) @ arm.counts.mfw[used]).astype(np.float64)
    total = np.maximum(windows @ arm.counts.words, 1)[:, None]
    return np.hstack([counts, total - counts.sum(1, keepdims=True)]) / total


@lru_cache(KEPT)
def unit_words(arm: Arm) -> list[list[str]]:
    """Words of each unit in lower case, names left out."""
    out: list[list[str]] = [[] for _ in range(arm.size)]
    for passage, units in zip(arm.passages, arm.units, strict=True):
        for sentence, unit in zip(passage.sentences, units, strict=True):
            out[unit].extend(w.lower() for w in sentence.words if not is_name(w, arm.names))
    return out


@dataclass(frozen=True)
class ZetaWords:
    """Marker words of two writers.

    Attributes:
        author: Words the author prefers, with their Zeta, strongest first.
        other: Words the other prefers, with their (negative) Zeta, strongest first.
    """

    author: tuple[tuple[str, float], ...]
    other: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Segments:
    """A writer's text in segments of `SEGMENT_UNITS` units.

    Attributes:
        holding: Segments that hold each word.
        number: Segments in all.
    """

    holding: Mapping[str, int]
    number: int


def segments(units: Sequence[Sequence[str]]) -> Segments:
    """The segments of a text, given the words of each of its units; a rest that fills none is left out."""
    cut = [
        {word for unit in units[start : start + SEGMENT_UNITS] for word in unit}
        for start in range(0, len(units) - SEGMENT_UNITS + 1, SEGMENT_UNITS)
    ]
    return Segments(Counter(word for segment in cut for word in segment), len(cut))


@lru_cache(KEPT)
def arm_segments(arm: Arm) -> Segments:
    """The segments of an arm, names left out."""
    return segments(unit_words(arm))


def zeta(author: Segments, other: Segments, most: int = MARKERS) -> ZetaWords:
    """Craig's Zeta (Burrows 2007; Craig & Kinney 2009), centred at 0.

    Zeta of a word = share of the author's segments that hold it - share of the other's segments that hold it.

    Args:
        author: The author's segments.
        other: The other's.
        most: Words kept on each side.

    Returns:
        The strongest words of each side that stand out of chance (Zeta above two standard errors).
    """
    n, m = max(author.number, 1), max(other.number, 1)
    found = []
    for word in author.holding.keys() | other.holding.keys():
        a, b = author.holding.get(word, 0) / n, other.holding.get(word, 0) / m
        error = np.sqrt(max(a * (1 - a), 0.25 / n) / n + max(b * (1 - b), 0.25 / m) / m)
        if abs(a - b) > 2 * error:
            found.append((word, a - b))
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    up = tuple(pair for pair in found[:most] if pair[1] > 0)
    down = tuple(pair for pair in found[::-1][:most] if pair[1] < 0)
    return ZetaWords(up, down)


def preference(units: Sequence[Sequence[str]], lists: Sequence[ZetaWords], fold: NDArray[np.int64]) -> Matrix:
    """Author's marker words minus the other's in each unit, by the word lists of the unit's own fold.

    Args:
        units: Words of each unit.
        lists: Word lists of each fold: found without the base texts of that fold, since words chosen on a
            text would make that very text look further from the author than it is.
        fold: Fold of each unit, shape (units,).

    Returns:
        Shape (units,).
    """
    sides = [({w for w, _ in z.author}, {w for w, _ in z.other}) for z in lists]
    return np.array(
        [
            float(sum(w in sides[f][0] for w in words) - sum(w in sides[f][1] for w in words))
            for words, f in zip(units, fold, strict=True)
        ]
    )
