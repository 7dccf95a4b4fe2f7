"""Score whole texts against an author: the function behind `gaea score`, for notebooks too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gaea_assets.style import background as bg
from gaea_assets.style import similarity
from gaea_assets.style.arms import Arm, build_arm
from gaea_assets.style.background import CHANNELS
from gaea_assets.style.counted import marker_measure, pov_measure
from gaea_assets.style.gates import Gate, memorisation_gate, repetition_gate
from gaea_assets.style.measure import Context, Measure, Part, window_units
from gaea_assets.style.measures import structure_measure, transfer_measure, vocabulary_measure
from gaea_assets.style.memorisation import TrainingIndex, lower_words
from gaea_assets.style.resampling import draw_groups, draw_windows, interval, project
from gaea_assets.style.scorecard import TARGETS

VERDICT_WORDS = 1000
HOLD_OUT = 0.2
BLOCK_UNITS = 5  # what is resampled of a text in one piece: 500 words, since neighbouring paragraphs are alike
WINDOW_UNITS = 20


def score_texts(
    candidates: Mapping[str, str],
    author: Sequence[str],
    base: Sequence[str] = (),
    *,
    person: str = "second",
    seed: int = 0,
    resamples: int = 1000,
) -> dict[str, Any]:
    """Score texts against an author.

    Args:
        candidates: Text by name.
        author: The author's texts. With a base, every fifth of 500 words is held out of the profile as the 100.
        base: Texts of a base model: the zero of the transfer scores.
        person: Declared narrative person.
        seed: Every draw of chance follows from it.
        resamples: Bootstrap replicates.

    Returns:
        `author` (words, files) and `candidates`: each with `file`, `words`, `similarity` (log-odds of the same
        author, comparable between authors), `interval`, `channels`, `gates`, `verdict`, `warnings` and, with a base,
        `transfer` by measure.
    """
    fitted = bg.load()
    whole = build_arm("train", author, fitted)
    index = TrainingIndex.build([lower_words(passage) for passage in whole.passages])
    profile = similarity.build_profile(whole.counts, fitted) if whole.size else None
    shared = _transfer_arms(whole, base) if base and whole.size else None
    rows = []
    for name, text in candidates.items():
        arm = build_arm("tuned", [text], fitted, names=whole.names)
        row: dict[str, Any] = {"file": name, "words": arm.words}
        row |= _similarity(arm, profile, seed, resamples)
        gates = [memorisation_gate({"train": whole, "tuned": arm}, index), repetition_gate(arm, fitted)]
        row["gates"] = [gate.to_dict() for gate in gates]
        row["warnings"] = _warnings(arm, whole)
        if any(not gate.passed for gate in gates):
            row["verdict"] = None
        if shared is not None:
            row["transfer"] = _transfer(shared, arm, gates, person, seed, resamples)
        rows.append(row)
    return {"schema_version": 1, "author": {"words": whole.words, "files": len(author)}, "candidates": rows}


def _similarity(arm: Arm, profile: similarity.Profile | None, seed: int, resamples: int) -> dict[str, Any]:
    """Log-odds with an interval over blocks of 500 words, and each channel's Fisher z."""
    nothing: dict[str, Any] = {"similarity": None, "interval": [None, None], "channels": {}, "verdict": None}
    if not arm.size or profile is None:
        return nothing
    fitted = bg.load()
    k = min(WINDOW_UNITS, arm.size)
    words = float(arm.counts.words.sum()) / arm.size * k
    rng = np.random.default_rng([seed, 3])
    windows = _successive(arm.size, k)
    channels = similarity.channel_scores(arm.counts, windows, profile, fitted).mean(0)
    value = float(similarity.log_odds(channels, words, fitted))
    low, high = _similarity_interval(arm, profile, value, words, rng, resamples)
    said = arm.words >= VERDICT_WORDS and (low > 0 or high < 0)
    verdict = ("by this author" if low > 0 else "not by this author") if said else None
    return {
        "similarity": value,
        "interval": [low if np.isfinite(low) else None, high if np.isfinite(high) else None],
        "channels": dict(zip(CHANNELS, map(float, channels), strict=True)),
        "verdict": verdict,
    }


def _successive(units: int, k: int) -> np.ndarray:
    """Successive windows of `k` units that cover a text evenly."""
    count = max(1, round(units / k))
    starts = np.linspace(0, units - k, count).round().astype(int)
    out = np.zeros((count, units))
    for row, start in enumerate(starts):
        out[row, start : start + k] = 1
    return out


