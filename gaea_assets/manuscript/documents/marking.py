"""Paragraphs marked as headings, where they stand as headings do."""

from collections.abc import Callable
from itertools import groupby

from gaea_assets.manuscript.documents.emphasis import underscores_to_asterisks, without_bold
from gaea_assets.manuscript.documents.line_shapes import begins_lower, ends, unmarked
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally


def mark(paragraphs: list[Paragraph], index: int, tally: Tally) -> None:
    """Makes a paragraph a heading."""
    paragraph = paragraphs[index]
    tally.add("headings marked", paragraph.number)
    paragraphs[index] = paragraph._replace(kind="heading", text=f"# {bare(paragraph.text)}")


def runs(paragraphs: list[Paragraph], key: Callable[[Paragraph], bool]) -> list[tuple[bool, list[int]]]:
    """The indices of the paragraphs in groups of neighbours that the key says the same of."""
    return [(value, list(run)) for value, run in groupby(range(len(paragraphs)), lambda index: key(paragraphs[index]))]


def stands_between(paragraphs: list[Paragraph], run: list[int]) -> bool:
    """Whether neighbours stand between whole paragraphs, as headings do."""
    if run[-1] + 1 == len(paragraphs):
        return False
    before, after = paragraphs[run[0] - 1] if run[0] else None, paragraphs[run[-1] + 1]
    whole = before is None or before.kind != "prose" or (ends(before.text) and unmarked(before.text)[-1] != ":")
    return whole and not begins_lower(after.text)


def bare(title: str) -> str:
    """A title without marks of its own."""
    shorter = title.rstrip("#")
    if shorter != title and shorter[-1:].isspace():
        title = shorter.rstrip()
    title = underscores_to_asterisks(without_bold(title))
    if title.count("*") == 2 and title[0] == title[-1] == "*":
        title = title[1:-1].strip()
    return title
