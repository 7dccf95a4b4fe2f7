"""Weights behind scene type and tension: set by hand, those of tension then fitted on the development passages.

    .venv/bin/python benchmarks/tags_fit.py --corpus FOLDER

Means and deviations of the figures come from general fiction (the folder given, no labels). The weights start from
what a reader would expect (`SCENE`, `TENSION` below). Those of tension move from there only as far as the development
passages ask, by ridge towards the start; those of scene type stay, since a fit gained nothing on passages left out.
Writes `scene_weights.json` and `tension_weights.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from gaea_assets.manuscript.tags import scene_type as scene
from gaea_assets.manuscript.tags import tension as tense
from gaea_assets.manuscript.tags.telling import Telling, telling
from gaea_assets.style.tokens import WORD

Array = NDArray[np.float64]
LABELLED = Path(__file__).parents[1] / "gaea_assets_tests" / "manuscript" / "tags" / "data" / "tagged_passages.jsonl"
EXCERPT = 30_000
"""Characters out of the middle of each book."""
PULL = 3.0
"""How hard a weight is pulled towards where it started."""
LEVELS = {"low": 0.15, "middle": 0.5, "high": 0.85}
SCENE: dict[str, dict[str, float]] = {
    "action": {
        "motion": 0.7, "force": 0.8, "handling": 0.5, "adverbs": 0.5, "sudden": 0.3, "mental": -0.4, "inner": -0.5,
        "modal": -0.4, "habit": -0.4, "setting": -0.3, "copula": -0.4, "past perfect": -0.2, "passive": -0.1,
        "would": -0.3, "of": -0.3, "question": -0.2, "person": 0.2, "short sentences": 0.2, "state": -0.2,
    },
    "introspection": {
        "mental": 0.9, "inner": 0.8, "modal": 0.5, "question": 0.5, "person": 0.3, "motion": -0.3, "force": -0.3,
        "handling": -0.4, "setting": -0.3, "adverbs": -0.2, "would": 0.2, "past perfect": 0.2, "number": -0.2,
    },
    "exposition": {
        "setting": 0.7, "state": 0.4, "habit": 0.5, "passive": 0.5, "of": 0.4, "copula": 0.2, "number": 0.4,
        "past perfect": 0.2, "would": 0.3, "person": -0.7, "motion": -0.3, "handling": -0.4, "mental": -0.4,
        "modal": -0.2,
        "inner": -0.2, "short sentences": -0.3, "question": -0.2, "force": -0.3,
    },
}  # fmt: skip
TENSION = {
    "danger": 0.8, "arousal": 0.7, "pressure": 0.2, "calm": -0.5, "force": 0.4, "motion": 0.3, "habit": -0.3,
    "setting": -0.3, "mental": -0.2, "handling": 0.1, "exclamation": 0.2, "question": 0.0, "dash": 0.1,
    "sentences": 0.2,
}  # fmt: skip


def labelled(half: str) -> list[dict[str, Any]]:
    """The passages of one half; the other half's texts are not kept."""
    rows = (json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines() if line.strip())
    return [row for row in rows if row["half"] == half]


def general_fiction(folder: Path) -> list[Telling]:
    """An excerpt of every book, parsed."""
    excerpts = []
    for path in sorted(folder.glob("*_*.txt")):
        text = path.read_text(encoding="utf-8")
        start = max(0, len(text) // 2 - EXCERPT // 2)
        excerpts.append(telling(text[start : start + EXCERPT].partition("\n\n")[2].rpartition("\n\n")[0]))
    return excerpts


def start_scene(fiction: Sequence[Telling]) -> scene.SceneWeights:
    """The weights to start from, with general fiction's means and deviations."""
    rows = np.vstack([scene.stretches_of(parsed.told)[0] for parsed in fiction])
    weights = np.array([[SCENE[name].get(figure, 0.0) for figure in scene.FIGURES] for name in scene.NARRATED])
    favour = np.ones(len(scene.TYPES))
    return scene.SceneWeights(rows.mean(0), rows.std(0) + 1e-6, weights, np.zeros(len(scene.NARRATED)), favour)


def start_tension(fiction: Sequence[Telling]) -> tense.TensionWeights:
    """The weights to start from, with general fiction's means and deviations."""
    rows = np.vstack([tense.stretches_of(parsed.paragraphs) for parsed in fiction])
    weights = np.array([TENSION[figure] for figure in tense.FIGURES])
    return tense.TensionWeights(rows.mean(0), rows.std(0) + 1e-6, weights, 0.0)


def fit_tension(
    start: tense.TensionWeights, passages: Sequence[tuple[Telling, str]], pull: float = PULL
) -> tense.TensionWeights:
    """Move the weights so that tension comes near 0.15, 0.5 and 0.85 for low, middle and high."""
    wanted = np.array([LEVELS[level] for _, level in passages])

    def loss(flat: Array) -> float:
        moved = replace(start, weights=flat[:-1], bias=float(flat[-1]))
        given = np.array([tense.level(figures, moved) for figures in designs]).clip(1e-6, 1 - 1e-6)
        cross = -(wanted * np.log(given) + (1 - wanted) * np.log(1 - given)).sum()
        return float(cross + pull * ((moved.weights - start.weights) ** 2).sum())

    designs = [tense.stretches_of(parsed.paragraphs) for parsed, _ in passages]
    best = minimize(loss, np.append(start.weights, start.bias), method="L-BFGS-B")
    return replace(start, weights=best.x[:-1], bias=float(best.x[-1]))


def scene_record(weights: scene.SceneWeights) -> dict[str, Any]:
    """The written form of scene weights."""
    row = lambda names, values: {n: round(float(v), 5) for n, v in zip(names, values, strict=True)}  # noqa: E731
    return {
        "mean": row(scene.FIGURES, weights.mean),
        "sd": row(scene.FIGURES, weights.sd),
        "weights": {n: row(scene.FIGURES, w) for n, w in zip(scene.NARRATED, weights.weights, strict=True)},
        "bias": row(scene.NARRATED, weights.bias),
        "favour": row(scene.TYPES, weights.favour),
    }


def tension_record(weights: tense.TensionWeights) -> dict[str, Any]:
    """The written form of tension weights."""
    parts = {"mean": weights.mean, "sd": weights.sd, "weights": weights.weights}
    record = {k: {n: round(float(v), 5) for n, v in zip(tense.FIGURES, row, strict=True)} for k, row in parts.items()}
    return record | {"bias": {"general fiction": round(weights.bias, 5)}}


def main() -> None:
    """Fit and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--start-only", action="store_true", help="write the weights before any passage is seen")
    options = parser.parse_args()
    fiction = general_fiction(options.corpus)
    print(f"{len(fiction)} excerpts, {sum(len(WORD.findall(' '.join(f.paragraphs))) for f in fiction)} words")
    scenes, tensions = start_scene(fiction), start_tension(fiction)
    if not options.start_only:
        rows = labelled("dev")
        parsed = [telling(row["text"]) for row in rows]
        tensions = fit_tension(tensions, [(p, row["tension"]) for p, row in zip(parsed, rows, strict=True)])
    for path, record in ((scene.WEIGHTS, scene_record(scenes)), (tense.WEIGHTS, tension_record(tensions))):
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
