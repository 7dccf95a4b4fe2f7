"""What a webhook is sent: one message for all that a run found, for a failed run, for an evaluation that is missing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from gaea_assets.store import digest
from gaea_assets.watching.alarms import Alarm

SCHEMA = 2
LONGEST = 1_500
"""Characters of a message's text; the whole is on the checks' pages."""
SUMMARY = "released_still_passes"
"""The gate that quotes the other gates of its run: beside it they are not told again."""


@dataclass(frozen=True)
class FailedRun:
    """A re-evaluation that came to no end."""

    id: int
    """Number of the event in the event log."""
    run: str
    at: str
    """ISO 8601 in UTC."""
    voice: str
    fault: str

    def message(self) -> dict[str, Any]:
        """What the webhook is sent."""
        text = f"the run that was to evaluate it again failed: {' '.join(self.fault.split()) or 'see the run'}"
        return _message(f"{self.id:012d}-{self.run}", text, ["failed_run"], self.voice, self.run, self.at)


@dataclass(frozen=True)
class Overdue:
    """A released model that nobody has evaluated for too long."""

    voice: str
    model: str
    since: str
    """When it was last evaluated, or else released; ISO 8601 in UTC."""
    days: int
    now: str

    def message(self) -> dict[str, Any]:
        """What the webhook is sent."""
        text = (
            f"the released model {self.model[:12]} has not been evaluated for {self.days} days, since "
            f"{self.since[:10]}: see whether the schedule weekly_reevaluation is on, and why its runs fail or skip"
        )
        id_ = f"overdue-{self.model[:12]}-{self.since[:10]}-{self.days}"
        return _message(id_, text, ["not_evaluated"], self.voice, "", self.now) | {"model": self.model}


@dataclass(frozen=True)
class Unwatched:
    """A voice whose released model cannot be evaluated at all."""

    voice: str
    fault: str
    now: str
    """ISO 8601 in UTC."""

    @property
    def key(self) -> str:
        """The same for the same fault of the same voice."""
        return f"{self.voice}-{digest(self.fault)[:12]}"

    def message(self) -> dict[str, Any]:
        """What the webhook is sent."""
        text = f"what is released of it is not evaluated again: {self.fault}"
        id_ = f"unwatched-{self.key}-{self.now[:10]}"
        return _message(id_, text, ["not_evaluated"], self.voice, "", self.now) | {"model": ""}


def of_alarms(alarms: Sequence[Alarm]) -> list[dict[str, Any]]:
    """One message for each run and voice, in the order of their first alarms; docs/watching.md describes it."""
    of_run = {a.evaluation.id: (a.evaluation.run, a.evaluation.voice) for a in alarms}
    order = list(dict.fromkeys(of_run.values()))
    ordered = sorted(alarms, key=lambda a: (order.index(of_run[a.evaluation.id]), a.evaluation.id))
    return [_of_run(list(found)) for _, found in groupby(ordered, lambda a: of_run[a.evaluation.id])]


def _of_run(alarms: Sequence[Alarm]) -> dict[str, Any]:
    first = alarms[0].evaluation
    summary = [alarm.failure() for alarm in alarms if alarm.evaluation.check == SUMMARY]
    told = [*(summary or [alarm.failure() for alarm in alarms]), *(alarm.drop() for alarm in alarms)]
    reasons = list(dict.fromkeys(reason for alarm in alarms for reason in alarm.reasons))
    text = "; ".join(part for part in told if part)
    return _message(f"{first.id:012d}-{first.run}", text, reasons, first.voice, first.run, first.at) | {
        "alarms": [_entry(alarm) for alarm in alarms]
    }


def _entry(alarm: Alarm) -> dict[str, Any]:
    found = alarm.evaluation
    return {
        "asset": found.asset,
        "check": found.check,
        "reasons": alarm.reasons,
        "model": found.model,
        "figures": dict(found.figures),
        "before": None if alarm.before is None else asdict(alarm.before),
    }


def _message(id_: str, text: str, reasons: list[str], voice: str, run: str, at: str) -> dict[str, Any]:
    line = f"{voice}: {text}"
    return {
        "schema": SCHEMA,
        "id": id_,
        "text": line if len(line) <= LONGEST else f"{line[:LONGEST]} ...",
        "reasons": reasons,
        "voice": voice,
        "run": run,
        "at": at,
    }
