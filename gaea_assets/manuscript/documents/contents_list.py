"""A list of contents left out: headings that follow each other without prose and all come again below."""

import re

from gaea_assets.manuscript.documents.line_shapes import CHAPTER, MARKED_HEADING, is_chapter, is_numbered_chapter
from gaea_assets.manuscript.documents.marking import runs
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

LIST = 3  # headings on end that are a table of contents
LONGEST_ENTRY = 100
LEFT_OUT = "lines of a table of contents left out"
NEARLY_ALL = 0.9
CONTENTS = re.compile(r"(?:table of )?contents|inhalt(?:sverzeichnis)?|table des mati\u00e8res", re.IGNORECASE)
PAGE = re.compile(r"(?:\s*\.){3,}\s*\d+\s*\Z")
LAST_NUMBER = re.compile(r" \d+\Z")


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
        tally.add(LEFT_OUT, paragraphs[index].number, shown=_title(paragraphs[index].text))
    return [paragraph for index, paragraph in enumerate(paragraphs) if index not in out]


def without_listed(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs without what stands below `Contents`, where each line of it comes again below as one alone."""
    for start, paragraph in enumerate(paragraphs):
        if not CONTENTS.fullmatch(_title(paragraph.text)):
            continue
        end, listed, last = start + 1, 0, _last_places(paragraphs)
        while end < len(paragraphs) and (entries := _entries(paragraphs[end])):
            keys = [_key(entry) for entry in entries]
            if any(max(last.get(key, 0), last.get(LAST_NUMBER.sub("", key), 0)) <= end for key in keys):
                break  # the first heading of the text itself, or prose
            listed += len(entries)
            end += 1
        if listed >= LIST:
            for left in paragraphs[start:end]:
                tally.add(LEFT_OUT, left.number, shown=_title(left.text).partition("\n")[0])
            return paragraphs[:start] + paragraphs[end:]
    return paragraphs


def _entries(paragraph: Paragraph) -> list[str]:
    lines = paragraph.text.split("\n")
    return [] if any(len(line) > LONGEST_ENTRY for line in lines) else lines


def _last_places(paragraphs: list[Paragraph]) -> dict[str, int]:
    """Where each short paragraph of one line stands last, and each with the one right below it, its title perhaps."""
    keys = [_key(p.text) if "\n" not in p.text and len(p.text) <= LONGEST_ENTRY else "" for p in paragraphs]
    last: dict[str, int] = {}
    for index, (one, two) in enumerate(zip(keys, [*keys[1:], ""], strict=True)):
        if one:
            last |= {one: index, f"{one} {two}".rstrip(): index}
    return last


def _key(entry: str) -> str:
    return " ".join(re.findall(r"\w+", PAGE.sub("", _title(entry)).lower()))


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
