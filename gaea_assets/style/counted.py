"""The measures by counting: style markers and the person of narration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gaea_assets.style import markers as mk
from gaea_assets.style import persons
from gaea_assets.style.arms import KEPT, Arm
from gaea_assets.style.background import load
from gaea_assets.style.measure import SCORED, Context, Matrix, Measure, Part, finite, undefined
from gaea_assets.style.resampling import draw_groups, interval
from gaea_assets.style.tokens import paragraphs

MARKER_ARMS = ("train", "base", "tuned")
LOST = 0.4  # a rate lower or higher by half is worth a remark


def marker_measure(context: Context) -> tuple[Measure, list[str]]:
    """Style markers, and the author's coined terms.

    The author's rates are those of the training chunks. A marker counts when author and base differ clearly.
    """
    arms = context.arms
    coined = _coined(arms["train"])
    counts = {n: _counts(arms[n], coined) for n in MARKER_ARMS}
    rng = np.random.default_rng([context.seed, 7])
    labels = [_labels(counts[n].groups) for n in MARKER_ARMS]
    draws = draw_groups(labels, context.resamples, rng)
    replicates = [_rates(counts[n], d) for n, d in zip(MARKER_ARMS, draws, strict=True)]
    rates = [counts[n].rates for n in MARKER_ARMS]
    groups = min(len(labels[1]), len(labels[2]))
    events = counts["train"].events.sum(0) + counts["base"].events.sum(0)
    parts, notes = [], []
    for m, name in enumerate(mk.MARKERS):
        part, note = _marker(name, [r[m] for r in rates], [r[:, m] for r in replicates], float(events[m]), groups)
        parts.append(part)
        notes.extend(note)
    return _marker_total(context, parts, replicates, groups, tuple(notes)), sorted(coined)


def _marker(
    name: str, rates: Sequence[float], replicates: Sequence[Matrix], events: float, groups: int
) -> tuple[Part, list[str]]:
    """One marker, and a remark when the tuned model lost what the base model had."""
    author, base, tuned = rates
    gap = interval(np.log(replicates[1] / replicates[0]), groups)
    if events < mk.LEAST_EVENTS:
        return Part(name, base, tuned, author, None, None, None, f"only {int(events)} cases in author and base"), []
    if not np.all(np.isfinite(gap)) or gap[0] <= 0 <= gap[1]:
        drift = interval(np.log(replicates[2] / replicates[0]), groups)
        lost = bool(np.all(np.isfinite(drift)) and (drift[0] > LOST or drift[1] < -LOST))
        note = [f"{name}: the base model had the author's rate, the tuned model has lost it."] * lost
        return Part(name, base, tuned, author, None, None, None, "author and base do not differ clearly"), note
    score = mk.adoption(np.array(tuned), np.array(base), np.array(author))
    ends = interval(mk.adoption(replicates[2], replicates[1], replicates[0]), groups)
    return Part(name, base, tuned, author, float(score), finite(ends[0]), finite(ends[1])), []


def _marker_total(
    context: Context, parts: Sequence[Part], replicates: Sequence[Matrix], groups: int, notes: tuple[str, ...]
) -> Measure:
    """Mean of the markers that tell author from base, each weighing by how far apart the two are."""
    target = context.targets["markers"]
    columns = [m for m, part in enumerate(parts) if part.score is not None]
    if not columns:
        return undefined("markers", "no marker tells author and base apart", target, tuple(parts))
    apart = np.array([min(abs(np.log(parts[m].base / parts[m].author)), mk.MOST_LOG) for m in columns])
    share = apart / apart.sum()
    score = float(share @ np.array([parts[m].score for m in columns]))
    author, base, tuned = (r[:, columns] for r in replicates)
    ends = interval(np.nan_to_num(mk.adoption(tuned, base, author)) @ share, groups)
    return Measure(
        name="markers",
        base=0.0,
        tuned=score,
        author=100.0,
        score=score,
        low=finite(ends[0]),
        high=finite(ends[1]),
        target=target,
        passed=score > target,
        parts=tuple(parts),
        notes=notes,
    )


def _labels(groups: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(groups))


def _rates(counts: mk.MarkerCounts, draws: Matrix) -> Matrix:
    """Rates of each replicate, shape (replicates, markers)."""
    member = np.array([[float(g == label) for g in counts.groups] for label in _labels(counts.groups)])
    return mk.rate(draws @ (member @ counts.events), (draws @ (member @ counts.words))[:, None])


def pov_measure(context: Context) -> Measure:
    """Share of narrative windows in the declared person, of those that are decided."""
    target = context.targets["pov"]
    found = {name: _decisions(context.arms[name]) for name in SCORED}
    shares = {name: _share(texts, context.person) for name, texts in found.items()}
    parts = tuple(
        Part(
            name=f"windows: {kind}",
            base=_percent(found["base"], kind),
            tuned=_percent(found["tuned"], kind),
            author=_percent(found["heldout"], kind),
            score=None,
            low=None,
            high=None,
        )
        for kind in (*persons.PERSONS, "undecided")
    )
    everything = [person for text in found["tuned"] for person in text]
    undecided = everything.count("undecided")
    told = f"{undecided} of {len(everything)} narrative windows of the tuned text are undecided"
    score = shares["tuned"]
    if score is None or len(everything) - undecided < max(2, len(everything) / 2):
        return undefined("pov", told, target, parts)
    low, high = _pov_interval(context, found["tuned"])
    return Measure(
        name="pov",
        base=shares["base"],
        tuned=score,
        author=shares["heldout"],
        score=score,
        low=low,
        high=high,
        target=target,
        passed=score > target,
        parts=parts,
        notes=(f"{told}.",) * bool(undecided),
    )


def _pov_interval(context: Context, texts: Sequence[Sequence[str]]) -> tuple[float | None, float | None]:
    groups = context.arms["tuned"].groups
    labels = _labels(groups)
    tally = np.array([[t.count(context.person), len(t) - t.count("undecided")] for t in texts], float)
    member = np.array([[float(g == label) for g in groups] for label in labels])
    rng = np.random.default_rng([context.seed, 11])
    drawn = draw_groups([labels], context.resamples, rng)[0] @ (member @ tally)
    with np.errstate(invalid="ignore", divide="ignore"):
        ends = interval(100 * drawn[:, 0] / drawn[:, 1], len(labels))
    return finite(ends[0]), finite(ends[1])


@lru_cache(KEPT)
def _coined(arm: Arm) -> frozenset[str]:
    return mk.coined_terms(arm.passages, load())


@lru_cache(KEPT)
def _counts(arm: Arm, coined: frozenset[str]) -> mk.MarkerCounts:
    return mk.count_markers(arm.passages, arm.groups, coined)


@lru_cache(KEPT)
def _decisions(arm: Arm) -> list[list[str]]:
    """Person of each narrative window, text by text."""
    return [[w.person for w in persons.windows(paragraphs(passage.text))] for passage in arm.passages]


def _share(texts: Sequence[Sequence[str]], person: str) -> float | None:
    """Percentage of decided windows in a person."""
    decided = [p for text in texts for p in text if p != "undecided"]
    return 100 * decided.count(person) / len(decided) if decided else None


def _percent(texts: Sequence[Sequence[str]], kind: str) -> float:
    everything = [p for text in texts for p in text]
    return 100 * everything.count(kind) / max(len(everything), 1)
