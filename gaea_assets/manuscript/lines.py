"""Lines of a text, with where they stand."""

import re
from collections.abc import Iterator


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that hold something, stripped, each with the offset of its first character."""
    for match in re.finditer(r"[^\s][^\n]*", text):
        yield match.start(), match.group().rstrip()


def line_of(text: str, offset: int) -> int:
    """Number of the line, from 1, that holds an offset."""
    return text.count("\n", 0, offset) + 1
