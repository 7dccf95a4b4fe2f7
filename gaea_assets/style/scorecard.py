"""Score a tuned model's voice against the author's, with the base model as the zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gaea_assets.style import background as bg
from gaea_assets.style.arms import Arm, build_arm
from gaea_assets.style.counted import marker_measure, pov_measure
from gaea_assets.style.curves import curves
from gaea_assets.style.gates import Gate, memorisation_gate, repetition_gate
from gaea_assets.style.measure import Context, Measure, undefined, window_units
from gaea_assets.style.measures import structure_measure, transfer_measure, vocabulary_measure, words_gained
from gaea_assets.style.memorisation import without_spans
from gaea_assets.style.units import UNIT_WORDS

SCHEMA_VERSION = 1
TARGETS: Mapping[str, float] = {
    "transfer": 60.0,
    "vocabulary": 70.0,
    "structure": 65.0,
    "markers": 50.0,
    "pov": 80.0,
}


@dataclass(frozen=True)
class Sample:
    """One continuation.

    Attributes:
        prompt_id: The prompt it goes on from.
        text: The continuation, prompt not included.
    """

    prompt_id: str
    text: str


@dataclass(frozen=True)
class Scorecard:
    """All measures and gates of one tuned model.

    Attributes:
        measures: transfer, vocabulary, structure, markers, pov.
        gates: memorisation, repetition.
        words: Words of each arm: train, heldout, base, tuned.
        warnings: What a reader must know before trusting the figures.
        rescored: The transfer score without the memorised passages, when there were any.
        window_words: Words of the windows compared.
        person: Declared narrative person.
        details: Figures for the report: curves, words gained and missing, coined terms.
    """

    measures: tuple[Measure, ...]
    gates: tuple[Gate, ...]
    words: Mapping[str, int]
    warnings: tuple[str, ...]
    rescored: Measure | None = None
    window_words: int = 0
    person: str = "second"
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every measure reaches its target and no gate fails."""
        return all(m.passed for m in self.measures) and all(g.passed for g in self.gates)

    def measure(self, name: str) -> Measure:
        """The measure of that name."""
        return next(m for m in self.measures if m.name == name)

    def gate(self, name: str) -> Gate:
        """The gate of that name."""
        return next(g for g in self.gates if g.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; what is not a finite number is null."""
        return {
            "schema_version": SCHEMA_VERSION,
            "passed": self.passed,
            "person": self.person,
            "window_words": self.window_words,
            "measures": [m.to_dict() for m in self.measures],
            "gates": [g.to_dict() for g in self.gates],
            "rescored": self.rescored.to_dict() if self.rescored else None,
            "words": dict(self.words),
            "warnings": list(self.warnings),
            "details": plain(self.details),
        }


def plain(value: Any) -> Any:
    """Turn nested values into what JSON holds; NaN and infinities become None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [plain(item) for item in items]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def score_voice(
    *,
    train: Sequence[str],
    heldout: Sequence[Sample],
    base: Sequence[Sample],
    tuned: Sequence[Sample],
    person: str = "second",
    targets: Mapping[str, float] | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> Scorecard:
    """Score a tuned model.

    Args:
        train: Training chunks; the profile is built from these only.
        heldout: The author's own continuation of each held-out prompt.
        base: The base model's continuations of the same prompts, several a prompt possible.
        tuned: The tuned model's.
        person: Declared narrative person: `first`, `second` or `third`.
        targets: Targets by measure, in percent; those not given are the design's.
        seed: Every draw of chance follows from it.
        resamples: Bootstrap replicates.

    Returns:
        The scorecard. Missing or short text makes measures undefined, with the reason, and never raises.

    Raises:
        ValueError: The person or a target's name is unknown.
    """
    if person not in ("first", "second", "third"):
        raise ValueError(f"person: {person!r} is not one of first, second, third")
    unknown = set(targets or {}) - set(TARGETS)
    if unknown:
        raise ValueError(f"targets: {sorted(unknown)} unknown; allowed: {sorted(TARGETS)}")
    goals = {**TARGETS, **(targets or {})}
    arms = _build_arms(train, heldout, base, tuned)
    context = Context(
        arms=arms,
        background=bg.load(),
        k=window_units(arms),
        person=person,
        targets=goals,
        seed=seed,
        resamples=resamples,
    )
    return _score(context)


def _build_arms(
    train: Sequence[str], heldout: Sequence[Sample], base: Sequence[Sample], tuned: Sequence[Sample]
) -> dict[str, Arm]:
    fitted = bg.load()
    profile = build_arm("train", train, fitted)
    arms = {"train": profile}
    for name, samples in (("heldout", heldout), ("base", base), ("tuned", tuned)):
        arms[name] = build_arm(
            name,
            [s.text for s in samples],
            fitted,
            groups=[s.prompt_id for s in samples],
            names=profile.names,
        )
    return arms


def _score(context: Context) -> Scorecard:
    arms = context.arms
    memory = memorisation_gate(arms)
    gates = (memory, repetition_gate(arms["tuned"], context.background, arms["heldout"], arms["train"]))
    measures, details = _measures(context)
    rescored = _rescore(context, memory) if memory.findings else None
    if not all(gate.passed for gate in gates):
        failed = ", ".join(gate.name for gate in gates if not gate.passed)
        measures = tuple(replace(m, passed=False, gated=failed) for m in measures)
    return Scorecard(
        measures,
        gates,
        {name: arm.words for name, arm in arms.items()},
        tuple(_warnings(context, measures)),
        rescored,
        context.k * UNIT_WORDS,
        context.person,
        details,
    )


def _measures(context: Context) -> tuple[tuple[Measure, ...], dict[str, Any]]:
    empty = [name for name, arm in context.arms.items() if not arm.size]
    if empty:
        reason = f"no text in: {', '.join(empty)}"
        return tuple(undefined(name, reason, context.targets[name]) for name in TARGETS), {}
    markers, coined = marker_measure(context)
    measures = (
        transfer_measure(context),
        vocabulary_measure(context),
        structure_measure(context),
        markers,
        pov_measure(context),
    )
    return measures, {"words": words_gained(context), "coined_terms": coined, **curves(context)}


def _rescore(context: Context, gate: Gate) -> Measure | None:
    """The transfer score of the tuned text without the sentences that were learnt by heart."""
    arm = context.arms["tuned"]
    spans = {
        index: [f.span for f in gate.findings if f.span and f.span.sample == index]
        for index in range(len(arm.passages))
    }
    passages = [without_spans(passage, spans[index]) for index, passage in enumerate(arm.passages)]
    clean = build_arm("tuned", (), context.background, groups=arm.groups, names=arm.names, passages=passages)
    arms = {**context.arms, "tuned": clean}
    if not clean.size:
        return undefined("transfer", "nothing is left without the memorised passages", context.targets["transfer"])
    return replace(transfer_measure(replace(context, arms=arms, k=window_units(arms))), passed=False)


def _warnings(context: Context, measures: Sequence[Measure]) -> list[str]:
    out = []
    arms = context.arms
    if 0 < context.k < 20:
        short = min(("heldout", "base", "tuned"), key=lambda name: arms[name].size)
        out.append(
            f"Windows hold {context.k * UNIT_WORDS} words instead of 2000, "
            f"because {short} has only {arms[short].words} words."
        )
    if context.k and context.k < 10:
        out.append("Windows under 1000 words: the scores are rough; read the intervals, not the middle.")
    if 0 < arms["train"].words < 20_000:
        out.append(f"The profile rests on {arms['train'].words} words; 20,000 or more make it steady.")
    prompts = len(set(arms["heldout"].groups))
    if arms["heldout"].size and prompts < 5:
        out.append(f"Only {prompts} held-out prompt(s): the intervals are wide, since prompts are resampled.")
    out.extend(note for m in measures for note in m.notes)
    return out
