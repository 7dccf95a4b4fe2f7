"""What would settle a reading that is undecided: more votes on its prompts, or more prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, copysign, sqrt

from scipy import special

from gaea_assets.blind.statistics import LIKENESS, Bunches, WinRate, rate_variance, wilson

MOST_VOTES = 1000
"""More further votes than that nobody gives: they take some thirty hours of reading."""
CHANCE = 0.7
"""How surely further votes bring the rate no nearer to the target than is reckoned with."""


@dataclass(frozen=True)
class Outlook:
    """What would settle it; all None where nothing in reach does, the rate being too near to the target."""

    more_votes: int | None = None
    """So many further votes on the same prompts."""
    more_readers: int | None = None
    """About so many further readers give them; 0 where the one reader that there is can."""
    prompts: int | None = None
    """Where no votes on the same prompts do: so many prompts, in a reading of its own."""
    votes: int | None = None
    """Votes of that reading."""
    readers: int | None = None
    """Its readers."""


def outlook(found: WinRate, target: float, next_level: float, pairs: Sequence[int]) -> Outlook:
    """What would bring the whole interval above the target, or below it, in about half of such readings or more.

    The rate varies as with crossed random effects of readers and prompts (Baayen, Davidson & Bates, 2008, Journal of
    Memory and Language 59): a part of its variance goes with the number of readers, one with that of prompts, one with
    that of votes. The prompts of a reading are fixed before its first vote, so further votes leave the second part as
    it is. It is supposed that further readers read as much each as those before. How often it holds: docs/blind.md.

    Args:
        found: The win rate of the votes that there are.
        target: A share from 0 to 1.
        next_level: Coverage that the next result will have.
        pairs: How many pairs the reading has on each of its prompts, judged or not.
    """
    most = found.votes + MOST_VOTES
    for votes in range(found.votes + 1, most + 1):
        now, then = _of_more_votes(found, votes, pairs)
        if _settles(found, votes, now, then, target, next_level):
            more = votes - found.votes
            same = found.readers.count == 1 and votes <= sum(pairs)
            return Outlook(more, 0 if same else ceil(more * found.readers.count / found.votes))
    for prompts in range(len(pairs) + 1, found.prompts.count * most // found.votes + 1):
        growth = prompts / found.prompts.count
        votes = round(found.votes * growth)
        now = (_further(found.readers, 1), _further(found.prompts, 1))
        then = (_further(found.readers, growth), _further(found.prompts, growth))
        if _settles(found, votes, now, then, target, next_level):
            return Outlook(prompts=prompts, votes=votes, readers=then[0].count)
    return Outlook()


def _settles(
    found: WinRate, votes: int, now: Sequence[Bunches], then: Sequence[Bunches], target: float, level: float
) -> bool:
    """Whether so many votes settle it, in these bunches, also where they bring the rate nearer to the target."""
    variance, freedom = rate_variance(votes, *then)
    # The mean of the first votes of many: it differs from the mean of all by the difference of their variances.
    moved = max(0.0, rate_variance(found.votes, *now)[0] - variance)
    nearer = special.ndtri(CHANCE) * sqrt(found.rate * (1 - found.rate) * moved)
    rate = found.rate - copysign(min(nearer, abs(found.rate - target)), found.rate - target)
    low, high = wilson(rate, 1 / variance, float(special.stdtrit(freedom, 0.5 + level / 2)))
    return low > target or high < target


def _of_more_votes(found: WinRate, votes: int, pairs: Sequence[int]) -> tuple[Sequence[Bunches], Sequence[Bunches]]:
    """The bunches now and then, as far as further votes on the same prompts change them."""
    growth = votes / found.votes
    prompts = _on_all(found.prompts, pairs, growth)
    if found.readers.count == 1 and votes <= sum(pairs):  # the one reader that there is can give them
        return (found.readers, prompts), (found.readers, prompts)
    return (_further(found.readers, 1), prompts), (_further(found.readers, growth), prompts)


def _further(bunches: Bunches, growth: float) -> Bunches:
    """So many times as many readers, or prompts, like those that there are."""
    concentration = bunches.concentration / growth
    return Bunches(max(2, round(bunches.count * growth)), _likeness(bunches) * concentration, concentration)


def _on_all(prompts: Bunches, pairs: Sequence[int], growth: float) -> Bunches:
    """The prompts when there are so many times the votes: in the end each has its share of the pairs."""
    last = sum(n**2 for n in pairs) / sum(pairs) ** 2
    concentration = last + (prompts.concentration - last) / growth
    return Bunches(len(pairs), _likeness(prompts) * concentration, concentration)


def _likeness(bunches: Bunches) -> float:
    """Of two votes in a bunch: as seen, which by chance may be negative, or as usual where there is one bunch only."""
    return LIKENESS if bunches.count == 1 else max(0.0, bunches.seen / bunches.concentration)
