"""One voice in the comparison of all: what is known of the model that its report measured."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import is_current
from gaea_assets.recorded import OF_THE_MODEL, require_recorded
from gaea_assets.release.outputs import read_blind, read_log, read_report
from gaea_assets.release.pointer import released
from gaea_assets.release.records import read_records
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance

MEASURES = ("transfer", "vocabulary", "structure", "markers", "pov")
GATES = ("memorisation", "repetition", "abilities")
RECIPE = ("method", "rank", "alpha", "dropout", "learning_rate", "epochs")
NO_RECIPE: Mapping[str, Any] = dict.fromkeys(RECIPE, math.nan) | {"method": "-"}
COST = ("seconds", "peak_memory_gib")


def row_of(workspace: Workspace, name: str) -> dict[str, Any]:
    """The row of a voice; a fault of the voice's stands in `state`."""
    try:
        with _readable(workspace, "style_report", name):
            return _known(workspace, workspace.voice(name))
    except GaeaError as error:  # one voice's fault must not hide the others
        return _empty(name) | {"state": str(error)}


def _known(workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    row = _empty(voice.name) | {"base": voice.base.model, "manuscript": voice.manuscript.folder}
    row["state"] = _state(workspace, voice)
    report = read_provenance(workspace.place("style_report", voice.name))
    if report is None:
        return row | voice.training.model_dump(include=set(RECIPE)) | _decision(workspace, voice.name, None)
    model = str(report.made_from["merged_model"])
    row |= {"report": report.content, "model": model} | _scores(read_report(workspace, voice.name) or {})
    row |= _training(workspace, voice.name) | _blind(workspace, voice, model)
    return row | _decision(workspace, voice.name, model)


def _empty(name: str) -> dict[str, Any]:
    """A row in which nothing is known: every row has the same columns."""
    row: dict[str, Any] = {"voice": name, "state": "", "base": "-", "manuscript": "-", "model": "-", "report": "-"}
    row |= {**NO_RECIPE, "passed": False}
    for measure in MEASURES:
        row |= {measure: math.nan, f"{measure}_low": math.nan, f"{measure}_high": math.nan}
    row |= dict.fromkeys(GATES)
    row |= dict.fromkeys(("heldout_loss", "base_heldout_loss", *COST), math.nan)
    row |= {"blind": "-", "win_rate": math.nan, "win_rate_low": math.nan, "win_rate_high": math.nan}
    return row | {"decision": "-", "released": False, "released_model": "-"}


@contextmanager
def _readable(workspace: Workspace, asset: str, name: str) -> Iterator[None]:
    """An output of another form, older or damaged, is its voice's fault, not the comparison's."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        place = workspace.place(asset, name)
        raise GaeaError(f"{place}: not readable; materialise {asset} of the voice {name} again") from None


def _state(workspace: Workspace, voice: VoiceConfig) -> str:
    if read_provenance(workspace.place("style_report", voice.name)) is None:
        return "no report yet"
    try:
        return "current" if is_current("style_report", workspace, voice) else "out of date"
    except GaeaError:  # what the report was made from is gone
        return "out of date"


def _scores(report: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"passed": bool(report["passed"])}
    for measure in report["measures"]:
        for key, field in (("", "score"), ("_low", "low"), ("_high", "high")):
            row[f"{measure['name']}{key}"] = math.nan if measure[field] is None else float(measure[field])
    return row | {gate["name"]: bool(gate["passed"]) for gate in report["gates"]}


def _training(workspace: Workspace, name: str) -> dict[str, Any]:
    """Recipe, losses and cost of the model that was measured; nothing where another one was trained since."""
    try:
        require_recorded(OF_THE_MODEL, workspace, name, unedited=False)
    except GaeaError:
        return {}
    adapter = read_provenance(workspace.made("qlora_adapter", name))
    with _readable(workspace, "qlora_adapter", name):
        log = {key: float(value) for key, value in (read_log(workspace, name) or {}).items() if _is_number(value)}
        row = {key: adapter.made_from["training"][key] for key in RECIPE} if adapter else {}
    memory = log.get("peak_memory_bytes", math.nan) / 2**30  # a log of an older version may lack any of them
    figures = {key: log.get(key, math.nan) for key in ("heldout_loss", "base_heldout_loss", "seconds")}
    return row | figures | {"peak_memory_gib": memory}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _blind(workspace: Workspace, voice: VoiceConfig, model: str) -> dict[str, Any]:
    try:
        reading = read_blind(workspace, voice, model)
    except GaeaError:  # `gaea release` says what is wrong with it
        return {"blind": "does not count"}
    if reading is None:
        return {}
    figures = {"win_rate": reading.win_rate, "win_rate_low": reading.low, "win_rate_high": reading.high}
    return {"blind": reading.verdict, **figures}


def _decision(workspace: Workspace, name: str, model: str | None) -> dict[str, Any]:
    """What was decided last on this very model, and what is released of its voice."""
    data = Path(workspace.data)
    outcomes = [record.outcome for record in read_records(data, name) if model and record.model == model]
    now = released(data, name)
    return {
        "decision": outcomes[-1] if outcomes else "-",
        "released": now is not None and now.model == model,
        "released_model": now.model if now else "-",
    }


def rank(row: Mapping[str, Any]) -> tuple[bool, bool, bool, bool, bool, float, str]:
    """Sorts best first. A score that a failed gate withholds must not stand above one that counts."""
    judged, sound = row["state"] in ("current", "out of date"), all(row[gate] for gate in GATES)
    rejected, proved = row["blind"] == "not_preferred", row["blind"] == "proved"
    passed = row["passed"] and not rejected
    score = -math.inf if math.isnan(row["transfer"]) else row["transfer"]
    return not judged, not passed, not sound, rejected, not proved, -score, row["voice"]
