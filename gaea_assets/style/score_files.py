"""Score whole texts against an author: the function behind `gaea score`, for notebooks too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from gaea_assets.errors import GaeaError
from gaea_assets.parallel import batches, each, processes
from gaea_assets.style import background as bg
from gaea_assets.style import persons, similarity
from gaea_assets.style.arms import Arm, build_arm
from gaea_assets.style.background import CHANNELS
from gaea_assets.style.counted import marker_measure, pov_measure
from gaea_assets.style.gates import memorisation_gate, repetition_gate
from gaea_assets.style.measure import LEAST_UNITS, Context, Measure, Part, undefined, window_units
from gaea_assets.style.measures import structure_measure, transfer_measure, vocabulary_measure
from gaea_assets.style.memorisation import TrainingIndex, lower_words
from gaea_assets.style.resampling import Projection, draw_groups, draw_windows, interval, project
from gaea_assets.style.scorecard import TARGETS
from gaea_assets.style.tokens import count_words, paragraphs
from gaea_assets.style.units import UNIT_WORDS

AUTHOR_WORDS = 2000  # with less there is no profile to speak of
STEADY_WORDS = 10_000
SIMILARITY_WORDS = 100
VERDICT_WORDS = 1000
HOLD_OUT = 0.2
BLOCK_UNITS = 5  # what is resampled of a text in one piece: 500 words, since neighbouring paragraphs are alike
WINDOW_UNITS = 20
PRIOR_BLOCKS = 10
WITHIN = 0.6  # spread between pieces of a book over the fitted one between an author's texts; .49 to .71 by length
NORMAL = 1.96  # standard deviations either side that hold 95 % of a normal distribution
AUTHOR_SHARE = 10  # holding a text against the author's takes as long as reading a tenth of that
SUSPECT = 130.0  # no more of the author than the author's own unseen text, which is 100
LEAST = 2 * LEAST_UNITS  # units in any text that windows are drawn from
LEAST_BLOCKS = -(-LEAST // BLOCK_UNITS)


@dataclass(frozen=True)
class _Author:
    """What every candidate is scored against."""

    whole: Arm
    index: TrainingIndex
    profile: similarity.Profile
    person: str | None
    parted: Mapping[str, Arm] | None
    """Profile, held-out text and base model; None without a base."""
    projections: dict[tuple[object, ...], dict[str, Projection]] = field(default_factory=dict)
    """Of the parted arms' windows, by measure: one candidate after the other is held against them."""


def score_texts(
    candidates: Mapping[str, str],
    author: Sequence[str],
    base: Sequence[str] = (),
    *,
    person: str | None = None,
    seed: int = 0,
    resamples: int = 1000,
) -> dict[str, Any]:
    """Score texts against an author.

    Args:
        candidates: Text by name.
        author: The author's texts. With a base, every fifth of 500 words is held out of the profile as the 100.
        base: Texts of a base model: the zero of the transfer scores.
        person: Narrative person: `first`, `second` or `third`. By default it is inferred from the author's texts.
        seed: Every draw of chance follows from it.
        resamples: Bootstrap replicates.

    Returns:
        `author` (words, files, person) and `candidates`: each with `file`, `words`, `similarity` (log-odds of the
        same author, comparable between authors), `interval`, `channels`, `undefined` (why there is no similarity),
        `verdict`, `gates`, `warnings` and, with a base, `transfer` by measure.

    Raises:
        GaeaError: The author's texts are too short, or another text has no words.
        ValueError: The person is unknown.
    """
    if person not in (None, *persons.PERSONS):
        raise ValueError(f"person: {person!r} is not one of {', '.join(persons.PERSONS)}")
    for name, text in [*candidates.items(), *((f"base text {n}", text) for n, text in enumerate(base, 1))]:
        if not count_words(text):
            raise GaeaError(f"{name}: there are no words in it; give a text to score")
    against = _author(author, base, person)
    return {
        "schema_version": 1,
        "author": {
            "words": against.whole.words,
            "files": len(author),
            "person": against.person,
            "person_from": "given" if person else "text" if against.person else None,
        },
        "candidates": _candidates(list(candidates.items()), against, seed, resamples),
    }


