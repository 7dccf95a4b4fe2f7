"""Blocks to paragraphs, however the file marks them: by blank lines, indents, line ends or short last lines."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from gaea_assets.manuscript.documents.line_shapes import OPENING, begins_lower, ends
from gaea_assets.manuscript.documents.page_furniture import goes_on
from gaea_assets.manuscript.documents.pieces import Block, Line, Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

VERSE_LENGTH = 60
NARROWEST, WIDEST = 40, 160  # columns at which prose is hard-wrapped
WORD = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+")
HEAD_WORD = re.compile(r"[^\W\d_]+(?=-\Z)")
TAIL_WORD = re.compile(r"[^\W\d_]+")
OPEN_DASH = re.compile(r"[^\s-](?:[\u2014\u2013]|--)\Z")  # ends a line without a space before it


class _Layout(NamedTuple):
    width: int | None  # the column at which lines are broken, if they are
    indented: bool = False  # paragraphs begin with an indent
    apart: bool = False  # blank lines or indents set paragraphs apart


def paragraphs_of(blocks: list[Block], text: str, tally: Tally) -> Iterator[Paragraph]:
    """The blocks' paragraphs, however the file marks them: by blank lines, indents, line ends or short last lines."""
    groups = _split_at_indents(blocks)
    layout = _layout([group for parts in groups for group in parts], indented=len(groups) < sum(map(len, groups)))
    words = cache(lambda: set(WORD.findall(text)))
    for block, parts in zip(blocks, groups, strict=True):
        gap = block.gap
        for group in parts:
            for lines, as_verse in _divided(group, layout):
                if as_verse:
                    joined = "\n".join(line.text for line in lines)
                elif len(lines) > 1:
                    joined = _joined(lines, words)
                    tally.add("hard-wrapped lines joined", lines[0].number, len(lines) - 1)
                else:
                    joined = lines[0].text
                yield Paragraph(block.kind, lines[0].number, joined, gap)
                gap = 0


def across_pages(paragraphs: list[Paragraph], turned: Collection[int], text: str, tally: Tally) -> list[Paragraph]:
    """The paragraphs with those joined that the end of a page had cut in two, and no gap where a page begins."""
    words = cache(lambda: set(WORD.findall(text)))
    found: list[Paragraph] = []
    for paragraph in paragraphs:
        if paragraph.number not in turned:
            found.append(paragraph)
            continue
        before = found[-1] if found else paragraph
        if found and before.kind == paragraph.kind == "prose" and goes_on(before.text, paragraph.text):
            head, last = before.text[: before.text.rfind("\n") + 1], before.text[before.text.rfind("\n") + 1 :]
            first, end, tail = paragraph.text.partition("\n")
            lines = [Line(before.number, last, False), Line(paragraph.number, first, False)]
            found[-1] = before._replace(text=f"{head}{_joined(lines, words)}{end}{tail}")
            tally.add("paragraphs cut by a page's end joined", paragraph.number)
        else:
            found.append(paragraph._replace(gap=0))
    return found


def _split_at_indents(blocks: list[Block]) -> list[list[list[Line]]]:
    """Each block's lines, divided where the file begins paragraphs by indenting."""
    indented = ended = 0
    for block in blocks:
        for line, following in pairwise(block.lines):
            indented += following.indented
            ended += following.indented and ends(line.text)
    if not indented or ended < 0.8 * indented:
        return [[block.lines] for block in blocks]
    return [
        [block.lines]
        if len({line.indented for line in block.lines}) == 1 and _looks_like_verse(block.lines)
        else _divide(block.lines, lambda _, line: line.indented)
        for block in blocks
    ]


def _divide(lines: list[Line], begins: Callable[[Line, Line], bool]) -> list[list[Line]]:
    parts = [lines[:1]]
    for line, following in pairwise(lines):
        if begins(line, following):
            parts.append([following])
        else:
            parts[-1].append(following)
    return parts


