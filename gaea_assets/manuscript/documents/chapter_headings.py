"""Headings that only the whole document tells: titles with numbers, bold lines, titles below a number."""

import re
from collections import defaultdict
from collections.abc import Callable

from gaea_assets.manuscript.documents.line_shapes import (
    COUNTING,
    MARKED_HEADING,
    NUMERAL,
    TITLE_LENGTH,
    is_note,
    is_only_number,
    is_title,
    is_title_case,
)
from gaea_assets.manuscript.documents.marking import mark, runs, stands_between
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

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
CAPITALISED = re.compile(r"\b[^\W\d_a-z]\w{3,}")
FEWEST = 3
ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def with_bold_headings(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs with titles alone in bold made headings, where there are several and no other headings."""
    if sum(paragraph.kind == "heading" for paragraph in paragraphs) >= FEWEST:
        return paragraphs
    found = list(paragraphs)
    bold = _isolated(found, lambda paragraph: bool(_bold_title(paragraph.text)))
    if len(bold) >= FEWEST:
        for index in bold:
            found[index] = found[index]._replace(text=_bold_title(found[index].text))
            mark(found, index, tally)
    return found


def _bold_title(text: str) -> str:
    match = BOLD.fullmatch(text)
    title = (match[1] or match[2]) if match else ""
    return title if is_title(title) and not is_note(title) else ""


def mark_numbered(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks `2. The Return` and `II. The Return` where three or more rise; neighbours are a list."""
    sequences: dict[bool, list[list[tuple[int, int]]]] = {True: [], False: []}
    for index in _isolated(paragraphs, lambda paragraph: _number(paragraph.text) > 0, most=1):
        number, arabic = _number(paragraphs[index].text), paragraphs[index].text[0].isdigit()
        rising = sequences[arabic]
        if not rising or rising[-1][-1][0] >= number:
            rising.append([])
        rising[-1].append((number, index))
    for rising in sequences.values():
        for sequence in rising:
            if len(sequence) >= FEWEST:
                for _, index in sequence:
                    mark(paragraphs, index, tally)


def _number(text: str) -> int:
    """The number before a title; 0 where there is none."""
    if len(text) > 2 * TITLE_LENGTH or not (match := NUMBERED.fullmatch(text)):
        return 0
    title = match[3].rstrip("?!")
    if not is_title(title, 2 * TITLE_LENGTH) or not is_title_case(title) or is_note(title):
        return 0
    return int(match[1]) if match[1] else roman(match[2])


def roman(numeral: str) -> int:
    """The number that a Roman numeral in capitals stands for."""
    values = [ROMAN_VALUES[letter] for letter in numeral]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def mark_counted(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks `Letter II`, `Day 3`, `Night the Third` where the same word stands with another number too."""
    numbers: dict[str, set[str]] = defaultdict(set)
    found: list[tuple[int, str]] = []
    for index in _isolated(paragraphs, lambda paragraph: bool(_counted(paragraph.text))):
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


def mark_titles(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Marks the titles that stand behind headings which are only a number."""
    for index in range(len(paragraphs) - 2):
        mark_title(paragraphs, index, tally)


def mark_title(paragraphs: list[Paragraph], index: int, tally: Tally) -> None:
    """Marks the title behind a paragraph that is a heading and only a number."""
    if index + 2 >= len(paragraphs):
        return
    heading, title = paragraphs[index], paragraphs[index + 1]
    if heading.kind != "heading" or title.kind != "prose" or not _is_only_number(heading.text):
        return
    if is_heading_title(title.text) and stands_between(paragraphs, [index + 1]):
        mark(paragraphs, index + 1, tally)


def _is_only_number(heading: str) -> bool:
    match = MARKED_HEADING.fullmatch(heading)
    return bool(match) and is_only_number(heading.lstrip("# "))


def is_heading_title(text: str) -> bool:
    """Short, no sentence, in title case or capitals, and no note to oneself."""
    if text[-1:] in ("?", "!") and len(CAPITALISED.findall(text)) < 2:
        return False
    return is_title(text.rstrip("?!")) and is_title_case(text) and not is_note(text) and not NUMERAL.fullmatch(text)


def with_titles_apart(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs with a number and the title on the line below made headings, where there are several."""

    def is_pair(paragraph: Paragraph) -> bool:
        number, _, title = paragraph.text[: 2 * TITLE_LENGTH].partition("\n")
        return bool(title) and bool(NUMERAL.fullmatch(number)) and is_heading_title(paragraph.text[len(number) + 1 :])

    pairs = set(_isolated(paragraphs, is_pair))
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


def _isolated(paragraphs: list[Paragraph], is_candidate: Callable[[Paragraph], bool], most: int = 2) -> list[int]:
    """The indices of candidates between whole paragraphs, no more than `most` on end: more are a list or contents."""
    return [
        index
        for value, run in runs(paragraphs, lambda paragraph: paragraph.kind == "prose" and is_candidate(paragraph))
        if value and len(run) <= most and stands_between(paragraphs, run)
        for index in run
    ]
