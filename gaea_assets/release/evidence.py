"""What lies on disk about a voice's model, gathered for a decision."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gaea_assets.checks.gates import Gate, gates_of
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.recorded import OF_THE_MODEL, RELEASED_REPORT, changed_since, require_recorded
from gaea_assets.release.decision import Evidence, GateResult
from gaea_assets.release.outputs import read_blind, read_output
from gaea_assets.release.pointer import withdrawn
from gaea_assets.resources import Workspace
from gaea_assets.store import folder_digest, read_provenance
from gaea_assets.style.remedies import ADVICE, advice

OF_TODAY = {"made_from_this_dataset"}
"""Gates that hold a model against what lies there now. They stop a run; a finished model is judged by the chain of
hashes that it has recorded, so that an author who goes on writing does not lose it."""


def gather(workspace: Workspace, voice: VoiceConfig) -> Evidence:
    """The evidence for a decision on the voice's merged model.

    Raises:
        GaeaError: The history of what was released cannot be read.
    """
    found = {asset: read_provenance(workspace.place(asset, voice.name)) for asset in OF_THE_MODEL}
    merged, report = found["merged_model"], found["style_report"]
    obstacle = _obstacle(workspace, voice)
    blind, blind_fault = None, None
    if merged:
        try:
            blind = read_blind(workspace, voice, merged.content)
        except GaeaError as error:
            blind_fault = str(error)
    return Evidence(
        voice.name,
        merged.content if merged else None,
        report.content if report else None,
        obstacle,
        () if obstacle else judge(workspace, voice),
        blind,
        blind_fault,
        _withdrawn(workspace, voice.name, merged.content) if merged else None,
        {asset: provenance.made_from for asset, provenance in found.items() if provenance},
        tuple(changed_since(workspace, voice)),
    )


def gather_again(workspace: Workspace, voice: VoiceConfig) -> Evidence:
    """What the last `released_report` found of the model that was released then.

    It bears on an alarm alone: a release rests on the model that lies in `merged_model`.
    """
    place = workspace.place(RELEASED_REPORT, voice.name)
    found = read_provenance(place)
    if found is None or found.content != folder_digest(place):
        missing = f"{place}: not there, or not as it was made; materialise {RELEASED_REPORT} again"
        return Evidence(voice.name, None, None, missing)
    obstacle = None
    try:
        _require_known_writer(workspace, voice.name, RELEASED_REPORT, "tuned")
    except GaeaError as error:
        obstacle = str(error)
    gates = () if obstacle else judge(workspace, voice, (RELEASED_REPORT,))
    return Evidence(voice.name, str(found.made_from["merged_model"]), found.content, obstacle, gates)


def why_not_released(workspace: Workspace, voice: VoiceConfig) -> str | None:
    """Why no reading could release the model that lies there, or None; told before people spend hours on reading it.

    The files are not held against their hashes, which takes a minute for a large model; a decision does that.

    Raises:
        GaeaError: The history of what was released cannot be read.
    """
    if obstacle := _obstacle(workspace, voice, unedited=False):
        return obstacle
    if failing := [gate.fault for gate in judge(workspace, voice) if not gate.passed]:
        return "; ".join(failing)
    merged = read_provenance(workspace.made("merged_model", voice.name))
    return _withdrawn(workspace, voice.name, merged.content) if merged else None


def _obstacle(workspace: Workspace, voice: VoiceConfig, *, unedited: bool = True) -> str | None:
    """Why the gates cannot be judged, or None."""
    try:
        require_recorded(OF_THE_MODEL, workspace, voice.name, unedited=unedited)
        _require_same_targets(workspace, voice)
        require_known_writers(workspace, voice.name)
    except GaeaError as error:
        return str(error)
    return None


def _require_same_targets(workspace: Workspace, voice: VoiceConfig) -> None:
    place = workspace.made("style_report", voice.name)
    report = read_provenance(place)
    if report is None or report.made_from.get("gates") != voice.gates.model_dump():
        raise GaeaError(
            f"{place} was judged by other targets than the voice's file has now (changed: gates); materialise "
            f"style_report of the voice {voice.name} again"
        )


def require_known_writers(workspace: Workspace, voice: str) -> None:
    """Refuse a report on texts of a server that was started elsewhere, with whatever weights.

    Raises:
        GaeaError: There is no report, or it does not say that its own models wrote both texts.
    """
    for arm in ("base", "tuned"):
        _require_known_writer(workspace, voice, "style_report", arm)


def _require_known_writer(workspace: Workspace, voice: str, asset: str, arm: str) -> None:
    place = workspace.made(asset, voice)
    writers = (read_output(workspace, asset, voice, "report.json") or {}).get("generated_by")
    writer = writers.get(arm) if isinstance(writers, dict) else None
    if not isinstance(writer, dict) or writer.get("verified") is not True:
        by = writer.get("by", "not written down") if isinstance(writer, dict) else "not written down"
        again = f"baseline_metrics and {asset}" if arm == "base" else asset
        raise GaeaError(
            f"{place}: nobody knows which weights wrote the {arm} model's texts (by: {by}); take serving.url out "
            f"of the voice's file if it is there, and materialise {again} of the voice {voice} again"
        )


def _withdrawn(workspace: Workspace, voice: str, model: str) -> str | None:
    past = withdrawn(Path(workspace.data), voice, model)
    return f"{past.until[:10]}, as {past.released.voice}: {past.reason}" if past else None


def judge(workspace: Workspace, voice: VoiceConfig, assets: Sequence[str] = OF_THE_MODEL) -> tuple[GateResult, ...]:
    """Every error-level gate of the assets: those of the adapter, the merged model and the style report."""
    gates = [gate for asset in assets for gate in gates_of(asset) if gate.severity == "error"]
    return tuple(_result(gate, workspace, voice) for gate in gates if gate.name not in OF_TODAY)


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
    """What no recipe mends: `gaea remedy` proposes the recipe."""
    if gate.name not in ADVICE:
        return ""  # the fault says it
    report = read_output(workspace, gate.asset, voice.name, "report.json") or {"measures": ()}
    measure: dict[str, Any] = next((entry for entry in report["measures"] if entry["name"] == gate.name), {})
    # A measure that another gate withholds is not what is wrong.
    return "" if measure.get("gated") else advice(gate.name, measure.get("undefined")).beside
