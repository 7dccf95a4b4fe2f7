"""Deciding, releasing and going back: each step leaves what is released whole, also when it is killed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.release import kept
from gaea_assets.release.decision import Alarm, Decision, decide, find_alarm
from gaea_assets.release.evidence import gather
from gaea_assets.release.next_recipe import next_recipe
from gaea_assets.release.pointer import Released, history, point_to, released
from gaea_assets.release.records import Record, write_record
from gaea_assets.release.remedy import Proposal
from gaea_assets.resources import Workspace
from gaea_assets.store import alone_in


@dataclass(frozen=True)
class Done:
    """What a decision led to."""

    decision: Decision
    record: Record
    alarm: Alarm | None
    """Raised where the model decided on is the released one and no longer passes."""
    switched: Released | None
    """What is released now, where the pointer was moved."""


def release(workspace: Workspace, name: str) -> Done:
    """Decide on a voice's model, write the decision down, and carry it out.

    Raises:
        GaeaError: There is no such voice, or the pointer, the blind result or the model cannot be read or kept.
    """
    voice = workspace.voice(name)
    data = Path(workspace.data).resolve()
    with alone_in(data / "release"):
        now = released(data)
        evidence = gather(workspace, voice)
        decision = decide(evidence, voice.release.blind)
        decision, proposal = _with_proposal(workspace, voice, decision)
        folder = None
        if decision.outcome == "released" and evidence.model:
            folder = kept.keep_model(data, workspace.made("merged_model", name), name, evidence.model)
        record = write_record(data, decision, voice.model_dump(mode="json"), proposal)
        if folder and evidence.model:
            switched = _switch(data, Released(name, evidence.model, str(folder), str(record.path), record.at))
            _prune(data, voice.release.keep, name)
            return Done(decision, record, None, switched)
        alarm = find_alarm(now, evidence)
        return Done(decision, record, alarm, _answer(data, voice, alarm))


def watch(workspace: Workspace, name: str) -> tuple[Alarm | None, Released | None]:
    """Look whether the released model still passes, after a new style report of this voice.

    Returns:
        The alarm, if any, and what is released now where `release.switch_back` brought an earlier one back.

    Raises:
        GaeaError: As `release`.
    """
    voice = workspace.voice(name)
    data = Path(workspace.data).resolve()
    with alone_in(data / "release"):
        now = released(data)
        if now is None or now.voice != name:
            return None, None
        alarm = find_alarm(now, gather(workspace, voice))
        return alarm, _answer(data, voice, alarm)


def roll_back(data: Path, reason: str = "taken back by hand") -> Released:
    """Take the released model back: the one released before it that is still kept whole becomes the released one.

    Raises:
        GaeaError: Nothing is released, or there is none to go back to.
    """
    with alone_in(data / "release"):
        now, back = released(data), _last_good(data)
        if now is None:
            raise GaeaError(f"{data / 'release'}: nothing is released, so there is nothing to take back")
        if back is None:
            raise GaeaError(
                f"{data / 'release'}: no model released before {now.voice} ({now.model[:12]}) is kept whole; release "
                f"another one with `gaea release VOICE`"
            )
        return _go_back(data, back, reason)


def prune(data: Path, keep: int) -> list[Path]:
    """Delete kept models beyond the `keep` newest of each voice, never the released one.

    Returns:
        The folders that are gone.
    """
    with alone_in(data / "release"):
        return _prune(data, keep)


def _with_proposal(workspace: Workspace, voice: VoiceConfig, decision: Decision) -> tuple[Decision, Proposal | None]:
    if decision.outcome != "not_released" or decision.evidence.obstacle:
        return decision, None
    try:
        return decision, next_recipe(workspace, voice)
    except GaeaError as error:  # no recipe is left: what to change is said in words
        return replace(decision, changes=(*decision.changes, str(error))), None


def _switch(data: Path, new: Released) -> Released | None:
    now = released(data)
    if now is not None and (now.voice, now.model, now.folder) == (new.voice, new.model, new.folder):
        return None
    point_to(data, new, reason=f"{new.voice} ({new.model[:12]}) was released")
    return new


def _answer(data: Path, voice: VoiceConfig, alarm: Alarm | None) -> Released | None:
    """Go back to the last good model where the voice's file asks for it and there is one."""
    if alarm is None or not voice.release.switch_back:
        return None
    back = _last_good(data)
    return _go_back(data, back, alarm.told) if back else None


def _go_back(data: Path, back: Released, reason: str) -> Released:
    now = replace(back, at=datetime.now(UTC).isoformat())
    point_to(data, now, event="withdrawn", reason=reason)
    return now


def _last_good(data: Path) -> Released | None:
    """The newest of those released before that is kept whole."""
    return next((found for found in _earlier(data) if kept.is_whole(Path(found.folder), found.model)), None)


def _earlier(data: Path) -> list[Released]:
    """What was released before and not taken back since, newest first."""
    last = {(past.released.voice, past.released.model): past for past in history(data)}
    now = released(data)
    current = (now.voice, now.model) if now else None
    good = [past for key, past in last.items() if past.event == "replaced" and key != current]
    return [past.released for past in sorted(good, key=lambda past: past.until, reverse=True)]


def _prune(data: Path, keep: int, voice: str | None = None) -> list[Path]:
    now = released(data)
    kept.sweep(data)
    seen: dict[str, int] = {}
    gone = []
    for model in kept.kept_models(data):
        if voice not in (None, model.voice):
            continue
        is_released = now is not None and Path(now.folder).resolve() == model.folder.resolve()
        seen[model.voice] = seen.get(model.voice, 0) + 1
        if seen[model.voice] > keep and not is_released:
            kept.drop(model)
            gone.append(model.folder)
    return gone
