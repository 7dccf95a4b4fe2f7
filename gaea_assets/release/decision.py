"""Released, not released, or waiting for readers: decided from the gates of one model, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gaea_assets.release.pointer import Released
from gaea_assets.verdict import listed

Outcome = Literal["released", "not_released", "waiting"]
Reading = Literal["proved", "not_yet_shown", "not_preferred"]


@dataclass(frozen=True)
class GateResult:
    """What one gate found on this model."""

    asset: str
    name: str
    passed: bool
    fault: str = ""
    """What is wrong, in one line; empty where the gate passes."""
    change: str = ""
    """What to change, where the gate fails and `fault` does not say it."""
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def figure(self) -> str:
        """The gate's figures in one line, the first six where there are more."""
        figures = self.figures
        if "score" in figures and "target" in figures:
            ends = f" ({_number(figures.get('low'))} to {_number(figures.get('high'))})"
            return f"{_number(figures['score'])}{ends}, target > {figures['target']:g}"
        return listed([f"{key.replace('_', ' ')} {_number(value, 4)}" for key, value in figures.items()], 6) or "-"


@dataclass(frozen=True)
class BlindReading:
    """What readers said who did not know which text was whose."""

    verdict: Reading
    win_rate: float
    """Percent of the votes for the tuned model."""
    low: float
    high: float
    """Interval of `win_rate`."""
    target: float
    votes: int
    readers: int
    prompts: int
    """How many prompts the votes are on."""
    more_votes: int | None = None
    """How many more on the same prompts would settle it, where that can be said."""
    more_readers: int | None = None
    """About how many further readers give them."""
    prompts_wanted: int | None = None
    """Where no votes on the same prompts would settle it: so many prompts, in a reading of its own."""
    votes_wanted: int | None = None
    """Votes of that reading."""
    readers_wanted: int | None = None
    """Its readers."""

    @property
    def told(self) -> str:
        """The result in words."""
        interval = f"{_number(self.low)} to {_number(self.high)} %"
        who = f"{self.votes} votes of {self.readers} readers"
        return f"preferred in {self.win_rate:.0f} % ({interval}; {who}; wanted > {self.target:g} %)"


@dataclass(frozen=True)
class Evidence:
    """Everything a decision rests on."""

    voice: str
    model: str | None
    """Content hash of the merged model; None where there is none."""
    report: str | None
    """Content hash of the style report."""
    obstacle: str | None
    """Why the gates cannot be judged: something is missing, edited, of another model, or of unknown weights."""
    gates: tuple[GateResult, ...] = ()
    blind: BlindReading | None = None
    blind_fault: str | None = None
    """Why the blind result that lies there does not count."""
    withdrawn: str | None = None
    """When and why this very model was taken back, where no person has let it return."""
    made_from: Mapping[str, Any] = field(default_factory=dict)
    """What the adapter, the merged model and the report have recorded of what they were made from."""
    changed_since: tuple[str, ...] = ()
    """What would be made otherwise today. It does not count: a model is judged as it was made."""

    @property
    def failing(self) -> tuple[GateResult, ...]:
        """The gates that do not pass."""
        return tuple(gate for gate in self.gates if not gate.passed)


@dataclass(frozen=True)
class Decision:
    """The outcome and its reason."""

    outcome: Outcome
    reason: str
    """One sentence."""
    changes: tuple[str, ...]
    """What to do for another outcome; empty where the model is released."""
    evidence: Evidence


def decide(evidence: Evidence, blind: Literal["required", "optional"]) -> Decision:
    """Decide on a model.

    Args:
        evidence: Its gates, and the blind reading of it where there is one.
        blind: Whether it may be released without a blind reading.

    Returns:
        `released` only where nothing is missing or of another model, every gate passes, readers have shown that they
        prefer it (or nobody has read it and nobody needs to), and it was not taken back before; `waiting` where only
        readers are missing.
    """
    decision = _on_gates_and_readers(evidence, blind)
    if decision.outcome == "released" and evidence.withdrawn:
        reason = f"{decision.reason}; but it was taken back before ({evidence.withdrawn})"
        again = f"a person may let it return: `gaea release {evidence.voice} --again`"
        return Decision("not_released", reason, (again,), evidence)
    return decision


