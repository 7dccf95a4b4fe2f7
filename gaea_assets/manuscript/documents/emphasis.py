"""Bold taken off and italics between asterisks."""

import re

from gaea_assets.manuscript.documents.pieces import LITERAL, Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

STRONG = re.compile(r"(?<!\*)\*{2,3}(?!\*)|(?<!_)_{2,3}(?!_)")
UNDERSCORE = re.compile(r"(?<!_)_(?!_)")
REACH = 4
"""Characters looked at beside a run of marks: as many as other marks may stand there."""
HELD = re.compile(f"[{''.join(LITERAL.values())}]")
HELD_HEADING = re.compile(rf"(?m)^{LITERAL['#']}(?={LITERAL['#']}*(?:\s|\Z))")


def with_emphasis(paragraph: Paragraph, bold_to_plain: bool, tally: Tally) -> Paragraph:
    """A paragraph of prose with its italics between asterisks and, where asked for, its bold made plain."""
    text = paragraph.text
    if paragraph.kind == "prose" and bold_to_plain and (text := without_bold(text)) != paragraph.text:
        tally.add("bold made plain", paragraph.number)
    if paragraph.kind == "prose" and (new := underscores_to_asterisks(text)) != text:
        tally.add("_italics_ made *italics*", paragraph.number)
        text = new
    return paragraph._replace(text=text)


def with_literal_marks(paragraph: Paragraph, tally: Tally) -> Paragraph:
    """The paragraph with the marks that its author escaped.

    Where an asterisk could be taken for italics, or a number sign for a heading, by whoever reads the text next, a
    character that looks like it stands for it.
    """
    text = paragraph.text
    if not HELD.search(text):
        return paragraph
    asterisk = "*" if text.count(LITERAL["*"]) + text.count("*") == 1 else "\u2217"
    text = HELD_HEADING.sub("\uff03", text)
    if "\uff03" in text or (asterisk != "*" and LITERAL["*"] in text):
        tally.add("escaped * and # made \u2217 and \uff03", paragraph.number)
    for mark, plain in (("*", asterisk), ("_", "_"), ("#", "#")):
        text = text.replace(LITERAL[mark], plain)
    return paragraph._replace(text=text)


def without_bold(text: str) -> str:
    """A paragraph with `**bold**` made plain and `***both***` made italics."""
    return _paired(STRONG, text)


def underscores_to_asterisks(text: str) -> str:
    """A paragraph with `_italics_` made `*italics*`; `snake_case` stays."""
    return _paired(UNDERSCORE, text)


def _paired(runs: re.Pattern[str], text: str) -> str:
    """`text` with the runs of marks that pair up rewritten: `**`, `__` away, `***`, `___`, `_` to `*`."""
    if not runs.search(text):
        return text
    new: dict[int, tuple[int, str]] = {}
    opened: dict[str, list[int]] = {}
    for match in runs.finditer(text):
        run, start, end = match[0], match.start(), match.end()
        before, after = text[max(0, start - REACH) : start], text[end : end + REACH]
        inside_word = run[0] == "_"
        # A mark that stands alone is no word to close at or to open.
        closes = bool(before.rstrip("*_")[-1:].strip()) and not (inside_word and after[:1].isalnum())
        opens = bool(after.lstrip("*_")[:1].strip()) and not (inside_word and before[-1:].isalnum())
        if closes and opened.get(run):
            new[opened[run].pop()] = new[start] = (len(run), "" if len(run) == 2 else "*")
        elif closes and len(run) == 3 and opened.get(run[:2]):
            new[opened[run[:2]].pop()], new[start] = (2, ""), (3, "*")
        elif closes and len(run) == 2 and opened.get(run + run[0]):
            new[opened[run + run[0]].pop()], new[start] = (3, "*"), (2, "")
        elif opens:
            opened.setdefault(run, []).append(start)
    pieces, position = [], 0
    for start in sorted(new):
        length, by = new[start]
        beside = "*" in (text[start - 1 : start], text[start + length : start + length + 1])
        pieces += [text[position:start], "" if beside else by]
        position = start + length
    return "".join([*pieces, text[position:]])
