"""Voices as the pipeline would have left them, with scores, gates and losses of the test's choice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from safetensors.numpy import save

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.plan import Plan, with_id, write_once
from gaea_assets.config import VoiceConfig
from gaea_assets.lineage import UPSTREAM, content, made_from, votes_digest
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder
from gaea_assets.style.scorecard import TARGETS
from gaea_assets_tests.blind.readings import small_plan, votes_of
from gaea_assets_tests.projects import VOICE

GOOD = {"transfer": 72.0, "vocabulary": 81.0, "structure": 70.0, "markers": 66.0, "pov": 93.0}
KNOWN = {arm: {"by": "vLLM, started for it", "verified": True} for arm in ("base", "tuned")}
INTERVALS = {"proved": (62.0, 79.0), "not_yet_shown": (55.0, 79.0), "not_preferred": (31.0, 50.0)}
FALLING = (2.9, 2.6, 2.4)
RISING = (2.5, 2.4, 2.9)


def measure(name: str, score: float | None, target: float, gated: str | None = None) -> dict[str, Any]:
    """A measure as in report.json; without a score it is undefined."""
    passed = score is not None and score > target and not gated
    return {
        "name": name, "base": 0.1, "tuned": 0.5, "author": 0.9, "score": score,
        "low": None if score is None else score - 6, "high": None if score is None else score + 6,
        "target": target, "passed": passed, "undefined": None if score is not None else "too little text: 300 words",
        "gated": gated, "parts": [], "notes": [],
    }  # fmt: skip


def gate(name: str, passed: bool, figures: Mapping[str, float] | None = None, **limits: float) -> dict[str, Any]:
    """A gate as in report.json."""
    reason = "all is well" if passed else f"{name} found something"
    return {
        "name": name, "passed": passed, "severity": "note" if passed else "error", "reason": reason,
        "figures": dict(figures or {"figure": 0.5}), "limits": limits, "findings": [],
    }  # fmt: skip


def report(scores: Mapping[str, float | None] | None = None, gates: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """report.json: everything passes but what is given."""
    by_name = {name: gate(name, True) for name in ("memorisation", "repetition", "abilities")}
    by_name |= {given["name"]: given for given in gates}
    found = {**GOOD, **(scores or {})}
    measures = [measure(name, found[name], TARGETS[name]) for name in TARGETS]
    passed = all(m["passed"] for m in measures) and all(g["passed"] for g in by_name.values())
    return {
        "schema_version": 1, "passed": passed, "measures": measures, "gates": list(by_name.values()),
        "generated_by": KNOWN,
    }  # fmt: skip


def log(heldout: Sequence[float] = FALLING, base: float = 3.2) -> dict[str, Any]:
    """training_log.json: a training loss that falls, and these held-out losses at equal distances."""
    return {
        "base_heldout_loss": base,
        "checkpoints": [{"step": 9 * n, "heldout_loss": loss} for n, loss in enumerate(heldout, start=1)],
        "best_step": 9 * (1 + int(np.argmin(heldout))),
        "adapter_step": 9 * (1 + int(np.argmin(heldout))),
        "heldout_loss": min(heldout),
        "history": [
            {"step": n, "epoch": n / 9, "loss": 3.3 - 0.03 * n, "learning_rate": 1e-4}
            for n in range(1, 9 * len(heldout) + 1)
        ],
        "seconds": 420.0,
        "peak_memory_bytes": 3 * 2**30,
    }


def put_trained(
    workspace: Workspace,
    voice: VoiceConfig,
    found: Mapping[str, Any] | None = None,
    trained: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> str:
    """All seven assets of a voice, each made from the one before it.

    Returns:
        The model's hash.
    """
    weights = save({"w": np.full(8, seed, np.float32)})
    merge_log = {
        "relative_rms": 0.004, "largest_difference": 0.1, "same_first_choice": 1.0, "weights": "dequantised",
        "bytes": 100, "base_bytes": 100,
    }  # fmt: skip
    files: dict[str, dict[str, Any]] = {
        "qlora_adapter": {"training_log.json": trained or log()},
        "merged_model": {
            **{name: {} for name in ("config.json", "generation_config.json", "tokenizer.json")},
            "tokenizer_config.json": {},
            "merge_log.json": merge_log,
            "model.safetensors": weights,
        },
        "style_report": {"report.json": found or report()},
    }
    for asset in UPSTREAM:
        put_asset(workspace, voice, asset, files.get(asset, {"made.txt": f"{asset} of {voice.name}"}))
    return content("merged_model", workspace, voice.name)


def put_asset(workspace: Workspace, voice: VoiceConfig, asset: str, files: Mapping[str, Any]) -> None:
    """One asset's output as if it had been made just now."""
    with new_folder(workspace.place(asset, voice.name), made_from(asset, workspace, voice)) as folder:
        write(folder, files)


def put_report(workspace: Workspace, voice: VoiceConfig, found: Mapping[str, Any]) -> None:
    """The model evaluated again."""
    put_asset(workspace, voice, "style_report", {"report.json": found})


def put_blind(workspace: Workspace, voice: str, model: str, verdict: str, /, **fields: Any) -> None:
    """What readers said of a model, and the file of their votes."""
    low, high = INTERVALS[verdict]
    result = {
        "schema": 1, "voice": voice, "model": model, "seed": 0, "target": 60.0, "votes": 80, "readers": 3, "prompts": 8,
        "win_rate": 71.0, "low": low, "high": high, "verdict": verdict, "more_votes": None, **fields,
    }  # fmt: skip
    files = ReadingFiles.of(Path(workspace.data), voice, model, 0)
    plan = write_once(with_id(replace(_plan(), voice=voice, model=model)), files)
    votes = [vote for reader in ("ana", "ben", "cleo", "dora") for vote in votes_of(plan, reader)]
    files.votes.write_text("".join(json.dumps(asdict(vote)) + "\n" for vote in votes))
    made_from = {"votes": votes_digest(workspace, workspace.voice(voice), 80)}
    with new_folder(workspace.place("blind_evaluation", voice), made_from) as folder:
        write(folder, {"result.json": result})


@cache
def _plan() -> Plan:
    return small_plan()


def write(folder: Path, files: Mapping[str, Any]) -> None:
    for name, value in files.items():
        content = value if isinstance(value, bytes) else value if isinstance(value, str) else json.dumps(value)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def variation(workspace: Workspace, name: str, **sections: Mapping[str, Any]) -> VoiceConfig:
    """A voice that extends the project's, with its own settings."""
    (workspace.voices / f"{name}.yaml").write_text(yaml.safe_dump({"extends": VOICE, **sections}), "utf-8")
    return workspace.voice(name)
