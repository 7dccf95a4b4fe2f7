"""Gates beside the score: a copy of the training text or a loop would score well, and must not pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gaea_assets.style import memorisation as memory
from gaea_assets.style import repetition as rep
from gaea_assets.style.arms import Arm
from gaea_assets.style.background import Background
from gaea_assets.style.memorisation import Span, TrainingIndex

Severity = Literal["note", "warn", "error"]
SAMPLE_WORDS = 200  # a sample shorter than this says too little of repetition on its own
UNLIKELY = 1e-3
MEMORISED: Mapping[str, float] = {
    "longest_run": memory.RUN_FAILS - 1,
    "coverage_13": 0.01,
    "longest_near_verbatim": 29,
    "coverage_near_verbatim": 0.02,
    "coverage_5": 0.10,
    "coverage_8": 0.04,
    "known_pairs": 0.90,
    "longest_run_of_heldout": memory.RUN_FAILS - 1,
}
"""Most that may come from the author's text: words in a row, share of the words inside shared 13-grams, words in
common with a passage that is nearly followed, share of the words in such passages, share of the words inside shared
5-grams and 8-grams (snippets put together anew), share of the pairs of neighbouring words that are neighbours in the
training text, words in a row of the held-out text (which no model has seen).
Authors repeat themselves (a letter read twice, a saying, a psalm): in 529 unseen texts of about 4,000 words from the
books of 43 authors 99 % stay below the first four, and in 258 the greatest shares of 5-grams and 8-grams were .068
and .023, while copies, paraphrases and shuffles of the training text have 64 % or more of their words from it
(docs/style_validation.md). Of the pairs of unseen texts at most 76 % stand in up to 400,000 words of their authors, of
those of Markov chains 99.9 %."""
TOLD: Mapping[str, str] = {
    "coverage_5": "{:.0%} of the words stand in snippets of five words and more of the training text",
    "coverage_8": "{:.0%} of the words stand in snippets of eight words and more of the training text",
    "known_pairs": "{:.0%} of the pairs of neighbouring words are neighbours in the training text, as in chained words",
    "longest_run_of_heldout": "{} words in a row are the held-out text's, which no model has seen: do the sides leak?",
}
BETWEEN = 0.02  # share of 8-grams in more than one sample; at most .004 in 258 texts of people
KNOWN = (
    0.92  # share of words known or used again; at least .929 in 496 such texts, dialect too, at most .912 in gibberish
)
SALAD = 0.5  # of the limit of word order; of 688 samples of people's fiction none was below 1.19


@dataclass(frozen=True)
class Finding:
    """One thing that a gate found.

    Attributes:
        where: The sample, as `prompt_id, sample n`.
        text: The offending text, shortened.
        source: Where it comes from, or what is wrong.
        span: The memorised span, for the memorisation gate.
    """

    where: str
    text: str
    source: str
    span: Span | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        out: dict[str, Any] = {"where": self.where, "text": self.text, "source": self.source}
        if self.span:
            out |= {
                "words": self.span.words,
                "kind": self.span.kind,
                "chunk": self.span.chunk,
                "alike": self.span.alike,
            }
            out |= {"sample": self.span.sample, "trained_on": self.span.source}
        return out


@dataclass(frozen=True)
class Gate:
    """One gate.

    Attributes:
        name: memorisation or repetition.
        passed: Whether it lets the scores stand.
        severity: `error` when it does not, `warn` when there is something to look at, else `note`.
        figures: What was measured.
        findings: The offending spans and where they come from.
        reason: In a sentence.
    """

    name: str
    passed: bool
    severity: Severity
    figures: Mapping[str, float]
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "passed": self.passed,
            "severity": self.severity,
            "reason": self.reason,
            "figures": {k: _number(v) for k, v in self.figures.items()},
            "limits": {k: _number(v) for k, v in self.limits.items()},
            "findings": [finding.to_dict() for finding in self.findings],
        }


def _number(value: float) -> float | int | None:
    if isinstance(value, (int, np.integer)):
        return int(value)
    return round(float(value), 5) if np.isfinite(value) else None


def memorisation_gate(arms: Mapping[str, Arm], index: TrainingIndex | None = None) -> Gate:
    """Look for training text in the tuned model's text.

    A passage that the author's own held-out text shares with the training text too is the author's refrain:
    it is left out.

    Args:
        arms: train, tuned and, if there is one, heldout.
        index: Index of the training text, if the caller has it.

    Returns:
        Failed when anything is above `MEMORISED`; whatever is found is told, failed or not.
    """
    train, tuned = arms["train"], arms["tuned"]
    if not train.size or not tuned.size:
        return Gate("memorisation", True, "note", {}, (), "nothing to compare")
    index = index or TrainingIndex.build([memory.lower_words(p) for p in train.passages])
    texts = [memory.lower_words(p) for p in tuned.passages]
    unseen = [memory.lower_words(p) for p in arms["heldout"].passages] if "heldout" in arms else []
    found = memory.search(texts, index)
    refrains = [span.text for span in memory.search(unseen, index).spans if span.kind == "verbatim"]
    spans = [span for span in found.spans if not _is_refrain(span, refrains)]
    verbatim = [span for span in spans if span.kind == "verbatim"]
    near = [span for span in spans if span.kind == "near-verbatim"]
    figures = {
        "longest_run": max((s.words for s in verbatim), default=min(found.longest, memory.RUN_WARNS - 1)),
        "coverage_13": sum(s.words for s in verbatim if s.words >= memory.COVERAGE_GRAM) / max(tuned.words, 1),
        "longest_near_verbatim": max((round(s.words * s.alike) for s in near), default=0),
        "coverage_near_verbatim": sum(s.words for s in near) / max(tuned.words, 1),
        "coverage_5": memory.shared_share(texts, index, 5, unseen),
        "coverage_8": memory.shared_share(texts, index, 8, unseen),
        "known_pairs": memory.known_pairs(texts, index),
        "longest_run_of_heldout": _longest_of(unseen, texts, refrains),
        "passages": len(spans),
    }
    limits = dict(MEMORISED)
    for n in (5, 8):
        # The more there is of an author's text, the more of their phrases it holds.
        limits[f"coverage_{n}"] = max(MEMORISED[f"coverage_{n}"], 2 * memory.shared_share(unseen, index, n))
    over = [name for name, most in limits.items() if figures[name] > most]
    failed = bool(over)
    severity: Severity = "error" if failed else "warn" if spans else "note"
    findings = tuple(
        Finding(_where(tuned, s.sample), s.text, f"training chunk {s.chunk + 1}: {s.source}", s) for s in spans
    )
    reason = (
        f"{len(verbatim)} passages word for word (the longest {figures['longest_run']} words) and {len(near)} "
        f"nearly so come from the training text" + ", no more than authors repeat of themselves" * (not failed)
        if spans
        else f"no passage of {memory.RUN_WARNS} words or more comes from the training text"
    )
    reason += "".join(f"; {TOLD[name].format(figures[name])}" for name in over if name in TOLD)
    return Gate("memorisation", not failed, severity, figures, findings, reason, limits)


def _longest_of(unseen: Sequence[Sequence[str]], texts: Sequence[Sequence[str]], refrains: Sequence[str]) -> int:
    """Longest run of words, from `RUN_WARNS` on, that is the unseen text's and not the training text's as well."""
    if not unseen:
        return 0
    spans = memory.search(texts, TrainingIndex.build(unseen)).spans
    return max((s.words for s in spans if s.kind == "verbatim" and not _is_refrain(s, refrains)), default=0)


def _is_refrain(span: Span, refrains: Sequence[str]) -> bool:
    return any(f" {span.text} " in f" {refrain} " for refrain in refrains)


def _where(arm: Arm, text: int) -> str:
    return f"{arm.groups[text]}, sample {text + 1}"


def repetition_gate(tuned: Arm, background: Background, heldout: Arm | None = None, train: Arm | None = None) -> Gate:
    """Look for loops and for words without order in the tuned model's text.

    The mean over windows of 2,000 words must not be below the first percentile of human fiction in any
    figure; and of the samples taken alone, no more may be below their own first percentiles than chance
    allows.

    Args:
        tuned: The tuned model's text.
        background: For the limits.
        heldout: The author's own text: where the author repeats more than most, the author's mean is the
            limit.
        train: The training text, whose words are known.

    Returns:
        The gate.
    """
    joined = _windows(tuned, background, rep.DESIGN_WORDS)
    alone = _alone(tuned, background)
    if not joined:
        return Gate("repetition", True, "note", {}, (), "too little text to say")
    mean = _mean(joined)
    limits = joined[0].limits.copy()
    if heldout is not None and heldout.size:
        own = _windows(heldout, background, joined[0].words)
        if own:
            limits = np.fmin(limits, _mean(own) * 0.98)
    low = [name for name, value, limit in zip(rep.FIGURES, mean, limits, strict=True) if value < limit]
    bad = [w for w in alone if _is_broken(w)]
    expected = stats.binom.sf(len(bad) - 1, len(alone), 0.03) if bad else 1.0
    many = expected < UNLIKELY
    others, reasons_of_others = _across(tuned, alone, heldout, train)
    findings = tuple(
        Finding(w.group, w.text, "below the first percentile of human fiction in " + ", ".join(w.below)) for w in bad
    )
    # One window alone falls under one of eight first percentiles too easily to fail on that.
    far = bool(np.any(mean < limits - 0.25 * np.abs(1 - limits) - 0.02))
    failed = many or far or bool(reasons_of_others) or len(low) >= (1 if len(joined) > 1 else 2)
    reasons = [f"less than people's fiction has of {', '.join(rep.PLAIN_NAMES[name] for name in low)}"] * bool(low)
    reasons += [f"{len(bad)} of {len(alone)} samples repeat themselves or lose their word order"] * bool(bad)
    reasons += reasons_of_others
    severity: Severity = "error" if failed else "warn" if bad or low else "note"
    figures = dict(zip(rep.FIGURES, map(float, mean), strict=True)) | others
    figures |= {"broken_samples": len(bad), "samples": len(alone)}
    return Gate(
        "repetition", not failed, severity, figures, findings,
        "; ".join(reasons) or "within what human fiction does",
        dict(zip(rep.FIGURES, map(float, limits), strict=True)),
    )  # fmt: skip


def _across(
    tuned: Arm, alone: Sequence[rep.WindowFigures], heldout: Arm | None, train: Arm | None
) -> tuple[dict[str, float], list[str]]:
    """What shows only over all samples: the same said again, words that nobody uses, samples without word order."""
    texts = [memory.lower_words(p) for p in tuned.passages]
    order = rep.FIGURES.index("word order")
    figures: dict[str, float] = {
        "repeated_between_samples": memory.repeated_between(texts),
        "known_words": 1.0,
        "salads": sum(bool(w.values[order] < SALAD * w.limits[order]) for w in alone),
    }
    least = KNOWN
    if train is not None and train.size:
        known = rep.vocabulary(train)
        figures["known_words"] = rep.known_share(tuned, known)
        if heldout is not None and heldout.size:
            least = min(KNOWN, rep.known_share(heldout, known) - 0.02)
    reasons = []
    if figures["repeated_between_samples"] > BETWEEN:
        reasons.append(f"{figures['repeated_between_samples']:.0%} of it stands in more than one sample")
    if figures["known_words"] < least:
        reasons.append(
            f"{1 - figures['known_words']:.0%} of the words stand here once, and nowhere in fiction or in the author"
        )
    if figures["salads"]:
        reasons.append(f"{figures['salads']:.0f} samples are words without order")
    return figures, reasons


def _mean(windows: Sequence[rep.WindowFigures]) -> NDArray[np.float64]:
    """Mean figures over windows; NaN where no window has the figure."""
    table = np.array([w.values for w in windows])
    known = np.isfinite(table).sum(0)
    return np.where(known > 0, np.nansum(table, axis=0) / np.maximum(known, 1), np.nan)


def _is_broken(window: rep.WindowFigures) -> bool:
    """Two figures below the first percentile, or one far below it."""
    far = np.any(window.values < window.limits - 0.25 * np.abs(1 - window.limits) - 0.02)
    return len(window.below) >= 2 or bool(far and window.below)


def _windows(arm: Arm, background: Background, size: int) -> list[rep.WindowFigures]:
    """All samples of an arm joined and cut into windows of `size` words, or one shorter window."""
    sentences = [sentence for passage in arm.passages for sentence in passage.sentences]
    total = arm.words
    count = max(1, total // size)
    edges = np.cumsum([len(s.words) for s in sentences])
    out = []
    for number in range(count):
        first, last = np.searchsorted(edges, [number * total / count, (number + 1) * total / count])
        part = sentences[first : last + 1]
        words = [w.lower() for s in part for w in s.words][:size]
        if len(words) >= SAMPLE_WORDS // 2:
            values = rep.figures(words, " ".join(s.text for s in part), background)
            near = len(words) if len(words) < 0.95 * rep.DESIGN_WORDS else rep.DESIGN_WORDS
            out.append(rep.WindowFigures("", len(words), values, rep.limits(near, background)))
    return out


def _alone(arm: Arm, background: Background) -> list[rep.WindowFigures]:
    out = []
    for number, passage in enumerate(arm.passages):
        words = memory.lower_words(passage)[: rep.DESIGN_WORDS]
        if len(words) >= SAMPLE_WORDS:
            values = rep.figures(words, " ".join(s.text for s in passage.sentences), background)
            limits = rep.limits(len(words), background)
            out.append(rep.WindowFigures(_where(arm, number), len(words), values, limits, passage.text[:400]))
    return out
