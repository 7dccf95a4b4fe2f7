"""Paragraphs marked as headings, where they stand as headings do."""

from collections.abc import Callable
from itertools import groupby

from gaea_assets.manuscript.documents.emphasis import underscores_to_asterisks, without_bold
from gaea_assets.manuscript.documents.line_shapes import (
    TITLE_LENGTH,
    begins_lower,
    ends,
    is_chapter,
    is_title,
    is_title_case,
    unmarked,
)
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

SIGNATURE_LENGTH = 30
SHOWN_WORDS = 8
BY_PATTERN = "headings known only by their pattern"
PROSE_AS_HEADING = "set as headings, but as long as paragraphs, and so kept as prose"
LONGEST = 2 * TITLE_LENGTH + 1  # a number and a title below it


def mark(paragraphs: list[Paragraph], index: int, tally: Tally) -> None:
    """Makes a paragraph a heading."""
    paragraph = paragraphs[index]
    title = bare(paragraph.text)
    tally.add("headings marked", paragraph.number)
    if not is_chapter(paragraph.text):
        tally.add(BY_PATTERN, paragraph.number, shown=title)
    paragraphs[index] = paragraph._replace(kind="heading", text=f"# {title}")


def opening(text: str) -> str:
    """The first words of a paragraph, to be shown."""
    words = text.split()
    return " ".join(words[:SHOWN_WORDS]) + (" ..." if len(words) > SHOWN_WORDS else "")


def runs(paragraphs: list[Paragraph], key: Callable[[Paragraph], bool]) -> list[tuple[bool, list[int]]]:
    """The indices of the paragraphs in groups of neighbours that the key says the same of."""
    return [(value, list(run)) for value, run in groupby(range(len(paragraphs)), lambda index: key(paragraphs[index]))]


def stands_between(paragraphs: list[Paragraph], run: list[int], sure: bool = False) -> bool:
    """Whether neighbours stand between whole paragraphs, as headings do.

    Args:
        paragraphs: All of the document.
        run: Indices of the neighbours.
        sure: Whether others of their kind tell that they are headings; a signature or a verse ends without a stop.
    """
    if run[-1] + 1 == len(paragraphs):
        return False
    before, after = paragraphs[run[0] - 1] if run[0] else None, paragraphs[run[-1] + 1]
    if begins_lower(after.text) or (before is not None and unmarked(before.text)[-1:] in (":", ",")):
        return False
    return before is None or before.kind != "prose" or ends(before.text) or sure or _needs_no_stop(before.text)


def _needs_no_stop(text: str) -> bool:
    """Verse, or a name under a letter."""
    return "\n" in text or (is_title(text, SIGNATURE_LENGTH) and is_title_case(text) and not text.isupper())


def isolated(
    paragraphs: list[Paragraph], is_candidate: Callable[[Paragraph], bool], most: int = 2, sure: bool = False
) -> list[int]:
    """The indices of short candidates between whole paragraphs, `most` on end at most: more are a list or contents."""

    def can_be(paragraph: Paragraph) -> bool:
        return paragraph.kind == "prose" and len(paragraph.text) <= LONGEST and is_candidate(paragraph)

    return [
        index
        for value, run in runs(paragraphs, can_be)
        if value and len(run) <= most and stands_between(paragraphs, run, sure)
        for index in run
    ]


def bare(title: str) -> str:
    """A title without marks of its own."""
    shorter = title.rstrip("#")
    if shorter != title and shorter[-1:].isspace():
        title = shorter.rstrip()
    title = underscores_to_asterisks(without_bold(title))
    if title.count("*") == 2 and title[0] == title[-1] == "*":
        title = title[1:-1].strip()
    return title
