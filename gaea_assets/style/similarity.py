"""Similarity of text to an author's profile on the three fitted channels.

Each channel is Cosine Delta (Smith & Aldridge 2011; Evert et al. 2017): the cosine of z-scored frequencies,
here with the directions damped in which books of one author differ (fitted on other authors). The cosine
enters as Fisher's z, which is nearly linear in the share of an author's text in a mixture; a plain cosine
overshoots in the middle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.background import CHANNELS, Background, relative
from gaea_assets.style.units import UnitCounts

Matrix = NDArray[np.float64]
_EDGE = 0.999


@dataclass(frozen=True)
class Profile:
    """An author's direction in each channel.

    Attributes:
        direction: By channel, unit length, shape (features,).
        words: Words the profile was built from.
    """

    direction: Mapping[str, Matrix]
    words: int


def build_profile(counts: UnitCounts, background: Background) -> Profile:
    """Build the profile of the training text as a whole.

    Args:
        counts: Counts of the training units.
        background: Fitted statistics.

    Returns:
        The profile.
    """
    everything = np.ones((1, len(counts.words)))
    frequencies = relative(counts, everything)
    direction = {}
    for name in CHANNELS:
        z = _vectors(frequencies[name], name, background)[0]
        direction[name] = z / max(float(np.linalg.norm(z)), 1e-12)
    return Profile(direction, int(counts.words.sum()))


def channel_scores(counts: UnitCounts, windows: Matrix, profile: Profile, background: Background) -> Matrix:
    """Fisher's z of the cosine between each window and the profile.

    Args:
        counts: Counts of an arm's units.
        windows: How often each unit stands in each window, shape (windows, units).
        profile: The author's profile.
        background: Fitted statistics.

    Returns:
        Shape (windows, 3), in the order of `CHANNELS`.
    """
    frequencies = relative(counts, windows)
    out = np.empty((len(windows), len(CHANNELS)))
    for column, name in enumerate(CHANNELS):
        z = _vectors(frequencies[name], name, background)
        cosine = z @ profile.direction[name] / np.maximum(np.linalg.norm(z, axis=1), 1e-12)
        out[:, column] = np.arctanh(np.clip(cosine, -_EDGE, _EDGE))
    return out


def log_odds(scores: Matrix, words: float, background: Background) -> Matrix:
    """Natural log-odds that a window and the profile are of one author, as fitted on authors left out.

    Args:
        scores: Fisher z by channel, shape (..., 3).
        words: Words of a window: shorter windows say less, so slope and intercept depend on it (interpolated
            in the logarithm, constant beyond the lengths that were fitted).
        background: Fitted statistics.

    Returns:
        Log-odds at equal priors, shape (...).
    """
    at = np.log(max(words, 1.0))
    slope, intercept = (np.interp(at, np.log(background.lengths), column) for column in background.calibration.T)
    return slope * (scores @ background.weights) + intercept


def _vectors(frequencies: Matrix, name: str, background: Background) -> Matrix:
    channel = background.channels[name]
    return channel.whiten(channel.standardise(frequencies))
