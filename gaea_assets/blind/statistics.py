"""How sure a win rate is whose votes come in bunches: several of one reader, several on one prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LIKENESS = 0.06
"""Usual correlation of two votes of one reader, or on one prompt. With `WEIGHT` it was chosen by simulated readers, not
by any voice: the interval's error stays below the stated one unless readers differ very much (docs/blind.md)."""
WEIGHT = 4.0
"""Degrees of freedom that what is usual counts for, beside those of the readers or prompts themselves."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Bunches:
    """Votes that come several of one reader, or several on one prompt; variances as shares of rate * (1 - rate).

    Attributes:
        count: How many readers, or prompts, there are.
        seen: What their likeness seems to add to the variance of the rate; by chance it may be negative.
        concentration: Sum of the squares of the bunches' shares of the votes: 1 / count where all are of one size.
    """

    count: int
    seen: float
    concentration: float

    @property
    def freedom(self) -> float:
        """Degrees of freedom of what they add."""
        return self.count - 1 + WEIGHT

    @property
    def added(self) -> float:
        """What they add to the variance: what is seen, moderated towards what is usual."""
        usual = LIKENESS * self.concentration
        return max(0.0, ((self.count - 1) * self.seen + WEIGHT * usual) / self.freedom)


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
        readers: The votes in bunches by who gave them.
        prompts: The votes in bunches by what they were on.
    """

    rate: float
    low: float
    high: float
    wilson: tuple[float, float]
    votes: int
    effective: float
    freedom: float
    level: float
    readers: Bunches
    prompts: Bunches


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
    return min(rate, max(0.0, float(middle - reach))), max(rate, min(1.0, float(middle + reach)))


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
    by_reader, by_prompt = _bunches(np.asarray(won, float), readers), _bunches(np.asarray(won, float), prompts)
    variance, freedom = rate_variance(votes, by_reader, by_prompt)
    low, high = wilson(rate, 1 / variance, float(stats.t.ppf(0.5 + level / 2, freedom)))
    plain = wilson(rate, votes, float(stats.norm.ppf(0.5 + level / 2)))
    return WinRate(rate, low, high, plain, votes, 1 / variance, freedom, level, by_reader, by_prompt)


def rate_variance(votes: float, *bunched: Bunches) -> tuple[float, float]:
    """Variance of a rate of votes in bunches, as a share of rate * (1 - rate), and its degrees of freedom.

    A single bunch adds nothing: one reader's votes are judged as that reader's.

    Args:
        votes: How many there are.
        bunched: The same votes by reader and by prompt.
    """
    several = [bunches for bunches in bunched if bunches.count > 1]
    variance = 1 / votes + sum(bunches.added for bunches in several)
    uncertain = 1 / votes**2 / max(votes - 1, 1) + sum(bunches.added**2 / bunches.freedom for bunches in several)
    return variance, variance**2 / uncertain


def _bunches(won: Vector, groups: Sequence[str]) -> Bunches:
    _, index = np.unique(np.asarray(groups), return_inverse=True)
    votes, sizes = len(won), np.bincount(index)
    concentration = float(sizes @ sizes) / votes**2
    off, rate = won - won.mean(), float(won.mean())
    if len(sizes) == 1 or not 0 < rate < 1:
        return Bunches(len(sizes), 0.0, concentration)
    sums = np.bincount(index, weights=off)
    between = float(sums @ sums) / votes**2 * len(sizes) / (len(sizes) - 1)
    alone = float(off @ off) / votes / (votes - 1)
    return Bunches(len(sizes), (between - alone) / (rate * (1 - rate)), concentration)
