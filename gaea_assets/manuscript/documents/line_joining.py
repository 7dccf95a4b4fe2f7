"""Blocks to paragraphs, however the file marks them: by blank lines, indents, line ends or short last lines."""

import re
from collections.abc import Callable, Collection, Iterator
from itertools import pairwise

from gaea_assets.manuscript.documents.broken_words import LineEnds
from gaea_assets.manuscript.documents.layout import Layout, layout_of
from gaea_assets.manuscript.documents.line_shapes import OPENING, begins_lower, ends
from gaea_assets.manuscript.documents.line_widths import OVERFULL, fits, wrap_width
from gaea_assets.manuscript.documents.ornaments import is_ornament
from gaea_assets.manuscript.documents.page_furniture import goes_on
from gaea_assets.manuscript.documents.pieces import Block, Line, Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.verse import (
    VERSE_LENGTH,
    are_kept,
    is_stanza,
    longest,
    looks_like_verse,
    opens_speech,
)

HEAD_WORD = re.compile(r"[^\W\d_]+(?=-\Z)")
TAIL_WORD = re.compile(r"[^\W\d_]+")
OPEN_DASH = re.compile(r"[^\s-](?:[\u2014\u2013]|--)\Z")  # ends a line without a space before it
LIST_NUMBER = re.compile(r"\d{1,3}[.)][^\S\n]")
CLOSING = ('"', "\u201d", "\u2019", "\u00bb")
LINES, WRAPPED, SENTENCES = "", "hard-wrapped lines joined", "lines within a paragraph joined"


def paragraphs_of(blocks: list[Block], text: str, tally: Tally, markdown: bool = False) -> Iterator[Paragraph]:
    """The blocks' paragraphs, however the file marks them: by blank lines, indents, line ends or short last lines."""
    groups = _split_at_indents(blocks)
    every = [group for parts in groups for group in parts]
    layout = layout_of(every, len(groups) < len(every), markdown)
    stanzas = _stanzas(every, layout)
    words = LineEnds(text)
    for block, parts in zip(blocks, groups, strict=True):
        gap = block.gap
        for group in parts:
            for index, (lines, why) in enumerate(_divided(group, layout, next(stanzas))):
                if index:
                    tally.add("line ends made paragraph ends", lines[0].number)
                if why and len(lines) > 1:
                    tally.add(why, lines[0].number, len(lines) - 1)
                    joined = _joined(lines, words)
                else:
                    joined = "\n".join(_joined(stretch, words) for stretch in _stretches(lines))
                yield Paragraph(block.kind, lines[0].number, joined, gap)
                gap = 0


def _stanzas(groups: list[list[Line]], layout: Layout) -> Iterator[bool]:
    """Whether each group is lines of verse, though one of them begins with a small letter or ends as a sentence does.

    Two lines of which the second goes on in lower case can be a paragraph as well, but beside another stanza.
    """
    if not layout.apart or layout.sentences:
        yield from (False for _ in groups)
        return
    found = [is_stanza(group, layout.width) for group in groups]
    for index, group in enumerate(groups):
        beside = any(found[max(index - 1, 0) : index] + found[index + 1 : index + 2])
        yield found[index] and (len(group) > 2 or beside or not begins_lower(group[1].text))


def _stretches(lines: list[Line]) -> list[list[Line]]:
    """Lines that stay lines: one each, but where their author set some of the line ends, up to those."""
    if not any(line.kept for line in lines):
        return [[line] for line in lines]
    return _divide(lines, lambda line, _: line.kept)


def across_pages(paragraphs: list[Paragraph], turned: Collection[int], text: str, tally: Tally) -> list[Paragraph]:
    """The paragraphs with those joined that the end of a page had cut in two, and no gap where a page begins."""
    words = LineEnds(text)
    found: list[Paragraph] = []
    for paragraph in paragraphs:
        if paragraph.number not in turned:
            found.append(paragraph)
            continue
        before = found[-1] if found else paragraph
        if found and before.kind == paragraph.kind == "prose" and goes_on(before.text, paragraph.text):
            head, last = before.text[: before.text.rfind("\n") + 1], before.text[before.text.rfind("\n") + 1 :]
            first, end, tail = paragraph.text.partition("\n")
            lines = [Line(before.number, last), Line(paragraph.number, first)]
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
        if len({line.indented for line in block.lines}) == 1 and looks_like_verse(block.lines)
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


def _divided(group: list[Line], layout: Layout, stanza: bool) -> list[tuple[list[Line], str]]:
    """Lines that make one paragraph each, and why they are joined; nothing where they stay lines."""
    width = layout.width
    if len(group) == 1:
        return [(group, LINES)]
    if looks_like_verse(group) and not (width and all(fits(a, b, width) for a, b in pairwise(group))):
        return [(group, LINES)]
    if stanza:
        return [(group, LINES)]
    own = layout if width else layout._replace(width=wrap_width([group]), indented=False, blocks=False)
    if own.width:
        return [(part, WRAPPED) for part in _divide(group, lambda a, b: not _goes_on(a, b, own))]
    if are_kept(group, layout.markdown):
        return [(group, LINES)]
    if layout.one_line_end_is_none:
        return [(part, SENTENCES) for part in _divide(group, _begins_anew)]
    # No paragraph begins with a small letter; where some lines do, others that only begin with a capital need not.
    some_go_on = layout.blocks and any(begins_lower(line.text) for line in group[1:])
    parts = _divide(group, lambda a, b: not begins_lower(b.text) and not (some_go_on and not ends(a.text)))
    return [(part, LINES if longest(part) <= VERSE_LENGTH and not wrap_width([part]) else SENTENCES) for part in parts]


def _begins_anew(line: Line, following: Line) -> bool:
    """Whether a paragraph ends though a line end is none.

    That is where the author set its end, at an ornament or an item of a list, and between two speeches.
    """
    if line.kept or LIST_NUMBER.match(following.text) or is_ornament(line.text) or is_ornament(following.text):
        return True
    return opens_speech(following.text) and (line.text.endswith(CLOSING) or following.text[0] not in OPENING)


def _goes_on(line: Line, following: Line, layout: Layout) -> bool:
    """Whether a paragraph goes on in the next line, in a file whose lines are broken at a width."""
    width = layout.width or 0
    if fits(line, following, width) or begins_lower(following.text):
        return True
    new_speech = not layout.indented and ends(line.text) and following.text[0] in OPENING
    return layout.blocks and 0.6 * width <= len(line.text) <= OVERFULL * width and not new_speech


def _joined(lines: list[Line], words: LineEnds) -> str:
    pieces = [lines[0].text]
    for line, following in pairwise(lines):
        before, after = line.text, following.text
        if before[-1] == "-" and before[-2:-1].isalpha() and after[0].isalpha():
            head, tail = HEAD_WORD.search(before[-40:]), TAIL_WORD.match(after)
            if head and tail and words.break_word(head[0], tail[0]):
                pieces[-1] = pieces[-1][:-1]
        elif before[-1] not in "\u2014\u2013-" or not OPEN_DASH.search(before[-4:]):
            pieces.append(" ")
        pieces.append(after)
    return "".join(pieces)
