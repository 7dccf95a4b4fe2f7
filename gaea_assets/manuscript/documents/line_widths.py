"""The column at which the lines of a text were broken to fit."""

from collections.abc import Sequence
from itertools import pairwise

from gaea_assets.manuscript.documents.line_shapes import begins_lower
from gaea_assets.manuscript.documents.pieces import Line

NARROWEST, WIDEST = 40, 160  # columns at which prose is hard-wrapped
OVERFULL = 1.25  # times the width: a line longer than that was not broken there


def wrap_width(groups: Sequence[list[Line]]) -> int | None:
    """The column at which the lines were broken to fit, if they were.

    A line was broken there if the next line's first word would have gone beyond, and prose so broken mostly goes on in
    lower case.
    """
    pairs = [pair for group in groups for pair in pairwise(group)]
    if not pairs:
        return None
    lengths = sorted(line.width for line, _ in pairs)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    if not NARROWEST <= width <= WIDEST:
        return None
    full = [following.text for line, following in pairs if fits(line, following, width)]
    cased = [text for text in full if text[0].isalpha()]
    if len(full) < 0.3 * len(pairs) or not cased or sum(map(begins_lower, cased)) < 0.5 * len(cased):
        return None
    return width


def fits(line: Line, following: Line, width: int) -> bool:
    """Whether the line was as full as it could be."""
    length = line.width
    return length <= OVERFULL * width and length + 1 + len(following.text[:WIDEST].split(" ", 1)[0]) > width
