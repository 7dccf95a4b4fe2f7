"""A list of contents left out: headings that follow each other without prose and all come again below."""

import re

from gaea_assets.manuscript.documents.line_shapes import CHAPTER, MARKED_HEADING, is_chapter, is_numbered_chapter
from gaea_assets.manuscript.documents.marking import runs
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

LIST = 3  # headings on end that are a table of contents
NEARLY_ALL = 0.9
CONTENTS = re.compile(r"(?:table of )?contents|inhalt(?:sverzeichnis)?|table des mati\u00e8res", re.IGNORECASE)
PAGE = re.compile(r"(?:\s*\.){3,}\s*\d+\s*\Z")


def without_contents(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs without lists of chapters or other headings that come again below, and `Contents` above them."""
    out: set[int] = set()
    for headings, run in runs(paragraphs, _is_heading):
        if not headings or len(run) < LIST:
            continue
        labels = [label(paragraphs[index].text) for index in run]
        end = next((at for at in range(LIST, len(run)) if labels[at] == labels[0]), len(run))
        below = {label(paragraph.text) for paragraph in paragraphs[run[0] + end :] if _is_heading(paragraph)}
        while end and labels[end - 1] not in below:
            end -= 1
        if _is_list([paragraphs[index] for index in run[:end]], [name in below for name in labels[:end]]):
            out.update(run[:end])
            if run[0] and CONTENTS.fullmatch(_title(paragraphs[run[0] - 1].text)):
                out.add(run[0] - 1)
    for index in sorted(out):
        tally.add(
            "lines of a table of contents left out", paragraphs[index].number, shown=_title(paragraphs[index].text)
        )
    return [paragraph for index, paragraph in enumerate(paragraphs) if index not in out]


def label(heading: str) -> str:
    """A heading without marks, case and what follows the number of a chapter."""
    title = _title(heading)
    match = CHAPTER.match(title)
    return " ".join((match[0] if match else PAGE.sub("", title)).lower().split())


def _title(heading: str) -> str:
    match = MARKED_HEADING.fullmatch(heading)
    return (match[2] if match else heading).strip("*_ ")


def _is_heading(paragraph: Paragraph) -> bool:
    return paragraph.kind == "heading" or (paragraph.kind == "prose" and is_chapter(paragraph.text))


def _is_list(found: list[Paragraph], again: list[bool]) -> bool:
    """Whether enough headings of one kind come again."""
    titles = {label(paragraph.text): is_numbered_chapter(_title(paragraph.text)) for paragraph in found}
    chapters = sum(titles.values())
    return max(chapters, len(titles) - chapters) >= LIST and sum(again) >= NEARLY_ALL * len(again)
