"""What a measure is, and the transfer formula that most of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.arms import Arm
from gaea_assets.style.background import Background
from gaea_assets.style.resampling import Projection, draw_groups, draw_windows, interval, project
from gaea_assets.style.units import UNIT_WORDS

Matrix = NDArray[np.float64]
WINDOW_UNITS = 20
LEAST_UNITS = 3
SCORED = ("heldout", "base", "tuned")


NO_PART = "author and base cannot be told apart in any part of this measure"


@dataclass(frozen=True)
class Part:
    """One channel of a measure.

    Attributes:
        name: The channel.
        base, tuned, author: Similarities, rates or shares.
        score: 0 the base model, 100 the author; None when undefined.
        low, high: 95 % interval of the score.
        undefined: Why there is no score.
    """

    name: str
    base: float
    tuned: float
    author: float
    score: float | None
    low: float | None
    high: float | None
    undefined: str | None = None


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes:
        name: transfer, vocabulary, structure, markers or pov.
        base, tuned, author: What is compared: similarities, rates or shares; None where there is none.
        score: In percent, unclamped; None when undefined.
        low, high: 95 % interval of the score; None when it is unbounded or undefined.
        target: The score to exceed.
        passed: Whether the score exceeds the target and no gate fails.
        undefined: Why there is no score.
        parts: The channels.
        notes: Remarks in words.
        gated: Gates that failed, which is why the score is not a success.
    """

    name: str
    base: float | None
    tuned: float | None
    author: float | None
    score: float | None
    low: float | None
    high: float | None
    target: float
    passed: bool
    undefined: str | None = None
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    gated: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("parts", "notes")}
        fields["parts"] = [{name: getattr(p, name) for name in p.__dataclass_fields__} for p in self.parts]
        return {key: _plain(value) for key, value in fields.items()} | {"notes": list(self.notes)}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.bool_):
        return bool(value)
    return value


@dataclass(frozen=True)
class Context:
    """What every measure needs.

    Attributes:
        arms: train, heldout, base, tuned.
        background: Fitted statistics.
        k: Units of a window; 0 when there is too little text.
        person: Declared person.
        targets: By measure.
        seed: For every draw.
        resamples: Bootstrap replicates.
        profile_cache: The training text's counts that several measures share.
        projections: Of the author's held-out and the base's windows, by measure: many tuned texts can be held
            against them.
    """

    arms: Mapping[str, Arm]
    background: Background
    k: int
    person: str
    targets: Mapping[str, float]
    seed: int
    resamples: int
    profile_cache: dict[str, Any] = field(default_factory=dict)
    projections: dict[tuple[object, ...], dict[str, Projection]] = field(default_factory=dict)


