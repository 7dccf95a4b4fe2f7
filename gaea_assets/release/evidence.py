"""What lies on disk about a voice's model, gathered for a decision."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from gaea_assets.checks.gates import Gate, gates_of
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import require_current
from gaea_assets.release.decision import BlindReading, Evidence, GateResult, Reading
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance
from gaea_assets.style.remedies import ADVICE, advice

OF_THE_MODEL = ("qlora_adapter", "merged_model", "style_report")
"""Assets whose gates decide. Those before them are held by the chain of hashes: an adapter is only trained on a
dataset that passed, and `require_current` shows that it still is that dataset."""
BLIND_SCHEMA = 1


def gather(workspace: Workspace, voice: VoiceConfig) -> Evidence:
    """The evidence for a decision on the voice's merged model as it is now.

    Raises:
        GaeaError: There is a blind result that cannot be read.
    """
    merged = read_provenance(workspace.place("merged_model", voice.name))
    report = read_provenance(workspace.place("style_report", voice.name))
    model = merged.content if merged else None
    obstacle = _obstacle(workspace, voice, model, report.made_from if report else {})
    gates = () if obstacle else judge(workspace, voice)
    blind = read_blind(workspace, voice.name, model) if model else None
    return Evidence(voice.name, model, report.content if report else None, obstacle, gates, blind)


def _obstacle(
    workspace: Workspace, voice: VoiceConfig, model: str | None, report_made_from: Mapping[str, Any]
) -> str | None:
    """Why the gates cannot be judged, or None."""
    reported = str(report_made_from.get("merged_model", ""))
    if model and reported and reported != model:
        return (
            f"the style report is of another model ({reported[:12]}) than the merged model that lies there "
            f"({model[:12]}); materialise style_report of the voice {voice.name} again"
        )
    try:
        require_current("style_report", workspace, voice)
    except GaeaError as error:
        return str(error)
    return None


def judge(workspace: Workspace, voice: VoiceConfig) -> tuple[GateResult, ...]:
    """Every error-level gate of the adapter, the merged model and the style report."""
    gates = [gate for asset in OF_THE_MODEL for gate in gates_of(asset) if gate.severity == "error"]
    return tuple(_result(gate, workspace, voice) for gate in gates)


def _result(gate: Gate, workspace: Workspace, voice: VoiceConfig) -> GateResult:
    try:
        verdict = gate.find(workspace, voice)
    except GaeaError as error:
        return GateResult(gate.asset, gate.name, False, str(error))
    except (OSError, ValueError, LookupError, TypeError, StopIteration):
        # An older report, or a damaged one: a gate that is not there has not passed.
        fault = f"{gate.name} is missing in {workspace.place(gate.asset, voice.name)}; materialise {gate.asset} again"
        return GateResult(gate.asset, gate.name, False, fault)
    figures = {key: value for key, value in verdict.figures.items() if isinstance(value, (bool, int, float, str))}
    change = "" if verdict.passed else _change(gate, workspace, voice)
    return GateResult(gate.asset, gate.name, verdict.passed, verdict.summary(), change, figures)


def _change(gate: Gate, workspace: Workspace, voice: VoiceConfig) -> str:
    if gate.name not in ADVICE:
        return ""  # the fault says it
    report = read_report(workspace, voice.name) or {"measures": ()}
    measure: dict[str, Any] = next((entry for entry in report["measures"] if entry["name"] == gate.name), {})
    # A measure that another gate withholds is not what is wrong.
    return "" if measure.get("gated") else advice(gate.name, measure.get("undefined"))


def read_report(workspace: Workspace, voice: str) -> dict[str, Any] | None:
    """The style report's figures; None where there is no finished report."""
    return read_output(workspace, "style_report", voice, "report.json")


def read_log(workspace: Workspace, voice: str) -> dict[str, Any] | None:
    """What the training wrote down; None where there is no finished adapter."""
    return read_output(workspace, "qlora_adapter", voice, "training_log.json")


def read_output(workspace: Workspace, asset: str, voice: str, name: str) -> dict[str, Any] | None:
    """A JSON object in an asset's finished output; None where it has not been made.

    Raises:
        GaeaError: It cannot be read.
    """
    place = workspace.place(asset, voice)
    if read_provenance(place) is None:
        return None
    try:
        found = json.loads((place / name).read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise GaeaError(f"{place / name}: not readable; materialise {asset} of the voice {voice} again")
    return found


def read_blind(workspace: Workspace, voice: str, model: str) -> BlindReading | None:
    """What readers said of this very model; None where nobody has read it, or what was read is another one.

    Raises:
        GaeaError: The result cannot be read.
    """
    found = read_output(workspace, "blind_evaluation", voice, "result.json")
    if found is None or found.get("model") != model:
        return None
    path: Path = workspace.place("blind_evaluation", voice) / "result.json"
    try:
        if found["schema"] != BLIND_SCHEMA or found["verdict"] not in get_args(Reading):
            raise ValueError(found["verdict"])
        return BlindReading(
            verdict=found["verdict"],
            win_rate=float(found["win_rate"]),
            low=_optional(found["low"]),
            high=_optional(found["high"]),
            target=float(found["target"]),
            votes=int(found["votes"]),
            readers=int(found["readers"]),
            more_votes=None if found.get("more_votes") is None else int(found["more_votes"]),
        )
    except (KeyError, TypeError, ValueError):
        raise GaeaError(
            f"{path}: not a blind result of schema {BLIND_SCHEMA}; materialise blind_evaluation of {voice} again"
        ) from None


def _optional(value: Any) -> float | None:
    return None if value is None else float(value)
