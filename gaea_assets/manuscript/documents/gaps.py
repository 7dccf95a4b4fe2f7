"""Blank lines around what was left out of a document."""

from collections.abc import Iterable


def without_left_out(lines: Iterable[tuple[str | None, int]]) -> tuple[list[str], list[int]]:
    """The lines and their numbers without those that are None, the wider of the gaps on either side of them left.

    Args:
        lines: Each with its number in the file; None stands for lines that were left out.
    """
    kept: list[str] = []
    numbers: list[int] = []
    blanks, since = 0, None
    for line, number in lines:
        if line is None:
            since = 0
            continue
        if line.strip():
            blanks, since = 0, None
        elif since is not None and since < blanks:
            since += 1
            continue
        else:
            blanks += 1
            since = None if since is None else blanks
        kept.append(line)
        numbers.append(number)
    return kept, numbers
