"""Titles beside headings that are only a number, and the lines of a letter that stand there, too."""

import re
from itertools import pairwise

from gaea_assets.manuscript.documents.dates_and_numbers import any_number, is_date
from gaea_assets.manuscript.documents.line_shapes import (
    MARKED_HEADING,
    NUMERAL,
    ends,
    is_note,
    is_only_number,
    is_stopped_title,
    is_title,
    is_title_case,
    unmarked,
)
from gaea_assets.manuscript.documents.marking import mark, stands_between
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.sections import FEWEST

SALUTATION = re.compile(
    r"(?:to|from)\s+(?:mr|mrs|miss|ms|mme|dr|sir|lady|lord|my|his|her|the (?:editor|reverend|hon))\b"
    r"|(?:my )?dear(?:est)?\b|to\b.*,",
    re.IGNORECASE,
)
LETTER = re.compile("letter|lettre|brief|carta|lettera|note|telegram|diary|journal|entry|email", re.IGNORECASE)
ADDRESS = re.compile(r"^(?:to|from|for)\b|[,\d]|\bto\b", re.IGNORECASE)
CAPITALISED = re.compile(r"\b[^\W\d_a-z]\w{3,}")
NEARLY_ALL = 0.8


def mark_titles(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks the titles that stand behind headings which are only a number."""
    numbers = [index for index in range(len(paragraphs) - 2) if _is_number_above_prose(paragraphs, index)]
    titled = [index for index in numbers if _can_be_below(paragraphs[index + 1].text)]
    # Where a line stands below each number, it is a title even in the case of a sentence.
    each = len(titled) >= FEWEST and len(titled) >= NEARLY_ALL * len(numbers)
    for index in titled if each else numbers:
        (_mark_below if each else mark_title)(paragraphs, index, tally)
    _mark_stopped_capitals(paragraphs, numbers, tally)


def _can_be_below(text: str) -> bool:
    return (is_title(text.rstrip("?!")) or is_stopped_title(text)) and not is_note(text)


def _mark_stopped_capitals(paragraphs: list[Paragraph], numbers: list[int], tally: Tally) -> None:
    """Marks `THE GALE.` below numbers, where there are several: one alone can be a cry."""
    stopped = [index for index in numbers if _is_in_stopped_capitals(paragraphs[index + 1].text)]
    for index in stopped if len(stopped) >= FEWEST else []:
        if paragraphs[index + 1].kind == "prose":
            _mark_below(paragraphs, index, tally)


def _is_in_stopped_capitals(text: str) -> bool:
    return text.isupper() and is_stopped_title(text)


def _mark_below(paragraphs: list[Paragraph], index: int, tally: Tally) -> None:
    """Marks the line below a number, unless it belongs to a letter."""
    heading, title = paragraphs[index].text, paragraphs[index + 1].text
    if not is_address(heading, title) and stands_between(paragraphs, [index + 1]):
        mark(paragraphs, index + 1, tally)


def _is_number_above_prose(paragraphs: list[Paragraph], index: int) -> bool:
    heading, title = paragraphs[index], paragraphs[index + 1]
    return heading.kind == "heading" and title.kind == "prose" and _is_only_number(heading.text)


def mark_title(paragraphs: list[Paragraph], index: int, tally: Tally) -> None:
    """Marks the title behind a paragraph that is a heading and only a number."""
    if index + 2 >= len(paragraphs) or not _is_number_above_prose(paragraphs, index):
        return
    if is_heading_title(paragraphs[index + 1].text):
        _mark_below(paragraphs, index, tally)


def mark_titles_above(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks the title of a story above the number of its first section: `The Lamp` above `I`."""
    for index, (title, heading) in enumerate(pairwise(paragraphs)):
        if title.kind != "prose" or heading.kind != "heading" or any_number(heading.text.lstrip("# ")) != 1:
            continue
        before = paragraphs[index - 1] if index else title
        whole = before.kind != "prose" or ends(before.text) or not index
        can_be = _is_in_stopped_capitals(title.text) or is_heading_title(title.text)
        if whole and can_be and not is_address("", title.text):
            mark(paragraphs, index, tally)


def is_address(heading: str, line: str) -> bool:
    """Whether the line below a heading belongs to a letter: to whom it goes, or where and when it was written."""
    line = unmarked(line)
    to_whom = bool(SALUTATION.match(line)) or (bool(LETTER.search(heading)) and bool(ADDRESS.search(line)))
    return to_whom or is_date(line.removesuffix("."))


def _is_only_number(heading: str) -> bool:
    match = MARKED_HEADING.fullmatch(heading)
    return bool(match) and is_only_number(heading.lstrip("# "))


def is_heading_title(text: str) -> bool:
    """Short, no sentence, in title case or capitals, and no note to oneself."""
    if text[-1:] in ("?", "!") and len(CAPITALISED.findall(text)) < 2:
        return False
    return is_title(text.rstrip("?!")) and is_title_case(text) and not is_note(text) and not NUMERAL.fullmatch(text)
