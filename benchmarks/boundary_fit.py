"""Fit the weights that ship for narrative boundaries, and measure them on authors left out.

    .venv/bin/python benchmarks/boundary_fit.py --corpora FOLDER --indexes FOLDER

Unpack `authors.tar.xz` and `pretrain.tar.xz` into `--corpora` first. Writes
`gaea_assets/manuscript/data/boundary_weights.json` (words and numbers, no text) and `docs/boundaries.md`.
Pk and WindowDiff need nltk; without it they are left out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from boundary_cases import CANDIDATES, Case, cases
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from tabulate import tabulate

from gaea_assets.manuscript.boundaries import Weights, bends, log_odds
from gaea_assets.manuscript.boundary_features import LEXICONS, features, lexicon_words
from gaea_assets.manuscript.paragraphs import Paragraph

Array = NDArray[np.float64]
FOLDS = 5
FIGURE_PENALTY, WORD_PENALTY = 15.0, 25.0
AUTHORS_USING = 60
"""A word is weighed if its place in paragraphs of this many authors holds it."""
CLASSIC_BEFORE = 1921
FORBIDDEN = -1e9


SPOKEN = ("ends_spoken", "begins_spoken")
"""Sides of a paragraph that a split between two speeches is known by."""


@dataclass(frozen=True)
class Design:
    """Figures of all candidates of all cases.

    Attributes:
        names: Names of the figures.
        figures: Shape (cases, candidates, figures).
        words: Shape (cases * candidates, words of all lexicons).
        columns: Lexicon and word of each column of `words`.
        allowed: Whether a split is allowed there, shape (cases, candidates).
        true: Number of the true candidate, shape (cases,).
    """

    names: list[str]
    figures: NDArray[np.float32]
    words: sparse.csr_array
    columns: list[tuple[str, str]]
    allowed: NDArray[np.bool_]
    true: NDArray[np.int64]


def design(found: Sequence[Case]) -> Design:
    """Compute everything by the package's own code."""
    rows, words = [], []
    for case in found:
        figures = features(case.texts)
        rows.append(np.column_stack(list(figures.values())).astype(np.float32)[1:])
        words.append({kind: of_gap[1:] for kind, of_gap in lexicon_words(case.texts).items()})
    names = list(features(found[0].texts))
    paragraphs = [[Paragraph(text, 0) for text in case.texts] for case in found]
    ends, begins = (np.array([[getattr(p, side) for p in case] for case in paragraphs]) for side in SPOKEN)
    matrix, columns = _word_matrix(found, words)
    true = np.array([case.true - 1 for case in found])
    return Design(names, np.stack(rows), matrix, columns, ~(begins[:, 1:] & ends[:, :-1]), true)


def _word_matrix(
    found: Sequence[Case], words: list[dict[str, list[set[str]]]]
) -> tuple[sparse.csr_array, list[tuple[str, str]]]:
    users: Counter[tuple[str, str]] = Counter()
    for author in {case.author for case in found}:
        mine = [of_case for case, of_case in zip(found, words, strict=True) if case.author == author]
        users.update({(kind, word) for of_case in mine for kind in LEXICONS for gap in of_case[kind] for word in gap})
    columns = sorted(key for key, count in users.items() if count >= AUTHORS_USING)
    number = {key: column for column, key in enumerate(columns)}
    rows, cols = [], []
    for case, of_case in enumerate(words):
        for kind in LEXICONS:
            for gap, of_gap in enumerate(of_case[kind]):
                hits = [number[kind, word] for word in of_gap if (kind, word) in number]
                cols.extend(hits)
                rows.extend([case * CANDIDATES + gap] * len(hits))
    shape = (len(words) * CANDIDATES, len(columns))
    return sparse.csr_array((np.ones(len(rows), np.float32), (rows, cols)), shape=shape), columns


def bent(d: Design) -> tuple[NDArray[np.float32], Array, Array]:
    """The `bends` of the standardised figures, one row a candidate; the figures' means and deviations."""
    flat = d.figures.reshape(-1, d.figures.shape[2])
    mean, sd = flat.mean(0, dtype=np.float64), flat.std(0, dtype=np.float64) + 1e-6
    z = bends(((flat - mean) / sd).astype(np.float32))
    return np.concatenate(list(z), axis=1, dtype=np.float32), mean, sd


