"""Split oversized chunks where the narrative turns, so that the parts concatenate to the chunk."""

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from string import ascii_lowercase

import numpy as np

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.paragraphs import Paragraph, paragraphs
from gaea_assets.manuscript.reading import Chunk

# An opening that moves the story to another time or place.
TURN = re.compile(
    r"""^[*_"\u201c]*(?:
    (?:(?:\w+\s){0,4}(?:hours?|days?|weeks?|months?|years?|minutes?|nights?|evenings?|mornings?|winters?|summers?)\s
       (?:later|after|before|on|passed|went|had|out|into|earlier))
    |(?:the\s)?(?:next|following|same|second|third|other)\s(?:day|morning|evening|night|week|afternoon|year)
    |(?:in|on|at|by|before|after|towards?|during|through|until|since|all|one|late|early|from)\s
       (?:the\s|that\s|this\s|a\s)?(?:\w+\s)?
       (?:morning|evening|night|nightfall|noon|midnight|dawn|dusk|dark|daybreak|sunrise|sunset|afternoon|day|week|
          month|year|spring|summer|autumn|winter|supper|breakfast|light|o'clock|\w+day|tide|time)
    |(?:when|by\sthe\stime|long\s(?:before|after)|meanwhile|elsewhere|afterwards?|later|back\s(?:at|in|on)|outside|
       across\s|down\s(?:in|at|by)|up\s(?:in|on|at)|beyond|far\s|some\stime|once\s)\b
    |(?:at|in|on)\sthe\s\w+
    |(?:it|that)\s(?:was|is)\s(?:\w+\s){0,3}(?:morning|evening|night|noon|dawn|dusk|dark|day|winter|spring|summer|autumn|when)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
WORD = re.compile(r"[^\W\d_]{4,}")
WINDOW = 6
"""Paragraphs on each side that the vocabulary is compared over."""
BREAK_SCORE, TURN_SCORE, DIALOGUE_SCORE = 20.0, 1.5, -1.5


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


def boundary_scores(paras: list[Paragraph]) -> np.ndarray:
    """How strongly the narrative turns in front of each paragraph.

    Args:
        paras: The n paragraphs of a chunk.

    Returns:
        Array (n,): a cue for a new time or place, plus the drop in shared vocabulary (TextTiling,
        Hearst 1997) in standard deviations; -inf where the text must not be split: at the start and
        between two speeches.
    """
    bags = [Counter(word.lower() for word in WORD.findall(para.text)) for para in paras]
    dips = np.array([_dip(bags, gap) for gap in range(len(paras))])
    scores = (dips - dips.mean()) / (dips.std() or 1.0)
    for gap, para in enumerate(paras):
        before = paras[gap - 1]
        if gap == 0 or para.is_break or (before.is_dialogue and para.is_dialogue):
            scores[gap] = -math.inf
        elif before.is_break:
            scores[gap] += BREAK_SCORE
        else:
            scores[gap] += TURN_SCORE * bool(TURN.match(para.text)) + DIALOGUE_SCORE * para.is_dialogue
    return scores


def _dip(bags: list[Counter[str]], gap: int) -> float:
    """1 - cosine similarity of the vocabulary on both sides of a gap."""
    left = sum(bags[max(0, gap - WINDOW) : gap], Counter())
    right = sum(bags[gap : gap + WINDOW], Counter())
    dot = sum(count * right[word] for word, count in left.items())
    norm = math.sqrt(sum(n * n for n in left.values()) * sum(n * n for n in right.values()))
    return 1 - dot / norm if norm else 0.0


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
