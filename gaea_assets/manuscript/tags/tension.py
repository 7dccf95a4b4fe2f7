"""How tense a chunk is, by words of danger and alarm against words of ease, and by haste in its sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gaea_assets.manuscript.tags.stretches import Array, rates
from gaea_assets.manuscript.tags.tag_words import classes
from gaea_assets.style.tokens import WORD, sentences

STRETCH_WORDS = 150
WEIGHTS = Path(__file__).parent / "data" / "tension_weights.json"
_CLASSES = ("danger", "arousal", "pressure", "calm", "force", "motion", "habit", "setting", "mental", "handling")
FIGURES = (*_CLASSES, "exclamation", "question", "dash", "sentences")


@dataclass(frozen=True)
class TensionWeights:
    """What was fitted: shapes (figures,), and the log-odds of a passage of general fiction."""

    mean: Array
    sd: Array
    weights: Array
    bias: float


def tension(paragraphs: Sequence[str], weights: TensionWeights | None = None) -> float:
    """Tension from 0 to 1: the mean over the tenser half of the chunk's stretches of about 150 words.

    Args:
        paragraphs: Canonical paragraphs, speech and all. Without a word the tension is 0.
        weights: Fitted weights; those that ship if not given.
    """
    return level(stretches_of(paragraphs), weights or shipped())


def level(figures: Array, weights: TensionWeights) -> float:
    """Tension of a chunk by its stretches' figures, shape (stretches, figures)."""
    if not len(figures):
        return 0.0
    odds = ((figures - weights.mean) / weights.sd).clip(-3, 3) @ weights.weights + weights.bias
    levels = np.sort(1 / (1 + np.exp(-odds)))
    return float(levels[len(levels) // 2 :].mean())


def stretches_of(paragraphs: Sequence[str]) -> Array:
    """Figures of stretches of about 150 words, per word, shape (stretches, figures)."""
    table = classes()
    lengths: list[int] = []
    classed: list[list[int]] = []
    marks: list[tuple[int, int, int, int]] = []
    for paragraph in paragraphs:
        for sentence in sentences(paragraph):
            words = WORD.findall(sentence.lower())
            if not words:
                continue
            classed.append([table[word] for word in words if word in table])
            marks.append((sentence.count("!"), sentence.count("?"), sentence.count("—") + sentence.count("..."), 1))
            lengths.append(len(words))
    if not lengths:
        return np.zeros((0, len(FIGURES)))
    return rates(lengths, classed, _CLASSES, marks, STRETCH_WORDS)[0]


@cache
def shipped() -> TensionWeights:
    """The weights that ship with the package."""
    return weights_from(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def weights_from(record: Mapping[str, Mapping[str, float]]) -> TensionWeights:
    """Weights from their written form: every number under the name of its figure."""
    mean, sd, weights = (np.array([record[part][name] for name in FIGURES]) for part in ("mean", "sd", "weights"))
    return TensionWeights(mean, sd, weights, record["bias"]["general fiction"])
