"""Random windows, and intervals by a bootstrap over prompts.

A window is `k` units drawn without replacement from an arm, so no window holds a unit twice: a plain
bootstrap of units would, and would look noisier, hence less alike, than the text it stands for. The mean
window score is a U-statistic; its first-order (Hájek) projection gives every unit an effect, and prompts are
resampled on the sums of those effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Matrix = NDArray[np.float64]
LEVEL = 0.95
MOST_UNITS = 600  # of a longer arm so many units are drawn: 60,000 words say enough, and time stays linear


def draw_windows(units: int, k: int, rng: np.random.Generator) -> Matrix:
    """Draw windows of `k` units; every unit stands in about equally many (of a long arm, every unit that is drawn).

    Args:
        units: Units of the arm, at least `k`.
        k: Units of a window.
        rng: Source of chance.

    Returns:
        1 where a unit stands in a window, shape (windows, units); at least three windows a unit and 300 in
        all.
    """
    chosen = np.sort(rng.permutation(units)[: max(MOST_UNITS, 2 * k)])
    per_round = len(chosen) // k
    wanted = max(300, 3 * len(chosen))
    rounds = -(-wanted // per_round)
    out = np.zeros((rounds * per_round, units))
    for number in range(rounds):
        order = rng.permutation(chosen)[: per_round * k].reshape(per_round, k)
        rows = np.arange(number * per_round, (number + 1) * per_round)
        out[rows[:, None], order] = 1.0
    return out


@dataclass(frozen=True)
class Projection:
    """Mean window scores of an arm and what each group of units adds to them.

    Attributes:
        mean: Mean over windows, shape (scores,).
        effect: Summed effects of each group's units, shape (groups, scores).
        weight: Units of each group, shape (groups,).
        groups: Labels of the groups, in order.
    """

    mean: Matrix
    effect: Matrix
    weight: Matrix
    groups: tuple[str, ...]

    def replicate(self, draws: Matrix) -> Matrix:
        """Mean scores when group g is taken `draws[r, g]` times; NaN if none is.

        Shape (replicates, scores).
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.mean + (draws @ self.effect) / (draws @ self.weight)[:, None]


def project(scores: Matrix, windows: Matrix, unit_groups: Sequence[str]) -> Projection:
    """Project window scores on units by least squares (Hájek, 1968; Efron & Stein, 1981).

    Args:
        scores: Scores of the windows, shape (windows, scores).
        windows: 0/1 membership, shape (windows, units), the same number of units in each window.
        unit_groups: Group of each unit.

    Returns:
        The projection. An effect is scaled so that the mean effect of the drawn units is the change of the
        mean score.
    """
    k = windows[0].sum()
    used = windows.sum(0) > 0
    windows = windows[:, used]
    unit_groups = [unit_groups[unit] for unit in np.flatnonzero(used)]
    mean = scores.mean(0)
    centred = windows - windows.mean(0)
    gram = centred.T @ centred
    gram[np.diag_indices_from(gram)] += 1e-6 * np.trace(gram) / len(gram) + 1e-12
    beta = np.linalg.solve(gram, centred.T @ (scores - mean))
    beta -= beta.mean(0)
    labels = tuple(dict.fromkeys(unit_groups))
    member = np.array([[float(group == label) for group in unit_groups] for label in labels])
    return Projection(mean, k * member @ beta, member.sum(1), labels)


def draw_groups(arms: Sequence[Sequence[str]], resamples: int, rng: np.random.Generator) -> list[Matrix]:
    """Resample groups with replacement; arms with the same groups (prompts) are resampled together.

    Args:
        arms: Group labels of each arm.
        resamples: Replicates.
        rng: Source of chance.

    Returns:
        How often each group is taken, one array of shape (resamples, groups) an arm.
    """
    drawn: dict[frozenset[str], Matrix] = {}
    out = []
    for labels in arms:
        key = frozenset(labels)
        if key not in drawn:
            n = len(key)
            drawn[key] = rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)
        order = sorted(key)
        out.append(drawn[key][:, [order.index(label) for label in labels]])
    return out


def interval(values: Matrix, groups: int, level: float = LEVEL) -> tuple[float, float]:
    """Percentile interval, widened for few groups.

    The tails are taken further out as a t-interval would take them: "expanded percentile" (Hesterberg, 2015,
    What teachers should know about the bootstrap, section 4.3).

    Args:
        values: Replicates, shape (replicates,); those that are not finite are left out.
        groups: Number of independent groups resampled.
        level: Coverage wanted.

    Returns:
        Lower and upper end; infinite when fewer than half of the replicates are finite or there is only one
        group.
    """
    finite = values[np.isfinite(values)]
    if groups < 2 or len(finite) < max(2, len(values) / 2):
        return float("-inf"), float("inf")
    reach = np.sqrt(groups / (groups - 1)) * stats.t.ppf(0.5 + level / 2, groups - 1)
    tail = stats.norm.cdf(-reach)
    low, high = np.quantile(finite, [tail, 1 - tail])
    return float(low), float(high)
