"""The sensor that watches the gates: each evaluation is read once, alarms go to the log and to the webhook."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from gaea_assets.config import VoiceConfig, voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.resources import Workspace
from gaea_assets.watching.alarms import Evaluation, Measured, Reference, judge
from gaea_assets.watching.delivery import deliver
from gaea_assets.watching.outbox import Outbox
from gaea_assets.watching.webhook import fault_of, post

INTERVAL = 60
PAGE = 200
"""Evaluations read at one tick."""
HISTORY = 5_000
"""Events before the first tick in which the scores are looked up that later ones are held against."""
WEBHOOK = "GAEA_WEBHOOK"


@dataclass(frozen=True)
class Cursor:
    """What the sensor remembers from tick to tick."""

    after: int
    """Number of the last evaluation read."""
    references: dict[str, Reference] = field(default_factory=dict)


@dg.sensor(minimum_interval_seconds=INTERVAL, default_status=dg.DefaultSensorStatus.STOPPED)
def watched_checks(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
    """Each minute: failed gates and fallen scores among the new check evaluations, told to log and webhook."""
    newest = context.instance.event_log_storage.get_maximum_record_id() or 0
    cursor = load_cursor(context.cursor)
    # Numbers of deleted runs may be given again.
    after = max(0, newest - HISTORY) if cursor is None else min(cursor.after, newest)
    page = evaluations_after(context.instance, after, PAGE if cursor else HISTORY)
    found = [evaluation for evaluation in page if evaluation.id <= newest]
    references, alarms = judge(cursor.references if cursor else {}, found)
    if cursor is None:  # what has been there all along is no news
        alarms = []
    outbox = Outbox(Path(workspace.data) / "watching" / "outbox")
    for alarm in alarms:
        context.log.error(alarm.text())
        if _is_wanted(workspace, alarm.evaluation.voice):
            outbox.put(alarm.message())
    if dropped := outbox.shrink(datetime.now(UTC).isoformat(timespec="seconds")):
        context.log.error(f"{dropped} messages dropped: too many wait for a webhook that does not take them")
    delivered = deliver(
        outbox, lambda voice: webhook_of(workspace, voice), post, time.time(), lambda line: context.log.warning(line)
    )
    known = set(voice_names(workspace.voices))
    kept = {key: reference for key, reference in references.items() if key.partition("/")[0] in known}
    last = found[-1].id if found else after
    return dg.SensorResult(
        skip_reason=f"{len(found)} evaluations read, {len(alarms)} alarms; messages: {delivered} delivered, "
        f"{len(outbox.waiting())} wait",
        cursor=json.dumps(asdict(Cursor(newest if cursor is None else last, kept))),
    )


def evaluations_after(instance: dg.DagsterInstance, after: int, limit: int) -> list[Evaluation]:
    """Check evaluations with a number above `after`, oldest first, at most `limit`.

    Read by number from the index of all runs: `get_event_records` with a number raises on Dagster's default
    storage, which keeps a file a run, and the check history is ordered by when a check was planned.
    """
    entries = instance.event_log_storage.get_logs_for_all_runs_by_log_id(
        after_cursor=after, dagster_event_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION, limit=limit
    )
    return [_evaluation(number, entry) for number, entry in sorted(entries.items())]


def _evaluation(number: int, entry: dg.EventLogEntry) -> Evaluation:
    data = entry.get_dagster_event().asset_check_evaluation_data
    values = {name: value.value for name, value in data.metadata.items()}
    return Evaluation(
        id=number,
        run=entry.run_id or "no-run",
        at=datetime.fromtimestamp(entry.timestamp, UTC).isoformat(timespec="seconds"),
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
    )


def load_cursor(text: str | None) -> Cursor | None:
    """What was remembered, or None where there is nothing, or it is not readable as such."""
    try:
        given = json.loads(text or "")
        references = {
            str(key): Reference(_measured(pair["last"]), _measured(pair["anchor"]))
            for key, pair in given["references"].items()
        }
        after = int(given["after"])
        return Cursor(after, references) if after >= 0 else None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _measured(given: Mapping[str, object]) -> Measured:
    score, low, high = (float(str(given[name])) for name in ("score", "low", "high"))
    return Measured(score, low, high, str(given["run"]), str(given["at"]))


def webhook_of(workspace: Workspace, voice: str) -> str | None:
    """Where a voice's alarms go: its file's `watching.webhook`, else the environment's GAEA_WEBHOOK, else nowhere.

    Raises:
        GaeaError: The voice's file is not valid, or the environment holds no address.
    """
    config: VoiceConfig = workspace.voice(voice)
    if config.watching.webhook is not None:
        return config.watching.webhook.get_secret_value()
    url = os.environ.get(WEBHOOK, "").strip()
    if not url:
        return None
    if fault := fault_of(url):
        raise GaeaError(f"{WEBHOOK} in the environment: {fault}")
    return url


def _is_wanted(workspace: Workspace, voice: str) -> bool:
    """Whether an alarm is to be sent; where the address cannot be read it is kept until it can."""
    try:
        return webhook_of(workspace, voice) is not None
    except GaeaError:
        return True
