"""Whether short lines can be headings, by what else heads the document and by the length of what lies between them."""

from collections.abc import Sequence
from statistics import median

from gaea_assets.manuscript.documents.line_shapes import is_numbered_chapter
from gaea_assets.manuscript.documents.marking import isolated
from gaea_assets.manuscript.documents.pieces import Paragraph

FEWEST = 3
SECTION_WORDS = 500
"""The least that usually lies between headings; an author's system lines and refrains stand closer."""
SHORT = 0.3  # of the least
MOST_SHORT = 0.2


def has_sure_headings(paragraphs: list[Paragraph]) -> bool:
    """Whether marks or heading styles, or lines `Chapter 7`, head the document: then no other line is a heading."""
    marked = sum(paragraph.kind == "heading" for paragraph in paragraphs)
    chapters = isolated(paragraphs, lambda paragraph: is_numbered_chapter(paragraph.text), sure=True)
    return marked + len(chapters) >= FEWEST


def divide(paragraphs: list[Paragraph], found: Sequence[int], least: int = SECTION_WORDS) -> bool:
    """Whether prose of the length of a scene usually lies below each of some lines, and below few of them less.

    Args:
        paragraphs: All of the document.
        found: Indices of the lines, rising; neighbours count as one.
        least: How many words usually lie below one.
    """
    ends = {*found, *(index for index, paragraph in enumerate(paragraphs) if paragraph.kind == "heading")}
    sizes: list[int] = []
    for index in found:
        words = 0
        for below in range(index + 1, len(paragraphs)):
            if below in ends:
                break
            words += len(paragraphs[below].text.split())
        if words:
            sizes.append(words)
    if not sizes:
        return False
    return median(sizes) >= least and sum(size < SHORT * least for size in sizes) <= MOST_SHORT * len(sizes)


def touches_heading(paragraphs: list[Paragraph], run: Sequence[int]) -> bool:
    """Whether neighbours stand right above or below a heading."""
    beside = [index for index in (run[0] - 1, run[-1] + 1) if 0 <= index < len(paragraphs)]
    return any(paragraphs[index].kind == "heading" for index in beside)
