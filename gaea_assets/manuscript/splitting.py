"""Split oversized chunks where the narrative turns, so that the parts concatenate to the chunk."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from string import ascii_lowercase

import numpy as np

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.boundaries import boundary_scores
from gaea_assets.manuscript.paragraphs import paragraphs
from gaea_assets.manuscript.reading import Chunk


@dataclass(frozen=True)
class Limits:
    """Sizes that the parts of a chunk keep to."""

    max_words: int
    min_words: int
    max_tokens: int
    """A part has at most this many tokens, the example's marks not counted."""


def split_chunk(chunk: Chunk, limits: Limits, count_tokens: Callable[[str], int]) -> list[Chunk]:
    """Split a chunk above the limits at its narrative boundaries; any other is returned as it is.

    As few parts as the limits allow; among those, the boundaries with the highest sum of scores.

    Args:
        chunk: The chunk; it stays as it is.
        limits: Sizes of the parts.
        count_tokens: Exact tokens of a text in the base model's vocabulary.

    Returns:
        Parts named `015a`, `015b`, ...; their texts concatenate to the chunk's text.

    Raises:
        GaeaError: No set of boundaries outside dialogue gives parts within the limits.
    """
    tokens = count_tokens(chunk.text)
    if chunk.words <= limits.max_words and tokens <= limits.max_tokens:
        return [chunk]
    budget = limits.max_tokens
    for _ in range(4):
        texts = _cut(chunk.text, replace(limits, max_tokens=budget), count_tokens)
        excess = max((count_tokens(text) - limits.max_tokens for text in texts), default=0)
        if texts and excess <= 0:
            return [
                Chunk(chunk.name + letter, text, chunk.source)
                for letter, text in zip(_letters(len(texts)), texts, strict=True)
            ]
        # The sum over paragraphs can be a few tokens short of the exact count of the whole.
        budget -= excess + 1
    raise GaeaError(
        f"{chunk.source}: {chunk.words} words, {tokens} tokens, and no paragraph boundary outside dialogue "
        f"gives parts of {limits.min_words} to {limits.max_words} words below {limits.max_tokens} tokens: put "
        f"a line `* * *` where it may be split, or change manuscript.min_part_words or manuscript.max_words"
    )


def _cut(text: str, limits: Limits, count_tokens: Callable[[str], int]) -> list[str]:
    """The best parts by dynamic programming over the gaps; empty where there are none."""
    paras = paragraphs(text)
    starts = [0, *(para.start for para in paras[1:]), len(text)]
    pieces = [text[start:end] for start, end in pairwise(starts)]
    words = np.cumsum([0, *(len(piece.split()) for piece in pieces)])
    tokens = np.cumsum([0, *(count_tokens(piece) for piece in pieces)])
    scores = np.append(boundary_scores(paras), 0.0)
    last = len(paras)
    # best[end] = (parts, -score, start of the last part)
    best: dict[int, tuple[int, float, int]] = {0: (0, 0.0, 0)}
    for end in range(1, last + 1):
        options = [
            (best[start][0] + 1, best[start][1] - scores[end], start)
            for start in range(end)
            if start in best
            and limits.min_words <= words[end] - words[start] <= limits.max_words
            and tokens[end] - tokens[start] <= limits.max_tokens
        ]
        if options and math.isfinite(scores[end]):
            best[end] = min(options)
    if last not in best:
        return []
    cuts = [last]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    cuts.reverse()
    return [text[starts[a] : starts[b]] for a, b in pairwise(cuts)]


def _letters(count: int) -> list[str]:
    """a, b, ..., z, aa, ab, ..."""
    return [ascii_lowercase[i // 26 - 1] * (i >= 26) + ascii_lowercase[i % 26] for i in range(count)]
