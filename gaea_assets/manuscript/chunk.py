"""A chunk of a manuscript: one narrative unit, or a part of one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from string import ascii_lowercase

CHUNK_FILE = re.compile(r"chunk_(?P<name>\d+[a-z]?)\.txt", re.IGNORECASE)
NEARLY_CHUNK_FILE = re.compile(r"chunk[\s_.-]*\d.*", re.IGNORECASE)


@dataclass(frozen=True)
class Chunk:
    """One narrative unit of the manuscript, or a part of one."""

    name: str
    """Its number as the file gives it (`015`), with a letter for a part (`015a`), behind the folder of a further
    manuscript (`tales/015a`)."""
    text: str
    """Line ends are LF, blank lines around the text are gone; nothing else is changed."""
    source: str
    """Name of the file it came from."""
    chapter: str = ""
    """The heading that it stands under in its document."""
    manuscript: str = ""
    """Name of the manuscript's folder."""

    @property
    def whole(self) -> str:
        """Its name without the letter of a part: parts of one chunk share it."""
        return whole_chunk(self.name)

    @property
    def words(self) -> int:
        """Whitespace-separated words."""
        return len(self.text.split())


def chunk_name(file: str) -> str:
    """The name of the chunk that a file holds: `015a` for `Chunk_015A.txt`; empty where its name is no chunk's."""
    match = CHUNK_FILE.fullmatch(file)
    return match["name"].lower() if match else ""


def chunk_number(name: str) -> int:
    """The number in a chunk's name: 15 for `015`, `015a` and `15b`."""
    return int(name.rstrip(ascii_lowercase))


def names_of_parts(begins_scene: Sequence[bool]) -> list[str]:
    """Names of the chunks that scenes were cut into: `001`, `002a`, `002b`, `003`, ...

    A scene of more than 26 parts goes on under the next number.

    Args:
        begins_scene: For each chunk in order, whether a scene begins with it; else it goes on with the one before.
    """
    numbers: list[int] = []
    letter = 0
    for begins in begins_scene:
        letter = 0 if begins or not numbers or letter == len(ascii_lowercase) - 1 else letter + 1
        numbers.append((numbers[-1] if numbers else 0) + (letter == 0))
    width = max(3, len(str(numbers[-1]))) if numbers else 3
    names: list[str] = []
    for number, group in groupby(numbers):
        parts = len(list(group))
        names += [f"{number:0{width}d}{letter if parts > 1 else ''}" for letter in ascii_lowercase[:parts]]
    return names


def whole_chunk(name: str) -> str:
    """The chunk that a part belongs to: `015` for `015`, `015a` and `15b`; `tales/015` for `tales/015a`."""
    manuscript, slash, own = name.rpartition("/")
    return f"{manuscript}{slash}{chunk_number(own):03d}"
