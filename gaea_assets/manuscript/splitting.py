"""Split oversized chunks where the narrative turns, so that the parts concatenate to the chunk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.boundaries import Dialogue, boundary_scores
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.paragraphs import paragraphs

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

LENIENCE = 15
"""Percent above the most words that a chunk may have rather than be cut between two speeches."""
PART = 1e6
"""Cost of a part: above any sum of scores, so that the fewest parts win."""


@dataclass(frozen=True)
class Limits:
    """Sizes that the parts of a chunk keep to."""

    max_words: int
    min_words: int
    max_tokens: int
    """A part has at most this many tokens, the example's marks not counted."""


def split_chunk(chunk: Chunk, limits: Limits, count_tokens: Callable[[str], int]) -> list[Chunk]:
    """Split a chunk above the limits at its narrative boundaries; any other is returned as it is.

    As few parts as the limits allow; among those, the boundaries with the highest sum of scores. Where none outside
    dialogue will do, a chunk stays whole with up to 15 % more words, if its tokens allow it; else it is cut between
    speeches, as few times as can be (`broken_rules` tells of both).

    Args:
        chunk: The chunk; it stays as it is.
        limits: Sizes of the parts.
        count_tokens: Exact tokens of a text in the base model's vocabulary.

    Returns:
        Parts named `015a`, `015b`, ...; their texts concatenate to the chunk's text.

    Raises:
        GaeaError: A paragraph is above the limits.
    """
    tokens = count_tokens(chunk.text)
    if chunk.words <= limits.max_words and tokens <= limits.max_tokens:
        return [chunk]
    utmost = limits.max_words * (100 + LENIENCE) // 100
    for dialogue, least, most, whole_to in (
        (Dialogue.NEVER, limits.min_words, limits.max_words, 0),
        # A tale told in one speech of many paragraphs is cut between them where there is no other way.
        (Dialogue.TALES, limits.min_words, limits.max_words, utmost),
        (Dialogue.SPEECHES, limits.min_words, limits.max_words, 0),
        (Dialogue.SPEECHES, 1, utmost, 0),
    ):
        texts = _fitting(chunk.text, replace(limits, min_words=least, max_words=most), count_tokens, dialogue)
        if texts:
            return [
                replace(chunk, name=chunk.name + letter, text=text)
                for letter, text in zip(_letters(len(texts)), texts, strict=True)
            ]
        if chunk.words <= whole_to and tokens <= limits.max_tokens:
            return [chunk]
    raise GaeaError(
        f"{chunk.source}: {chunk.words} words, {tokens} tokens, and a paragraph of it alone is above {utmost} words "
        f"or {limits.max_tokens} tokens: put a blank line, or a line `* * *` between blank lines, where it may be "
        f"split, or change manuscript.max_words"
    )


def broken_rules(parts: Sequence[Chunk], limits: Limits) -> list[str]:
    """What the parts of a chunk break of the rules for want of a better place: a line for each, none where nothing.

    Args:
        parts: As `split_chunk` gives them.
        limits: Those it was given.
    """
    told = [
        f"{part.source}, part {part.name}: {part.words:,} words, {'above' if above else 'below'} {limit:,}"
        for part in parts
        for above, limit in ((True, limits.max_words), (False, limits.min_words))
        if (part.words > limit if above else len(parts) > 1 and part.words < limit)
    ]
    for before, part in pairwise(parts):
        last, first = paragraphs(before.text)[-1], paragraphs(part.text)[0]
        if last.ends_spoken and first.begins_spoken and not last.goes_on:
            begins = " ".join(first.text.split()[:8])
            told.append(f"{part.source}, part {part.name}: begins between two speeches ({begins} ...)")
    return told


def _fitting(text: str, limits: Limits, count_tokens: Callable[[str], int], dialogue: Dialogue) -> list[str]:
    """The best parts whose exact tokens are within the limit; empty where there are none."""
    budget = limits.max_tokens
    for _ in range(4):
        texts = _cut(text, replace(limits, max_tokens=budget), count_tokens, dialogue)
        excess = max((count_tokens(part) - limits.max_tokens for part in texts), default=0)
        if excess <= 0:
            return texts
        # The sum over paragraphs can be a few tokens short of the exact count of the whole.
        budget -= excess + 1
    return []


def _cut(text: str, limits: Limits, count_tokens: Callable[[str], int], dialogue: Dialogue) -> list[str]:
    """The best parts by dynamic programming over the gaps; empty where there are none."""
    paras = paragraphs(text)
    starts = [0, *(para.start for para in paras[1:]), len(text)]
    pieces = [text[start:end] for start, end in pairwise(starts)]
    words = np.cumsum([0, *(len(piece.split()) for piece in pieces)])
    tokens = np.cumsum([0, *(count_tokens(piece) for piece in pieces)])
    costs = np.append(-boundary_scores(paras, dialogue=dialogue), 0.0)
    first = np.maximum(
        np.searchsorted(words, words - limits.max_words), np.searchsorted(tokens, tokens - limits.max_tokens)
    )
    behind = np.searchsorted(words, words - limits.min_words, side="right")
    cuts = way_back(cheapest_starts(first, behind, costs, lambda end, starts: np.full(len(starts), PART)))
    return [text[starts[a] : starts[b]] for a, b in pairwise(cuts)]


def cheapest_starts(
    first: Indices, behind: Indices, cut_costs: Array, part_costs: Callable[[int, Indices], Array]
) -> Indices:
    """For each gap, where the last part begins on the cheapest way from gap 0 to it; -1 where no way leads to it.

    Dynamic programming: linear in the gaps times the gaps that a part may begin at.

    Args:
        first: The first gap that a part which ends at the gap may begin at, shape (gaps,).
        behind: One behind the last gap that it may begin at, shape (gaps,).
        cut_costs: What it costs to cut at the gap, shape (gaps,); infinite where no cut is allowed.
        part_costs: Costs of the parts from some gaps (the array) to a gap (the number).
    """
    best = np.full(len(cut_costs), np.inf)
    chosen = np.full(len(cut_costs), -1, np.int64)
    best[0] = 0.0
    for end in np.flatnonzero(np.isfinite(cut_costs)):
        low, high = int(first[end]), min(int(behind[end]), int(end))
        if low >= high:
            continue
        costs = best[low:high] + part_costs(end, np.arange(low, high))
        start = int(np.argmin(costs))
        if np.isfinite(costs[start]):
            best[end], chosen[end] = costs[start] + cut_costs[end], low + start
    return chosen


def way_back(starts: Indices) -> list[int]:
    """The gaps of the way from gap 0 to the last, both included; empty where no way leads there.

    Args:
        starts: As `cheapest_starts` gives it.
    """
    gaps = [len(starts) - 1]
    while gaps[-1] > 0:
        gaps.append(int(starts[gaps[-1]]))
    return gaps[::-1] if gaps[-1] == 0 else []


def _letters(count: int) -> list[str]:
    """a, b, ..., z, aa, ab, ..."""
    return [ascii_lowercase[i // 26 - 1] * (i >= 26) + ascii_lowercase[i % 26] for i in range(count)]
