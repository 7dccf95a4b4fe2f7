"""Which votes count: those of attentive readers, on pairs, the first so many."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gaea_assets.blind.plan import Plan
from gaea_assets.blind.votes import Vote


@dataclass
class Reader:
    """What one reader has done."""

    name: str
    pairs: dict[int, Vote] = field(default_factory=dict)
    """First vote on each pair."""
    repeats: dict[int, Vote] = field(default_factory=dict)
    """Vote on the same pair with its sides swapped."""
    checks: list[bool] = field(default_factory=list)
    """Attention checks, in the order they were judged: whether rightly."""


@dataclass(frozen=True)
class Sample:
    """The votes that count."""

    readers: tuple[Reader, ...]
    """Those who stay in."""
    left_out: tuple[Reader, ...]
    """Those who failed the attention checks."""
    missing: int
    """Votes that are still wanted; 0 where the result may be opened."""
    given: tuple[Vote, ...]
    """Everything that was read for it, checks and repeats too, in the order it was given."""


def take_sample(plan: Plan, votes: Iterable[Vote], wanted: int) -> Sample:
    """The shortest beginning of the votes in which so many count.

    What comes later changes nothing, and what the votes say has no part in where it ends: nobody can stop
    when the result pleases.

    Args:
        plan: The reading.
        votes: In the order they were given.
        wanted: Votes on pairs by readers who stay in; repeats and checks are none.
    """
    readers: dict[str, Reader] = {}
    missing = wanted
    given: list[Vote] = []
    for vote in votes:
        given.append(vote)
        reader = readers.setdefault(vote.reader, Reader(vote.reader))
        item = plan.items[vote.item]
        if plan.pairs[item.pair].kind == "check":
            right = item.right(vote.closer)
            reader.checks += [] if right is None else [right]
        elif item.pair in reader.pairs:
            reader.repeats[item.pair] = vote
        else:
            reader.pairs[item.pair] = vote
        missing = wanted - sum(len(r.pairs) for r in readers.values() if not plan.rule.leaves_out(r.checks))
        if missing <= 0:
            break
    return Sample(
        tuple(reader for reader in readers.values() if not plan.rule.leaves_out(reader.checks)),
        tuple(reader for reader in readers.values() if plan.rule.leaves_out(reader.checks)),
        max(missing, 0),
        tuple(given),
    )
