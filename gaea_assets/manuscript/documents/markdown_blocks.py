"""Blocks of a Markdown file that are no prose left out: comments, scripts, styles, footnotes."""

import re

from gaea_assets.manuscript.documents.repairs import Repair, Tally
from gaea_assets.manuscript.lines import line_of

OUT, LINE_OUT = "\x00", "\x01"  # stand where something, or a line end, was left out
BLOCK_START = re.compile(r"(?i)<!--|<(script|style)\b[^<>\n]*+>")
BLOCK_ENDS = {
    "HTML comments": re.compile("-->"),
    "HTML scripts": re.compile(r"(?i)</script\s*+>"),
    "HTML styles": re.compile(r"(?i)</style\s*+>"),
}
FOOTNOTE = re.compile(r" {0,3}\[\^[^\[\]\n]++\]:")
INDENT = re.compile(r"(?:\t| {4})[^\S\n]*\S")
MANY_INDENTS = 0.1
NOTE_LINES = 40
FIRST_WORDS = 8
PROSE_WORDS = 25


def without_blocks(text: str, source: str) -> tuple[str, list[Repair]]:
    """`text` without HTML comments, scripts and styles."""
    kept, copied, position = [], 0, 0
    tally = Tally()
    unclosed: set[str] = set()
    while match := BLOCK_START.search(text, position):
        kind = "HTML comments" if not match[1] else f"HTML {match[1].lower()}s"
        end = None if kind in unclosed else BLOCK_ENDS[kind].search(text, match.end())
        if end is None:
            unclosed.add(kind)
            position = match.end()
            continue
        tally.add(f"{kind} left out", line_of(text, match.start()))
        kept += [text[copied : match.start()], OUT, LINE_OUT * text.count("\n", match.start(), end.end())]
        copied = position = end.end()
    return "".join([*kept, text[copied:]]), tally.repairs(source)


def without_footnotes(text: str, source: str) -> tuple[str, list[Repair]]:
    """`text` without the notes that `[^1]: ...` begins, the lines in which they go on included."""
    if "[^" not in text:
        return text, []
    lines, tally = text.split("\n"), Tally()
    indents_paragraphs = _indents_paragraphs(lines)
    index, number, seen = 0, 1, 0
    while index < len(lines):
        if not FOOTNOTE.match(lines[index]):
            index += 1
            continue
        number += sum(1 + line.count(LINE_OUT) for line in lines[seen:index])
        first = lines[index].partition("]:")[2].split()
        tally.add("footnotes left out", number, shown=" ".join(first[:FIRST_WORDS]))
        seen, end = index, _end_of_note(lines, index, indents_paragraphs)
        for left in range(index, end):
            if lines[left].strip():
                lines[left] = OUT + LINE_OUT * lines[left].count(LINE_OUT)
        index = end
    return "\n".join(lines), tally.repairs(source)


def _indents_paragraphs(lines: list[str]) -> bool:
    """Whether prose is indented: then the indented line behind a note is no more than the next paragraph."""
    written = indented = 0
    behind_note = gap = False
    for line in lines:
        if FOOTNOTE.match(line):
            behind_note, gap = True, False
        elif line.strip():
            written += 1
            indented += bool(INDENT.match(line)) and not behind_note
            behind_note = behind_note and not gap
        else:
            gap = True
    return indented > MANY_INDENTS * written


def _begins_prose(before: str, line: str) -> bool:
    """Whether a line below a note is a paragraph: long, not indented, and behind the end of a sentence."""
    whole = before.rstrip().endswith((".", "!", "?", "\u201d", '"'))
    return whole and line[:1].isupper() and len(line.split()) > PROSE_WORDS


def _end_of_note(lines: list[str], start: int, indents_paragraphs: bool) -> int:
    """The line behind a note: it goes on to the next blank line, and behind that in indented lines."""
    apart = start == 0 or lines[start - 1].strip("\x00\x01 \t") == ""
    end = start + 1
    while end < len(lines) and lines[end].strip() and not FOOTNOTE.match(lines[end]):
        # Without blank lines around it, what follows may be the next paragraph.
        sure = INDENT.match(lines[end]) or lines[end].lstrip()[:1].islower() or (apart and end - start < NOTE_LINES)
        if not sure or _begins_prose(lines[end - 1], lines[end]):
            return end
        end += 1
    while not indents_paragraphs:
        behind = end
        while behind < len(lines) and not lines[behind].strip():
            behind += 1
        if behind == end or behind == len(lines) or not INDENT.match(lines[behind]):
            break
        end = behind + 1
        while end < len(lines) and lines[end].strip() and INDENT.match(lines[end]):
            end += 1
    return end
