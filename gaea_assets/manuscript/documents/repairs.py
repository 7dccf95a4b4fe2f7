"""What was changed on the way from an author's file to its text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from gaea_assets.manuscript.lines import line_of


@dataclass(frozen=True)
class Repair:
    """Something changed on the way from an author's file to its text."""

    source: str
    """Name of the file."""
    line: int
    """First line concerned, counted from 1 (in a .docx: the paragraph); 0 where the whole file is meant."""
    what: str
    """What was changed, and how often."""
    warning: bool = False
    """Whether a rule had to be broken, which the author would want to look at."""


def replaced(
    pattern: re.Pattern[str], by: str | Callable[[re.Match[str]], str], text: str, source: str, what: str
) -> tuple[str, list[Repair]]:
    """`text` with every match replaced, and a repair that counts the places where that changed something."""
    count, first = 0, -1

    def put(match: re.Match[str]) -> str:
        nonlocal count, first
        new = by(match) if callable(by) else match.expand(by) if "\\" in by else by
        if new != match[0]:
            count += 1
            first = match.start() if first < 0 else first
        return new

    text_after = pattern.sub(put, text)
    if not count:
        return text, []
    return text_after, [Repair(source, line_of(text, first), f"{what} in {places(count)}")]


def places(count: int) -> str:
    """`1 place`, `2 places`."""
    return f"{count} place{'' if count == 1 else 's'}"


SHOWN = 5
"""Of the words that a repair concerns, how many are shown."""


class Tally:
    """Counts changes of each kind and keeps the line of the first, and the first words concerned."""

    def __init__(self) -> None:
        self.found: dict[str, list[int]] = {}
        self._shown: dict[str, dict[str, None]] = {}
        self._warnings: set[str] = set()

    def add(self, what: str, line: int, count: int = 1, shown: str = "", warning: bool = False) -> None:
        """Count changes of a kind on a line, and keep the words that they concern."""
        if warning:
            self._warnings.add(what)
        entry = self.found.setdefault(what, [0, line])
        entry[0] += count
        entry[1] = min(entry[1], line)
        if shown:
            self._shown.setdefault(what, {})[shown] = None

    def repairs(self, source: str) -> list[Repair]:
        """A repair for each kind, in the order in which they were first met."""
        return [
            Repair(source, line, f"{what} in {places(count)}{self._words(what)}", what in self._warnings)
            for what, (count, line) in self.found.items()
        ]

    def _words(self, what: str) -> str:
        shown = list(self._shown.get(what, ()))
        if not shown:
            return ""
        more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
        quoted = ", ".join(f'"{words}"' for words in shown[:SHOWN])
        return f": {quoted}{more}"
