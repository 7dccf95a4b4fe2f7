"""What a document is made of on its way to normal form."""

from typing import NamedTuple


class Line(NamedTuple):
    """A line that is not empty."""

    number: int
    """Of the line in the file; in a .docx, of the paragraph."""
    text: str
    indented: bool


class Block(NamedTuple):
    """Lines between blank lines, a heading or a scene break."""

    kind: str
    """`prose`, `break` or `heading`."""
    lines: list[Line]
    gap: int
    """Blank lines before it."""


class Paragraph(NamedTuple):
    """A paragraph of prose, a heading or a scene break."""

    kind: str
    """`prose`, `break` or `heading`."""
    number: int
    """Of its first line."""
    text: str
    gap: int
    """Blank lines before it."""
