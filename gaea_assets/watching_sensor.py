"""The sensor that watches the gates: each evaluation is read once, alarms go to the log and to the webhook."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from gaea_assets.automation import reevaluation, released_model
from gaea_assets.config import VoiceConfig, Watching, voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.release.measured_with import last_measured
from gaea_assets.release.pointer import released_voices
from gaea_assets.resources import Workspace
from gaea_assets.watching.alarms import Measured, Reference, judge, key_of, recent
from gaea_assets.watching.delivery import deliver
from gaea_assets.watching.messages import Unwatched, of_alarms
from gaea_assets.watching.outbox import Outbox
from gaea_assets.watching.overdue import Watched, latest, overdue, untold
from gaea_assets.watching.webhook import fault_of, post
from gaea_assets.watching_events import Page, read_page

INTERVAL = 60
PAGE = 200
"""Events read at one tick."""
HISTORY = 5_000
"""Events before the first tick in which the scores are looked up that later ones are held against."""
WEBHOOK = "GAEA_WEBHOOK"


@dataclass(frozen=True)
class Cursor:
    """What the sensor remembers from tick to tick."""

    after: int
    """Number of the last event read."""
    references: dict[str, Reference] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """When it was last told of a released model, by its hash, that it had not been evaluated for too long, or of a
    voice, by `Unwatched.key`, that what is released of it cannot be."""


@dg.sensor(minimum_interval_seconds=INTERVAL, default_status=dg.DefaultSensorStatus.STOPPED)
def watched_checks(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
    """Each minute: failed gates and runs, fallen scores, evaluations that are missing; told to log and webhook."""
    newest = context.instance.event_log_storage.get_maximum_record_id() or 0
    before = load_cursor(context.cursor)
    page = _new_events(context.instance, before, newest)
    now = time.time()
    watched, unwatched = _watched(workspace, now)
    cursor, messages = _look(set(voice_names(workspace.voices)), watched, unwatched, before, page, now)
    outbox = Outbox(Path(workspace.data) / "watching" / "outbox")
    for message in messages:
        context.log.error(message["text"])
        if _is_wanted(workspace, message["voice"]):
            outbox.put(message)
    if dropped := outbox.shrink(datetime.now(UTC).isoformat(timespec="seconds")):
        context.log.error(f"{dropped} messages dropped: too many wait for a webhook that does not take them")
    delivered = deliver(
        outbox, lambda voice: webhook_of(workspace, voice), post, now, lambda line: context.log.warning(line)
    )
    if before is None:
        cursor = replace(cursor, after=newest)
    return dg.SensorResult(
        skip_reason=f"{len(page.evaluations)} evaluations read, {len(messages)} alarms; messages: {delivered} "
        f"delivered, {len(outbox.waiting())} wait",
        cursor=json.dumps(asdict(cursor)),
    )


def _new_events(instance: dg.DagsterInstance, before: Cursor | None, newest: int) -> Page:
    # Numbers of deleted runs may be given again.
    after = max(0, newest - HISTORY) if before is None else min(before.after, newest)
    limit = HISTORY if before is None else PAGE
    now = float("inf") if before is None else time.time()  # what there is by then is no news: nothing is waited for
    return read_page(instance, after, limit, reevaluation.name, now, newest)


def _look(
    voices: set[str],
    watched: list[Watched],
    unwatched: list[Unwatched],
    before: Cursor | None,
    page: Page,
    now: float,
) -> tuple[Cursor, list[dict[str, Any]]]:
    """What to remember, and what to tell."""
    references, alarms = judge(before.references if before else {}, page.evaluations)
    messages = [] if before is None else [*of_alarms(alarms), *(run.message() for run in page.failed)]
    told, models = before.told if before else {}, {model.model for model in watched}
    late = overdue(watched, told, datetime.fromtimestamp(now, UTC))
    lost = untold(unwatched, told, Watching().days)
    told_now = {**told, **{model.model: model.now for model in late}, **{voice.key: voice.now for voice in lost}}
    subjects = models | {voice.key for voice in unwatched}
    return (
        Cursor(
            page.last,
            recent({key: found for key, found in references.items() if key.partition("/")[0] in voices}, models),
            {subject: at for subject, at in told_now.items() if subject in subjects},
        ),
        [*(voice.message() for voice in lost), *messages, *(model.message() for model in late)],
    )


def _watched(workspace: Workspace, time_: float) -> tuple[list[Watched], list[Unwatched]]:
    """The released models, and the voices whose released model cannot be evaluated."""
    watched, unwatched = [], []
    for voice in released_voices(Path(workspace.data)):
        try:
            now = released_model(workspace, voice)
            if now is None:
                continue
            since = latest(now.at, last_measured(workspace, voice, now.model))
        except GaeaError as error:
            at = datetime.fromtimestamp(time_, UTC).isoformat("T", "seconds")
            unwatched.append(Unwatched(voice, str(error), at))
            continue
        try:
            days = workspace.voice(voice).watching.days
        except GaeaError:
            days = Watching().days
        watched.append(Watched(voice, now.model, since, days))
    return watched, unwatched


def load_cursor(text: str | None) -> Cursor | None:
    """What was remembered, or None where there is nothing, or it is not readable as such."""
    try:
        given = json.loads(text or "")
        references = {}
        for key, pair in given["references"].items():
            last = _measured(pair["last"])
            references[_key(str(key), last)] = Reference(last, _measured(pair["anchor"]))
        told = {str(key): datetime.fromisoformat(str(at)).isoformat() for key, at in given.get("told", {}).items()}
        after = int(given["after"])
        return Cursor(after, references, told) if after >= 0 else None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _key(key: str, last: Measured) -> str:
    voice, *named = key.split("/")
    # Cursors of earlier versions had the asset in it, and one model at a time.
    return key if len(named) == 3 else key_of(voice, named[-1], last.model, last.measured_with)


def _measured(given: Mapping[str, object]) -> Measured:
    score, low, high = (float(str(given[name])) for name in ("score", "low", "high"))
    # Cursors of earlier versions do not say of which model a score is.
    subject = str(given.get("model", "")), str(given.get("measured_with", ""))
    return Measured(score, low, high, str(given["run"]), str(given["at"]), *subject)


def webhook_of(workspace: Workspace, voice: str) -> str | None:
    """Where a voice's alarms go: its file's `watching.webhook`, else the environment's GAEA_WEBHOOK, else nowhere.

    Raises:
        GaeaError: The voice's file is not valid, or the environment holds no address.
    """
    if voice in voice_names(workspace.voices):  # else its file is gone, and its messages go where all others do
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
