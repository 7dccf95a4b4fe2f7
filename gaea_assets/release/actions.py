"""Deciding, releasing and going back: each step leaves what is released whole, also when it is killed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gaea_assets.config import VoiceConfig, voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.recorded import RELEASED_REPORT
from gaea_assets.release import kept
from gaea_assets.release.decision import Alarm, Decision, decide, find_alarm
from gaea_assets.release.evidence import gather, gather_again
from gaea_assets.release.next_recipe import next_recipe
from gaea_assets.release.pointer import (
    Past,
    Released,
    earlier,
    one_released_voice,
    place_of,
    point_to,
    point_to_none,
    released,
)
from gaea_assets.release.records import Record, write_record
from gaea_assets.release.remedy import NoRecipeLeftError, Proposal
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


def release(workspace: Workspace, name: str, *, again: bool = False) -> Done:
    """Decide on a voice's model, write the decision down, and carry it out.

    Args:
        workspace: The project.
        name: The voice.
        again: Whether a person lets a model return that was taken back before; it must pass all the same.

    Raises:
        GaeaError: There is no such voice, or what is released cannot be read, or the model cannot be kept.
    """
    voice = workspace.voice(name)
    data = Path(workspace.data).resolve()
    with alone_in(place_of(data, name)):
        now = released(data, name)
        evidence = gather(workspace, voice)
        if again:
            evidence = replace(evidence, withdrawn=None)
        decision = decide(evidence, voice.release.blind)
        decision, proposal = _with_proposal(workspace, voice, decision)
        model = evidence.model if decision.outcome == "released" else None
        if model:
            judged_with = evidence.made_from["style_report"]["evaluation"]
            kept.keep_model(data, workspace.made("merged_model", name), voice, model, judged_with)
        record = write_record(data, decision, voice.model_dump(mode="json"), proposal)
        if model:
            switched = _switch(data, Released(name, model, record.path.name, record.at))
            _prune(data, voice.release.keep, name)
            return Done(decision, record, None, switched)
        alarm = find_alarm(now, evidence)
        return Done(decision, record, alarm, _answer(data, voice, alarm))


def watch(workspace: Workspace, name: str, report: str = "style_report") -> tuple[Alarm | None, Released | None]:
    """Look whether a voice's released model still passes, after a new report of it.

    Args:
        workspace: The project.
        name: The voice.
        report: Which asset was made: `style_report` or `released_report`.

    Returns:
        The alarm, if any, and what is released now where `release.switch_back` brought an earlier one back.

    Raises:
        GaeaError: As `release`.
    """
    voice = workspace.voice(name)
    data = Path(workspace.data).resolve()
    with alone_in(place_of(data, name)):
        now = released(data, name)
        if now is None:
            return None, None
        evidence = gather_again(workspace, voice) if report == RELEASED_REPORT else gather(workspace, voice)
        alarm = find_alarm(now, evidence)
        return alarm, _answer(data, voice, alarm)


def roll_back(data: Path, voice: str | None = None, reason: str = "taken back by hand") -> Released:
    """Take a released model back: the one released before it that is still kept whole becomes the released one.

    Args:
        data: The project's data folder.
        voice: Of which voice; it need not be named where the models of only one are released.
        reason: Why, for the history.

    Raises:
        GaeaError: Nothing is released, there is none to go back to, or it is not clear of which voice.
    """
    name = one_released_voice(data, voice, "`gaea release VOICE --rollback`")
    with alone_in(place_of(data, name)):
        now, back = released(data, name), _last_good(data, name)
        if back is None:
            before = f"{name} ({now.model[:12]})" if now else name
            raise GaeaError(
                f"{place_of(data, name)}: no model released before {before} is kept whole; release another one with "
                f"`gaea release {name}`, or none with `gaea release {name} --withdraw`"
            )
        return _go_back(data, back, reason)


def withdraw(data: Path, voice: str | None = None) -> Released:
    """Take a released model back with none in its place.

    Args:
        data: The project's data folder.
        voice: Of which voice; it need not be named where the models of only one are released.

    Returns:
        The model that was the released one.

    Raises:
        GaeaError: Nothing is released, or it is not clear of which voice.
    """
    name = one_released_voice(data, voice, "`gaea release VOICE --withdraw`")
    with alone_in(place_of(data, name)):
        now = released(data, name)
        if now is None:
            raise GaeaError(f"{place_of(data, name)}: another command has just taken it back")
        point_to_none(data, Past(now, "withdrawn", datetime.now(UTC).isoformat(), "taken back by hand"))
        return now


def prune(workspace: Workspace, keep: int, voice: str | None = None) -> list[Path]:
    """Delete a voice's kept models, or those of every voice, but `keep` of each and the released one.

    First go those that were taken back, then the oldest.

    Returns:
        The folders that are gone.

    Raises:
        GaeaError: A voice would have none left that `release.switch_back` could bring back.
    """
    data = Path(workspace.data).resolve()
    found = sorted(path.parent.name for path in (data / "release").glob(f"*/{kept.MODELS}"))
    names = [name for name in found if voice in (None, name)]
    for name in names:
        if keep < 2 and name in voice_names(workspace.voices) and workspace.voice(name).release.switch_back:
            raise GaeaError(f"{name}: release.switch_back: true needs a model to switch back to; keep 2 or more")
    gone = []
    for name in names:
        with alone_in(place_of(data, name)):
            gone += _prune(data, keep, name)
    return gone


def _with_proposal(workspace: Workspace, voice: VoiceConfig, decision: Decision) -> tuple[Decision, Proposal | None]:
    evidence = decision.evidence
    if decision.outcome != "not_released" or evidence.obstacle:
        return decision, None
    try:
        return decision, next_recipe(workspace, voice)
    except GaeaError as error:  # the decision stands all the same
        told = error.told if isinstance(error, NoRecipeLeftError) else str(error)  # the gates say what no recipe mends
        return replace(decision, changes=(told, *decision.changes)), None


def _switch(data: Path, new: Released) -> Released | None:
    now = released(data, new.voice)
    if now is not None and now.model == new.model:
        return None
    point_to(data, new, reason=f"{new.voice} ({new.model[:12]}) was released")
    return new


def _answer(data: Path, voice: VoiceConfig, alarm: Alarm | None) -> Released | None:
    """Go back to the last good model where the voice's file asks for it and there is one."""
    if alarm is None or not voice.release.switch_back:
        return None
    back = _last_good(data, voice.name)
    return _go_back(data, back, alarm.told) if back else None


def _go_back(data: Path, back: Released, reason: str) -> Released:
    now = replace(back, at=datetime.now(UTC).isoformat())
    point_to(data, now, event="withdrawn", reason=reason)
    return now


def _last_good(data: Path, voice: str) -> Released | None:
    """The newest of those released before, and not taken back, that is kept whole."""
    good = (past.released for past in earlier(data, voice, "replaced"))
    return next((found for found in good if kept.is_whole(kept.folder_of(data, voice, found.model), found.model)), None)


def _prune(data: Path, keep: int, voice: str) -> list[Path]:
    kept.sweep(data, voice)
    now = released(data, voice)
    order = [now.model] if now else []
    order += [past.released.model for event in ("replaced", "withdrawn") for past in earlier(data, voice, event)]
    rank = {model: place for place, model in enumerate(order)}
    models = sorted(kept.kept_models(data, voice), key=lambda model: rank.get(model.model, len(rank)))
    gone = [model for model in models[keep:] if now is None or model.model != now.model]
    for model in gone:
        kept.drop(model)
    return [model.folder for model in gone]
