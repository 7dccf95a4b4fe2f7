"""What the quality gates find, as a verdict with fault lines: file, line, the text in question, what to do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from string import ascii_lowercase
from typing import TypeVar

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.lines import line_of
from gaea_assets.parallel import each
from gaea_assets.verdict import Verdict

Item = TypeVar("Item")

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


def verdict_on(chunks: Sequence[Chunk], find: Callable[[str], Iterable[Finding]], touched: str, places: str) -> Verdict:
    """A verdict with a fault for each finding in the chunks' texts.

    Args:
        chunks: The chunks to look at.
        find: What a gate objects to in a text.
        touched: Name of the figure that counts the chunks with findings.
        places: Name of the figure that counts the findings.

    Returns:
        The faults; figures `chunks` and the two named.
    """
    return verdict_of(partial(_faults, find), chunks, sum(len(chunk.text) for chunk in chunks), touched, places)


def verdict_of(
    fault_lines: Callable[[Item], list[str]], items: Sequence[Item], characters: int, touched: str, places: str
) -> Verdict:
    """A verdict with the fault lines of each item, one a chunk.

    Args:
        fault_lines: The lines of one item.
        items: A chunk each, with what else the lines hang on.
        characters: Size of all of them.
        touched: Name of the figure that counts the chunks with findings.
        places: Name of the figure that counts the findings.

    Returns:
        The faults; figures `chunks` and the two named.
    """
    faults = each(fault_lines, items, characters)
    every = [line for found in faults for line in found]
    return Verdict(every, {"chunks": len(items), touched: sum(map(bool, faults)), places: len(every)})


def _faults(find: Callable[[str], Iterable[Finding]], chunk: Chunk) -> list[str]:
    return [fault(chunk, finding) for finding in find(chunk.text)]


def fault(chunk: Chunk, finding: Finding) -> str:
    """The line that a person reads: where, what, the text, what to do."""
    return f"{place(chunk, finding.start)}: {finding.what}: {shorten(finding.text)!r}; {finding.remedy}"


def place(chunk: Chunk, offset: int) -> str:
    """File and line of an offset in a chunk; with the chunk's name where the file holds more than this chunk.

    The line counts from the start of the chunk.
    """
    stem, own = PurePath(chunk.source).stem, PurePath(chunk.name).name
    if stem.lower() == f"chunk_{own}" or chunk.source.endswith(f"(chunk {own})"):
        named = ""
    elif stem.lower() == f"chunk_{own.rstrip(ascii_lowercase)}":
        named = f", part {chunk.name}"
    else:
        named = f", chunk {chunk.name}"
    return f"{chunk.source}{named}: line {line_of(chunk.text, offset)}"


def shorten(text: str, most: int = EXCERPT) -> str:
    """The text with single spaces, cut to `most` characters with `...` where it is longer."""
    flat = " ".join(text[: 4 * most].split())
    cut = len(text) > 4 * most or len(flat) > most
    return flat[: most - 3].rstrip() + "..." if cut else flat
