"""Text typed with an empty line below each of its lines."""

from itertools import groupby, pairwise

from gaea_assets.manuscript.documents.line_shapes import begins_lower
from gaea_assets.manuscript.documents.line_widths import wrap_width
from gaea_assets.manuscript.documents.pieces import Block
from gaea_assets.manuscript.documents.repairs import Tally

FEWEST = 20
MOST = 0.9
GOES_ON = 0.4  # of the lines, the least share that begins in lower case


def single_spaced(blocks: list[Block], tally: Tally) -> list[Block]:
    """The blocks, those joined that are lines of a hard-wrapped text with an empty line below each."""
    if not _is_double_spaced(blocks):
        return blocks
    found: list[Block] = []
    for block in blocks:
        before = found[-1] if found else None
        if before is not None and before.kind == block.kind == "prose" and block.gap == 1:
            before.lines.extend(block.lines)
            tally.add("double-spaced lines made single-spaced", block.lines[0].number)
        else:
            gap = max((block.gap - 1) // 2, min(block.gap, 1))
            found.append(Block(block.kind, list(block.lines), gap))
    return found


def _is_double_spaced(blocks: list[Block]) -> bool:
    """Whether nearly all blocks are one line, and these were broken to fit a width."""
    prose = [block for block in blocks if block.kind == "prose"]
    single = sum(len(block.lines) == 1 for block in prose)
    near = sum(b.gap == 1 for a, b in pairwise(blocks) if a.kind == b.kind == "prose")
    lower = sum(begins_lower(block.lines[0].text) for block in prose)
    if len(prose) < FEWEST or single < MOST * len(prose) or min(near, lower) < GOES_ON * len(prose):
        return False
    stretches = [
        [line for block in run for line in block.lines]
        for kind, run in groupby(blocks, lambda block: block.kind)
        if kind == "prose"
    ]
    return wrap_width(stretches) is not None
