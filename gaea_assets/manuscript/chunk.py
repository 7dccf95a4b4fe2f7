"""A chunk of a manuscript: one narrative unit, or a part of one."""

import re
from dataclasses import dataclass
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


def whole_chunk(name: str) -> str:
    """The chunk that a part belongs to: `015` for `015`, `015a` and `15b`; `tales/015` for `tales/015a`."""
    manuscript, slash, own = name.rpartition("/")
    return f"{manuscript}{slash}{chunk_number(own):03d}"
