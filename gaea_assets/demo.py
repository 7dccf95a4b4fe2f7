"""Materialise a voice from the manuscript to the style report on the persistent instance, and show the result."""

import json
import time

import dagster as dg

from gaea_assets.dead_runs import end_dead_runs
from gaea_assets.definitions import defs
from gaea_assets.errors import GaeaError
from gaea_assets.instance import prepare_instance
from gaea_assets.lineage import UPSTREAM, is_current
from gaea_assets.resources import Workspace


def run_voice(name: str) -> bool:
    """Make what is missing or out of date of a voice, print its table.

    Returns:
        Whether every measure and gate passed.

    Raises:
        GaeaError: The run failed before there was a report.
    """
    home = prepare_instance()
    workspace = Workspace()
    voice = workspace.voice(name)
    started = time.monotonic()
    with dg.DagsterInstance.get() as instance:
        for run in end_dead_runs(instance):
            print(f"run {run} was killed: ended")
        wanted = stale_assets(workspace, name, instance)
        reused = [asset for asset in UPSTREAM if asset not in wanted]
        if reused:
            print(f"up to date, reused: {', '.join(reused)}")
        if wanted:
            print(f"materialising: {', '.join(wanted)} (instance: {home})", flush=True)
            result = defs.resolve_job_def("voice_pipeline").execute_in_process(
                instance=instance,
                partition_key=name,
                asset_selection=[dg.AssetKey(asset) for asset in wanted],
                run_config={"loggers": {"console": {}}},  # ours: see console.py
                raise_on_error=False,
            )
            if not result.success:
                raise GaeaError(f"run {result.run_id} failed: {_why(result)}")
            print(f"done in {time.monotonic() - started:.0f} s, run {result.run_id}")
    folder = workspace.made("style_report", voice.name)
    report = json.loads((folder / "report.json").read_text("utf-8"))
    print(f"\n{result_table(report)}\n\nreport: {folder / 'report.html'}")
    return bool(report["passed"])


def stale_assets(workspace: Workspace, voice: str, instance: dg.DagsterInstance) -> list[str]:
    """Assets of a voice to be made: out of date, unknown to the instance, or downstream of such a one."""
    config = workspace.voice(voice)
    stale: list[str] = []
    for asset, upstream in UPSTREAM.items():
        known = voice in instance.get_materialized_partitions(dg.AssetKey(asset))
        if not known or not set(stale).isdisjoint(upstream) or not is_current(asset, workspace, config):
            stale.append(asset)
    return stale


def result_table(report: dict) -> str:
    """Measures and gates of a report as an aligned table."""
    rows = [("measure", "base", "tuned", "author held out", "score", "95 % interval", "target", "passed")]
    for measure in report["measures"]:
        interval = f"{_number(measure['low'])} to {_number(measure['high'])}"
        rows.append(
            (
                measure["name"],
                *(_number(measure[arm], 3) for arm in ("base", "tuned", "author")),
                "undefined" if measure["undefined"] else _number(measure["score"]),
                "" if measure["undefined"] else interval,
                f"> {measure['target']:g}",
                "yes" if measure["passed"] else "NO",
            )
        )
    for gate in report["gates"]:
        rows.append((gate["name"], "", "", "", gate["severity"], "", "", "yes" if gate["passed"] else "NO"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _why(result: dg.ExecuteInProcessResult) -> str:
    """The gates that stopped a run, or its first failure, in one line."""
    failed = [c for c in result.get_asset_check_evaluations() if c.blocking and not c.passed]
    if failed:
        return "; ".join(f"gate {c.asset_key.to_user_string()}: {c.check_name}: {c.description}" for c in failed)
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            if data.error and data.error.cls_name == "DagsterExecutionInterruptedError":
                return "stopped; what is made stays: run the same command to go on"
            return data.error.message.strip().splitlines()[0] if data.error else event.message or ""
    return "see it in the UI: make dev"
