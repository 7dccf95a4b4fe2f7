"""All voices side by side, best first."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gaea_assets.config import VoiceConfig, voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import is_current
from gaea_assets.release.outputs import read_blind, read_log, read_report
from gaea_assets.release.pointer import released
from gaea_assets.release.records import read_records
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder, read_provenance

MEASURES = ("transfer", "vocabulary", "structure", "markers", "pov")
GATES = ("memorisation", "repetition", "abilities")
RECIPE = ("method", "rank", "alpha", "dropout", "learning_rate", "epochs")


def compare(workspace: Workspace) -> pd.DataFrame:
    """One row a voice: recipe, scores with 95 % intervals, gates, losses, blind reading, cost, decision.

    Best first: those that pass everything, then those whose gates pass, each by transfer score; a voice without a
    report, or with a fault in its file or outputs, comes last and says so in `state`.
    """
    rows: list[dict[str, Any]] = [_row(workspace, name) for name in voice_names(workspace.voices)]
    rows.sort(key=_rank)
    table = pd.DataFrame(rows)
    table.insert(0, "place", range(1, len(table) + 1))
    return table


def write_comparison(workspace: Workspace, table: pd.DataFrame) -> Path:
    """Write comparison.csv, comparison.json and comparison.md, whole or not at all.

    Returns:
        Their folder.
    """
    place = Path(workspace.data) / "voice_comparison"
    reports = {name: read_provenance(workspace.place("style_report", name)) for name in table["voice"]}
    with new_folder(place, {name: report.content for name, report in reports.items() if report}) as folder:
        table.to_csv(folder / "comparison.csv", index=False)
        table.to_json(folder / "comparison.json", orient="records", indent=1, double_precision=15)
        (folder / "comparison.md").write_text(as_markdown(table) + "\n", "utf-8")
    return place


def as_markdown(table: pd.DataFrame) -> str:
    """The table for a person: scores with their intervals in one cell, `-` where there is nothing."""
    rows = []
    for values in table.to_dict("records"):
        row = {str(key): value for key, value in values.items()}
        shown = {"": row["place"], "voice": row["voice"], "base": row["base"], "recipe": _recipe(row)}
        shown["state"] = row["state"]
        shown |= {name: _cell(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in MEASURES}
        shown["gates"] = _gates(row)
        shown["held-out loss"] = f"{_figure(row['heldout_loss'], 3)} (base {_figure(row['base_heldout_loss'], 3)})"
        rate = "" if math.isnan(row["win_rate"]) else _cell(row["win_rate"], row["win_rate_low"], row["win_rate_high"])
        shown["blind"] = f"{row['blind']} {rate}".strip()
        shown |= {"s": _figure(row["seconds"], 0), "GiB": _figure(row["peak_memory_gib"], 1)}
        rows.append(shown | {"decision": row["decision"]})
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def _row(workspace: Workspace, name: str) -> dict[str, Any]:
    try:
        return _known(workspace, workspace.voice(name))
    except GaeaError as error:  # one voice's fault must not hide the others
        return _empty(name) | {"state": str(error)}


def _known(workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    name = voice.name
    row = _empty(name) | {"base": voice.base.model, "manuscript": voice.manuscript.folder}
    row |= voice.training.model_dump(include=set(RECIPE))
    row["state"] = _state(workspace, voice)
    row |= _scores(read_report(workspace, name)) | _training(read_log(workspace, name)) | _blind(workspace, voice)
    records = read_records(Path(workspace.data), name)
    row["decision"] = records[-1].outcome if records else "-"
    row["released"] = released(Path(workspace.data), name) is not None
    return row


def _empty(name: str) -> dict[str, Any]:
    """A row in which nothing is known: every row has the same columns."""
    row: dict[str, Any] = {"voice": name, "state": "", "base": "-", "manuscript": "-"}
    row |= dict.fromkeys(RECIPE, math.nan) | {"method": "-", "passed": False}
    for measure in MEASURES:
        row |= {measure: math.nan, f"{measure}_low": math.nan, f"{measure}_high": math.nan}
    row |= dict.fromkeys(GATES)
    row |= dict.fromkeys(("heldout_loss", "base_heldout_loss", "seconds", "peak_memory_gib"), math.nan)
    row |= {"blind": "-", "win_rate": math.nan, "win_rate_low": math.nan, "win_rate_high": math.nan}
    return row | {"decision": "-", "released": False}


def _state(workspace: Workspace, voice: VoiceConfig) -> str:
    if read_provenance(workspace.place("style_report", voice.name)) is None:
        return "no report yet"
    try:
        return "current" if is_current("style_report", workspace, voice) else "out of date"
    except GaeaError:  # what the report was made from is gone
        return "out of date"


def _scores(report: Mapping[str, Any] | None) -> dict[str, Any]:
    if report is None:
        return {}
    row: dict[str, Any] = {"passed": bool(report["passed"])}
    for measure in report["measures"]:
        for key, field in (("", "score"), ("_low", "low"), ("_high", "high")):
            row[f"{measure['name']}{key}"] = math.nan if measure[field] is None else measure[field]
    return row | {gate["name"]: bool(gate["passed"]) for gate in report["gates"]}


def _training(log: Mapping[str, Any] | None) -> dict[str, Any]:
    if log is None:
        return {}
    return {
        "heldout_loss": log.get("heldout_loss", math.nan),  # a log of an older version does not say it
        "base_heldout_loss": log["base_heldout_loss"],
        "seconds": log["seconds"],
        "peak_memory_gib": log["peak_memory_bytes"] / 2**30,
    }


def _blind(workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    merged = read_provenance(workspace.place("merged_model", voice.name))
    try:
        reading = read_blind(workspace, voice, merged.content) if merged else None
    except GaeaError:  # `gaea release` says what is wrong with it
        return {"blind": "does not count"}
    if reading is None:
        return {}
    figures = {"win_rate": reading.win_rate, "win_rate_low": reading.low, "win_rate_high": reading.high}
    return {"blind": reading.verdict, **figures}


def _rank(row: Mapping[str, Any]) -> tuple[bool, bool, bool, float, str]:
    """Sorts best first. A score that a failed gate withholds must not stand above one that counts."""
    judged = row["state"] in ("current", "out of date")
    score = -math.inf if math.isnan(row["transfer"]) else row["transfer"]
    return not judged, not row["passed"], not all(row[gate] for gate in GATES), -score, row["voice"]


def _recipe(row: Mapping[str, Any]) -> str:
    if math.isnan(row["rank"]):
        return "-"
    size = f"{row['method']}, rank {row['rank']:g}, alpha {row['alpha']:g}, dropout {row['dropout']:g}"
    return f"{size}, lr {row['learning_rate']:g}, {row['epochs']:g} epochs"


def _gates(row: Mapping[str, Any]) -> str:
    failed = [gate for gate in GATES if row[gate] is False]
    unknown = [gate for gate in GATES if row[gate] is None]
    return "-" if len(unknown) == len(GATES) else f"FAILED: {', '.join(failed)}" if failed else "passed"


def _cell(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{_figure(value, 1)} ({_figure(low, 0)} to {_figure(high, 0)})"


def _figure(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"
