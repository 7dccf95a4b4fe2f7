"""What the sensor reads of Dagster's event log: check evaluations, and runs of a job that failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from gaea_assets.watching.alarms import Evaluation
from gaea_assets.watching.messages import FailedRun

READ = {dg.DagsterEventType.ASSET_CHECK_EVALUATION, dg.DagsterEventType.RUN_FAILURE}
PATIENCE = 600.0
"""Seconds that a run in which gates are being evaluated is waited for, so that all it finds is told at once."""
PARTITION = "dagster/partition"


@dataclass(frozen=True)
class Page:
    """A stretch of the event log."""

    evaluations: list[Evaluation]
    failed: list[FailedRun]
    last: int
    """Number of the last event that was read."""


def read_page(instance: dg.DagsterInstance, after: int, limit: int, job: str, now: float, until: int) -> Page:
    """The events above a number, oldest first.

    Read by number from the index of all runs: `get_event_records` with a number raises on Dagster's default
    storage, which keeps a file a run, and the check history is ordered by when a check was planned.

    Args:
        instance: Holds the log.
        after: Number of the last event that was read before.
        limit: Most events read.
        job: Of this job failed runs are told.
        now: Unix time; a page ends before an event of a run that is under way and of the last minutes.
        until: No event above this number is read.
    """
    found = instance.event_log_storage.get_logs_for_all_runs_by_log_id(after, dagster_event_type=READ, limit=limit)
    entries = [(number, entry) for number, entry in sorted(found.items()) if number <= until]
    entries = _of_ended_runs(instance, entries, now)
    evaluations = [_evaluation(*pair) for pair in entries if _is_evaluation(pair[1])]
    failed = [_failed(instance, *pair) for pair in entries if not _is_evaluation(pair[1]) and pair[1].job_name == job]
    return Page(evaluations, failed, entries[-1][0] if entries else after)


def _of_ended_runs(
    instance: dg.DagsterInstance, entries: Iterable[tuple[int, dg.EventLogEntry]], now: float
) -> list[tuple[int, dg.EventLogEntry]]:
    under_way: dict[str, bool] = {}
    found = []
    for number, entry in entries:
        if entry.run_id not in under_way:
            run = instance.get_run_by_id(entry.run_id) if entry.run_id else None
            under_way[entry.run_id] = run is not None and not run.is_finished
        if under_way[entry.run_id] and now - entry.timestamp < PATIENCE:
            break
        found.append((number, entry))
    return found


def _is_evaluation(entry: dg.EventLogEntry) -> bool:
    return entry.dagster_event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION


def _at(entry: dg.EventLogEntry) -> str:
    return datetime.fromtimestamp(entry.timestamp, UTC).isoformat(timespec="seconds")


def _evaluation(number: int, entry: dg.EventLogEntry) -> Evaluation:
    data = entry.get_dagster_event().asset_check_evaluation_data
    values = {name: value.value for name, value in data.metadata.items()}
    return Evaluation(
        id=number,
        run=entry.run_id or "no-run",
        at=_at(entry),
        voice=str(values.get("voice") or data.partition or "no voice"),
        asset=data.asset_key.to_user_string(),
        check=data.check_name,
        passed=data.passed,
        severity=data.severity.value.lower(),
        description=data.description or "",
        figures={
            name: float(value)
            for name, value in values.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        },
        model=str(values.get("model") or ""),
        measured_with=str(values.get("measured_with") or ""),
    )


def _failed(instance: dg.DagsterInstance, number: int, entry: dg.EventLogEntry) -> FailedRun:
    run = instance.get_run_by_id(entry.run_id)
    voice = run.tags.get(PARTITION, "no voice") if run else "no voice"
    return FailedRun(number, entry.run_id, _at(entry), voice, _why(entry.get_dagster_event()))


def _why(event: dg.DagsterEvent) -> str:
    """The failure of the first step in its own words, or what Dagster says."""
    step = event.job_failure_data.first_step_failure_event
    if step is not None:
        told = step.step_failure_data.user_failure_data
        if told is not None and told.description:
            return str(told.description)
    return event.message or ""
