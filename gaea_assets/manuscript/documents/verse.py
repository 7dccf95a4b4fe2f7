"""Lines that stay lines: verse, an address, a notice."""

from itertools import pairwise

from gaea_assets.manuscript.documents.line_shapes import OPENING, begins_lower, ends, unmarked
from gaea_assets.manuscript.documents.line_widths import fits, wrap_width
from gaea_assets.manuscript.documents.ornaments import is_ornament
from gaea_assets.manuscript.documents.pieces import Line

VERSE_LENGTH = 60
KEPT_LENGTH = 80
FAR_FROM_FULL = 0.7
CLOSING = "\"'\u201d\u2019\u00bb\u201c"


def looks_like_verse(group: list[Line]) -> bool:
    """Short lines, few of which end a sentence or go on in lower case: verse, an address, a notice."""
    if len(group) < 2 or longest(group) > VERSE_LENGTH:
        return False
    ended = sum(ends(line.text) and line.text[-1] not in ":;" for line in group[:-1])
    lower = sum(begins_lower(line.text) for line in group[1:])
    return ended <= 0.6 * (len(group) - 1) and lower <= 0.3 * (len(group) - 1)


def is_stanza(group: list[Line], width: int | None) -> bool:
    """Whether lines between blank lines were set as lines, in a text where those set paragraphs apart.

    They are short, are neither sentences nor speeches each, and where the text or they themselves are broken at a
    width, break far from it.
    """
    if len(group) < 2 or longest(group) > VERSE_LENGTH or is_talk(group) or all(ends(line.text) for line in group):
        return False
    if any(is_ornament(line.text) for line in group):
        return False
    width = width or wrap_width([group])
    return not width or (
        longest(group) <= FAR_FROM_FULL * width and not any(fits(a, b, width) for a, b in pairwise(group))
    )


def are_kept(group: list[Line], markdown: bool) -> bool:
    """Whether the line ends that the author set stay within a paragraph; long lines can be paragraphs, speeches are."""
    kept = [line for line in group if line.kept]
    if not kept or is_talk(group):
        return False
    return longest(group) <= KEPT_LENGTH or (markdown and not all(ends(line.text) for line in kept))


def is_talk(group: list[Line]) -> bool:
    """Whether half of the lines or more are speeches, or items of a list."""
    return sum(_is_speech(line.text) for line in group) >= 0.5 * len(group)


def _is_speech(text: str) -> bool:
    return opens_speech(text) and (text[0] not in OPENING or any(mark in text[1:] for mark in CLOSING))


def opens_speech(text: str) -> bool:
    """Whether a line opens with a quotation mark, or with a dash as speeches do or a mark as items of lists do."""
    return text[0] in OPENING or text[0] in "\u2013\u2014" or text[:2] in ("--", "- ", "+ ", "* ")


def longest(group: list[Line]) -> int:
    """Characters of the longest line, marks of emphasis aside."""
    return max(len(unmarked(line.text)) for line in group)
