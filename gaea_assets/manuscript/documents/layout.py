"""How a file sets its paragraphs."""

import re
from typing import NamedTuple

from gaea_assets.manuscript.documents.line_shapes import ends
from gaea_assets.manuscript.documents.line_widths import OVERFULL, wrap_width
from gaea_assets.manuscript.documents.pieces import Line
from gaea_assets.manuscript.documents.verse import VERSE_LENGTH, looks_like_verse, opens_speech

LONGEST_BLOCK = 12  # lines: with more of them on the average, blank lines set scenes apart
ONE_SENTENCE = 0.2  # of long lines, the most that hold more, where lines are sentences
SEVERAL = 0.5  # of long lines, the share that holds more where lines are paragraphs
FEWEST_LONG = 5
ENOUGH_LONG = 0.2  # of the lines, longer than a verse
SENTENCE_END = re.compile(
    r"(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\b[A-Z])[.!?\u2026][\"'\u201d\u2019)]*\s+[\"'\u201c\u2018(]?[A-Z]"
)


class Layout(NamedTuple):
    """How a file sets its paragraphs."""

    width: int | None
    """The column at which lines are broken, if they are."""
    indented: bool
    """Paragraphs begin with an indent."""
    blocks: bool
    """Where lines are joined, the blocks between blank lines are short: those or indents set paragraphs apart."""
    apart: bool
    """Blank lines set most paragraphs apart."""
    sentences: bool
    """In Markdown: each sentence has a line, and blank lines set paragraphs apart."""
    several: bool
    """The lines that are not alone mostly hold several sentences each, as paragraphs do."""
    markdown: bool

    @property
    def one_line_end_is_none(self) -> bool:
        """Whether a paragraph goes on behind a single line end."""
        return self.markdown and (self.apart or self.sentences or (self.blocks and not self.several))


def layout_of(groups: list[list[Line]], indented: bool, markdown: bool) -> Layout:
    """How a file sets its paragraphs, given the lines between its blank lines or indents."""
    broken = [group for group in groups if len(group) > 1 and not looks_like_verse(group)]
    width = wrap_width(broken)
    if width:
        lengths = [line.width for group in groups for line in group]
        if sum(length > OVERFULL * width for length in lengths) > 0.1 * len(lengths):
            width = None  # most of it is not; what is, its own lines tell
    blocks = sum(map(len, broken)) <= LONGEST_BLOCK * len(broken)
    single = sum(len(group) == 1 for group in groups)
    apart = single > len(broken) or (blocks and width is not None)
    long = [line.text for group in broken for line in group if len(line.text) > VERSE_LENGTH] if markdown else []
    share = sum(bool(SENTENCE_END.search(line)) for line in long) / len(long) if long else 0.0
    enough = len(long) >= ENOUGH_LONG * sum(map(len, broken)) > 0
    sentences = enough and share <= ONE_SENTENCE and blocks and not width and _are_sentences(broken)
    several = enough and share > SEVERAL and len(long) >= FEWEST_LONG
    return Layout(width, indented, blocks, apart, sentences, several, markdown)


def _are_sentences(broken: list[list[Line]]) -> bool:
    """Whether lines end as sentences do and are not spoken in turn."""
    inner = [line.text for group in broken for line in group[:-1]]
    behind = [line.text for group in broken for line in group[1:]]
    return sum(map(ends, inner)) >= 0.8 * len(inner) and sum(map(opens_speech, behind)) <= 0.5 * len(behind)
