"""How near whole scenes come to a share of everything: of all, of each manuscript, of each scene type."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gaea_assets.manuscript.examples import Example

Group = tuple[str, str]
"""A manuscript and a scene type; `EVERY` stands for all of them."""
EVERY = "*"  # sorts before names
LEAST_GAIN = 1e-6
"""Less than this is rounding."""
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def groups(examples: Iterable[Example]) -> Counter[Group]:
    """How many examples there are: in all, of each manuscript, of each scene type, and of each type in a manuscript."""
    return Counter(group for e in examples for group in product((EVERY, e.manuscript), (EVERY, e.scene_type)))


def in_proportion(examples: Iterable[Example], share: float) -> dict[Group, float]:
    """How many examples of each group are wanted, where a share of them all is, rounded up to whole examples."""
    counts = groups(examples)
    every = counts[EVERY, EVERY]
    # 0.07 * 100 is a little more than 7.
    rate = math.ceil(round(share * every, 6)) / every
    return {group: rate * count for group, count in counts.items()}


def held_out_table(train: Iterable[Example], validation: Sequence[Example], share: float) -> str:
    """A Markdown table of what is held out of each group, and of what would be its share.

    Args:
        train: The training examples, each once.
        validation: The held-out ones.
        share: Of the examples that was to be held out.
    """
    counts, held_out = groups([*train, *validation]), groups(validation)
    several = len({manuscript for manuscript, _ in counts}) > 2
    rows = [
        f"| {'all' if manuscript == EVERY else manuscript} | {'all' if kind == EVERY else kind} | {count} "
        f"| {share * count:.1f} | {held_out[manuscript, kind]} ({held_out[manuscript, kind] / count:.0%}) |"
        for (manuscript, kind), count in sorted(counts.items())
        if several or manuscript == EVERY  # of one manuscript everything would stand there twice
    ]
    head = f"| manuscript | scene type | examples | {share:.0%} of them | held out |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])


def nearest(
    units: Sequence[Sequence[Example]],
    wanted: Mapping[Group, float],
    starts: Iterable[Flags],
    most: int,
    draw: random.Random,
) -> Flags:
    """The choice of units that comes nearest to what is wanted, among those that exchanges lead to.

    How far off a choice is, is the sum of the squared differences over all groups, in examples. A unit is taken in, put
    out, or exchanged for another one, each time where that helps most, until nothing does.

    Args:
        units: The examples of each; a unit is chosen whole.
        wanted: Examples of each group.
        starts: Choices to begin with, of one unit at least; of two that lead equally near the first counts.
        most: Units that can be chosen; one always is.
        draw: Of the unit, where several are made up alike.
    """
    counts = np.array([[own[group] for group in wanted] for own in map(groups, units)], dtype=np.float64)
    target = np.array(list(wanted.values()))
    kinds, kind_of = np.unique(counts, axis=0, return_inverse=True)
    steps = np.vstack([kinds, np.zeros_like(target)])  # the last: none taken in, or none put out
    squares = np.sum(steps**2, axis=1)
    apart = squares[:, None] + squares - 2 * steps @ steps.T
    choices = []
    for start in starts:
        chosen = start.copy()
        while exchange := _best(steps @ (chosen @ counts - target), apart, kind_of, chosen, most):
            for kind, now in zip(exchange, (False, True), strict=True):
                if kind < len(kinds):
                    chosen[draw.choice(np.flatnonzero((chosen == now) & (kind_of == kind)))] = not now
        choices.append(chosen)
    return min(choices, key=lambda chosen: round(float(np.sum((chosen @ counts - target) ** 2)), 6))


def _best(off: Floats, apart: Floats, kind_of: NDArray[np.intp], chosen: Flags, most: int) -> tuple[int, int] | None:
    """The kinds of unit to take in and to put out for the greatest gain; the last kind stands for none."""
    outside = np.bincount(kind_of[~chosen], minlength=len(apart)) > 0
    inside = np.bincount(kind_of[chosen], minlength=len(apart)) > 0
    outside[-1], inside[-1] = chosen.sum() > 1, chosen.sum() < most
    change = apart + 2 * (off[:, None] - off)  # of the sum of squares
    change[~outside], change[:, ~inside] = np.inf, np.inf
    taken, put_out = divmod(int(change.argmin()), len(apart))
    return (taken, put_out) if change[taken, put_out] < -LEAST_GAIN else None
