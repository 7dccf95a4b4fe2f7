"""Which check evaluations are alarming: failed gates, and scores that fell beyond the interval of an earlier report."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

DESCRIPTION = 1_500
"""Characters of a gate's own words that a message carries; the whole is on the check's page."""


@dataclass(frozen=True)
class Evaluation:
    """One evaluation of one gate."""

    id: int
    """Its number in the event log; a later one has a higher one."""
    run: str
    at: str
    """ISO 8601 in UTC."""
    voice: str
    asset: str
    check: str
    passed: bool
    severity: str
    """`error` or `warn`."""
    description: str
    figures: Mapping[str, float]
    """What was measured; a gate on a score has `score`, `low`, `high` (its 95 % interval) and `target`."""


@dataclass(frozen=True)
class Measured:
    """A score of one report, with its 95 % interval."""

    score: float
    low: float
    high: float
    run: str
    at: str


@dataclass(frozen=True)
class Reference:
    """The reports that the next score is held against."""

    last: Measured
    """The one before it."""
    anchor: Measured
    """The last one that lay outside of the interval of the anchor before it: a slow decline, each step of it
    within the interval of the step before, is a drop from here."""


@dataclass(frozen=True)
class Alarm:
    """An evaluation that somebody should hear of."""

    evaluation: Evaluation
    before: Measured | None
    """The report whose lower bound the score is below; None where the gate failed and nothing fell."""

    @property
    def failed(self) -> bool:
        """Whether a gate of severity error failed."""
        return _failed(self.evaluation)

    def text(self) -> str:
        """The alarm in one line."""
        found, told = self.evaluation, []
        if self.failed:
            told.append(f"the gate {found.check} of {found.asset} failed: {' '.join(found.description.split())}")
        if self.before is not None:
            before = self.before
            told.append(
                f"{found.check} fell to {found.figures['score']:.1f}, below {before.low:.1f}, the lower bound of the "
                f"report of {before.at[:10]} ({before.score:.1f}, interval {before.low:.1f} to {before.high:.1f})"
            )
        line = f"{found.voice}: {'; '.join(told)}"
        return line if len(line) <= DESCRIPTION else f"{line[:DESCRIPTION]} ..."

    def message(self) -> dict[str, Any]:
        """What a webhook is sent; docs/watching.md describes it."""
        found = self.evaluation
        return {
            "schema": 1,
            "id": f"{found.id:012d}-{found.run}",
            "text": self.text(),
            "reasons": ["failed_gate"] * self.failed + ["score_drop"] * (self.before is not None),
            "voice": found.voice,
            "asset": found.asset,
            "check": found.check,
            "figures": dict(found.figures),
            "before": None if self.before is None else asdict(self.before),
            "run": found.run,
            "at": found.at,
        }


def judge(
    references: Mapping[str, Reference], evaluations: Iterable[Evaluation]
) -> tuple[dict[str, Reference], list[Alarm]]:
    """The alarms among the evaluations, and the references for the next ones.

    A score falls beyond the interval where it is below the lower bound of the report before it, or of the anchor.
    An evaluation without a score (the measure is undefined) leaves the references as they are.

    Args:
        references: By `key` of the evaluations seen so far.
        evaluations: Of any voices, in the order of their ids.
    """
    kept, alarms = dict(references), []
    for found in evaluations:
        now, fell_from = _measured(found), None
        if now is not None:
            before = kept.get(key(found))
            fell_from = None if before is None else _fell_from(before, now)
            anchored = before is not None and fell_from is None and now.score <= before.anchor.high
            kept[key(found)] = Reference(now, before.anchor if before is not None and anchored else now)
        if _failed(found) or fell_from is not None:
            alarms.append(Alarm(found, fell_from))
    return kept, alarms


def key(evaluation: Evaluation) -> str:
    """What two evaluations share whose scores can be compared."""
    return "/".join((evaluation.voice, evaluation.asset, evaluation.check))


def _fell_from(before: Reference, now: Measured) -> Measured | None:
    highest = max(before.last, before.anchor, key=lambda report: report.low)
    return highest if now.score < highest.low else None


def _failed(evaluation: Evaluation) -> bool:
    return not evaluation.passed and evaluation.severity == "error"


def _measured(evaluation: Evaluation) -> Measured | None:
    figures = evaluation.figures
    if not {"score", "low", "high"} <= figures.keys():
        return None
    return Measured(figures["score"], figures["low"], figures["high"], evaluation.run, evaluation.at)