def _similarity_interval(
    arm: Arm, profile: similarity.Profile, value: float, words: float, rng: np.random.Generator, resamples: int
) -> tuple[float, float]:
    """Interval of the log-odds: the text's own sampling error, by blocks, and the spread between texts as fitted."""
    fitted = bg.load()
    at = float(np.interp(np.log(words), np.log(fitted.lengths), fitted.spread))
    small = max(1, min(arm.size // 2, BLOCK_UNITS))
    if arm.size < 2 * small or arm.size < 2:
        return value - 1.96 * at, value + 1.96 * at
    # Windows must be shorter than the text to vary at all; only their deviations from their mean are used.
    k = max(1, min(WINDOW_UNITS, arm.size // 2))
    windows = draw_windows(arm.size, k, rng)
    scores = similarity.channel_scores(arm.counts, windows, profile, fitted) @ fitted.weights
    blocks = [str(unit // small) for unit in range(arm.size)]
    projection = project(scores[:, None], windows, blocks)
    draws = draw_groups([projection.groups], resamples, rng)[0]
    composite = projection.replicate(draws)[:, 0] - projection.mean[0]
    slope = float(np.interp(np.log(words), np.log(fitted.lengths), fitted.calibration[:, 0]))
    low, high = interval(slope * composite, len(projection.groups))
    return value + low, value + high


def _transfer_arms(whole: Arm, base: Sequence[str]) -> dict[str, Arm]:
    """The author's text parted into profile and held-out blocks, and the base model's text."""
    fitted = bg.load()
    pieces = _blocks(whole)
    step = round(1 / HOLD_OUT)
    held = [p for n, p in enumerate(pieces) if n % step == step - 1]
    kept = [p for n, p in enumerate(pieces) if n % step != step - 1]
    arms = {
        "train": build_arm("train", kept, fitted, names=whole.names),
        "heldout": build_arm("heldout", held, fitted, names=whole.names),
    }
    other = build_arm("base", base, fitted, names=whole.names)
    return arms | {"base": build_arm("base", _blocks(other), fitted, names=whole.names)}


def _blocks(arm: Arm) -> list[str]:
    """The arm's texts cut into blocks of about 500 words, paragraphs kept."""
    out: list[str] = []
    for passage, units in zip(arm.passages, arm.units, strict=True):
        blocks: dict[int, dict[int, list[str]]] = {}
        for sentence, number in zip(passage.sentences, (units - units[0]) // BLOCK_UNITS, strict=True):
            blocks.setdefault(int(number), {}).setdefault(sentence.paragraph, []).append(sentence.text)
        out.extend("\n\n".join(" ".join(group) for group in block.values()) for block in blocks.values())
    return out


def _transfer(
    shared: Mapping[str, Arm], arm: Arm, gates: Sequence[Gate], person: str, seed: int, resamples: int
) -> dict[str, Any]:
    fitted = bg.load()
    tuned = build_arm("tuned", _blocks(arm), fitted, names=arm.names) if arm.size else arm
    arms = {**shared, "tuned": tuned}
    context = Context(arms, fitted, window_units(arms), person, TARGETS, seed, resamples)
    if not all(a.size for a in arms.values()):
        return {name: _undefined("no text") for name in TARGETS}
    measures = (
        transfer_measure(context),
        vocabulary_measure(context)[0],
        structure_measure(context),
        marker_measure(context)[0],
        pov_measure(context),
    )
    failed = ", ".join(gate.name for gate in gates if not gate.passed)
    return {m.name: _row(m, failed) for m in measures}


def _undefined(reason: str) -> dict[str, Any]:
    return {
        "score": None,
        "interval": [None, None],
        "target": None,
        "passed": False,
        "undefined": reason,
        "gated": None,
    }


def _row(measure: Measure, failed: str) -> dict[str, Any]:
    return {
        "score": measure.score,
        "interval": [measure.low, measure.high],
        "target": measure.target,
        "passed": measure.passed and not failed,
        "undefined": measure.undefined,
        "gated": failed or None,
        "parts": {part.name: _part(part) for part in measure.parts},
    }


def _part(part: Part) -> dict[str, Any]:
    return {"score": part.score, "interval": [part.low, part.high], "undefined": part.undefined}


def _warnings(arm: Arm, author: Arm) -> list[str]:
    out = []
    if arm.words < VERDICT_WORDS:
        out.append(f"{arm.words} words are too few to say who wrote them; {VERDICT_WORDS} or more are needed")
    if author.words < 10_000:
        out.append(f"the author's profile rests on {author.words} words; 10,000 or more make it steady")
    return out
