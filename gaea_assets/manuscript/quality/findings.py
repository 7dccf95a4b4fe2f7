"""Fault lines of the quality gates: file, line, the text in question, what to do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from string import ascii_lowercase

from gaea_assets.manuscript.chunk import Chunk

EXCERPT = 60
"""Characters of the text shown in a fault."""


@dataclass(frozen=True)
class Finding:
    """A stretch of a chunk that a gate objects to."""

    start: int
    """Offset of its first character in the chunk."""
    text: str
    what: str
    """What it is, in a few words."""
    remedy: str
    """What to do about it."""


def fault(chunk: Chunk, finding: Finding) -> str:
    """The line that a person reads: where, what, the text, what to do."""
    return f"{place(chunk, finding.start)}: {finding.what}: {shorten(finding.text)!r}; {finding.remedy}"


def place(chunk: Chunk, offset: int) -> str:
    """File and line of an offset in a chunk; with the chunk's name where the file holds more than this chunk.

    The line counts from the start of the chunk.
    """
    stem = PurePath(chunk.source).stem
    if stem == f"chunk_{chunk.name}":
        named = ""
    elif stem == f"chunk_{chunk.name.rstrip(ascii_lowercase)}":
        named = f", part {chunk.name}"
    else:
        named = f", chunk {chunk.name}"
    return f"{chunk.source}{named}: line {line_of(chunk.text, offset)}"


def line_of(text: str, offset: int) -> int:
    """Number of the line, from 1, that holds an offset."""
    return text.count("\n", 0, offset) + 1


def shorten(text: str, most: int = EXCERPT) -> str:
    """The text with single spaces, cut to `most` characters with `...` where it is longer."""
    flat = " ".join(text[: 4 * most].split())
    cut = len(text) > 4 * most or len(flat) > most
    return flat[: most - 3].rstrip() + "..." if cut else flat


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that hold something, stripped, each with the offset of its first character."""
    for match in re.finditer(r"[^\s][^\n]*", text):
        yield match.start(), match.group().rstrip()
