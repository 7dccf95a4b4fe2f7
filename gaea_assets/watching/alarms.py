"""Which check evaluations are alarming: failed gates, and scores that fell beyond the interval of an earlier report."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

REMEMBERED = 3
"""Models of a gate, besides the released ones, whose scores the next ones are held against."""


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
    Scores of different models, or measured in different ways, are not compared. Those of one model are, whichever
    report measured it (the voice may have been trained again since), and whatever was measured in between.
    An evaluation without a score (the measure is undefined) leaves the references as they are.

    Args:
        references: By `key` of the evaluations seen so far.
        evaluations: Of any voices, in the order of their ids.
    """
    kept, alarms = dict(references), []
    for found in evaluations:
        now, fell_from = _measured(found), None
        if now is not None:
            before = kept.pop(key(found), None)  # so that what was measured last stands last
            fell_from = None if before is None else _fell_from(before, now)
            anchored = before is not None and fell_from is None and now.score <= before.anchor.high
            kept[key(found)] = Reference(now, before.anchor if before is not None and anchored else now)
        if _failed(found) or fell_from is not None:
            alarms.append(Alarm(found, fell_from))
    return kept, alarms


def key(evaluation: Evaluation) -> str:
    """What two evaluations share whose scores can be compared."""
    return key_of(evaluation.voice, evaluation.check, evaluation.model, evaluation.measured_with)


def key_of(voice: str, check: str, model: str, measured_with: str) -> str:
    """The key of references."""
    return "/".join((voice, check, model, measured_with))


def recent(references: Mapping[str, Reference], models: Collection[str]) -> dict[str, Reference]:
    """The references worth remembering: those of the models named, and of each gate the last few.

    Args:
        references: By key, what was measured last standing last.
        models: The released models: they are measured again, however many others are in between.
    """
    kept, others = {}, Counter[str]()
    for name, found in reversed(list(references.items())):
        gate = "/".join(name.split("/")[:2])
        released = found.last.model in models
        others[gate] += not released
        if released or others[gate] <= REMEMBERED:
            kept[name] = found
    return dict(reversed(kept.items()))


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
