"""Which `---` right below a line underlines a heading, and which is a scene break."""

import re
from collections.abc import Sequence
from statistics import median

from gaea_assets.manuscript.documents.line_shapes import is_title, is_title_case
from gaea_assets.manuscript.documents.sections import FEWEST, SECTION_WORDS

DASHES = re.compile(r"-{3,}")
LIKE_BREAKS = 5  # dashes: an author's scene break has fewer
NEAR = 2  # characters between the length of a title and that of its underline


def underlines(lines: Sequence[str]) -> frozenset[int]:
    """The indices of the lines of dashes that make the line above a heading, as Markdown has it.

    Those as long as the title do; `---` only where three or more stand below titles with sections of the usual length
    between them and none stands alone, between blank lines: else it is the author's scene break.

    Args:
        lines: Of the file, without spaces at their ends.
    """
    below = [index for index, line in enumerate(lines) if index and line[:3] == "---" and DASHES.fullmatch(line)]
    short = [index for index in below if _is_below_title(lines, index) and is_title_case(lines[index - 1])]
    alone = any(not lines[index - 1] for index in below)
    drawn = {index for index in below if _is_below_title(lines, index) and _is_drawn(lines[index - 1], lines[index])}
    return frozenset(drawn if alone or not _divide(lines, short) else drawn.union(short))


def _is_below_title(lines: Sequence[str], index: int) -> bool:
    return is_title(lines[index - 1]) and (index == 1 or not lines[index - 2])


def _is_drawn(title: str, dashes: str) -> bool:
    return len(dashes) >= LIKE_BREAKS and abs(len(dashes) - len(title)) <= NEAR


def _divide(lines: Sequence[str], found: Sequence[int]) -> bool:
    if len(found) < FEWEST:
        return False
    ends = [*found[1:], len(lines)]
    sizes = (sum(len(line.split()) for line in lines[start:end]) for start, end in zip(found, ends, strict=True))
    return median(sizes) >= SECTION_WORDS
