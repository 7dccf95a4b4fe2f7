"""One kind of quotation marks, and dashes where hyphens stand for them."""

import re

from gaea_assets.manuscript.documents.line_shapes import OPENING
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Repair, Tally, places, replaced
from gaea_assets.manuscript.lines import line_of

CURLY, STRAIGHT = "\u201c\u201d\u2018\u2019", "\"'"
TO_STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})
ELISION = re.compile(
    r"'(?:\d|(?:tis|twas|twere|twill|twould|em|til|till|cause|bout|round|n|neath|gainst)\b)", re.IGNORECASE
)
HYPHENS = re.compile(r"(?<!-)-{2,3}(?!-)")
QUOTES = re.compile("[\"']")


def one_kind_of_quotes(text: str, source: str) -> tuple[str, list[Repair]]:
    """`text` with the rarer kind of quotation marks, curly or straight, made like the others."""
    straight = sum(map(text.count, STRAIGHT))
    curly = sum(map(text.count, CURLY))
    if not straight or not curly or "\u201e" in text:  # German closes with what English opens with
        return text, []
    if straight >= curly:
        first = min(position for mark in CURLY if (position := text.find(mark)) >= 0)
        what = f"curly quotes made straight like the others in {places(curly)}"
        return text.translate(TO_STRAIGHT), [Repair(source, line_of(text, first), what)]
    return replaced(QUOTES, _curled, text, source, "straight quotes made curly like the others")


def _curled(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    before = text[max(start - 4, 0) : start].rstrip("*_")[-1:]
    after = text[end : end + 4].lstrip("*_")[:1]
    opens = (
        before == ""
        or before.isspace()
        or before in "([{\"'\u201c\u2018"
        or (before in "\u2014\u2013-" and after.isalnum())
    )
    opens = opens and after != "" and not after.isspace()
    if match[0] == '"':
        return "\u201c" if opens else "\u201d"
    return "\u2018" if opens and not ELISION.match(text, start) else "\u2019"


def with_dashes(paragraph: Paragraph, tally: Tally) -> Paragraph:
    """A paragraph with `--` and `---` made dashes where they stand for one."""
    if paragraph.kind == "break" or "--" not in paragraph.text:
        return paragraph
    text = HYPHENS.sub(lambda match: "\u2014" if _is_dash(match) else match[0], paragraph.text)
    if text != paragraph.text:
        tally.add("-- made a dash", paragraph.number, text.count("\u2014") - paragraph.text.count("\u2014"))
    return paragraph._replace(text=text)


def _is_dash(match: re.Match[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    if before in ("", "\n"):  # opens a line of speech
        following = text[end + 1 : end + 2] if after in (" ", "\t") else after
        return following.isalpha() or (following != "" and following in OPENING)
    if before.isspace():
        return after in ("", "\n") or after.isspace()
    if before.isdigit() and after.isdigit():
        return False
    return before not in "|+=" and after not in tuple("|+=>") and text[max(start - 2, 0) : start] != "<!"
