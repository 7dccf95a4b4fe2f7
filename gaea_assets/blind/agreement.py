"""How far readers agree with one another, and with themselves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TypeVar

import evalica
import pandas as pd

Judged = TypeVar("Judged")


@dataclass(frozen=True)
class Agreement:
    """Of answers ordered base model, tie, tuned model.

    Attributes:
        alpha: Krippendorff's alpha (2018, Content Analysis) with ordinal distances: 1 is full agreement, 0 what
            chance gives; None where it is undefined, since all answers are one or nothing was judged twice.
        same: Share of the pairs of answers to one question that are the same, in percent; None without any.
        compared: How many pairs of answers there are.
    """

    alpha: float | None
    same: float | None
    compared: int

    def to_dict(self) -> dict[str, float | None]:
        """The fields as JSON values."""
        return asdict(self)


def agreement(answers: Mapping[str, Mapping[Judged, float]]) -> Agreement:
    """The agreement of several rows of answers.

    Args:
        answers: For each row (a reader, or a first and a second reading) its answers by what was judged: 0, 0.5 or 1.
    """
    pairs = [
        (first[judged], second[judged])
        for first, second in combinations(answers.values(), 2)
        for judged in first.keys() & second.keys()
    ]
    if not pairs:
        return Agreement(None, None, 0)
    units = sorted({judged for row in answers.values() for judged in row}, key=repr)
    table = pd.DataFrame([[row.get(unit) for unit in units] for row in answers.values()], dtype=float)
    found = evalica.alpha(table, distance="ordinal")
    same = 100 * sum(first == second for first, second in pairs) / len(pairs)
    return Agreement(found.alpha if found.expected > 0 else None, same, len(pairs))
