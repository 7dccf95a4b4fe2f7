"""Messages that wait to be delivered: one file each, so that neither a dead webhook nor a kill loses one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from gaea_assets.store import write_whole
from gaea_assets.watching.messages import SCHEMA

MOST = 500
"""Messages kept; above it the oldest are dropped, and a message of its own tells how many."""
FIRST_WAIT, LONGEST_WAIT = 60.0, 6 * 3600.0
"""Seconds after the first failure, doubled with each further one."""
REFUSALS = 36
"""Refusals after which a message is set aside: with the waits between them, about a week of them."""
DROPPED = "dropped-"


@dataclass(frozen=True)
class Waiting:
    """A message and what has become of it so far."""

    message: dict[str, Any]
    attempts: int = 0
    not_before: float = 0.0
    """Unix time of the next attempt."""
    refusals: int = 0
    """How many of the attempts were refused by a webhook that works."""

    @property
    def voice(self) -> str:
        """Whose webhook it is for."""
        return str(self.message["voice"])

    def failed(self, now: float, *, refused: bool = False) -> "Waiting":
        """The same after one more failure."""
        wait = min(FIRST_WAIT * 2 ** min(self.attempts, 20), LONGEST_WAIT)
        refusals = self.refusals + refused
        return replace(self, attempts=self.attempts + 1, not_before=now + wait, refusals=refusals)


_WAITING = TypeAdapter(Waiting)


class Outbox:
    """A folder of waiting messages.

    Args:
        folder: Made with the first message.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, message: Mapping[str, Any]) -> None:
        """Keep a message until it is `taken`; one of the same id is kept once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write(Waiting(dict(message)))

    def waiting(self) -> list[Waiting]:
        """All messages, in the order of their ids; a file that is not readable is renamed to `.unreadable`."""
        found = []
        for path in sorted(self._folder.glob("*.json")):
            entry = self._read(path)
            if entry is None:
                path.replace(path.with_suffix(".unreadable"))
            else:
                found.append(entry)
        return found

    def taken(self, entry: Waiting) -> None:
        """Forget a message that was delivered."""
        self._path(entry).unlink(missing_ok=True)

    def failed(self, entry: Waiting, now: float, *, refused: bool = False) -> Path | None:
        """Try a message again later, or set it aside once it was refused `REFUSALS` times.

        Returns:
            The file that it was set aside as: renamed to what it was, it is tried again.
        """
        after = entry.failed(now, refused=refused)
        self._write(after)
        if not refused or after.refusals < REFUSALS:
            return None
        return self._path(entry).replace(self._path(entry).with_suffix(".refused"))

    def shrink(self, at: str) -> int:
        """Drop the oldest messages above `MOST`; a message to each voice's webhook tells how many of its own went.

        Args:
            at: Now, ISO 8601 in UTC.

        Returns:
            How many were dropped now.
        """
        entries = self.waiting()
        notices = {entry.voice: entry for entry in entries if entry.message["id"].startswith(DROPPED)}
        alarms = [entry for entry in entries if entry not in notices.values()]
        gone = alarms[: max(0, len(alarms) - MOST)]
        for voice in dict.fromkeys(entry.voice for entry in gone):
            own = sum(entry.voice == voice for entry in gone)
            earlier = notices[voice].message["dropped"] if voice in notices else 0
            notice = _notice(voice, earlier + own, at)
            self._write(replace(notices.get(voice, Waiting({})), message=notice))
        for entry in gone:  # after the notice: a kill between the two tells of too many, never of too few
            self.taken(entry)
        return len(gone)

    def _read(self, path: Path) -> Waiting | None:
        try:
            entry = _WAITING.validate_json(path.read_bytes())
            _ = entry.voice, entry.message["text"]
            return entry if self._path(entry) == path else None  # under another name it would never go
        except (ValueError, KeyError):
            return None

    def _write(self, entry: Waiting) -> None:
        write_whole(self._path(entry), json.dumps(asdict(entry), indent=1) + "\n")

    def _path(self, entry: Waiting) -> Path:
        name = str(entry.message["id"])
        if name.startswith(DROPPED):  # its id says how many, its file is one
            name = DROPPED + quote(entry.voice, safe="")
        return self._folder / f"{name}.json"


def _notice(voice: str, count: int, at: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "id": f"{DROPPED}{voice}-{count}-{at}",
        "text": f"{voice}: {count} messages were dropped undelivered: more than {MOST} waited for the webhook; "
        f"what they told is on the checks' pages and in the sensor's log",
        "reasons": ["dropped"],
        "voice": voice,
        "dropped": count,
        "at": at,
    }
