"""The headings that a scene stands under, from the part down to the section."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gaea_assets.manuscript.documents.dates_and_numbers import any_number
from gaea_assets.manuscript.documents.line_shapes import is_chapter, is_only_number

HEADING = re.compile(r"(#{0,6})\s*(.*)", re.DOTALL)
PART = re.compile(r"(?:part|book|volume)\b", re.IGNORECASE)
PARTS, CHAPTERS, SECTIONS = 1, 2, 3


@dataclass
class _Level:
    marks: int  # number signs
    rank: int
    title: str
    number: int
    is_number: bool  # without a title

    def holds(self, other: "_Level") -> bool:
        """Whether another heading stands under this one."""
        return (self.marks, self.rank) < (other.marks, other.rank)

    def takes(self, other: "_Level") -> bool:
        """Whether the next heading is the title of this one: a title that is marked deeper heads a scene of its own."""
        return self.is_number and other.rank == CHAPTERS and other.marks <= self.marks and not is_chapter(other.title)

    def follows(self, other: "_Level") -> bool:
        """Whether this is a chapter as another one is, or a part as it is."""
        same_kind = (self.marks, self.rank) == (other.marks, other.rank)
        return same_kind and is_chapter(self.title) and is_chapter(other.title)


class ChapterPath:
    """The headings in force: a new one ends those of its level and below."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    def enter(self, headings: Iterable[str]) -> None:
        """Take headings that follow each other without prose between them; each is under those before it.

        Of several chapters on end, which are a list, the last is in force. A title right behind a heading that is only
        a number belongs to it. A bare number goes on with the headings that count up to it: `II` ends `I`, whether that
        is a chapter or a section.
        """
        fresh: list[_Level] = []
        for heading in headings:
            level = _level(heading)
            if fresh and fresh[-1].takes(level):
                fresh[-1].title = f"{fresh[-1].title}: {level.title}"
                fresh[-1].is_number = False
                continue
            if not fresh or any(level.follows(other) for other in fresh):
                self._leave(level)
            fresh.append(level)
            self._levels.append(level)

    def _leave(self, level: _Level) -> None:
        """End the headings that do not hold one."""
        for index in reversed(range(len(self._levels))):
            counted = self._levels[index]
            same_kind = counted.rank == level.rank and counted.marks == level.marks
            if level.number > 1 and same_kind and counted.number + 1 == level.number:
                del self._levels[index:]
                return
        while self._levels and not self._levels[-1].holds(level):
            self._levels.pop()

    def __str__(self) -> str:
        return ": ".join(level.title for level in self._levels)


def _level(heading: str) -> _Level:
    match = HEADING.fullmatch(heading.strip())
    marks, title = (match[1], match[2]) if match else ("", heading)
    number = any_number(title)
    rank = PARTS if PART.match(title) else SECTIONS if number else CHAPTERS
    return _Level(len(marks), rank, title, number, is_only_number(title))