def _layout(groups: list[list[Line]], indented: bool) -> _Layout:
    broken = [group for group in groups if len(group) > 1 and not _looks_like_verse(group)]
    width = _wrap_width(broken)
    if width:
        lengths = [len(line.text) for group in groups for line in group]
        if sum(length > 1.25 * width for length in lengths) > 0.1 * len(lengths):
            width = None  # most of it is not; what is, its own lines tell
    return _Layout(width, indented, apart=sum(map(len, broken)) <= 12 * len(broken))


def _divided(group: list[Line], layout: _Layout) -> list[tuple[list[Line], bool]]:
    """Lines that make one paragraph each, and whether they stay lines."""
    if len(group) == 1:
        return [(group, False)]
    width = layout.width
    if _looks_like_verse(group) and not (width and all(_fits(a, b, width) for a, b in pairwise(group))):
        return [(group, True)]
    if not width:
        layout = _Layout(_wrap_width([group]))
    if not layout.width:
        return [([line], False) for line in group]
    return [(part, False) for part in _divide(group, lambda a, b: not _goes_on(a, b, layout))]


def _looks_like_verse(group: list[Line]) -> bool:
    """Short lines, few of which end a sentence or go on in lower case: verse, an address, a notice."""
    if len(group) < 2 or any(_length(line.text) > VERSE_LENGTH for line in group):
        return False
    ended = sum(ends(line.text) and line.text[-1] not in ":;" for line in group[:-1])
    lower = sum(begins_lower(line.text) for line in group[1:])
    return ended <= 0.6 * (len(group) - 1) and lower <= 0.3 * (len(group) - 1)


def _wrap_width(groups: Sequence[list[Line]]) -> int | None:
    """The column at which the lines were broken to fit, if they were.

    A line was broken there if the next line's first word would have gone beyond, and prose so broken mostly goes on in
    lower case.
    """
    pairs = [pair for group in groups for pair in pairwise(group)]
    if not pairs:
        return None
    lengths = sorted(len(line.text) for line, _ in pairs)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    if not NARROWEST <= width <= WIDEST:
        return None
    full = [following.text for line, following in pairs if _fits(line, following, width)]
    cased = [text for text in full if text[0].isalpha()]
    if len(full) < 0.3 * len(pairs) or not cased or sum(map(begins_lower, cased)) < 0.5 * len(cased):
        return None
    return width


def _fits(line: Line, following: Line, width: int) -> bool:
    """Whether the line was as full as it could be."""
    length = len(line.text)
    return length <= 1.25 * width and length + 1 + len(following.text[:WIDEST].split(" ", 1)[0]) > width


def _goes_on(line: Line, following: Line, layout: _Layout) -> bool:
    """Whether a paragraph goes on in the next line, in a file whose lines are broken at a width."""
    width = layout.width or 0
    if _fits(line, following, width) or begins_lower(following.text):
        return True
    new_speech = not layout.indented and ends(line.text) and following.text[0] in OPENING
    return layout.apart and 0.6 * width <= len(line.text) <= 1.25 * width and not new_speech


def _joined(lines: list[Line], words: Callable[[], set[str]]) -> str:
    pieces = [lines[0].text]
    for line, following in pairwise(lines):
        before, after = line.text, following.text
        if before[-1] == "-" and before[-2:-1].isalpha() and after[0].isalpha():
            head, tail = HEAD_WORD.search(before[-40:]), TAIL_WORD.match(after)
            if head and tail and head[0] + tail[0] in words() and f"{head[0]}-{tail[0]}" not in words():
                pieces[-1] = pieces[-1][:-1]
        elif before[-1] not in "\u2014\u2013-" or not OPEN_DASH.search(before[-4:]):
            pieces.append(" ")
        pieces.append(after)
    return "".join(pieces)


def _length(text: str) -> int:
    return len(text) - text.count("*") - text.count("_")
