"""Headings whose number stands in a form that prose can have, too: `- 1 -`, `two.`, `3: The lamp goes out`.

Only their rise and the sections between them tell.
"""

import re

from gaea_assets.manuscript.documents.chapter_headings import rising
from gaea_assets.manuscript.documents.dates_and_numbers import SPELLED_VALUES, is_date, numeral, spelled_number
from gaea_assets.manuscript.documents.line_shapes import (
    NUMERAL,
    TITLE_LENGTH,
    is_note,
    is_numbered_chapter,
    is_title,
)
from gaea_assets.manuscript.documents.marking import isolated, mark
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.sections import FEWEST, divide

AROUND = " -\u2013\u2014~=+*_.:|/<>(){}[]#\u00a7\u2116\u00b7\u2022"
SIGN = re.compile(r"(?:no|nr)\.\s*", re.IGNORECASE)
WITH_TITLE = re.compile(
    r"(?P<number>\d{1,3}|[IVXLC]{1,8}|(?P<word>[A-Za-z]{3,9}(?:[ -][a-z]{3,5})?))"
    r"(?P<between>[ \t]*[.:)][ \t]+|[ \t]+[\u2014\u2013-][ \t]+|[\u2014\u2013]|[ \t]+)(?P<title>\S.*)"
)


def set_off(text: str) -> str:
    """The number of `- 1 -`, `2)`, `No. 3` or `[IV]`, the chapter of `<<< Chapter 3 >>>`; nothing where none is."""
    if len(text) > TITLE_LENGTH or "\n" in text:
        return ""
    inner = SIGN.sub("", text.strip(AROUND))
    if inner == text.rstrip("."):
        return ""
    between = text[:1] in AROUND and text[-1:] in AROUND
    return inner if _number(inner) or (between and is_numbered_chapter(inner)) else ""


def with_other_numbers(paragraphs: list[Paragraph], others_head: bool, tally: Tally) -> list[Paragraph]:
    """The paragraphs with such headings marked, where three or more rise and sections lie between them.

    Args:
        paragraphs: Those of the document.
        others_head: Whether something surer heads it: then only a number alone can be a heading.
        tally: Takes the headings down.
    """

    def number_of(paragraph: Paragraph) -> tuple[str, int]:
        text = set_off(paragraph.text)
        if not others_head or text:
            return _numbered(text or paragraph.text, bool(text))
        return "", 0

    found = list(paragraphs)
    candidates = isolated(paragraphs, lambda paragraph: number_of(paragraph)[1] > 0, most=1, sure=True)
    for sequence in rising((*number_of(paragraphs[index]), index) for index in candidates):
        if len(sequence) >= FEWEST and divide(found, sequence):
            for index in sequence:
                found[index] = found[index]._replace(text=set_off(found[index].text) or found[index].text)
                mark(found, index, tally)
    return found


def _number(text: str) -> int:
    return numeral(text) if NUMERAL.fullmatch(text) else spelled_number(text.capitalize())


def _numbered(text: str, alone: bool) -> tuple[str, int]:
    """The form of a heading, and its number; 0 where it is none."""
    if alone or len(text) > 2 * TITLE_LENGTH or not (match := WITH_TITLE.fullmatch(text)):
        return ("set off" if alone else "alone"), _number(text)
    word, title = match["word"], match["title"].rstrip("?!")
    if is_date(text) or not is_title(title, 2 * TITLE_LENGTH) or is_note(title):
        return "", 0
    if word:
        spelled = not match["between"].isspace() and SPELLED_VALUES.get(word.lower().replace("-", " "), 0)
        return "words", spelled or 0
    return ("digits" if text[0].isdigit() else "Roman"), numeral(match["number"])
