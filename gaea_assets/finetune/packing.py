"""Which examples of an optimiser step are computed together."""

from collections.abc import Sequence
from math import ceil


def packed(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Groups of examples of at most `most` tokens, first-fit decreasing (Johnson 1973: at most 11/9 of the fewest).

    Args:
        lengths: Tokens of each example.
        most: Most tokens of a group; a longer example stands alone.

    Returns:
        Positions in `lengths`, group by group; each stands in one of them.
    """
    groups: list[list[int]] = []
    free: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        found = next((n for n, room in enumerate(free) if room >= lengths[position]), None)
        if found is None:
            groups.append([position])
            free.append(most - lengths[position])
        else:
            groups[found].append(position)
            free[found] -= lengths[position]
    return groups


def step_shares(lengths: Sequence[int], most: int, processes: int) -> list[list[list[int]]]:
    """How the examples of an optimiser step are computed: each process's groups, one after another.

    Args:
        lengths: Tokens of each example of the step.
        most: Most tokens of a group; a longer example stands alone.
        processes: How many share the step.

    Returns:
        For each process its groups of positions in `lengths`; a process may have none.
    """
    return shares(packed(lengths, most_at_once(lengths, most, processes)), lengths, processes)


def most_at_once(lengths: Sequence[int], most: int, processes: int) -> int:
    """Most tokens of a group: no process stands idle for the sake of full groups.

    Args:
        lengths: Tokens of each example of the step.
        most: Most tokens of a group, as wished.
        processes: How many share the step.
    """
    return min(most, max(max(lengths), ceil(sum(lengths) / processes)))


def mask_side(length: int) -> int:
    """Rows and columns of the mask that an example longer than its model's sliding window is attended with.

    A multiple of 16, where PyTorch's memory-efficient kernel on CUDA reads them without a copy.
    """
    return ceil(length / 16) * 16


def shares(groups: Sequence[list[int]], weights: Sequence[int], processes: int) -> list[list[list[int]]]:
    """The groups dealt out to processes, the largest first; the last processes may get one less than the first.

    Args:
        groups: As `packed` returns them.
        weights: Tokens of each example.
        processes: How many there are.
    """
    ordered = sorted(groups, key=lambda group: -sum(weights[i] for i in group))
    return [ordered[rank::processes] for rank in range(processes)]
