"""Markdown's marks taken off a novel, the words and lines left as they are.

A Markdown parser would make lists of dialogue that begins with a dash, code of indented paragraphs and headings of the
lines above a scene break; so only the marks that are certain are touched, each by one pass that looks at no character
twice.
"""

import html
import re
from dataclasses import replace

from gaea_assets.manuscript.documents.cleaning import clean_characters
from gaea_assets.manuscript.documents.gaps import without_left_out
from gaea_assets.manuscript.documents.markdown_blocks import LINE_OUT, OUT, without_blocks, without_footnotes
from gaea_assets.manuscript.documents.pieces import LINE_KEPT, LITERAL, Source
from gaea_assets.manuscript.documents.repairs import Repair, replaced

FRONT_MATTER_LINES = 200
YAML_LINE = re.compile(r"\s*|\s+\S.*|#.*|-\s.*|[\w\"'][\w \"'.-]*:(?:\s.*)?")
TOML_LINE = re.compile(r"\s*|\s+\S.*|[#\[\]})\"'].*|[\w\"'.-]+(?: [\w.-]+)*\s*=.*")
FRONT_MATTER = {
    "---": (YAML_LINE, re.compile(r"[\w\"'-]+:"), ("---", "...")),
    "+++": (TOML_LINE, re.compile(r"[\w\"'.-]+\s*="), ("+++",)),
}
MULTIMARKDOWN = re.compile(
    r"(?i)\s*(?:title|author|subtitle):[ \t]*\S.*\n"
    r"(?:(?:[a-z][a-z \d-]{0,30}:[ \t]*\S.*|[ \t]+\S.*)\n){1,30}(?=[ \t]*\n)"
)
ENTITY = re.compile(r"&(?:amp;(?=#?\w++;))*+(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
HELD = str.maketrans({"<": "\x02", ">": "\x03"})  # text, not marks
NO_WORDS = str.maketrans({held: mark for mark, held in LITERAL.items()})
RELEASED = str.maketrans({"\x02": "<", "\x03": ">"})
# Not any word in brackets behind words in square ones: both can be prose.
TARGET = r"\((?:\)|(?=[^()\s]*[:/.#@])[^()\s]*+(?:[ \t]++[\"'][^\"'\n]*+[\"'])?\))"
TAG = r"#[^\W\d_][\w/-]*+"
ADDED = "\x04"  # stands before a line end that the file has not
LINE_BREAK = re.compile(r"(?<=[^\s\\])(?: {2,}|\\)(?=\n[ \t>]*+[^\s>])")
MARKUP = (
    ("&", ENTITY, lambda match: _entity(match), "character entities read"),
    (
        "\\",
        re.compile(r"(?<!\\)\\++(?:([*_#])|(?=[!-/:-@\[\]^_`{|}~\u2018-\u201d]|[ \t]*+(?:\n|\Z)))"),
        lambda match: LITERAL[match[1]] if match[1] else "",
        "escapes undone",
    ),
    ("![[", re.compile(r"!\[\[[^\[\]\n]*+\]\]"), OUT, "images left out"),
    (
        "[[",
        re.compile(r"\[\[(?:[^\[\]|\n]++\|)?([^\[\]|\n]++)\]\]"),
        r"\1",
        "links between notes made text",
    ),
    ("==", re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]++)(?<=\S)==(?![=\w])"), r"\1", "highlights made plain"),
    ("^[", re.compile(r"\^\[[^\[\]\n]*+\]"), OUT, "inline notes left out"),
    ("^", re.compile(r"(?m)(?:^|(?<=\S)[ \t]++)\^[A-Za-z0-9-]++[ \t]*$"), OUT, "names of paragraphs left out"),
    ("[!", re.compile(r"(?m)^([ \t]*+>[> \t]*+)\[![\w-]++\][+-]?[ \t]*"), r"\1", "marks of callouts left out"),
    (
        "{",
        re.compile(r"(?m)^([ \t]*+#{1,6}[ \t][^{\n]*?)[ \t]*+\{[#.][^{}\n]*+\}[ \t]*$"),
        r"\1",
        "attributes of headings left out",
    ),
    ("#", re.compile(rf"(?m)^[ \t]*+{TAG}(?:[ \t]++{TAG})*+[ \t]*$"), OUT, "lines of tags left out"),
    ("[^", re.compile(r"\[\^[^\[\]\s]++\]"), "", "footnote marks left out"),
    ("]:", re.compile(r"(?m)^ {0,3}\[[^\[\]\n]++\]:[ \t]+<?(?:https?:|[#/.]).*$"), OUT, "link targets left out"),
    ("![", re.compile(r"!\[[^\[\]\n]*+\]\([^()\n]*+\)(?:\{[^{}\n]*+\})?"), OUT, "images left out"),
    ("]{", re.compile(r"\[([^\[\]\n]*+)\]\{[#.][^{}\n]*+\}"), r"\1", "attributes of words left out"),
    ("]", re.compile(rf"\[([^\[\]\n]*+)\]{TARGET}"), r"\1", "links made text"),
    ("<", re.compile(r"<(https?://[^<>\s]++|[\w.+-]++@[^<>\s]++)>"), r"\1", "links made text"),
    ("<", re.compile(r"(?i)<hr\b[^<>\n]*+>"), "* * *", "HTML tags left out"),
    ("<", re.compile(r"(?i)<br\b[^<>\n]*+>[ \t]*+\n?"), f"{LINE_KEPT}\n", "HTML tags left out"),
    ("<", re.compile(r"(?i)</?(?:i|em)(?:\s[^<>\n]*+)?>"), "*", "HTML tags left out"),
    (
        "<",
        re.compile(r"(?i)</(?:p|div)>[ \t]*+(?=\S)|(?<=[^\s>])[ \t]*+(?=<(?:p|div)(?:\s[^<>\n]*+)?>)"),
        f"{ADDED}\n{ADDED}\n",
        "HTML paragraphs set apart",
    ),
    (
        "<",
        re.compile(r"(?i)</?(?:p|div|span|b|strong|u|center|font|small|big|sup|sub|a)(?:\s[^<>\n]*+)?>"),
        OUT,
        "HTML tags left out",
    ),
    ("```", re.compile(r"(?m)^ {0,3}`{3,}[\w-]*[ \t]*$"), OUT, "fences left out"),
    (":::", re.compile(r"(?m)^ {0,3}:{3,}(?:[ \t]*\{[^{}\n]*\}|[ \t]*[\w-]*)[ \t]*$"), OUT, "fences left out"),
    (">", re.compile(r"(?m)^[ \t]*+>[> \t]*+"), "", "block quote marks left out"),
)  # fmt: skip


