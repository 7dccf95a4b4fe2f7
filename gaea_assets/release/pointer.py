"""What is released now of each voice: one small file, replaced in one step, and the history that going back needs."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from gaea_assets.errors import GaeaError
from gaea_assets.store import write_whole

RELEASED = "released.json"
HISTORY = "history.jsonl"
Event = Literal["replaced", "withdrawn"]
"""Why a model is no longer the released one: a newer decision took its place, or it was taken back."""


@dataclass(frozen=True)
class Released:
    """The released model of a voice. It names no path: the project's folder may move."""

    voice: str
    model: str
    """Content hash of the merged model; `kept.folder_of` is where it lies."""
    decision: str
    """File name of the decision record (JSON) in the voice's folder."""
    at: str
    """When it was released, ISO 8601 in UTC."""


@dataclass(frozen=True)
class Past:
    """A model that was the released one, and why it is no longer."""

    released: Released
    event: Event
    until: str
    """When another took its place, ISO 8601 in UTC."""
    reason: str
    """In a sentence."""


def place_of(data: Path, voice: str) -> Path:
    """The folder of all that is decided on a voice.

    Args:
        data: The project's data folder.
        voice: Name of the voice.
    """
    return data / "release" / voice


def released_voices(data: Path) -> list[str]:
    """The voices of which a model is released, by name."""
    return sorted(path.parent.name for path in (data / "release").glob(f"*/{RELEASED}"))


def voices_with_history(data: Path) -> list[str]:
    """The voices of which a model is or was released, by name."""
    past = {path.parent.name for path in (data / "release").glob(f"*/{HISTORY}")}
    return sorted(past.union(released_voices(data)))


def one_released_voice(data: Path, named: str | None, command: str) -> str:
    """The voice that is meant: the one named, or the only one of which a model is released.

    Args:
        data: The project's data folder.
        named: What the user named, if anything.
        command: What they called, to be told how to name one.

    Raises:
        GaeaError: Nothing is released, nothing of the voice named, or of several voices and none was named.
    """
    voices = released_voices(data)
    if named in voices:
        return str(named)
    if named or not voices:
        what = f"no model of the voice {named} is released" if named else "nothing is released"
        others = f" (released: {', '.join(voices)})" if voices else ""
        raise GaeaError(f"{what} in {data / 'release'}{others}: decide with gaea release {named or 'VOICE'}")
    if len(voices) > 1:
        raise GaeaError(f"models of {len(voices)} voices are released ({', '.join(voices)}): name one, {command}")
    return voices[0]


def released(data: Path, voice: str) -> Released | None:
    """What is released now of a voice, or None where nothing is.

    Raises:
        GaeaError: The pointer cannot be read.
    """
    path = place_of(data, voice) / RELEASED
    try:
        found = _released(json.loads(path.read_text("utf-8")))
        if found.voice != voice:
            raise ValueError(found.voice)
        return found
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        raise GaeaError(
            f"{path}: does not say what is released; delete it and decide again with `gaea release {voice}`"
        ) from None


def point_to(data: Path, released: Released, *, event: Event = "replaced", reason: str = "") -> None:
    """Make this the released model of its voice, in one step, and keep the one before it in the history.

    A process killed on the way leaves the old pointer or the new one, each a whole file.

    Args:
        data: The project's data folder.
        released: The new pointer.
        event: Why the one before it goes.
        reason: The same in a sentence.

    Raises:
        GaeaError: The pointer or the history cannot be read.
    """
    before = _pointer(data, released.voice)
    if before == released:
        return
    folder = place_of(data, released.voice)
    folder.mkdir(parents=True, exist_ok=True)
    if before is not None:
        _add_to_history(data, Past(before, event, released.at, reason))
    write_whole(folder / RELEASED, json.dumps(asdict(released), indent=1) + "\n")


_pointer = released  # `point_to` has an argument of that name


def point_to_none(data: Path, past: Past) -> None:
    """Release no model of a voice any more, in one step, and keep the one that was in the history.

    Args:
        data: The project's data folder.
        past: What is released now, and why it goes.

    Raises:
        GaeaError: The history cannot be read.
    """
    _add_to_history(data, past)
    (place_of(data, past.released.voice) / RELEASED).unlink()


def _add_to_history(data: Path, past: Past) -> None:
    """Before the pointer moves: killed in between, it names as past what still is released; see `history`."""
    voice = past.released.voice
    lines = [asdict(entry) for entry in (*history(data, voice), past)]
    write_whole(place_of(data, voice) / HISTORY, "".join(json.dumps(line) + "\n" for line in lines))


def history(data: Path, voice: str) -> list[Past]:
    """What was released before of a voice, oldest first.

    Raises:
        GaeaError: The pointer or a line of the history cannot be read.
    """
    path = place_of(data, voice) / HISTORY
    now = released(data, voice)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_past(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            raise GaeaError(f"{path}: line {number} is not readable; delete that line") from None
    return [past for past in found if past.released != now]


def earlier(data: Path, voice: str, event: Event) -> list[Past]:
    """The last entry of each model that is no longer released, of those that went for this reason, newest first.

    The order is that of the history, not of its times: a clock may be set back.
    """
    now = released(data, voice)
    last: dict[str, Past] = {}
    for past in history(data, voice):
        last.pop(past.released.model, None)  # so that the last entry decides the place too
        last[past.released.model] = past
    return [
        past
        for past in reversed(last.values())
        if past.event == event and (now is None or past.released.model != now.model)
    ]


def withdrawn(data: Path, voice: str, model: str) -> Past | None:
    """How a model was taken back, of whichever voice it was then; None where it was not, or is released of this voice.

    Raises:
        GaeaError: As `history`.
    """
    now = released(data, voice)
    if now is not None and now.model == model:
        return None
    places = sorted((data / "release").glob(f"*/{HISTORY}"))
    taken = [past for place in places for past in earlier(data, place.parent.name, "withdrawn")]
    return next((past for past in taken if past.released.model == model), None)


def _released(value: dict[str, Any]) -> Released:
    return Released(**{field.name: str(value[field.name]) for field in fields(Released)})


def _past(value: dict[str, Any]) -> Past:
    if value["event"] not in get_args(Event):
        raise ValueError(value["event"])
    return Past(_released(value["released"]), value["event"], str(value["until"]), str(value["reason"]))
