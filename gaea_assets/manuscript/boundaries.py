"""Score how strongly the narrative turns in front of each paragraph, by weights fitted on removed chapter breaks.

What is looked at comes from the literature on finding scenes: cues of time and place that open a scene and the
shift of time, place, participants and action (Zehe et al. 2021, *Detecting Scenes in Fiction*), the drop in shared
vocabulary (TextTiling, Hearst 1997), chains of words that end or begin (Morris and Hirst 1991), and the typical
words of first and last sentences. Nothing looks at the position in the text. `benchmarks/boundary_fit.py` fits the
weights and `docs/boundaries.md` reports how well they find breaks of authors that they were not fitted on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from gaea_assets.manuscript.boundary_features import Array, features, lexicon_words
from gaea_assets.manuscript.paragraphs import Paragraph

BREAK_SCORE = 20.0
"""Log-odds of an explicit break: above any sum of fitted ones."""
WITHIN_TALE = 4.0
"""Log-odds that a gap inside one long speech is worth less than its words say: it comes after those outside."""
BETWEEN_SPEECHES = 1e9
"""Log-odds that a gap between two speeches is worth less: above any sum of costs, so that the fewest of them win."""


@dataclass(frozen=True)
class Weights:
    """Fitted weights.

    Attributes:
        intercept: Log-odds where every other term is 0.
        features: By figure, its mean, its standard deviation and the weights of `bends`.
        lexicons: By lexicon, the weight of each word.
    """

    intercept: float
    features: dict[str, list[float]]
    lexicons: dict[str, dict[str, float]]


@cache
def load_weights() -> Weights:
    """The weights that ship with the package."""
    text = (resources.files(__package__) / "data" / "boundary_weights.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return Weights(data["intercept"], data["features"], data["lexicons"])


class Dialogue(IntEnum):
    """How far a text may be split inside dialogue, each including the ones before it."""

    NEVER = 0
    TALES = 1
    """Where one speech goes on: a tale told, a letter read out."""
    SPEECHES = 2
    """Between two speeches, as few times as can be."""


def boundary_scores(paras: Sequence[Paragraph], *, dialogue: Dialogue = Dialogue.NEVER) -> Array:
    """How strongly the narrative turns in front of each paragraph.

    Args:
        paras: The n paragraphs of a text.
        dialogue: Where in dialogue the text may be split.

    Returns:
        Array (n,) of log-odds that a scene begins with the paragraph; `BREAK_SCORE` behind an explicit break;
        -inf where the text must not be split: at the start, in front of a break and between two speeches.
    """
    scores = log_odds([para.text for para in paras])
    begins = [para.begins_spoken for para in paras]
    ends = [para.ends_spoken for para in paras]
    for gap, para in enumerate(paras):
        before = paras[gap - 1]
        spoken = ends[gap - 1] and begins[gap]
        if gap == 0 or para.is_break:
            scores[gap] = -np.inf
        elif before.is_break:
            scores[gap] = BREAK_SCORE
        elif spoken and dialogue and before.goes_on:
            scores[gap] -= WITHIN_TALE
        elif spoken:
            scores[gap] -= BETWEEN_SPEECHES if dialogue is Dialogue.SPEECHES else np.inf
    return scores


def log_odds(texts: Sequence[str]) -> Array:
    """Log-odds that a scene begins with each paragraph, shape (paragraphs,), by its words alone."""
    weights = load_weights()
    if len(texts) < 2:
        return np.full(len(texts), weights.intercept)
    figures = features(texts)
    scores = np.full(len(texts), weights.intercept)
    for name, (mean, deviation, *bent) in weights.features.items():
        scores += np.array(bent) @ bends((figures[name] - mean) / deviation)
    for name, words in lexicon_words(texts).items():
        table = weights.lexicons[name]
        scores += [sum(table.get(word, 0.0) for word in of_gap) for of_gap in words]
    return scores


def bends(z: Array) -> Array:
    """A standardised figure, kept from extremes, and how far it is above 0, above 1 and below -1, stacked in front.

    Weights of these make a line with three bends (a piecewise-linear additive model), since a figure's effect
    often stops at an ordinary value.
    """
    z = np.clip(z, -4, 4)
    return np.stack([z, np.maximum(z, 0), np.maximum(z - 1, 0), np.maximum(-1 - z, 0)])
