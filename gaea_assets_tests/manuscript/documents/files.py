"""A story set in many ways, written to a file and read."""

import textwrap
from pathlib import Path

from gaea_assets.manuscript.documents.reader import Document, read_document

STORY = [
    "The lamp on the landing had gone out again, and nobody in the house would own to having seen it burning that day.",
    '"You might have said so," he told her, going down to look for the matches, which were not where they should be.',
    '"I might."',
    "She waited. The clock in the hall gathered itself, as it did before every quarter, and then thought better of it; "
    "down in the kitchen a drawer was opened, and another, and each was shut a little harder than the last one.",
    '"They are in your pocket," she called.',
    "It was some time before he came up again with the candle, walking slowly so that the flame would stay upright.",
]
VERSE = (
    "O lamp that will not stay alight,\nO clock that will not chime,\nYou both of you were wound last night\nIn time"
)


def read(folder: Path, content: str | bytes, name: str = "book.txt") -> Document:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path)


def text(folder: Path, content: str, name: str = "book.txt") -> str:
    return read(folder, content, name).text


def said(document: Document) -> list[tuple[int, str]]:
    return [(repair.line, repair.what) for repair in document.repairs]


def changes(document: Document) -> list[tuple[int, str]]:
    """What was changed; a remark on what was left as prose is none."""
    return [(line, what) for line, what in said(document) if not what.startswith("left as prose")]


def wrapped(paragraph: str, width: int, indent: str = "") -> str:
    return textwrap.fill(paragraph, width, initial_indent=indent, break_long_words=False)
