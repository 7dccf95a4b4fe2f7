"""How often a result was taken of one model, and how sure each may be."""

from collections.abc import Mapping
from datetime import UTC, datetime

from gaea_assets.blind.files import ReadingFiles, append_line, locked, read_lines
from gaea_assets.blind.plan import Plan

ERROR = 0.05
"""Chance that a model which is not preferred is ever called so, over all results taken of it."""


def level(look: int) -> float:
    """Level of the two-sided interval at the n-th result of a model.

    Who raises the number of votes until the result pleases would prove anything in the end. So the error that may be
    made above the interval is spent: half of `ERROR` at the first result, which gives the usual 95 % interval, half
    of the rest at each further (an alpha-spending function after Lan & DeMets, 1983, Biometrika 70, with
    Bonferroni's inequality between the results).

    Args:
        look: From 1.
    """
    return float(1 - ERROR / 2 ** (look - 1))


def take_look(files: ReadingFiles, plan: Plan, votes: int) -> int:
    """Number of this result among those of the model, kept on record before anybody sees it.

    The same number of votes on the same plan is the same result, however often it is computed.

    Args:
        files: The reading's files.
        plan: The reading.
        votes: Votes wanted.
    """
    now = {"plan": plan.id, "votes": votes}
    with locked(files.looks) as descriptor:
        before: list[Mapping[str, object]] = [
            {key: line.get(key) for key in now} for _, line in read_lines(files.looks) if isinstance(line, dict)
        ]
        before = [look for number, look in enumerate(before) if look not in before[:number]]
        if now in before:
            return before.index(now) + 1
        append_line(descriptor, files.looks, now | {"at": datetime.now(UTC).isoformat(timespec="seconds")})
    return len(before) + 1