def _candidates(named: Sequence[tuple[str, str]], against: _Author, seed: int, resamples: int) -> list[dict[str, Any]]:
    work = partial(_batch, against=against, seed=seed, resamples=resamples)
    # Each process is given the author's counts, so there is one batch for each.
    size = max(1, -(-len(named) // processes()))
    characters = len(named) * sum(len(passage.text) for passage in against.whole.passages) // AUTHOR_SHARE
    return [row for rows in each(work, batches(named, size), characters) for row in rows]


def _batch(named: Sequence[tuple[str, str]], against: _Author, seed: int, resamples: int) -> list[dict[str, Any]]:
    return [_candidate(name, text, against, seed, resamples) for name, text in named]


def infer_person(arm: Arm) -> str | None:
    """The person of most narrative windows that are decided; None where no person has most of them."""
    found = [person for windows in _windows(arm) for person in windows]
    decided = [person for person in found if person != "undecided"]
    if len(decided) < max(2, len(found) / 2):
        return None
    most = max(persons.PERSONS, key=decided.count)
    return most if decided.count(most) > len(decided) / 2 else None


def _windows(arm: Arm) -> list[list[str]]:
    return [[window.person for window in persons.windows(paragraphs(p.text))] for p in arm.passages]


def _author(texts: Sequence[str], base: Sequence[str], person: str | None) -> _Author:
    fitted = bg.load()
    whole = build_arm("train", texts, fitted)
    if whole.words < AUTHOR_WORDS:
        files = f"{len(texts)} file" + "s" * (len(texts) != 1)
        raise GaeaError(
            f"author: {_words(whole.words)} in {files} are too few to tell a style; give {AUTHOR_WORDS:,} or more, "
            f"better {STEADY_WORDS:,}"
        )
    return _Author(
        whole,
        TrainingIndex.build([lower_words(passage) for passage in whole.passages]),
        similarity.build_profile(whole.counts, fitted),
        person or infer_person(whole),
        _transfer_arms(whole, base) if base else None,
    )


def _candidate(name: str, text: str, against: _Author, seed: int, resamples: int) -> dict[str, Any]:
    fitted = bg.load()
    arm = build_arm("tuned", [text], fitted, names=against.whole.names)
    gates = [
        memorisation_gate({"train": against.whole, "tuned": arm}, against.index),
        repetition_gate(arm, fitted, train=against.whole),
    ]
    failed = ", ".join(gate.name for gate in gates if not gate.passed)
    row = {"file": name, "words": arm.words, **_similarity(arm, against.profile, seed, resamples)}
    if failed:
        row["verdict"] = None
    row["gates"] = [gate.to_dict() for gate in gates]
    row["warnings"] = _warnings(arm, against.whole)
    if against.parted is not None:
        measures = _transfer(against, against.parted, arm, seed, resamples)
        row["transfer"] = {measure.name: _row(measure, failed) for measure in measures}
        row["warnings"] += _suspect(measures)
    return row


def _similarity(arm: Arm, profile: similarity.Profile, seed: int, resamples: int) -> dict[str, Any]:
    """Log-odds with an interval over blocks of 500 words, and each channel's Fisher z."""
    if arm.words < SIMILARITY_WORDS:
        reason = f"{_words(arm.words)}, {SIMILARITY_WORDS} or more are needed"
        return {"similarity": None, "interval": [None, None], "channels": {}, "undefined": reason, "verdict": None}
    fitted = bg.load()
    k = min(WINDOW_UNITS, arm.size)
    words = float(arm.counts.words.sum()) / arm.size * k
    rng = np.random.default_rng([seed, 3])
    windows = _successive(arm.size, k)
    channels = similarity.channel_scores(arm.counts, windows, profile, fitted).mean(0)
    value = float(similarity.log_odds(channels, words, fitted))
    low, high = _similarity_interval(arm, profile, value, words, rng, resamples)
    return {
        "similarity": value,
        "interval": [low if np.isfinite(low) else None, high if np.isfinite(high) else None],
        "channels": dict(zip(CHANNELS, map(float, channels), strict=True)),
        "undefined": None,
        "verdict": _verdict(low, high) if arm.words >= VERDICT_WORDS else None,
    }


def _verdict(low: float, high: float) -> str:
    if low > 0:
        return "by this author"
    return "not by this author" if high < 0 else "undecided"


def _successive(units: int, k: int) -> np.ndarray:
    """Successive windows of `k` units that cover a text evenly."""
    count = max(1, round(units / k))
    starts = np.linspace(0, units - k, count).round().astype(int)
    out = np.zeros((count, units))
    for row, start in enumerate(starts):
        out[row, start : start + k] = 1
    return out


def _similarity_interval(
    arm: Arm, profile: similarity.Profile, value: float, words: float, rng: np.random.Generator, resamples: int
) -> tuple[float, float]:
    """Interval of the log-odds: the spread of the text's own blocks, steadied by the spread fitted on other authors.

    A bootstrap over a few blocks hardly varies, and says a short text is sure. So the spread that pieces of this length
    have in other authors' books counts as much as `PRIOR_BLOCKS` blocks (shrinkage of a variance towards a prior one;
    `benchmarks/score_intervals.py`).
    """
    fitted = bg.load()
    at = WITHIN * float(np.interp(np.log(words), np.log(fitted.lengths), fitted.spread))
    at *= min(1.0, (WINDOW_UNITS / arm.size) ** 0.5)  # a mean over windows
    small = max(1, min(arm.size // 2, BLOCK_UNITS))
    if arm.size < 2 * small or arm.size < 2:
        return value - NORMAL * at, value + NORMAL * at
    # Windows must be shorter than the text to vary at all; only their deviations from their mean are used.
    k = max(1, min(WINDOW_UNITS, arm.size // 2))
    windows = draw_windows(arm.size, k, rng)
    scores = similarity.channel_scores(arm.counts, windows, profile, fitted) @ fitted.weights
    blocks = [str(unit // small) for unit in range(arm.size)]
    projection = project(scores[:, None], windows, blocks)
    draws = draw_groups([projection.groups], resamples, rng)[0]
    composite = projection.replicate(draws)[:, 0] - projection.mean[0]
    slope = float(np.interp(np.log(words), np.log(fitted.lengths), fitted.calibration[:, 0]))
    count = len(projection.groups)
    low, high = interval(slope * composite, count)
    own = (high - low) / (2 * NORMAL)
    half = NORMAL * ((count * own**2 + PRIOR_BLOCKS * at**2) / (count + PRIOR_BLOCKS)) ** 0.5
    return value - half, value + half


def _transfer_arms(whole: Arm, base: Sequence[str]) -> dict[str, Arm]:
    """The author's text parted into profile and held-out blocks, and the base model's text."""
    fitted = bg.load()
    pieces = _blocks(whole)
    step = round(1 / HOLD_OUT)
    held = [p for n, p in enumerate(pieces) if n % step == step - 1]
    kept = [p for n, p in enumerate(pieces) if n % step != step - 1]
    arms = {
        "train": build_arm("train", kept, fitted, names=whole.names),
        "heldout": build_arm("heldout", held, fitted, names=whole.names),
    }
    other = build_arm("base", base, fitted, names=whole.names)
    return arms | {"base": build_arm("base", _blocks(other), fitted, names=whole.names)}


def _blocks(arm: Arm) -> list[str]:
    """The arm's texts cut into blocks of about 500 words, paragraphs kept."""
    out: list[str] = []
    for passage, units in zip(arm.passages, arm.units, strict=True):
        blocks: dict[int, dict[int, list[str]]] = {}
        for sentence, number in zip(passage.sentences, (units - units[0]) // BLOCK_UNITS, strict=True):
            blocks.setdefault(int(number), {}).setdefault(sentence.paragraph, []).append(sentence.text)
        out.extend("\n\n".join(" ".join(group) for group in block.values()) for block in blocks.values())
    return out


def _transfer(against: _Author, parted: Mapping[str, Arm], arm: Arm, seed: int, resamples: int) -> tuple[Measure, ...]:
    fitted = bg.load()
    arms = {**parted, "tuned": build_arm("tuned", _blocks(arm), fitted, names=arm.names)}
    context = Context(
        arms,
        fitted,
        window_units(arms),
        against.person or "",
        TARGETS,
        seed,
        resamples,
        projections=against.projections,
    )
    short = _too_short(arms)
    markers = undefined("markers", short, TARGETS["markers"]) if short else marker_measure(context)[0]
    if reason := short or _nothing_held_out(arms["heldout"], against.whole):
        compared = ("transfer", "vocabulary", "structure")
        return (*(undefined(name, reason, TARGETS[name]) for name in compared), markers, _pov(context))
    return (
        transfer_measure(context),
        vocabulary_measure(context),
        structure_measure(context),
        markers,
        _pov(context),
    )


def _too_short(arms: Mapping[str, Arm]) -> str | None:
    """Why the candidate or the base is too short to be compared, if so."""
    for name, whose in (("base", "the base model's text"), ("tuned", "this text")):
        if arms[name].size < LEAST:
            sentences = sum(len(passage.sentences) for passage in arms[name].passages)
            return (
                f"{whose} is too short: {_words(arms[name].words)} in {sentences} sentence{'s' * (sentences != 1)}, "
                f"about {LEAST * UNIT_WORDS} in {LEAST} or more sentences are needed"
            )
    return None


def _nothing_held_out(heldout: Arm, author: Arm) -> str | None:
    """Why there is no unseen text of the author's to be the 100, if so."""
    if heldout.size >= LEAST:
        return None
    enough = round(LEAST_BLOCKS * BLOCK_UNITS * UNIT_WORDS / HOLD_OUT)
    return (
        f"the author's text is too short to hold any of it out as the 100: {_words(author.words)}, about {enough:,} "
        f"are needed"
    )


def _pov(context: Context) -> Measure:
    """Share of windows in the author's person, with the reason in plain words where there is none."""
    target = context.targets["pov"]
    if not context.person:
        return undefined("pov", "no person leads in the author's own narration; --person declares one", target)
    measure = pov_measure(context)
    found = [person for windows in _windows(context.arms["tuned"]) for person in windows]
    if measure.undefined and len(found) < 2:
        return replace(measure, undefined="there is too little narration outside speech to tell its person")
    if measure.undefined:
        told = f"the person cannot be told in {found.count('undecided')} of {len(found)} stretches of narration"
        return replace(measure, undefined=told)
    return measure


def _suspect(measures: Sequence[Measure]) -> list[str]:
    high = [f"{m.name} {m.score:.0f}" for m in measures if m.score is not None and m.score > SUSPECT]
    if not high:
        return []
    return [
        f"{', '.join(high)}: more like the profile than the author's own unseen text is (100), so suspect: it may be "
        f"training text recombined"
    ]


def _row(measure: Measure, failed: str) -> dict[str, Any]:
    return {
        "score": measure.score,
        "interval": [measure.low, measure.high],
        "target": measure.target,
        "passed": measure.passed and not failed,
        "undefined": measure.undefined,
        "gated": failed or None,
        "parts": {part.name: _part(part) for part in measure.parts},
    }


def _part(part: Part) -> dict[str, Any]:
    return {"score": part.score, "interval": [part.low, part.high], "undefined": part.undefined}


def _warnings(arm: Arm, author: Arm) -> list[str]:
    out = []
    if arm.words < VERDICT_WORDS:
        out.append(f"too short to say who wrote it: {_words(arm.words)}, {VERDICT_WORDS:,} or more are needed")
    if author.words < STEADY_WORDS:
        out.append(f"the author's profile rests on {_words(author.words)}; {STEADY_WORDS:,} or more make it steady")
    return out


def _words(number: int) -> str:
    return f"{number:,} word{'s' * (number != 1)}"
