"""Which released models have not been evaluated for too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gaea_assets.watching.messages import Overdue


@dataclass(frozen=True)
class Watched:
    """A released model that is to be evaluated again and again."""

    voice: str
    model: str
    """Content hash of the merged model."""
    since: str
    """When it was released; ISO 8601 in UTC."""
    days: int
    """It is told of after so many days without an evaluation, and again after as many more."""


def overdue(
    watched: Iterable[Watched], evaluated: Mapping[str, str], told: Mapping[str, str], now: datetime
) -> list[Overdue]:
    """The models that are to be told of now.

    Args:
        watched: What is released.
        evaluated: When each model was last evaluated, by its hash; ISO 8601 in UTC.
        told: When each was last told of, by its hash.
        now: With its time zone.
    """
    found = []
    for model in watched:
        last = max(model.since, evaluated.get(model.model, ""), key=_time)
        heard = max(last, told.get(model.model, ""), key=_time)
        if (now - _time(heard)).days >= model.days:
            found.append(
                Overdue(model.voice, model.model, last, (now - _time(last)).days, now.isoformat("T", "seconds"))
            )
    return found


def _time(text: str) -> datetime:
    """A time that was written down; long ago where there is none."""
    return datetime.fromisoformat(text or "1970-01-01T00:00:00+00:00").astimezone()
