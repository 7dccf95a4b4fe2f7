"""Which released models have not been evaluated for too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gaea_assets.watching.messages import Overdue, Unwatched


@dataclass(frozen=True)
class Watched:
    """A released model that is to be evaluated again and again."""

    voice: str
    model: str
    """Content hash of the merged model."""
    since: str
    """When it was last measured, or released, if that was later; ISO 8601 in UTC."""
    days: int
    """It is told of after so many days without an evaluation, and again after as many more."""


def overdue(watched: Iterable[Watched], told: Mapping[str, str], now: datetime) -> list[Overdue]:
    """The models that are to be told of now.

    Args:
        watched: What is released.
        told: When each was last told of, by its hash.
        now: With its time zone.
    """
    found = []
    for model in watched:
        heard = latest(model.since, told.get(model.model))
        if (now - _time(heard)).days >= model.days:
            found.append(
                Overdue(
                    model.voice,
                    model.model,
                    model.since,
                    (now - _time(model.since)).days,
                    now.isoformat("T", "seconds"),
                )
            )
    return found


def untold(unwatched: Iterable[Unwatched], told: Mapping[str, str], days: int) -> list[Unwatched]:
    """The voices of which it is to be told now that they cannot be evaluated: at once, then every so many days.

    Args:
        unwatched: What cannot be evaluated now.
        told: When each was last told of, by its key.
        days: How long it is not told again.
    """
    return [
        found
        for found in unwatched
        if found.key not in told or (_time(found.now) - _time(told[found.key])).days >= days
    ]


def latest(first: str, *others: str | None) -> str:
    """The latest of the times that there are, each ISO 8601."""
    return max([first, *(other for other in others if other)], key=_time)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()
