"""What is released now: one small file, replaced in one step, and the history that going back needs."""

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
    """The released model."""

    voice: str
    model: str
    """Content hash of the merged model."""
    folder: str
    """Absolute path of the kept model."""
    decision: str
    """Path of the decision record (JSON)."""
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


def released(data: Path) -> Released | None:
    """What is released now, or None where nothing is.

    Args:
        data: The project's data folder.

    Raises:
        GaeaError: The pointer cannot be read.
    """
    path = data / "release" / RELEASED
    try:
        return _released(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        raise GaeaError(
            f"{path}: does not say what is released; delete it and decide again with `gaea release VOICE`"
        ) from None


def point_to(data: Path, released: Released, *, event: Event = "replaced", reason: str = "") -> None:
    """Make this the released model, in one step, and keep the one before it in the history.

    A process killed on the way leaves the old pointer or the new one, each a whole file.

    Args:
        data: The project's data folder.
        released: The new pointer.
        event: Why the one before it goes.
        reason: The same in a sentence.

    Raises:
        GaeaError: The pointer or the history cannot be read.
    """
    before = _pointer(data)
    if before == released:
        return
    folder = data / "release"
    folder.mkdir(parents=True, exist_ok=True)
    if before is not None:
        # First the history: killed here, it names a model as past that still is the released one; see `history`.
        lines = [asdict(past) for past in (*history(data), Past(before, event, released.at, reason))]
        write_whole(folder / HISTORY, "".join(json.dumps(line) + "\n" for line in lines))
    write_whole(folder / RELEASED, json.dumps(asdict(released), indent=1) + "\n")


_pointer = released  # `point_to` has an argument of that name


def history(data: Path) -> list[Past]:
    """What was released before, oldest first.

    Raises:
        GaeaError: The pointer or a line of the history cannot be read.
    """
    path = data / "release" / HISTORY
    now = released(data)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_past(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            raise GaeaError(f"{path}: line {number} is not readable; delete that line") from None
    return [past for past in found if past.released != now]


def _released(value: dict[str, Any]) -> Released:
    return Released(**{field.name: str(value[field.name]) for field in fields(Released)})


def _past(value: dict[str, Any]) -> Past:
    if value["event"] not in get_args(Event):
        raise ValueError(value["event"])
    return Past(_released(value["released"]), value["event"], str(value["until"]), str(value["reason"]))
