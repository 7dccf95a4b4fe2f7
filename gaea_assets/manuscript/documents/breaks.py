"""Headings and scene breaks found, and put in their one form."""

import re
from collections import Counter

from gaea_assets.manuscript.documents.chapter_headings import (
    NUMBERED,
    mark_counted,
    mark_numbered,
    with_titles_apart,
)
from gaea_assets.manuscript.documents.contents_list import LIST, label, without_contents, without_listed
from gaea_assets.manuscript.documents.dates_and_numbers import numeral
from gaea_assets.manuscript.documents.letters import with_letters_apart
from gaea_assets.manuscript.documents.line_shapes import (
    MARKED_HEADING,
    NUMERAL,
    SCENE_BREAK,
    TITLE_LENGTH,
    is_chapter,
    is_note,
    is_numbered_chapter,
    is_only_number,
    is_title,
    kind_of,
)
from gaea_assets.manuscript.documents.marking import bare, mark, runs, stands_between
from gaea_assets.manuscript.documents.ornaments import is_ornament
from gaea_assets.manuscript.documents.other_numbers import set_off, with_other_numbers
from gaea_assets.manuscript.documents.patterned_headings import mark_patterned, mark_stopped
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.sections import FEWEST, divide, has_sure_headings, touches_heading
from gaea_assets.manuscript.documents.titles_below import mark_title, mark_titles, mark_titles_above

SIGNATURE_LENGTH = 30
SINGLE_WORDS = 100  # between capitals that do not come back: titles of stories, some of which are short
CROSSES = 2  # one alone is a signature
ROUNDS = 4  # a heading can tell of the next one


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
            text = f"{match[1]} {bare(match[2])}"
            marked += 1
        elif kind == "prose" and is_numbered_chapter(chapter := set_off(text)):
            text = chapter
        if text != paragraph.text:
            tally.add("scene breaks made * * *" if kind == "break" else "headings made plain", paragraph.number)
        found.append(paragraph._replace(kind=kind, text=text))
    found = without_listed(without_contents(found, tally), tally)
    _mark_chapters(found, tally)
    sure = has_sure_headings(found)
    if marked >= 3:  # the author marks them, and a line in capitals is a notice or a shout
        mark_titles(found, tally)
        return found
    for _ in range(ROUNDS):
        before = [paragraph.kind for paragraph in found]
        found = with_titles_apart(found, tally)
        mark_titles(found, tally)
        mark_numbered(found, tally)
        if not sure:
            mark_counted(found, tally)
        _mark_capitals(found, sure, tally)
        mark_titles_above(found, tally)
        if not sure:
            mark_patterned(found, tally)
            mark_stopped(found, tally)
        found = with_other_numbers(found, sure, tally)
        if [paragraph.kind for paragraph in found] == before:
            break
    return found if sure else with_letters_apart(found, tally)


def with_crosses(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """The paragraphs with each lone `X` made a scene break where there are several.

    No IX or XI may count with them, and none stand below a short line: that is a kiss under a letter.
    """
    at = [index for index, paragraph in enumerate(paragraphs) if paragraph.text.strip("*_") in ("X", "x")]
    numbers = {paragraph.text.strip("*_.") for paragraph in paragraphs if len(paragraph.text) <= TITLE_LENGTH}
    kisses = any(index and len(paragraphs[index - 1].text) <= SIGNATURE_LENGTH for index in at)
    if len(at) < CROSSES or kisses or not numbers.isdisjoint(("IX", "XI")):
        return paragraphs
    found = list(paragraphs)
    for index in at:
        found[index] = found[index]._replace(kind="break")
    return found


def with_ornament(paragraph: Paragraph) -> Paragraph:
    """The paragraph, a scene break where it is an ornament."""
    return paragraph._replace(kind="break") if paragraph.kind == "prose" and is_ornament(paragraph.text) else paragraph


def _mark_chapters(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks `Chapter 7` and its like; three or more on end are a table of contents, up to one that it names already."""
    for chapters, run in runs(paragraphs, lambda paragraph: paragraph.kind == "prose" and is_chapter(paragraph.text)):
        if not chapters:
            continue
        labels = [label(paragraphs[index].text) for index in run]
        again = next((at for at in range(LIST, len(labels)) if labels[at] in labels[:at]), 0)
        if len(run) - again < LIST:
            for index in run[again:]:
                mark(paragraphs, index, tally)


def _mark_capitals(paragraphs: list[Paragraph], others_head: bool, tally: Tally) -> None:
    """Marks short lines in capitals, and numbers, that stand between whole paragraphs.

    Capitals without a number, away from other headings, can be an author's cry: see `_titles_in_capitals`.
    """
    numerals = {paragraph.text.rstrip(".") for paragraph in paragraphs if NUMERAL.fullmatch(paragraph.text)}

    def candidate(paragraph: Paragraph) -> bool:
        if paragraph.kind != "prose":
            return False
        if NUMERAL.fullmatch(paragraph.text):
            # "I" can be a word alone, "X" a kiss, "XXX" a note.
            number = paragraph.text.rstrip(".")
            return not numerals.isdisjoint({"I": ("II",), "X": ("IX", "XI"), "XXX": ("XXIX",)}.get(number, (number,)))
        capitals = paragraph.text.isupper() and is_title(paragraph.text) and not is_note(paragraph.text)
        return capitals and len(re.findall(r"[^\W\d_]", paragraph.text)) > 1

    counted = {numeral(paragraph.text) for paragraph in paragraphs if paragraph.kind == "prose"}
    counts = Counter(paragraph.text for paragraph in paragraphs if candidate(paragraph))
    alone: list[int] = []
    for candidates, run in runs(paragraphs, candidate):
        numbers = [number for index in run if (number := numeral(paragraphs[index].text))]
        sure = len(numbers) == len(run) and not counted.isdisjoint(
            n + step for n in numbers for step in (-1, 1) if n + step
        )
        if candidates and len(run) <= 3 and len(numbers) <= 1 and stands_between(paragraphs, run, sure):
            texts = [paragraphs[index].text for index in run]
            of_heading = touches_heading(paragraphs, run) and max(counts[text] for text in texts) < FEWEST
            if of_heading or any(map(_is_numbered, texts)):
                for index in run:
                    mark(paragraphs, index, tally)
                mark_title(paragraphs, run[-1], tally)
            else:
                alone += run
    for index in _titles_in_capitals(paragraphs, alone, others_head):
        mark(paragraphs, index, tally)
        mark_title(paragraphs, index, tally)


def _is_numbered(text: str) -> bool:
    return bool(numeral(text)) or is_chapter(text) or is_only_number(text) or bool(NUMBERED.fullmatch(text))


def _titles_in_capitals(paragraphs: list[Paragraph], alone: list[int], others_head: bool) -> list[int]:
    """Those of some lines in capitals that are headings.

    Lines that come back are a system's, a sign's or a refrain, but where they divide a text without surer headings.
    """
    if not others_head and divide(paragraphs, alone):
        return alone
    counts = Counter(paragraphs[index].text for index in alone)
    single = [index for index in alone if counts[paragraphs[index].text] < FEWEST]
    return single if len(single) < FEWEST or divide(paragraphs, single, SINGLE_WORDS) else []
