"""Sentence structure: what remains of prose when the words are taken out."""

# ruff: noqa: SIM905 - word lists read better as text

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.arms import KEPT, Arm
from gaea_assets.style.units import Passage

Matrix = NDArray[np.float64]
PARTS = ("sentence lengths", "paragraph lengths", "rhythm", "commas", "openers", "dialogue")
SENTENCE_EDGES = np.log(
    np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 23, 26, 30, 35, 40, 50, 60, 80, 120])
)
PARAGRAPH_EDGES = np.log(np.array([1, 3, 5, 8, 12, 16, 22, 30, 40, 55, 75, 100, 140, 200, 300, 500]))
_QUOTES = re.compile(r"([“”])")
_OPENERS = (
    "i you he she it we they one there this that these those the a an his her its their my your our "
    "and but or so for yet then now if when while as because though after before until since once "
    "where what why how who which in on at from with by of to into through not no nothing all some "
    "every each perhaps maybe even still only just never"
).split()
_OPENER = {word: number for number, word in enumerate(_OPENERS)}
OPENERS = len(_OPENERS) + 3  # -ing words, -ly words, all others


@dataclass(frozen=True)
class StructureCounts:
    """Sums a window needs, one row a unit.

    Attributes:
        sentences: Histogram of sentence lengths, shape (units, 24).
        paragraphs: Histogram of paragraph lengths, shape (units, 16); a paragraph counts where it begins.
        rhythm: Pairs of neighbouring sentences: n, sums of x, y, x squared, y squared, xy for their log
            lengths, shape (units, 6).
        openers: Counts of sentence openers by class, shape (units, OPENERS).
        commas, spoken, words: Commas, words inside speech, words; shape (units,).
    """

    sentences: Matrix
    paragraphs: Matrix
    rhythm: Matrix
    openers: Matrix
    commas: Matrix
    spoken: Matrix
    words: Matrix


@lru_cache(KEPT)
def count_structure(arm: Arm) -> StructureCounts:
    """Count an arm's units."""
    n = arm.size
    out = StructureCounts(
        np.zeros((n, len(SENTENCE_EDGES))), np.zeros((n, len(PARAGRAPH_EDGES))), np.zeros((n, 6)),
        np.zeros((n, OPENERS)), np.zeros(n), np.zeros(n), np.zeros(n),
    )  # fmt: skip
    for passage, units in zip(arm.passages, arm.units, strict=True):
        _count_passage(passage, units, out)
    return out


def _count_passage(passage: Passage, units: NDArray[np.int64], out: StructureCounts) -> None:
    lengths = np.array([len(s.words) for s in passage.sentences])
    logs = np.log(lengths)
    np.add.at(out.sentences, (units, np.searchsorted(SENTENCE_EDGES, logs + 1e-9) - 1), 1)
    np.add.at(out.words, units, lengths)
    np.add.at(out.commas, units, [s.text.count(",") for s in passage.sentences])
    openers = np.array([opener_class(s.words[0].lower()) for s in passage.sentences])
    np.add.at(out.openers, (units, openers), 1)
    np.add.at(out.spoken, units, list(spoken_words(passage)))
    x, y = logs[:-1], logs[1:]
    sums = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], 1)
    np.add.at(out.rhythm, units[1:], sums)
    owner = np.array([s.paragraph for s in passage.sentences])
    _, first, number = np.unique(owner, return_index=True, return_inverse=True)
    size = np.bincount(number, lengths)
    np.add.at(out.paragraphs, (units[first], np.searchsorted(PARAGRAPH_EDGES, np.log(size) + 1e-9) - 1), 1)


def opener_class(word: str) -> int:
    """Class of a sentence's first word: one of the openers, -ing, -ly or other."""
    number = _OPENER.get(word)
    if number is not None:
        return number
    return OPENERS - 3 if word.endswith("ing") else OPENERS - 2 if word.endswith("ly") else OPENERS - 1


def spoken_words(passage: Passage) -> Iterator[int]:
    """Words inside speech, a number for each sentence; speech left open ends with its paragraph."""
    inside, paragraph = False, -1
    for sentence in passage.sentences:
        if sentence.paragraph != paragraph:
            inside, paragraph = False, sentence.paragraph
        if "“" not in sentence.text and "”" not in sentence.text:
            yield len(sentence.words) if inside else 0
            continue
        count = 0
        for piece in _QUOTES.split(sentence.text):
            if piece == "“" or piece == "”":
                inside = piece == "“"
            elif inside:
                count += len(piece.split())
        yield min(count, len(sentence.words))


def similarities(counts: StructureCounts, windows: Matrix, profile: StructureCounts) -> Matrix:
    """Similarity of windows to the profile in each part; 0 is equality, less is further.

    Lengths: minus the Wasserstein distance between log lengths. Rhythm: minus the difference of lag-1
        correlations.
    Commas: minus the difference of log rates. Openers: minus the Jensen-Shannon divergence. Dialogue: minus
    the difference of shares.

    Args:
        counts: Sums of an arm's units.
        windows: Membership, shape (windows, units).
        profile: Sums of the training units.

    Returns:
        Shape (windows, 6), in the order of `PARTS`.
    """
    ones = np.ones((1, len(profile.words)))
    mine, theirs = _figures(counts, windows), _figures(profile, ones)
    middle = (mine["openers"] + theirs["openers"]) / 2
    return -np.stack(
        [
            _wasserstein(mine["sentences"], theirs["sentences"], SENTENCE_EDGES),
            _wasserstein(mine["paragraphs"], theirs["paragraphs"], PARAGRAPH_EDGES),
            np.abs(mine["rhythm"] - theirs["rhythm"]),
            np.abs(mine["commas"] - theirs["commas"]),
            _entropy(middle) - (_entropy(mine["openers"]) + _entropy(theirs["openers"])) / 2,
            np.abs(mine["dialogue"] - theirs["dialogue"]),
        ],
        1,
    )


def _figures(counts: StructureCounts, windows: Matrix) -> dict[str, Matrix]:
    words = np.maximum(windows @ counts.words, 1)
    n, x, y, xx, yy, xy = (windows @ counts.rhythm).T
    n = np.maximum(n, 1)
    spread = np.sqrt(np.maximum(xx / n - (x / n) ** 2, 1e-9) * np.maximum(yy / n - (y / n) ** 2, 1e-9))
    return {
        "sentences": _shares(windows @ counts.sentences),
        "paragraphs": _shares(windows @ counts.paragraphs),
        "openers": _shares(windows @ counts.openers),
        "rhythm": (xy / n - x * y / n**2) / spread,
        "commas": np.log((windows @ counts.commas + 0.5) / words),
        "dialogue": (windows @ counts.spoken) / words,
    }


def _shares(counts: Matrix) -> Matrix:
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


def _entropy(p: Matrix) -> Matrix:
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.where(p > 0, p * np.log2(p), 0.0).sum(1)


def _wasserstein(p: Matrix, q: Matrix, edges: Matrix) -> Matrix:
    """Wasserstein-1 distance of binned log lengths: the area between the cumulative distributions."""
    return np.abs(np.cumsum(p - q, 1))[:, :-1] @ np.diff(edges)
