"""Work on the parts of a long text in several processes, where it is long enough to pay for starting them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed

Item = TypeVar("Item")
Result = TypeVar("Result")

LEAST = 2_000_000
"""Characters (about 350,000 words) below which one process is done before others have started."""
MOST_PROCESSES = 8
"""Each holds its own copy of the word lists, about 200 MB."""


def each(work: Callable[[Item], Result], items: Sequence[Item], characters: int) -> list[Result]:
    """What `work` makes of each item, in order.

    Args:
        work: A function of a module: it must not depend on what it has seen before.
        items: What it is called with.
        characters: Size of all items together.
    """
    jobs = processes() if characters >= LEAST else 1
    return list(Parallel(n_jobs=jobs)(delayed(work)(item) for item in items))


def processes() -> int:
    """How many there are at most."""
    return min(int(cpu_count()), MOST_PROCESSES)


def batches(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """The items in order, `size` at a time."""
    return [items[start : start + size] for start in range(0, len(items), size)]
