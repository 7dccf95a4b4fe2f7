"""Headings that only their recurrence tells: names of who tells the story, dates, titles without a number."""

from collections import Counter

from gaea_assets.manuscript.documents.dates_and_numbers import is_date
from gaea_assets.manuscript.documents.line_shapes import (
    NUMERAL,
    TITLE_LENGTH,
    ends,
    is_note,
    is_only_number,
    is_stopped_title,
    is_title,
    is_title_case,
    unmarked,
)
from gaea_assets.manuscript.documents.marking import isolated, mark
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.sections import FEWEST, SECTION_WORDS, SHORT, divide
from gaea_assets.manuscript.documents.titles_below import NEARLY_ALL, is_address

FEWEST_TITLES = 4
LONGEST_NAME = 3  # words


def mark_patterned(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks short lines alone that recur as headings do, in a document without other headings.

    Names must come back, dates be several; titles must stand below wider gaps than other paragraphs, or open the text
    and be nearly all of its short lines. Sections lie between them: speakers of a play have a line or two each.
    """
    if sum(_is_section(paragraph) for paragraph in paragraphs) >= FEWEST:
        return
    alone = [index for index in isolated(paragraphs, _is_short, most=1) if _is_above_prose(paragraphs, index)]
    titles = [index for index in alone if is_title_case(paragraphs[index].text) or is_date(paragraphs[index].text)]
    for found in (_names(paragraphs, titles), [index for index in titles if is_date(paragraphs[index].text)]):
        if len(found) >= FEWEST and divide(paragraphs, found):
            for index in found:
                mark(paragraphs, index, tally)
            return
    if len(apart := _apart(paragraphs)) >= FEWEST and divide(paragraphs, apart):
        for index in apart:
            mark(paragraphs, index, tally)
        return
    opens = bool(titles) and all(paragraph.kind == "heading" for paragraph in paragraphs[: titles[0]])
    few_others = len(titles) >= NEARLY_ALL * len(alone)
    if len(titles) >= FEWEST_TITLES and opens and few_others and divide(paragraphs, titles):
        for index in titles:
            mark(paragraphs, index, tally)


def _apart(paragraphs: list[Paragraph]) -> list[int]:
    """The short lines above prose that a wider gap than the usual one sets apart from what is before."""
    gaps = Counter(paragraph.gap for paragraph in paragraphs if paragraph.kind == "prose")
    usual = gaps.most_common(1)[0][0] if gaps else 0
    return [
        index
        for index in isolated(paragraphs, _is_short)
        if paragraphs[index].gap > usual and _is_above_prose(paragraphs, index)
    ]


def mark_stopped(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks titles that end in a full stop, in a document without other headings.

    A short sentence or a cry can look the same: sections must lie between them, and none come back often. Those that
    are not in capitals must begin the document, too, and be nearly all of its short lines.
    """
    if sum(_is_section(paragraph) for paragraph in paragraphs) >= FEWEST:
        return
    capitals = isolated(paragraphs, lambda paragraph: paragraph.text.isupper() and _is_short_sentence(paragraph.text))
    alone = isolated(paragraphs, lambda paragraph: _is_short_sentence(paragraph.text), most=1)
    titles = [index for index in alone if is_stopped_title(paragraphs[index].text)]
    few_others = len(titles) >= max(FEWEST_TITLES, NEARLY_ALL * len(alone)) and _begin(paragraphs, titles[0])
    for found in (capitals, titles if few_others else []):
        back = max(Counter(paragraphs[index].text for index in found).values(), default=0)
        if len(found) >= FEWEST and back < FEWEST and divide(paragraphs, found):
            for index in found:
                mark(paragraphs, index, tally)
            return


def _is_short_sentence(text: str) -> bool:
    """Whether a line is as short as a title and ends in a full stop, and is no note and no address."""
    stopped = text.rstrip("*_").endswith(".") and is_title(unmarked(text)[:-1])
    return stopped and not (is_note(text) or is_address("", text) or is_only_number(text) or NUMERAL.fullmatch(text))


def _begin(paragraphs: list[Paragraph], first: int) -> bool:
    """Whether no more stands above the first title than a dedication."""
    words = sum(len(paragraph.text.split()) for paragraph in paragraphs[:first] if paragraph.kind == "prose")
    return words < SHORT * SECTION_WORDS


def _is_section(paragraph: Paragraph) -> bool:
    """Whether a heading is no part, book, prologue or title of the whole."""
    title = paragraph.text.lstrip("# ").lower()
    return paragraph.kind == "heading" and not title.startswith(("part", "book", "volume", "prologue", "epilogue"))


def _is_short(paragraph: Paragraph) -> bool:
    text = paragraph.text
    if len(text) > TITLE_LENGTH or is_note(text) or NUMERAL.fullmatch(text) or is_only_number(text):
        return False
    return is_title(text) or is_date(text)


def _is_above_prose(paragraphs: list[Paragraph], index: int) -> bool:
    after = paragraphs[index + 1]
    return after.kind == "prose" and ends(after.text)


def _names(paragraphs: list[Paragraph], titles: list[int]) -> list[int]:
    """The titles that can be names, where enough of them come back."""
    names = [index for index in titles if len(paragraphs[index].text.split()) <= LONGEST_NAME]
    counts = Counter(paragraphs[index].text for index in names)
    back = sum(count for count in counts.values() if count > 1)
    return names if len(counts) > 1 and back >= FEWEST and back >= 0.5 * len(titles) else []
