"""Headings that only the whole document tells: titles with numbers, bold lines, a number and a title in one."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from gaea_assets.manuscript.documents.dates_and_numbers import roman, spelled_number
from gaea_assets.manuscript.documents.line_shapes import (
    COUNTING,
    NUMERAL,
    TITLE_LENGTH,
    is_heading_line,
    is_note,
    is_stopped_title,
    is_title,
    is_title_case,
)
from gaea_assets.manuscript.documents.marking import isolated, mark
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.sections import FEWEST, divide, has_sure_headings
from gaea_assets.manuscript.documents.titles_below import is_heading_title

BOLD = re.compile(r"\*\*(?!\s)([^*\n]{1,80})(?<!\s)\*\*|__(?!\s)([^_\n]{1,80})(?<!\s)__")
NUMBERED = re.compile(r"(?:(\d{1,3})|([IVXLC]{1,8}))\.[^\S\n]+(\S.*)")
COUNTED = re.compile(
    rf"([^\W\d_]{{2,20}})[^\S\n]+(\d{{1,4}}|[IVXLC]{{1,8}}|(?:the[^\S\n]+)?(?i:{COUNTING})(?:[\s-](?i:{COUNTING}))?)"
    r"(?:\.|(?:[.:]|[^\S\n][\u2014\u2013-])[^\S\n]+(\S.*))?"
)
NO_CHAPTERS = re.compile(
    "a|about|all|an|and|at|but|by|equation|fig|figure|for|in|just|line|minus|no|not|note|number|of|on|only|or|page|plate"
    "|plus|room|table|the|to|verse"
)


def with_displayed_headings(paragraphs: list[Paragraph], displayed: Collection[int], tally: Tally) -> list[Paragraph]:
    """The paragraphs with titles that are set as headings made headings.

    That is where there are several, sections lie between them and nothing surer heads the document; else an author's
    bold line would be one.

    Args:
        paragraphs: Those of the document.
        displayed: The numbers of those that a .docx shows in bold or large; in Markdown a title is bold on its own.
        tally: Takes the headings down.
    """
    titles = _mostly_stopped({index: _displayed(paragraph, displayed) for index, paragraph in enumerate(paragraphs)})
    found = [paragraph._replace(text=titles[index] or paragraph.text) for index, paragraph in enumerate(paragraphs)]
    at = {id(paragraph) for index, paragraph in enumerate(found) if titles[index]}
    shown = isolated(found, lambda paragraph: id(paragraph) in at, sure=True)
    if len(shown) < FEWEST or has_sure_headings(paragraphs) or not divide(found, shown):
        return paragraphs
    for index in shown:
        mark(found, index, tally)
    marked = set(shown)
    return [new if index in marked else old for index, (old, new) in enumerate(zip(paragraphs, found, strict=True))]


def _mostly_stopped(titles: dict[int, str]) -> dict[int, str]:
    """The titles, without those that end in a full stop unless most do: they are sentences."""
    stopped = {index for index, title in titles.items() if is_stopped_title(title)}
    if 2 * len(stopped) > sum(map(bool, titles.values())):
        return titles
    return {index: "" if index in stopped else title for index, title in titles.items()}


def _displayed(paragraph: Paragraph, displayed: Collection[int]) -> str:
    if displayed:
        text = paragraph.text.strip("*_")
        can_be = is_heading_line(text) or is_stopped_title(text)
        return text if paragraph.number in displayed and can_be else ""
    return _bold_title(paragraph.text)


def _bold_title(text: str) -> str:
    match = BOLD.fullmatch(text)
    title = (match[1] or match[2]) if match else ""
    return title if (is_title(title) or is_stopped_title(title)) and not is_note(title) else ""


def mark_numbered(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks `2. The Return`, `II. The Return` and `Two` where three or more rise; neighbours are a list."""
    numbered: list[tuple[str, int, int]] = []
    for index in isolated(paragraphs, lambda paragraph: _number(paragraph.text) > 0, most=1, sure=True):
        text = paragraphs[index].text
        form = "digits" if text[0].isdigit() else "Roman" if NUMBERED.fullmatch(text) else "words"
        numbered.append((form, _number(text), index))
    for sequence in rising(numbered):
        if len(sequence) >= FEWEST:
            for index in sequence:
                mark(paragraphs, index, tally)


def rising(numbered: Iterable[tuple[str, int, int]]) -> Iterator[list[int]]:
    """The indices of lines whose numbers rise.

    Args:
        numbered: Of each line in their order, the form of its number, the number and its index.
    """
    sequences: dict[str, list[list[tuple[int, int]]]] = defaultdict(list)
    for form, number, index in numbered:
        found = sequences[form]
        if not found or found[-1][-1][0] >= number:
            found.append([])
        found[-1].append((number, index))
    for found in sequences.values():
        yield from ([index for _, index in sequence] for sequence in found)


def _number(text: str) -> int:
    """The number before a title, or spelled out alone; 0 where there is none."""
    if len(text) > 2 * TITLE_LENGTH:
        return 0
    if not (match := NUMBERED.fullmatch(text)):
        return spelled_number(text)
    title = match[3].rstrip("?!")
    if not is_title(title, 2 * TITLE_LENGTH) or not is_title_case(title) or is_note(title):
        return 0
    return int(match[1]) if match[1] else roman(match[2])


def mark_counted(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks `Letter II`, `Day 3`, `Night the Third` where the same word stands with another number too."""
    numbers: dict[str, set[str]] = defaultdict(set)
    found: list[tuple[int, str]] = []
    for index in isolated(paragraphs, lambda paragraph: bool(_counted(paragraph.text)), sure=True):
        word, number = _counted(paragraphs[index].text)
        numbers[word].add(number)
        found.append((index, word))
    for index, word in found:
        if len(numbers[word]) > 1:
            mark(paragraphs, index, tally)


def _counted(text: str) -> tuple[str, ...]:
    """The word and the number; nothing where the text is no such title."""
    if len(text) > 2 * TITLE_LENGTH or not text[0].isupper() or not (match := COUNTED.fullmatch(text)):
        return ()
    if NO_CHAPTERS.fullmatch(word := match[1].lower()) or (
        match[3] and not (is_title(match[3]) and is_title_case(match[3]))
    ):
        return ()
    return word, match[2].lower()


def with_titles_apart(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs with a number and the title on the line below made headings, where there are several."""

    def is_pair(paragraph: Paragraph) -> bool:
        number, _, title = paragraph.text[: 2 * TITLE_LENGTH].partition("\n")
        return bool(title) and bool(NUMERAL.fullmatch(number)) and is_heading_title(paragraph.text[len(number) + 1 :])

    pairs = set(isolated(paragraphs, is_pair))
    if len(pairs) < 2:
        return paragraphs
    found: list[Paragraph] = []
    for index, paragraph in enumerate(paragraphs):
        if index not in pairs:
            found.append(paragraph)
            continue
        for line in paragraph.text.split("\n"):
            found.append(paragraph._replace(text=line, gap=1))
            mark(found, len(found) - 1, tally)
    return found
