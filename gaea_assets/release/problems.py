"""What is wrong with a trained voice, worst first, and the moves that may mend it, most likely first."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gaea_assets.release import recipe_steps as step
from gaea_assets.release.loss_curve import LossCurve
from gaea_assets.release.recipe_steps import Step
from gaea_assets.style.gates import KNOWN
from gaea_assets.style.remedies import advice

Moves = tuple[tuple[Step, ...], ...]


@dataclass(frozen=True)
class Findings:
    """What the training and the style report found.

    Attributes:
        curve: The losses; None where there is no training log.
        low: Score and target of each measure that is below its target.
        undefined: Why a measure has no score.
        gates: Gates of the style report that fail, as in report.json.
        not_preferred: Whether readers do not prefer its text, or no number of votes would show that they do.
        out_of_memory: Whether the training ran out of memory.
    """

    curve: LossCurve | None = None
    low: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    not_preferred: bool = False
    out_of_memory: bool = False

    @property
    def state(self) -> str | None:
        """The curve's state."""
        return self.curve.state if self.curve else None


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        told: With its figures.
        short: In a few words, for the comment of a line.
        moves: Sets of moves, most likely first.
        beside: What no recipe mends, a sentence or two each.
    """

    told: str
    short: str
    moves: Moves
    beside: tuple[str, ...] = ()


def read_findings(report: Mapping[str, Any] | None, curve: LossCurve | None, *, not_preferred: bool) -> Findings:
    """Findings of a style report and a training.

    Args:
        report: report.json; None where the training did not get so far.
        curve: The losses.
        not_preferred: As in `Findings`.
    """
    measures = report["measures"] if report else []
    gates = report["gates"] if report else []
    return Findings(
        curve,
        low={
            m["name"]: (m["score"], m["target"])
            for m in measures
            if m["score"] is not None and not m["undefined"] and m["score"] <= m["target"]
        },
        undefined={m["name"]: m["undefined"] for m in measures if m["undefined"]},
        gates={g["name"]: g for g in gates if not g["passed"]},
        not_preferred=not_preferred,
    )


def find_problems(found: Findings) -> list[Problem]:
    """What is wrong, worst first: no training, no learning, harm done, too little learnt, too little to judge by."""
    out = [*_memory(found), *_no_learning(found)]
    if out:
        return out
    harm = [*_memorised(found), *_repeats(found), *_abilities(found)]
    little = [*_low(found), *_not_preferred(found)]
    if harm:  # more learning would do more of it
        little = [replace(problem, moves=()) for problem in little]
    return [*harm, *little, *(_undefined(name, reason) for name, reason in found.undefined.items())]


def _memory(found: Findings) -> list[Problem]:
    if not found.out_of_memory:
        return []
    shorter, narrower = step.SHORTER_EXAMPLES, step.NARROWER
    moves = ((shorter,), (shorter, narrower), (shorter, shorter, narrower), (narrower,))
    return [
        Problem("the training ran out of memory", "out of memory", moves, ("A smaller base.model needs less memory.",))
    ]


def _no_learning(found: Findings) -> list[Problem]:
    if found.curve is None:
        return []
    gentler: Moves = (
        (step.GENTLER,),
        (step.GENTLER, step.SHORTER),
        (step.GENTLER, step.GENTLER),
        (step.GENTLER, step.NARROWER),
    )
    match found.state:
        case "diverged":
            return [Problem(found.curve.told, "the loss did not fall but rise", gentler)]
        case "worse":
            return [Problem(found.curve.told, "the held-out loss ended above the base's", gentler)]
        case "not_fallen":
            moves = ((step.FASTER,), (step.FASTER, step.FASTER), (step.FASTER, step.LONGER), (step.LONGER, step.WIDER))
            return [Problem(found.curve.told, "the held-out loss hardly fell", moves)]
    return []


def _memorised(found: Findings) -> list[Problem]:
    gate = found.gates.get("memorisation")
    if gate is None:
        return []
    moves = (
        (step.SHORTER, step.NARROWER, step.MORE_DROPOUT),
        (step.SHORTER, step.GENTLER, step.MORE_DROPOUT),
        (step.SHORTER, step.GENTLER, step.NARROWER, step.MORE_DROPOUT),
    )
    told = f"the model recites: {gate['reason']}"
    return [Problem(told, "the model recites the training text", moves, _beside("memorisation"))]


def _repeats(found: Findings) -> list[Problem]:
    gate = found.gates.get("repetition")
    if gate is None:
        return []
    told = f"repetition: {gate['reason']}"
    if _lost_grammar(gate["figures"], gate["limits"]):
        moves: Moves = (
            (step.COOLER,),
            (step.COOLER, step.GENTLER),
            (step.GENTLER, step.SHORTER),
            (step.COOLER, step.GENTLER, step.SHORTER),
        )
        return [Problem(told, "the text loses its grammar", moves, _beside("repetition"))]
    return [Problem(told, "the text goes round in circles", _loops(found), _beside("repetition"))]


def _loops(found: Findings) -> Moves:
    if found.state == "rising":
        return ((step.SHORTER,), (step.SHORTER, step.WARMER), (step.WARMER,), (step.SHORTER, step.GENTLER))
    return ((step.WARMER,), (step.WARMER, step.WARMER), (step.WARMER, step.SHORTER), (step.SHORTER, step.GENTLER))


def _lost_grammar(figures: Mapping[str, Any], limits: Mapping[str, Any]) -> bool:
    order, least = figures.get("word order"), limits.get("word order")
    disordered = order is not None and least is not None and order < least
    return disordered or bool(figures.get("salads")) or (figures.get("known_words") or 1.0) < KNOWN


def _abilities(found: Findings) -> list[Problem]:
    gate = found.gates.get("abilities")
    if gate is None:
        return []
    figures, limits = gate["figures"], gate["limits"]
    over = {name for name, most in limits.items() if (figures.get(name) or 0) > most}
    told = f"abilities: {gate['reason']}"
    if over <= {"loops_rise"} and over:
        return [Problem(told, "more continuations loop than the base's", _loops(found), _beside("abilities"))]
    moves = (
        (step.GENTLER,),
        (step.NARROWER,),
        (step.GENTLER, step.NARROWER),
        (step.GENTLER, step.SHORTER),
        (step.GENTLER, step.NARROWER, step.SHORTER),
    )
    return [Problem(told, "the base model's abilities were lost", moves, _beside("abilities"))]


def _low(found: Findings) -> list[Problem]:
    if not found.low:
        return []
    scores = ", ".join(f"{name} {score:.1f} (> {target:g})" for name, (score, target) in found.low.items())
    told = f"too low: {scores}" + (f"; {found.curve.told}" if found.curve else "")
    names = next(iter(found.low)) if len(found.low) == 1 else "scores"
    short = f"{names} too low" + {
        "falling": ", loss still falling at the end",
        "rising": ", loss rising after the best",
    }.get(found.state or "", "")
    return [Problem(told, short, _moves_for_low(found), _beside(*found.low))]


def _moves_for_low(found: Findings) -> Moves:
    if found.state == "rising":  # more of the same makes it worse
        return (
            (step.TO_BEST, step.GENTLER),
            (step.GENTLER, step.MORE_DROPOUT),
            (step.TO_BEST, step.GENTLER, step.WIDER),
            (step.TO_BEST, step.GENTLER, step.MORE_DROPOUT),
        )
    more: Moves = (
        (step.LONGER, step.WIDER),
        (step.LONGER,),
        (step.WIDER,),
        (step.LONGER, step.FASTER),
        (step.LONGER, step.WIDER, step.FASTER),
    )
    if set(found.low) == {"structure"}:
        return ((step.SHORTER_PROMPTS, step.LONGER), (step.LONGER,), *more)
    if set(found.low) == {"vocabulary"}:
        return ((step.WIDER,), *more)
    if found.low and set(found.low) <= {"markers", "pov"}:
        return ((step.LONGER,), *more)
    return more


def _undefined(name: str, reason: str) -> Problem:
    if "undecided" in reason:
        moves: Moves = ((step.LONGER_TEXTS,), (step.LONGER_TEXTS, step.MORE_SAMPLES))
    elif "too little text" in reason:
        moves = ((step.MORE_SAMPLES,), (step.MORE_SAMPLES, step.HOLD_OUT_MORE))
    elif "told apart" in reason or "one prompt" in reason:
        moves = ((step.HOLD_OUT_MORE,), (step.HOLD_OUT_MORE, step.MORE_SAMPLES))
    else:
        moves = ()
    return Problem(f"{name} is undefined: {reason}", f"{name} is undefined", moves, _beside(name, undefined=reason))


def _not_preferred(found: Findings) -> list[Problem]:
    if not found.not_preferred or found.low:
        return []
    told = "readers do not prefer it" + (f"; {found.curve.told}" if found.curve else "")
    return [
        Problem(
            told,
            "readers do not prefer it",
            _moves_for_low(found),
            ("The notes in the blind result say what readers missed.",),
        )
    ]


def _beside(*names: str, undefined: str | None = None) -> tuple[str, ...]:
    found = {name: advice(name, undefined).beside for name in names}
    return tuple(f"{name}: {text}" for name, text in found.items() if text)
