"""An arm is a set of texts compared as one: training, held out, base, tuned, or a file to be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.background import Background
from gaea_assets.style.names import proper_names
from gaea_assets.style.units import UNIT_WORDS, Passage, UnitCounts, count_units, parse, unit_numbers

KEPT = 16
"""Arms whose counts are kept: many candidates are held against the same three."""


@dataclass(frozen=True, eq=False)  # compared and hashed as the object that it is
class Arm:
    """Texts of one writer, cut into units.

    Attributes:
        name: What a reader calls it.
        passages: The parsed texts.
        groups: What is resampled together, one label a text (a prompt, or a text of its own).
        units: Unit of each sentence, per text, numbered through the arm.
        unit_text: Text (index in `passages`) of each unit, shape (units,).
        counts: Channel counts, one row a unit.
        names: Proper names masked in this arm.
    """

    name: str
    passages: tuple[Passage, ...]
    groups: tuple[str, ...]
    units: tuple[NDArray[np.int64], ...]
    unit_text: NDArray[np.int64]
    counts: UnitCounts
    names: frozenset[str]

    @property
    def words(self) -> int:
        """Words of the arm."""
        return int(self.counts.words.sum())

    @property
    def size(self) -> int:
        """Units of the arm."""
        return len(self.unit_text)

    def unit_groups(self) -> list[str]:
        """Group label of each unit."""
        return [self.groups[text] for text in self.unit_text]

    def take(self, texts: Sequence[int], groups: Sequence[str] | None = None) -> Arm:
        """Some of the arm's texts as an arm of their own.

        Args:
            texts: Indices of `passages`.
            groups: New labels, one a text taken; by default those they have.

        Returns:
            The smaller arm.
        """
        rows = [np.flatnonzero(self.unit_text == text) for text in texts]
        starts = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
        index = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        return Arm(
            self.name,
            tuple(self.passages[text] for text in texts),
            tuple(groups) if groups is not None else tuple(self.groups[text] for text in texts),
            tuple(self.units[t] - self.units[t][0] + s for t, s in zip(texts, starts[:-1], strict=True)),
            np.repeat(np.arange(len(rows)), [len(r) for r in rows]),
            UnitCounts(*(getattr(self.counts, field)[index] for field in _FIELDS)),
            self.names,
        )


def build_arm(
    name: str,
    texts: Sequence[str],
    background: Background,
    *,
    groups: Sequence[str] | None = None,
    names: frozenset[str] = frozenset(),
    passages: Sequence[Passage] | None = None,
    unit_words: int = UNIT_WORDS,
) -> Arm:
    """Parse, cut and count the texts of an arm.

    Args:
        name: What a reader calls the arm.
        texts: Raw texts; those without a word are dropped.
        background: Frequent words and 3-grams to count.
        groups: One label a text; by default every text is its own group.
        names: Names known already (the profile's); those found in the arm are added.
        passages: The parsed texts, if the caller has them.
        unit_words: Words of a unit.

    Returns:
        The arm; with no text it has no units.
    """
    parsed = list(passages) if passages is not None else [parse(text) for text in texts]
    labels = list(groups) if groups is not None else [str(number) for number in range(len(parsed))]
    kept = [(p, g) for p, g in zip(parsed, labels, strict=True) if p.sentences]
    masked = names | proper_names(s.words for p, _ in kept for s in p.sentences)
    units: list[NDArray[np.int64]] = []
    owner: list[int] = []
    rows: list[UnitCounts] = []
    for index, (passage, _) in enumerate(kept):
        local = unit_numbers([len(s.words) for s in passage.sentences], unit_words)
        units.append(local + len(owner))
        owner.extend([index] * (int(local[-1]) + 1))
        rows.append(count_units(passage, local, masked, background.word_columns, background.trigram_columns))
    return Arm(
        name,
        tuple(p for p, _ in kept),
        tuple(g for _, g in kept),
        tuple(units),
        np.array(owner, np.int64),
        _stack(rows, background),
        masked,
    )


def _stack(rows: list[UnitCounts], background: Background) -> UnitCounts:
    if not rows:
        rows = [count_units(parse(""), np.zeros(0, np.int64), frozenset(), background.word_columns,
                            background.trigram_columns)]  # fmt: skip
    return UnitCounts(*(np.concatenate([getattr(row, field) for row in rows]) for field in _FIELDS))


_FIELDS = ("words", "mfw", "chars", "char_total", "marks")
