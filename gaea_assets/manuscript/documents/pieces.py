"""What a document is made of on its way to normal form."""

from typing import NamedTuple

from gaea_assets.manuscript.documents.repairs import Repair

LINE_KEPT = "\ufdd0"
"""Stands at the end of a line that its author ended there: a noncharacter of Unicode, which no text holds."""
LITERAL = {"*": "\ufdd1", "_": "\ufdd2", "#": "\ufdd3"}
"""What stands for marks that are meant as they are until the others are read."""


class Source(NamedTuple):
    """The text of a file as lines, and what only the file's own kind tells of them."""

    lines: list[str]
    """Plain text, but for marks of headings, scene breaks and emphasis."""
    numbers: list[int]
    """Of each line in the file; in a .docx, of its paragraph."""
    repairs: list[Repair]
    """What was changed to get at it."""
    turned: frozenset[int] = frozenset()
    """Numbers of the lines that stand first on a page: a gap before them is no scene break."""
    displayed: frozenset[int] = frozenset()
    """Numbers of the lines that are set as headings are."""
    markdown: bool = False
    """Whether `**` stands for bold and one line end means nothing; in a .txt or a .docx they may mean anything."""


class Line(NamedTuple):
    """A line that is not empty."""

    number: int
    """Of the line in the file; in a .docx, of the paragraph."""
    text: str
    indent: int = 0
    """Columns before the text."""
    kept: bool = False
    """Whether the author ended it there, whatever its width."""

    @property
    def indented(self) -> bool:
        """Whether it begins further in than by a stray space."""
        return self.indent > 1

    @property
    def width(self) -> int:
        """The column at which it ends."""
        return self.indent + len(self.text)


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
