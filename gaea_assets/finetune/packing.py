"""Which examples of an optimiser step are computed together."""

from collections.abc import Sequence


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


def shares(groups: Sequence[list[int]], weights: Sequence[int], processes: int) -> list[list[list[int]]]:
    """The groups dealt out to processes: each gets the same number, an empty group where there is none left.

    Equal numbers, since every process takes part in each exchange of weights and gradients.

    Args:
        groups: As `packed` returns them.
        weights: Tokens of each example.
        processes: How many there are.
    """
    ordered = sorted(groups, key=lambda group: -sum(weights[i] for i in group))
    dealt = [ordered[rank::processes] for rank in range(processes)]
    return [share + [[]] * (len(dealt[0]) - len(share)) for share in dealt]
