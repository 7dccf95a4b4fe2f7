"""How sure a win rate is whose votes come in bunches: several of one reader, several on one prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

MOST_VOTES = 100_000
"""Further votes than that settle nothing in practice."""
LIKENESS = 0.06
"""Usual correlation of two votes of one reader, or on one prompt. With `WEIGHT` it was chosen by simulated readers, not
by any voice: the interval's error stays below the stated one unless readers differ very much (docs/blind.md)."""
WEIGHT = 4.0
"""Degrees of freedom that what is usual counts for, beside those of the readers or prompts themselves."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class WinRate:
    """Share of votes won, a tie being half of one; shares from 0 to 1.

    Attributes:
        rate: The share.
        low: Lower end of the interval for votes in bunches.
        high: Its upper end.
        wilson: Wilson's interval, for votes that have nothing to do with one another.
        effective: Independent votes that would say as much as these.
        freedom: Degrees of freedom of the estimated variance.
        level: Coverage wanted.
    """

    rate: float
    low: float
    high: float
    wilson: tuple[float, float]
    votes: int
    effective: float
    freedom: float
    level: float


def wilson(rate: float, votes: float, quantile: float) -> tuple[float, float]:
    """Wilson's score interval (1927, Journal of the American Statistical Association 22).

    Args:
        rate: Share of the votes won.
        votes: How many there are; for votes in bunches their effective number.
        quantile: Of the standard normal distribution, or of Student's t.

    Returns:
        Lower and upper end, from 0 to 1.
    """
    square = quantile**2 / votes
    middle = (rate + square / 2) / (1 + square)
    reach = quantile / (1 + square) * np.sqrt(rate * (1 - rate) / votes + square / (4 * votes))
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def win_rate(won: Sequence[float], readers: Sequence[str], prompts: Sequence[str], level: float) -> WinRate:
    """The share of votes won, with an interval that holds for further readers and prompts.

    Votes of one reader are alike, and so are votes on one prompt. What that adds to the variance of the rate is
    estimated by reader and by prompt, each cluster-robust (Cameron, Gelbach & Miller, 2011, Journal of Business &
    Economic Statistics 29). Of two or three readers such an estimate says little, so each is moderated towards
    what is usual (Smyth, 2004, Statistical Applications in Genetics and Molecular Biology 3). The interval is
    Wilson's with the effective number of votes (Korn & Graubard, 1998, Survey Methodology 24; Franco et al., 2019,
    Journal of Survey Statistics and Methodology 7), and with Student's t on Satterthwaite's (1946, Biometrics
    Bulletin 2) degrees of freedom. With one reader it is an interval for that reader alone. How well it covers:
    docs/blind.md.

    Args:
        won: 1, 0.5 or 0 for each vote.
        readers: Who gave it.
        prompts: What it was on.
        level: Coverage wanted, from 0 to 1.
    """
    votes, rate = len(won), float(np.mean(won))
    clusters = [_added_variance(np.asarray(won, float), g) for g in (readers, prompts) if len(set(g)) > 1]
    variance = 1 / votes + sum(added for added, _ in clusters)
    uncertain = 1 / votes**2 / max(votes - 1, 1) + sum(added**2 / freedom for added, freedom in clusters)
    freedom = variance**2 / uncertain
    low, high = wilson(rate, 1 / variance, float(stats.t.ppf(0.5 + level / 2, freedom)))
    plain = wilson(rate, votes, float(stats.norm.ppf(0.5 + level / 2)))
    return WinRate(rate, low, high, plain, votes, 1 / variance, freedom, level)


def _added_variance(won: Vector, groups: Sequence[str]) -> tuple[float, float]:
    """What the likeness of votes in a group adds to the variance of their mean, and its degrees of freedom.

    As a share of rate * (1 - rate), the variance of a single vote.
    """
    _, index = np.unique(np.asarray(groups), return_inverse=True)
    votes, sizes = len(won), np.bincount(index)
    off, rate = won - won.mean(), float(won.mean())
    sums = np.bincount(index, weights=off)
    between = float(sums @ sums) / votes**2 * len(sizes) / (len(sizes) - 1)
    alone = float(off @ off) / votes / (votes - 1)
    seen = (between - alone) / (rate * (1 - rate)) if 0 < rate < 1 else 0.0
    usual = LIKENESS * float(sizes @ sizes) / votes**2
    freedom = len(sizes) - 1 + WEIGHT
    return max(0.0, ((len(sizes) - 1) * seen + WEIGHT * usual) / freedom), freedom


def votes_to_settle(found: WinRate, target: float, next_level: float) -> int | None:
    """How many more votes would bring the whole interval above the target, or below it.

    It is supposed that the rate stays, and that the further votes come from further readers and prompts in the same
    proportion: more votes of the same reader on the same prompts say less.

    Args:
        found: The win rate of the votes that there are.
        target: A share from 0 to 1.
        next_level: Coverage that the next result will have.

    Returns:
        The number, or None where no number in reach settles it.
    """

    def settled(votes: int) -> bool:
        growth = votes / found.votes
        quantile = float(stats.t.ppf(0.5 + next_level / 2, max(found.freedom * growth, 1.0)))
        low, high = wilson(found.rate, found.effective * growth, quantile)
        return low > target or high < target

    few, many = found.votes, found.votes + MOST_VOTES
    if not settled(many):
        return None
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if settled(middle) else (middle, many)
    return many - found.votes