def fit(d: Design, z: NDArray[np.float32], chosen: NDArray[np.int64]) -> Array:
    """Softmax over the allowed candidates of each chosen case (conditional logit), with ridge penalties.

    Returns:
        Weights of the bent figures, then of the words.
    """
    chosen = chosen[d.allowed[chosen, d.true[chosen]]]
    rows = (chosen[:, None] * CANDIDATES + np.arange(CANDIDATES)).ravel()
    figures, words = z[rows], d.words[rows]
    turned = words.T.tocsr()
    allowed, true, case = d.allowed[chosen], d.true[chosen], np.arange(len(chosen))
    split = figures.shape[1]
    penalty = np.full(split + words.shape[1], WORD_PENALTY)
    penalty[:split] = FIGURE_PENALTY

    def loss(w: Array) -> tuple[float, Array]:
        single = w.astype(np.float32)
        scores = (figures @ single[:split] + words @ single[split:]).reshape(-1, CANDIDATES)
        scores = np.where(allowed, scores, FORBIDDEN)
        p = np.exp(scores - scores.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        chance = np.maximum(p[case, true], 1e-12)
        p[case, true] -= 1
        slope = p.ravel().astype(np.float32)
        gradient = np.concatenate([figures.T @ slope, turned @ slope])
        return float(-np.log(chance).sum() + 0.5 * (penalty * w * w).sum()), gradient + penalty * w

    start = np.zeros(len(penalty))
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120}).x


def left_out(d: Design, authors: NDArray[np.str_], seed: int = 0) -> Array:
    """Scores (cases, candidates), each author's by weights fitted without a line of theirs."""
    z, _, _ = bent(d)
    out = np.zeros(d.allowed.shape)
    for group in np.array_split(np.random.default_rng(seed).permutation(np.unique(authors)), FOLDS):
        test = np.isin(authors, group)
        w = fit(d, z, np.flatnonzero(~test))
        scores = (z @ w[: z.shape[1]] + d.words @ w[z.shape[1] :]).reshape(out.shape)
        out[test] = scores[test]
    return out


def calibration(d: Design, scores: Array) -> tuple[float, float]:
    """Slope and intercept that turn left-out scores into log-odds of a break in front of a paragraph."""
    truth = np.zeros(scores.shape, int)
    truth[np.arange(len(truth)), d.true] = 1
    model = LogisticRegression(C=1e6).fit(scores[d.allowed][:, None], truth[d.allowed])
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def weights(d: Design, slope: float, intercept: float) -> Weights:
    """Weights fitted on every author, for figures as they are, as log-odds."""
    z, mean, sd = bent(d)
    w = fit(d, z, np.arange(len(d.true)))
    split = z.shape[1]
    by_figure = np.column_stack([mean, sd, slope * w[:split].reshape(-1, len(sd)).T])
    lexicons: dict[str, dict[str, float]] = {kind: {} for kind in LEXICONS}
    for (kind, word), value in zip(d.columns, slope * w[split:], strict=True):
        if abs(value) >= 0.01:
            lexicons[kind][word] = round(float(value), 3)
    named = {name: [float(f"{x:.4g}") for x in row] for name, row in zip(d.names, by_figure, strict=True)}
    return Weights(round(intercept, 4), named, lexicons)


def baselines(found: Sequence[Case], d: Design) -> dict[str, Array]:
    """Scores of simpler rules: even split by words, TextTiling's depth, cue words, random."""
    column = {name: d.figures[:, :, number].astype(float) for number, name in enumerate(d.names)}
    words = [np.cumsum([len(text.split()) for text in case.texts]) for case in found]
    cue = sum(
        column[f"start_{name}"] for name in ("elapsed", "next_time", "absolute", "clock", "meanwhile", "place", "when")
    )
    return {
        "chance": np.random.default_rng(0).random(d.allowed.shape),
        "even split": np.array([-np.abs(total[:-1] - total[-1] / 2) for total in words]),
        "TextTiling (depth)": column["content_same_far_depth"],
        "cue words": cue + 1e-3 * column["content_same_far_depth"],
        "cue words + dip": cue * 1.5 - column["content_same_far_z"],
    }


def rates(scores: Array, d: Design, chosen: NDArray[np.bool_]) -> list[float]:
    """Share of the chosen cases found exactly, and within one paragraph."""
    away = np.abs(np.where(d.allowed, scores, FORBIDDEN).argmax(1) - d.true)[chosen]
    return [float((away == 0).mean()), float((away <= 1).mean())]


def segmentation(scores: Array, d: Design, chosen: NDArray[np.bool_]) -> list[float]:
    """Pk (Beeferman 1999) and WindowDiff (Pevzner and Hearst 2002) of one break a case, lower is better."""
    try:
        from nltk.metrics.segmentation import pk, windowdiff
    except ImportError:
        return [float("nan"), float("nan")]
    guess = np.where(d.allowed, scores, FORBIDDEN).argmax(1)
    width = CANDIDATES // 4
    pairs = [
        tuple("".join("1" if gap == at else "0" for gap in range(CANDIDATES)) for at in (d.true[case], guess[case]))
        for case in np.flatnonzero(chosen)
    ]
    return [float(np.mean([measure(a, b, width) for a, b in pairs])) for measure in (pk, windowdiff)]