def _on_gates_and_readers(evidence: Evidence, blind: Literal["required", "optional"]) -> Decision:
    reading, failing = evidence.blind, evidence.failing
    if evidence.obstacle or not evidence.gates:
        return Decision("not_released", evidence.obstacle or "no gate was judged", (), evidence)
    if failing:
        faults = listed([gate.fault for gate in failing], 3)
        changes = tuple(f"{gate.name}: {gate.change}" for gate in failing if gate.change)
        return Decision(
            "not_released", f"{len(failing)} of {len(evidence.gates)} gates fail: {faults}", changes, evidence
        )
    all_pass = f"all {len(evidence.gates)} gates pass"
    if evidence.blind_fault:
        return Decision(
            "waiting", f"{all_pass}, but the blind result does not count: {evidence.blind_fault}", (), evidence
        )
    if reading is None:
        if blind == "optional":
            return Decision("released", f"{all_pass}; nobody has read it blind, which is optional", (), evidence)
        wait = f"{all_pass}, but nobody has read this model blind"
        read = f"let it be read: `gaea blind {evidence.voice}` (or set release.blind: optional)"
        return Decision("waiting", wait, (read,), evidence)
    match reading.verdict:
        case "proved":
            return Decision("released", f"{all_pass}, and readers agree: {reading.told}", (), evidence)
        case "not_yet_shown" if reading.more_votes:
            wait = f"{all_pass}, but that readers prefer it is not yet shown: {reading.told}"
            wanted = reading.votes + reading.more_votes
            by = f", of about {reading.more_readers} further readers," if reading.more_readers else ""
            settle = (
                f"about {reading.more_votes} more votes{by} would settle it: set blind.votes: {wanted} in the voice's "
                f"file, `gaea blind {evidence.voice}`, then materialise blind_evaluation"
            )
            return Decision("waiting", wait, (settle,), evidence)
        case "not_yet_shown":
            recipe = f"try another recipe: `gaea remedy {evidence.voice}`"
            if not reading.prompts_wanted:
                why = f"{all_pass}, but no number of votes in reach would show that readers prefer it: {reading.told}"
                return Decision("not_released", why, (f"read the notes in the blind result, then {recipe}",), evidence)
            why = (
                f"{all_pass}, but votes on {reading.prompts} prompts alone would hardly show that readers prefer it: "
                f"{reading.told}"
            )
            return Decision("not_released", why, (_more_prompts(evidence.voice, reading), f"or {recipe}"), evidence)
        case "not_preferred":
            return Decision(
                "not_released",
                f"{all_pass}, but readers do not prefer it: {reading.told}",
                ("read the notes in the blind result: they say what readers missed",),
                evidence,
            )


def _more_prompts(voice: str, reading: BlindReading) -> str:
    return (
        f"let about {reading.readers_wanted} readers read it on about {reading.prompts_wanted} prompts, with "
        f"blind.votes: {reading.votes_wanted}: lower evaluation.passage_words, materialise baseline_metrics and "
        "style_report again and take another blind.seed, or raise dataset.validation_share, which trains anew; then "
        f"`gaea blind {voice}`"
    )


@dataclass(frozen=True)
class Alarm:
    """The released model no longer passes."""

    released: Released
    faults: tuple[str, ...]

    @property
    def told(self) -> str:
        """The alarm in one line."""
        model = f"{self.released.voice} ({self.released.model[:12]})"
        return f"the released model {model} no longer passes: {listed(self.faults, 3)}"


def find_alarm(released: Released | None, evidence: Evidence) -> Alarm | None:
    """The alarm that new evidence raises about the released model, or None.

    Evidence of another model, or that cannot be judged, raises none: it says nothing of the released one.
    """
    if released is None or evidence.obstacle:
        return None
    if (released.voice, released.model) != (evidence.voice, evidence.model):
        return None
    faults = [gate.fault for gate in evidence.failing]
    if evidence.blind is not None and evidence.blind.verdict == "not_preferred":
        faults.append(f"readers do not prefer it: {evidence.blind.told}")
    return Alarm(released, tuple(faults)) if faults else None


def _number(value: Any, digits: int = 1) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}f}" if digits == 1 else f"{value:.{digits}g}"
    return "..." if value is None else str(value)[:16]  # a hash is told by its beginning
