"""Markdown's marks taken off a novel, the words and lines left as they are.

A Markdown parser would make lists of dialogue that begins with a dash, code of indented paragraphs and headings of the
lines above a scene break; so only the marks that are certain are touched, each by one pass that looks at no character
twice.
"""

import re
from dataclasses import replace

from gaea_assets.manuscript.documents.cleaning import clean_characters
from gaea_assets.manuscript.documents.repairs import Repair, places, replaced
from gaea_assets.manuscript.lines import line_of

OUT, LINE_OUT = "\x00", "\x01"  # stand where something, or a line end, was left out
FRONT_MATTER_LINES = 200
YAML_LINE = re.compile(r"\s*|\s+\S.*|#.*|-\s.*|[\w\"'][\w \"'.-]*:(?:\s.*)?")
COMMENT_START, COMMENT_END = "<!--", "-->"
ENTITIES = {
    "nbsp": " ", "amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "mdash": "\u2014", "ndash": "\u2013",
    "hellip": "\u2026", "lsquo": "\u2018", "rsquo": "\u2019", "ldquo": "\u201c", "rdquo": "\u201d", "shy": "",
}  # fmt: skip
NAMES = "|".join(ENTITIES)
# Not any word in brackets behind words in square ones: both can be prose.
TARGET = r"\((?:\)|(?=[^()\s]*[:/.#@])[^()\s]*+(?:[ \t]++[\"'][^\"'\n]*+[\"'])?\))"
MARKUP = (
    ("&", re.compile(rf"&(?:amp;(?=(?:{NAMES});))*+({NAMES});"), lambda m: ENTITIES[m[1]], "character entities read"),
    ("\\", re.compile(r"(?<!\\)\\++(?=[!-/:-@\[\]^_`{|}~\u2018-\u201d]|[ \t]*+(?:\n|\Z))"), "", "escapes undone"),
    ("[^", re.compile(r"(?m)^ {0,3}\[\^[^\[\]\n]++\]:.*$"), OUT, "footnotes left out"),
    ("[^", re.compile(r"\[\^[^\[\]\s]++\]"), "", "footnote marks left out"),
    ("]:", re.compile(r"(?m)^ {0,3}\[[^\[\]\n]++\]:[ \t]+<?(?:https?:|[#/.]).*$"), OUT, "link targets left out"),
    ("![", re.compile(r"!\[[^\[\]\n]*+\]\([^()\n]*+\)"), OUT, "images left out"),
    ("]", re.compile(rf"\[([^\[\]\n]*+)\]{TARGET}"), r"\1", "links made text"),
    ("<", re.compile(r"<(https?://[^<>\s]++|[\w.+-]++@[^<>\s]++)>"), r"\1", "links made text"),
    ("<", re.compile(r"(?i)<hr\b[^<>\n]*+>"), "* * *", "HTML tags left out"),
    ("<", re.compile(r"(?i)<br\b[^<>\n]*+>[ \t]*+\n?"), "\n", "HTML tags left out"),
    ("<", re.compile(r"(?i)</?(?:i|em)(?:\s[^<>\n]*+)?>"), "*", "HTML tags left out"),
    (
        "<",
        re.compile(r"(?i)</?(?:p|div|span|b|strong|u|center|font|small|big|sup|sub|a)(?:\s[^<>\n]*+)?>"),
        OUT,
        "HTML tags left out",
    ),
    (">", re.compile(r"(?m)^[ \t]*+>[> \t]*+"), "", "block quote marks left out"),
)  # fmt: skip


def markdown_lines(text: str, source: str) -> tuple[list[str], list[int], list[Repair]]:
    """The lines of a Markdown file without what is not prose, and the number each has in the file.

    Headings, scene breaks and emphasis are left for the reader of plain text, which knows them.
    """
    text, cleaned = clean_characters(text, source)
    start = _front_matter_end(text)
    skipped = text.count("\n", 0, start)
    text, repairs = _without_comments(text[start:], source)
    for mark, pattern, by, what in MARKUP:
        if mark in text:  # quicker to look for than the pattern
            text, found = replaced(pattern, by, text, source, what)
            repairs += found
    repairs = [replace(repair, line=repair.line + skipped) for repair in repairs]
    if start:
        repairs.insert(0, Repair(source, 1, "front matter left out"))
    lines, numbers, number = [], [], skipped + 1
    for line in text.split("\n"):
        bare = line.replace(OUT, "").replace(LINE_OUT, "")
        if bare == line or bare.strip():
            lines.append(bare)
            numbers.append(number)
        number += 1 + line.count(LINE_OUT)
    return lines or [""], numbers or [1], cleaned + repairs


def _front_matter_end(text: str) -> int:
    """Where the text begins behind YAML between two `---` lines at the top; 0 where there is none."""
    if not text.startswith("---"):
        return 0
    position, keys = 0, False
    for number in range(FRONT_MATTER_LINES):
        end = text.find("\n", position)
        line = text[position : end if end >= 0 else len(text)].rstrip()
        if number and line in ("---", "..."):
            return (end + 1 if end >= 0 else len(text)) if keys else 0
        if (line != "---") if not number else (len(line) > 2000 or not YAML_LINE.fullmatch(line)):
            return 0
        keys = keys or bool(re.match(r"[\w\"'-]+:", line))
        if end < 0:
            return 0
        position = end + 1
    return 0


def _without_comments(text: str, source: str) -> tuple[str, list[Repair]]:
    kept, position, first, count = [], 0, 0, 0
    while (start := text.find(COMMENT_START, position)) >= 0:
        if (end := text.find(COMMENT_END, start + len(COMMENT_START))) < 0:
            break
        first = first or line_of(text, start)
        count += 1
        kept += [text[position:start], OUT, LINE_OUT * text.count("\n", start, end)]
        position = end + len(COMMENT_END)
    if not count:
        return text, []
    return "".join([*kept, text[position:]]), [Repair(source, first, f"HTML comments left out in {places(count)}")]