def groups(found: Sequence[Case]) -> dict[str, NDArray[np.bool_]]:
    """Cases by set, age, kind and place of the break."""
    main = np.array([case.source == "A" for case in found])
    year = np.array([case.year for case in found])
    scene = np.array([case.kind == "scene" for case in found])
    true = np.array([case.true for case in found])
    genre = np.array([case.author in {"Agatha Christie", "Ruth Plumly Thompson"} for case in found])
    return {
        "authors' set": main,
        "- classics (before 1921)": main & (year > 0) & (year < CLASSIC_BEFORE),
        "- year not in the index": main & (year == 0),
        "- 1921 and after": main & (year >= CLASSIC_BEFORE),
        "- genre fiction 1921 and after": main & (year >= CLASSIC_BEFORE) & genre,
        "- chapters": main & ~scene,
        "- scenes": main & scene,
        "- break at least 8 paragraphs inside": main & (true >= 8) & (true <= CANDIDATES - 7),
        "pretraining set": ~main,
        "- 1921 to 1930": ~main & (year >= CLASSIC_BEFORE) & (year <= 1930),
        "- after 1930 (science fiction, most of it)": ~main & (year > 1930),
    }


def speed(found: Sequence[Case]) -> float:
    """Seconds of processor time for 10 million words, case by case."""
    some = found[:: max(len(found) // 300, 1)]
    start = time.process_time()
    for case in some:
        log_odds(case.texts)
    return (time.process_time() - start) / sum(len(text.split()) for case in some for text in case.texts) * 1e7


def report(found: Sequence[Case], d: Design, scores: Array, fitted: Weights, command: str) -> str:
    """The page for `docs/`."""
    by_group = groups(found)
    main = by_group["authors' set"]
    rules = {**baselines(found, d), "fitted, authors left out": scores}
    head = ["rule", "exact", "within one", "Pk", "WindowDiff"]
    first = [[name, *rates(s, d, main), *segmentation(s, d, main)] for name, s in rules.items()]
    second = [[name, int(chosen.sum()), *rates(scores, d, chosen)] for name, chosen in by_group.items() if chosen.any()]
    blocked = 1 - d.allowed[np.arange(len(d.true)), d.true][main].mean()
    authors = len({case.author for case in found})
    return f"""# Narrative boundaries

Where a chunk is split: `gaea_assets/manuscript/boundaries.py`. Written by `{command}` on
{datetime.now(tz=UTC):%Y-%m-%d}.

Two neighbouring chapters, or scenes set apart by `* * *`, are joined without the heading or marker and cut to
{CANDIDATES + 1} paragraphs, so that there are {CANDIDATES} candidates; the true one is at random among them. Opening
words that printers set in capitals are put in small letters. {len(found)} cases by {authors} authors, at most 40 a
book. Every author's cases are scored by weights fitted without that author ({FOLDS} groups of authors). No figure
knows the position in the text. As in the product, a split between two speeches is forbidden: {blocked:.1%} of the
true breaks stand there and count as not found.

{len(fitted.features)} figures and {sum(len(t) for t in fitted.lexicons.values())} words have weights: a softmax over
the candidates of a case (conditional logit), piecewise linear in each figure, with ridge penalties, scaled to log-odds.
The penalties and the bends were chosen among ten settings by the same left-out scores.

## Rules compared ({int(main.sum())} cases of the authors' set)
{tabulate(first, head, tablefmt="github", floatfmt=".3f")}

Pk and WindowDiff: window of {CANDIDATES // 4} gaps, lower is better (with one break a case the two are equal).

## The fitted score by group
{tabulate(second, ["cases", "number", "exact", "within one"], tablefmt="github", floatfmt=".3f")}

Years are the index's; of many books it has none.

Speed: {speed(found):.0f} s of one core for 10 million words, in texts of {CANDIDATES + 1} paragraphs.
"""


def main() -> None:
    """Make cases, measure, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path(tempfile.gettempdir()) / "corpora")
    parser.add_argument("--indexes", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--out", type=Path, default=Path("gaea_assets/manuscript/data/boundary_weights.json"))
    parser.add_argument("--doc", type=Path, default=Path("docs/boundaries.md"))
    args = parser.parse_args()
    found = list(cases(args.corpora, args.indexes))
    d = design(found)
    scores = left_out(d, np.array([case.author for case in found]))
    fitted = weights(d, *calibration(d, scores))
    data = {"intercept": fitted.intercept, "features": fitted.features, "lexicons": fitted.lexicons}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(data, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    page = report(found, d, scores, fitted, "benchmarks/boundary_fit.py")
    args.doc.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
