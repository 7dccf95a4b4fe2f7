"""All voices side by side, best first."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gaea_assets.config import voice_names
from gaea_assets.release.comparison_rows import GATES, MEASURES, rank, row_of
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder


def compare(workspace: Workspace) -> pd.DataFrame:
    """One row a voice: recipe, scores with 95 % intervals, gates, losses, blind reading, cost, decision.

    All of a row is of one model, the one that the voice's report measured. Best first: those that pass everything,
    readers that prefer it before readers that are missing; then those whose gates pass, one that readers do not prefer
    last; then the others; each by transfer score. A voice without a report, or with a fault in its file or outputs,
    comes last and says so in `state`.
    """
    rows: list[dict[str, Any]] = [row_of(workspace, name) for name in voice_names(workspace.voices)]
    rows.sort(key=rank)
    table = pd.DataFrame(rows)
    table.insert(0, "place", range(1, len(table) + 1))
    return table


def write_comparison(workspace: Workspace, table: pd.DataFrame) -> Path:
    """Write comparison.csv, comparison.json and comparison.md, whole or not at all.

    Returns:
        Their folder.
    """
    place = Path(workspace.data) / "voice_comparison"
    with new_folder(place, {row["voice"]: row["report"] for row in table.to_dict("records")}) as folder:
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
        shown |= {"decision": _decided(row)}
        rows.append({title: str(cell).replace("|", "/") for title, cell in shown.items()})  # a fault may quote anything
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def _recipe(row: Mapping[str, Any]) -> str:
    if math.isnan(row["rank"]):
        return "-"
    size = f"{row['method']}, rank {row['rank']:g}, alpha {row['alpha']:g}, dropout {row['dropout']:g}"
    return f"{size}, lr {row['learning_rate']:g}, {row['epochs']:g} epochs"


def _gates(row: Mapping[str, Any]) -> str:
    failed = [gate for gate in GATES if row[gate] is False]
    unknown = [gate for gate in GATES if row[gate] is None]
    if len(unknown) == len(GATES):
        return "-"
    told = [f"FAILED: {', '.join(failed)}"] * bool(failed) + [f"missing: {', '.join(unknown)}"] * bool(unknown)
    return "; ".join(told) or "passed"


def _decided(row: Mapping[str, Any]) -> str:
    """The decision on the row's model, and where the released model of its voice is another one, which."""
    if row["released"] or row["released_model"] == "-":
        still = "; still released" if row["released"] and row["decision"] != "released" else ""
        return f"{row['decision']}{still}"
    undecided = row["decision"] == "-"
    other = f"released: another model ({row['released_model'][:12]})"
    return other if undecided else f"{row['decision']}; {other}"


def _cell(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{_figure(value, 1)} ({_figure(low, 0)} to {_figure(high, 0)})"


def _figure(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"
