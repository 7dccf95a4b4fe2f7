"""Which check evaluations are alarming: failed gates, and scores that fell beyond the interval of an earlier report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


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
    model: str = ""
    """Content hash of the model that was measured; empty where the gate is of no model."""
    measured_with: str = ""
    """Hash of what else decides a score: prompts, sampling, baseline, code."""


@dataclass(frozen=True)
class Measured:
    """A score of one report, with its 95 % interval."""

    score: float
    low: float
    high: float
    run: str
    at: str
    model: str = ""
    measured_with: str = ""

    def is_like(self, other: "Measured") -> bool:
        """Whether two scores say something of each other: they are of one model, measured in one way."""
        return (self.model, self.measured_with) == (other.model, other.measured_with)


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

    @property
    def reasons(self) -> list[str]:
        """`failed_gate`, `score_drop`, or both."""
        return ["failed_gate"] * self.failed + ["score_drop"] * (self.before is not None)

    def failure(self) -> str:
        """The failed gate in its own words; empty where it did not fail."""
        found = self.evaluation
        said = " ".join(found.description.split())
        return f"the gate {found.check} of {found.asset} failed: {said}" if self.failed else ""

    def drop(self) -> str:
        """The score drop in one line; empty where nothing fell."""
        found, before = self.evaluation, self.before
        if before is None:
            return ""
        return (
            f"{found.check} fell to {found.figures['score']:.1f}, below {before.low:.1f}, the lower bound of the "
            f"report of {before.at[:10]} ({before.score:.1f}, interval {before.low:.1f} to {before.high:.1f})"
        )


def judge(
    references: Mapping[str, Reference], evaluations: Iterable[Evaluation]
) -> tuple[dict[str, Reference], list[Alarm]]:
    """The alarms among the evaluations, and the references for the next ones.

    A score falls beyond the interval where it is below the lower bound of the report before it, or of the anchor.
    Scores of different models, or measured in different ways, are not compared: the first one begins anew.
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
            before = before if before is not None and before.last.is_like(now) else None
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
    return Measured(
        figures["score"],
        figures["low"],
        figures["high"],
        evaluation.run,
        evaluation.at,
        evaluation.model,
        evaluation.measured_with,
    )
