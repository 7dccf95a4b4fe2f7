"""Stretches of a chunk of about so many words, and how often each uses what is counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gaea_assets.manuscript.tags.tag_words import count_classes
from gaea_assets.style.units import unit_numbers

Array = NDArray[np.float64]


def rates(
    lengths: Sequence[int],
    classed: Sequence[Sequence[int]],
    names: Sequence[str],
    counted: Sequence[Sequence[int]],
    size: int,
) -> tuple[Array, Array]:
    """Figures of the stretches that sentences make, per word; a short stretch counts as a quarter of `size` words.

    Args:
        lengths: Words of each sentence; at least one sentence.
        classed: Classes of each sentence's words that have some, as in `tag_words.classes`.
        names: The classes to count.
        counted: Each sentence's counts of all else.
        size: Words wanted in a stretch.

    Returns:
        Figures, shape (stretches, classes and all else), and words, shape (stretches,).
    """
    found = [bits for here in classed for bits in here]
    rows = [row for row, here in enumerate(classed) for _ in here]
    counts = np.hstack([count_classes(found, rows, len(lengths), names), np.array(counted, float)])
    numbers = unit_numbers(lengths, size)
    summed = np.zeros((numbers[-1] + 1, counts.shape[1]))
    np.add.at(summed, numbers, counts)
    words: Array = np.bincount(numbers, lengths).astype(np.float64)
    return summed / np.maximum(words, size / 4)[:, None], words
