"""Read an author's chunk files; never write to them."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase

from gaea_assets.errors import GaeaError

CHUNK_FILE = re.compile(r"chunk_(?P<name>\d+[a-z]?)\.txt")


@dataclass(frozen=True)
class Chunk:
    """One narrative unit of the manuscript, or a part of one."""

    name: str
    """Its number as the file gives it (`015`), with a letter for a part (`015a`)."""
    text: str
    """Line ends are LF, blank lines around the text are gone; nothing else is changed."""
    source: str
    """Name of the file it came from."""

    @property
    def number(self) -> int:
        """Its number without the letter of a part: parts of one chunk share it."""
        return chunk_number(self.name)

    @property
    def words(self) -> int:
        """Whitespace-separated words."""
        return len(self.text.split())


def read_chunks(folder: Path) -> list[Chunk]:
    """The `chunk_*.txt` files of a folder, in the order of their numbers.

    Whatever else lies there (the full manuscript, metadata, backup folders) is passed over.

    Raises:
        GaeaError: There is no such folder, no chunk in it, two chunks of one number, a chunk beside its
            own parts, or a chunk that is not UTF-8.
    """
    if not folder.is_dir():
        raise GaeaError(f"manuscript.folder: no folder {folder}; put the chunks there as chunk_001.txt, ...")
    found = [
        (match["name"], path)
        for path in folder.iterdir()
        if (match := CHUNK_FILE.fullmatch(path.name)) and path.is_file()
    ]
    if not found:
        raise GaeaError(f"manuscript.folder: no chunk_*.txt in {folder}; name the chunks chunk_001.txt, ...")
    found.sort(key=lambda item: _order(item[0]))
    for (name, path), (following, other) in pairwise(found):
        if _order(name) == _order(following):
            raise GaeaError(f"{path} and {other.name} have the same number; rename or remove one of them")
        if (_order(name)[0], "") == (_order(following)[0], _order(name)[1]):
            raise GaeaError(f"{path} lies beside a part of it, {other.name}: keep the chunk or its parts, not both")
    return [Chunk(name, _read(path), path.name) for name, path in found]


def chunk_number(name: str) -> int:
    """The number in a chunk's name: 15 for `015`, `015a` and `15b`."""
    return int(name.rstrip(ascii_lowercase))


def _order(name: str) -> tuple[int, str]:
    return chunk_number(name), name.lstrip("0123456789")


def _read(path: Path) -> str:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Not `content`: the offset counts from behind a byte order mark.
        line = len((error.object[: error.start] + b".").splitlines())
        raise GaeaError(
            f"{path}: line {line}: not UTF-8 (byte 0x{error.object[error.start]:02x}); save the file as UTF-8"
        ) from None
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip()