def window_units(arms: Mapping[str, Arm]) -> int:
    """Units of a window: 2,000 words, or half of the smallest arm; 0 when that is under 300 words."""
    smallest = min(arms[name].size for name in SCORED)
    k = min(WINDOW_UNITS, smallest // 2)
    return k if k >= LEAST_UNITS else 0


def undefined(name: str, reason: str, target: float, parts: tuple[Part, ...] = ()) -> Measure:
    """A measure without a score."""
    return Measure(name, None, None, None, None, None, None, target, False, reason, parts)


def too_short(context: Context, name: str) -> Measure:
    """The measure that there is too little text for."""
    short = {n: context.arms[n].words for n in SCORED if context.arms[n].size < 2 * LEAST_UNITS}
    told = ", ".join(f"{n} has {w} words" for n, w in short.items())
    return undefined(
        name,
        f"too little text: {told}; at least {2 * LEAST_UNITS * UNIT_WORDS} are needed",
        context.targets[name],
    )


def ratio_measure(
    context: Context,
    name: str,
    parts: Sequence[str],
    scores: Callable[[Arm, Matrix], Matrix],
    weights: Matrix | None = None,
    show: Callable[[float], float] = float,
    by_tuned: bool = True,
) -> Measure:
    """A measure by the transfer formula of design.md, on the weighted sum of its parts.

    Args:
        context: Arms, window, seed.
        name: Of the measure.
        parts: Names of the channels.
        scores: Similarities of an arm's windows, shape (windows, parts).
        weights: Weight of each part in the sum; by default `gap_weights`: a part counts by how clearly it
            tells author and base apart.
        show: Turns the weighted sum into the value to show.
        by_tuned: Whether the author's and the base's own scores depend on the tuned text too.

    Returns:
        The measure with its parts.
    """
    rng = np.random.default_rng([context.seed, *name.encode()])
    others = (arm for arm_name, arm in context.arms.items() if arm_name != "tuned")
    kept = {} if by_tuned else context.projections.setdefault((name, context.seed, context.k, *others), {})
    projections = {}
    for arm_name in SCORED:
        arm = context.arms[arm_name]
        windows = draw_windows(arm.size, context.k, rng)  # of what is kept too: the next arm's follow in the stream
        projections[arm_name] = kept.get(arm_name) or project(scores(arm, windows), windows, arm.unit_groups())
    kept |= {arm_name: found for arm_name, found in projections.items() if arm_name != "tuned"}
    draws = draw_groups([projections[n].groups for n in SCORED], context.resamples, rng)
    replicates = [projections[n].replicate(d) for n, d in zip(SCORED, draws, strict=True)]
    means = [projections[n].mean for n in SCORED]
    groups = min(len(projections[n].groups) for n in SCORED)
    if weights is None:
        weights = gap_weights(means[0] - means[1], replicates[0] - replicates[1], groups)
    clear = bool(np.any(weights))
    means = [np.append(m, m @ weights) for m in means]
    replicates = [np.hstack([r, (r @ weights)[:, None]]) for r in replicates]
    measure = _assemble(context, name, (*parts, name), means, replicates, groups, show)
    return measure if clear else undefined(name, NO_PART, context.targets[name], measure.parts)


def gap_weights(gap: Matrix, replicates: Matrix, groups: int) -> Matrix:
    """Weight of each part: the gap between author and base over its variance; 0 where they do not differ.

    These are the weights of least squares for a transfer score that all parts share; they sum to 1 in
    absolute value.

    Args:
        gap: Author minus base, shape (parts,).
        replicates: The same, bootstrapped, shape (replicates, parts).
        groups: Independent groups behind them.

    Returns:
        Shape (parts,); all 0 where no part tells the two apart.
    """
    sd = np.maximum(np.nanstd(replicates, axis=0), 1e-9)
    clear = np.array([interval(column, groups)[0] > 0 for column in replicates.T])
    weights = np.where(clear, gap / sd**2, 0.0)
    return weights / max(float(np.abs(weights).sum()), 1e-12)


def _assemble(
    context: Context,
    name: str,
    parts: Sequence[str],
    means: Sequence[Matrix],
    replicates: Sequence[Matrix],
    groups: int,
    show: Callable[[float], float],
) -> Measure:
    """Transfer of each part, the last of which is the measure itself; arms in the order of `SCORED`."""
    author, base, tuned = replicates
    rows = []
    for column, part in enumerate(parts):
        middle = [float(means[n][column]) for n in (1, 2, 0)]
        score, low, high, why = transfer(middle, (base[:, column], tuned[:, column], author[:, column]), groups)
        rows.append(Part(part, middle[0], middle[1], middle[2], score, low, high, why))
    whole = rows.pop()
    target = context.targets[name]
    passed = whole.score is not None and whole.score > target
    return Measure(
        name=name,
        base=show(whole.base),
        tuned=show(whole.tuned),
        author=show(whole.author),
        score=whole.score,
        low=whole.low,
        high=whole.high,
        target=target,
        passed=passed,
        undefined=whole.undefined,
        parts=tuple(rows),
    )


def transfer(
    means: Sequence[float], replicates: tuple[Matrix, Matrix, Matrix], groups: int
) -> tuple[float | None, float | None, float | None, str | None]:
    """The transfer formula with its interval.

    Args:
        means: Similarity of base, tuned, author.
        replicates: The same, bootstrapped; shape (replicates,) each.
        groups: Independent groups behind them.

    Returns:
        Score, lower and upper end, and why there is none: the interval of author minus base holds 0.
    """
    base, tuned, author = replicates
    low, high = interval(author - base, groups)
    if not np.isfinite(low) or not np.isfinite(high):
        return None, None, None, "one prompt only: no interval can be given"
    if low <= 0 <= high:
        return None, None, None, (
            "author and base cannot be told apart here: "
            f"their difference lies between {low:.3g} and {high:.3g}"
        )  # fmt: skip
    if high < 0:
        return None, None, None, "the base model is nearer to the profile than the author's own held-out text"
    score = 100 * (means[1] - means[0]) / (means[2] - means[0])
    gap = author - base
    ratios = np.where(gap > 0, 100 * (tuned - base) / np.where(gap > 0, gap, 1), np.nan)
    ends = interval(ratios, groups)
    return score, finite(ends[0]), finite(ends[1]), None


def finite(value: float) -> float | None:
    """The value, or None where it is unbounded."""
    return float(value) if np.isfinite(value) else None
