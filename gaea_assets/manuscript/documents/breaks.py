"""Headings and scene breaks found, and put in their one form."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import groupby, pairwise

from gaea_assets.manuscript.documents.emphasis import underscores_to_asterisks, without_bold
from gaea_assets.manuscript.documents.line_shapes import (
    MARKED_HEADING,
    SCENE_BREAK,
    begins_lower,
    ends,
    is_chapter,
    is_title,
    kind_of,
    unmarked,
)
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

NUMERAL = re.compile(r"(?:\d{1,3}|[IVXLC]{1,8})\.?")


def space_breaks(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs with a scene break where a rare wider gap stands for one.

    That is a blank line where a line end or an indent sets paragraphs apart, else more blank lines than elsewhere.
    """
    gaps = Counter(b.gap for a, b in pairwise(paragraphs) if a.kind == b.kind == "prose")
    usual = gaps.most_common(1)[0][0] if gaps else 0
    wider = sum(count for gap, count in gaps.items() if gap > usual)
    if gaps[usual] < 10 or 4 * wider > gaps[usual]:
        return paragraphs
    found = paragraphs[:1]
    for before, paragraph in pairwise(paragraphs):
        prose = before.kind == paragraph.kind == "prose" and not is_title(paragraph.text) and ends(before.text)
        if paragraph.gap > usual and prose and not is_chapter(paragraph.text):
            tally.add("wider gaps made scene breaks", paragraph.number)
            found.append(Paragraph("break", paragraph.number, SCENE_BREAK, 1))
        found.append(paragraph)
    return found


def with_headings(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs with scene breaks in their one form and all headings marked."""
    found: list[Paragraph] = []
    marked = 0
    for paragraph in paragraphs:
        kind = kind_of(paragraph.text) if paragraph.kind == "prose" and "\n" not in paragraph.text else paragraph.kind
        text = paragraph.text
        if kind == "break":
            text = SCENE_BREAK
        elif kind == "heading" and (match := MARKED_HEADING.fullmatch(text)):
            text = f"{match[1]} {_bare(match[2])}"
            marked += 1
        if text != paragraph.text:
            tally.add("scene breaks made * * *" if kind == "break" else "headings made plain", paragraph.number)
        found.append(paragraph._replace(kind=kind, text=text))
    _mark_chapters(found, tally)
    if marked < 3:  # else the author marks them, and a line in capitals is a notice or a shout
        _mark_capitals(found, tally)
    return found


def _mark(paragraphs: list[Paragraph], index: int, tally: Tally) -> None:
    paragraph = paragraphs[index]
    tally.add("headings marked", paragraph.number)
    paragraphs[index] = paragraph._replace(kind="heading", text=f"# {_bare(paragraph.text)}")


def _mark_chapters(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks `Chapter 7` and its like; three or more on end are a table of contents."""
    for chapters, run in _runs(paragraphs, lambda paragraph: paragraph.kind == "prose" and is_chapter(paragraph.text)):
        if chapters and len(run) < 3:
            for index in run:
                _mark(paragraphs, index, tally)


def _mark_capitals(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks short lines in capitals, and numbers, that stand between whole paragraphs."""

    def candidate(paragraph: Paragraph) -> bool:
        capitals = (
            paragraph.text.isupper() and is_title(paragraph.text) and len(re.findall(r"[^\W\d_]", paragraph.text)) > 1
        )
        return paragraph.kind == "prose" and (capitals or bool(NUMERAL.fullmatch(paragraph.text)))

    for candidates, run in _runs(paragraphs, candidate):
        numerals = sum(bool(NUMERAL.fullmatch(paragraphs[index].text)) for index in run)
        if not candidates or len(run) > 3 or numerals > 1 or run[-1] + 1 == len(paragraphs):
            continue
        before, after = paragraphs[run[0] - 1] if run[0] else None, paragraphs[run[-1] + 1]
        whole = before is None or before.kind != "prose" or (ends(before.text) and unmarked(before.text)[-1] != ":")
        if whole and not begins_lower(after.text):
            for index in run:
                _mark(paragraphs, index, tally)


def _runs(paragraphs: list[Paragraph], key: Callable[[Paragraph], bool]) -> list[tuple[bool, list[int]]]:
    return [(value, list(run)) for value, run in groupby(range(len(paragraphs)), lambda index: key(paragraphs[index]))]


def _bare(title: str) -> str:
    """A title without marks of its own."""
    shorter = title.rstrip("#")
    if shorter != title and shorter[-1:].isspace():
        title = shorter.rstrip()
    title = underscores_to_asterisks(without_bold(title))
    if title.count("*") == 2 and title[0] == title[-1] == "*":
        title = title[1:-1].strip()
    return title
