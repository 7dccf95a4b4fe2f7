"""The bundled background: word statistics of many authors and what `benchmarks/style_fit.py` fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.units import PUNCTUATION, SYMBOLS, UnitCounts

CHANNELS = ("words", "characters", "punctuation")
DATA = Path(__file__).parent / "data" / "background.npz"
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Channel:
    """Statistics of one channel over the background's authors.

    Attributes:
        mean: Mean relative frequency over books, shape (features,).
        sd: What a frequency is divided by: its standard deviation over books, by the square root of how surely it tells
            authors apart, shape (features,).
        nuisance: Orthonormal directions in which books of one author differ most, shape (features,
            directions).
        damping: How much of each direction is taken out, from 0 to 1, shape (directions,).
    """

    mean: Matrix
    sd: Matrix
    nuisance: Matrix
    damping: Matrix

    def standardise(self, frequencies: Matrix) -> Matrix:
        """Z-scores (Burrows 2002), weighted by how surely a feature tells authors apart; shape as given."""
        return (frequencies - self.mean) / self.sd

    def whiten(self, z: Matrix) -> Matrix:
        """Damp within-author directions: within-class covariance normalisation (Hatch & Stolcke, 2006)."""
        return z - ((z @ self.nuisance) * self.damping) @ self.nuisance.T


@dataclass(frozen=True)
class Background:
    """Everything fitted on other authors.

    Attributes:
        words: The most frequent words, most frequent first.
        trigrams: Codes of the most frequent character 3-grams.
        channels: Statistics by channel name.
        weights: Weight of each channel's Fisher z in the composite similarity, shape (3,).
        lengths: Words of the windows the calibration was fitted at, shape (lengths,), rising.
        calibration: Slope and intercept from composite similarity to log-odds of same author, shape
            (lengths, 2).
        spread: Standard deviation of the log-odds around same-author pairs, shape (lengths,).
        pairs: log2 of (count + 1) of ordered pairs of the 200 most frequent words, shape (200, 200).
        limits: First percentile of human fiction for each repetition figure, shape (limit lengths, figures).
        limit_lengths: Words of the windows `limits` were measured at.
        authors: Number of authors behind it.
        lexicon: Words that at least three authors use.
    """

    words: tuple[str, ...]
    trigrams: NDArray[np.int64]
    channels: Mapping[str, Channel]
    weights: Matrix
    lengths: Matrix
    calibration: Matrix
    spread: Matrix
    pairs: Matrix
    limits: Matrix
    limit_lengths: Matrix
    authors: int
    lexicon: frozenset[str]

    @cached_property
    def word_columns(self) -> dict[str, int]:
        """Column of each frequent word."""
        return {word: column for column, word in enumerate(self.words)}

    @cached_property
    def pair_gain(self) -> Matrix:
        """Mutual information of ordered pairs of frequent words, in bits, within +-6, shape (200, 200)."""
        counts = np.exp2(self.pairs)
        expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / counts.sum()
        return np.clip(np.log2(counts / expected), -6, 6)

    @cached_property
    def trigram_columns(self) -> NDArray[np.int64]:
        """Column of each character 3-gram code, -1 where not counted, shape (SYMBOLS ** 3,)."""
        table = np.full(SYMBOLS**3, -1, np.int64)
        table[self.trigrams] = np.arange(len(self.trigrams))
        return table


def relative(counts: UnitCounts, weights: Matrix) -> dict[str, Matrix]:
    """Relative frequencies of windows, each a weighted sum of units.

    Args:
        counts: Counts of the units.
        weights: How often each unit stands in each window, shape (windows, units).

    Returns:
        By channel, shape (windows, features). Words and single marks are relative to words, 3-grams to all
        3-grams, pairs of marks to marks (Darmon et al., "Pull out all the stops", 2019).
    """
    used = np.flatnonzero(weights.any(0))  # of a long arm most units stand in no window
    if len(used) < weights.shape[1]:
        counts = UnitCounts(*(getattr(counts, field)[used] for field in UnitCounts.__dataclass_fields__))
        weights = weights[:, used]
    half = weights.astype(np.float32)  # counts are single precision: whole numbers, exact far beyond any text
    words = np.maximum(half @ counts.words, 1)[:, None].astype(np.float64)
    marks = (half @ counts.marks).astype(np.float64)
    single, pairs = marks[:, : len(PUNCTUATION)], marks[:, len(PUNCTUATION) :]
    return {
        "words": (half @ counts.mfw) / words,
        "characters": (half @ counts.chars).astype(np.float64) / np.maximum(half @ counts.char_total, 1)[:, None],
        "punctuation": np.hstack([single / words, pairs / np.maximum(single.sum(1, keepdims=True), 1)]),
    }


@lru_cache(maxsize=1)
def load() -> Background:
    """Read the bundled background."""
    return read(DATA)


def read(path: Path) -> Background:
    """Read a background file."""
    with np.load(path, allow_pickle=False) as data:
        channels = {
            name: Channel(*(data[f"{name}_{field}"].astype(np.float64) for field in _CHANNEL_FIELDS))
            for name in CHANNELS
        }
        plain = {field: data[field].astype(np.float64) for field in _PLAIN_FIELDS}
        return Background(
            words=tuple(str(word) for word in data["words"]),
            trigrams=data["trigrams"].astype(np.int64),
            channels=channels,
            authors=int(data["authors"]),
            lexicon=frozenset(str(data["lexicon"]).split(" ")),
            **plain,
        )


def write(background: Background, path: Path) -> None:
    """Write a background file: halves where half precision is enough."""
    arrays: dict[str, NDArray[np.generic]] = {
        "words": np.array(background.words),
        "trigrams": background.trigrams.astype(np.int32),
        "authors": np.array(background.authors),
        "lexicon": np.array(" ".join(sorted(background.lexicon))),
    }
    for name, channel in background.channels.items():
        arrays |= {
            f"{name}_mean": channel.mean.astype(np.float32),
            f"{name}_sd": channel.sd.astype(np.float32),
        }
        arrays |= {
            f"{name}_nuisance": channel.nuisance.astype(np.float16),
            f"{name}_damping": channel.damping.astype(np.float32),
        }
    arrays |= {field: getattr(background, field).astype(np.float32) for field in _PLAIN_FIELDS if field != "pairs"}
    arrays["pairs"] = background.pairs.astype(np.float16)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


_CHANNEL_FIELDS = ("mean", "sd", "nuisance", "damping")
_PLAIN_FIELDS = ("weights", "lengths", "calibration", "spread", "pairs", "limits", "limit_lengths")
