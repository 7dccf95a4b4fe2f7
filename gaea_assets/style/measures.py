"""The measures by the transfer formula: the transfer score, vocabulary and sentence structure."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style import similarity, structure, vocabulary
from gaea_assets.style.arms import Arm
from gaea_assets.style.background import CHANNELS
from gaea_assets.style.measure import SCORED, Context, Matrix, Measure, ratio_measure, too_short
from gaea_assets.style.units import UNIT_WORDS


def transfer_measure(context: Context) -> Measure:
    """Transfer score: the fitted composite of Cosine Delta, character 3-grams and punctuation."""
    if not context.k:
        return too_short(context, "transfer")
    profile = similarity.build_profile(context.arms["train"].counts, context.background)

    def scores(arm: Arm, windows: Matrix) -> Matrix:
        return similarity.channel_scores(arm.counts, windows, profile, context.background)

    def show(composite: float) -> float:
        slope, intercept = _calibration(context)
        return float(slope * composite + intercept)

    return ratio_measure(context, "transfer", CHANNELS, scores, context.background.weights, show, by_tuned=False)


def _calibration(context: Context) -> tuple[float, float]:
    zero = similarity.log_odds(np.zeros(3), context.k * UNIT_WORDS, context.background)
    unit = np.zeros(3)
    unit[0] = 1 / context.background.weights[0]
    return float(similarity.log_odds(unit, context.k * UNIT_WORDS, context.background) - zero), float(zero)


def vocabulary_measure(context: Context) -> Measure:
    """Vocabulary: frequent words (Jensen-Shannon) and marker words (Zeta)."""
    if not context.k:
        return too_short(context, "vocabulary")
    arms = context.arms
    target = vocabulary.distribution(arms["train"], np.ones((1, arms["train"].size)))[0]
    tokens = {name: vocabulary.unit_words(arm) for name, arm in arms.items()}
    folds = _folds(context)
    lists = [
        vocabulary.zeta(
            vocabulary.arm_segments(arms["train"]),
            vocabulary.segments([u for u, f in zip(tokens["base"], folds["base"], strict=True) if f != number]),
        )
        for number in (0, 1)
    ]
    preferred = {name: vocabulary.preference(tokens[name], lists, folds[name]) for name in SCORED}

    def scores(arm: Arm, windows: Matrix) -> Matrix:
        divergence = vocabulary.jensen_shannon(vocabulary.distribution(arm, windows), target)
        words = np.maximum(windows @ arm.counts.words, 1)
        return np.stack([1 - divergence, 100 * (windows @ preferred[arm.name]) / words], 1)

    return ratio_measure(context, "vocabulary", ("frequent words", "marker words (Zeta)"), scores)


def _folds(context: Context) -> dict[str, NDArray[np.int64]]:
    """Two halves of the prompts, the same in every arm; of the texts when there is one prompt only."""
    labels = sorted({group for name in SCORED for group in context.arms[name].groups})
    if len(labels) > 1:
        half = {label: number % 2 for number, label in enumerate(labels)}
        return {n: np.array([half[g] for g in context.arms[n].unit_groups()], np.int64) for n in SCORED}
    return {n: np.arange(context.arms[n].size) % 2 for n in SCORED}


def words_gained(context: Context, most: int = 40) -> dict[str, Any]:
    """Marker words that the tuned model took up, and those it lacks, in uses per 10,000 words.

    Returns:
        `gained`, `missing` and `of_the_base` (those it kept), each a list of rows; empty with too little text.
    """
    if not context.k:
        return {}
    arms = context.arms
    found = vocabulary.zeta(vocabulary.arm_segments(arms["train"]), vocabulary.arm_segments(arms["base"]))
    rates = {}
    for name in ("train", "base", "tuned"):
        counts = Counter(word for unit in vocabulary.unit_words(arms[name]) for word in unit)
        rates[name] = {word: 1e4 * count / max(counts.total(), 1) for word, count in counts.items()}

    def row(word: str, strength: float) -> dict[str, Any]:
        return {
            "word": word,
            "zeta": round(strength, 3),
            **{n: round(r.get(word, 0.0), 2) for n, r in rates.items()},
        }

    gained: list[dict[str, Any]] = []
    missing: list[dict[str, Any]] = []
    for word, strength in found.author:
        half = (rates["train"].get(word, 0.0) + rates["base"].get(word, 0.0)) / 2
        (gained if rates["tuned"].get(word, 0.0) > half else missing).append(row(word, strength))
    kept = [row(word, strength) for word, strength in found.other]
    return {"gained": gained[:most], "missing": missing[:most], "of_the_base": kept[:most]}


def structure_measure(context: Context) -> Measure:
    """Sentence structure."""
    if not context.k:
        return too_short(context, "structure")
    counts = {name: structure.count_structure(arm) for name, arm in context.arms.items()}
    context.profile_cache["structure"] = counts

    def scores(arm: Arm, windows: Matrix) -> Matrix:
        return structure.similarities(counts[arm.name], windows, counts["train"])

    return ratio_measure(context, "structure", structure.PARTS, scores, by_tuned=False)