def markdown_lines(text: str, source: str) -> Source:
    """The lines of a Markdown file without what is not prose.

    Headings, scene breaks and emphasis are left for the reader of plain text, which knows them.
    """
    text, cleaned = clean_characters(text, source)
    start = _front_matter_end(text)
    skipped = text.count("\n", 0, start)
    text, repairs = without_blocks(text[start:], source)
    text, found_notes = without_footnotes(text, source)
    repairs += found_notes
    text = LINE_BREAK.sub(LINE_KEPT, text)
    for mark, pattern, by, what in MARKUP:
        if mark in text:  # quicker to look for than the pattern
            text, found = replaced(pattern, by, text, source, what)
            repairs += found
    repairs = [replace(repair, line=repair.line + skipped) for repair in repairs]
    if start:
        repairs.insert(0, Repair(source, 1, "front matter left out"))
    number = skipped + 1
    kept: list[tuple[str | None, int]] = []
    for line in text.split("\n"):
        bare = line.replace(OUT, "").replace(LINE_OUT, "").replace(ADDED, "").translate(RELEASED)
        if not any(map(str.isalnum, bare)):
            bare = bare.translate(NO_WORDS)  # an escaped scene break
        kept.append((None if (OUT in line or LINE_OUT in line) and not bare.strip() else bare, number))
        number += line.count(LINE_OUT) + (not line.endswith(ADDED))
    lines, numbers = without_left_out(kept)
    return Source(lines or [""], numbers or [1], cleaned + repairs, markdown=True)


def _entity(match: re.Match[str]) -> str:
    text = html.unescape(f"&{match[1]};")
    return "" if text == "\u00ad" else " " if text.isspace() else text.translate(HELD)


def _front_matter_end(text: str) -> int:
    """Where the text begins behind YAML between `---` lines, TOML between `+++` or `Title: ...` at the top, else 0."""
    if match := MULTIMARKDOWN.match(text):
        return match.end()
    fence = text[:3]
    if fence not in FRONT_MATTER:
        return 0
    kind, key, closing = FRONT_MATTER[fence]
    position, keys = 0, False
    for number in range(FRONT_MATTER_LINES):
        end = text.find("\n", position)
        line = text[position : end if end >= 0 else len(text)].rstrip()
        if number and line in closing:
            return (end + 1 if end >= 0 else len(text)) if keys else 0
        if (line != fence) if not number else (len(line) > 2000 or not kind.fullmatch(line)):
            return 0
        keys = keys or bool(key.match(line))
        if end < 0:
            return 0
        position = end + 1
    return 0
