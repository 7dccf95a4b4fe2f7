"""Fit the background that ships with the style package.

    .venv/bin/python benchmarks/style_fit.py --corpora /tmp/corpora --indexes ../shared/corpora

Unpack `authors.tar.xz` and `pretrain.tar.xz` into `--corpora` first. Takes about seven minutes on one core,
of which five are reading the books (kept in `--cache`). Writes `gaea_assets/style/data/background.npz`:
numbers and words, no text.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from style_corpus import (
    Book,
    Chunks,
    Vocabulary,
    Windows,
    books,
    cached,
    fit_channel,
    read,
    transform,
    windows,
)

from gaea_assets.style.background import CHANNELS, Background, write
from gaea_assets.style.repetition import FIGURES, figures

RANKS = {"words": 60, "characters": 60, "punctuation": 60}
LENGTHS = (500, 1000, 2000, 5000)
LIMIT_LENGTHS = (250, 500, 1000, 2000)
FOLDS = 5
Matrix = NDArray[np.float64]


def author_folds(w: Windows, seed: int = 0) -> list[NDArray[np.str_]]:
    """Authors of the authors' set in `FOLDS` random groups."""
    names = np.array(sorted(set(w.author[w.source == "A"])))
    return np.array_split(np.random.default_rng(seed).permutation(names), FOLDS)


def pair_scores(w: Windows, test: NDArray[np.str_], fitted: Windows, queries: int = 12) -> dict[str, NDArray]:
    """Score queries against profiles of the test authors, cross-book, channels fitted without these authors.

    Args:
        w: Windows to ask about.
        test: Authors left out of the fitting.
        fitted: 2,000-word windows to fit the channels on.
        queries: Most windows taken from a book.

    Returns:
        `scores` (pairs, 3) as Fisher z, `same`, `profile`, `writer`, `book` (pairs,).
    """
    train = ~np.isin(fitted.author, test)
    mine = np.isin(w.author, test)
    author, book = w.author[mine], w.book[mine]
    columns = []
    for name in CHANNELS:
        channel = fit_channel(fitted.features[name][train], fitted.author[train], fitted.book[train], RANKS[name])
        z = transform(channel, w.features[name][mine])
        columns.append(_cross_book(z, author, book, test, queries))
    out = {"scores": np.stack([np.arctanh(np.clip(c["cosine"], -0.999, 0.999)) for c in columns], 1)}
    return out | {key: columns[0][key] for key in ("same", "profile", "writer", "book")}


def _cross_book(
    z: NDArray, author: NDArray[np.str_], book: NDArray[np.str_], test: NDArray[np.str_], queries: int
) -> dict[str, NDArray]:
    of_book = {b: z[book == b].mean(0) for b in dict.fromkeys(book)}
    writer = {b: author[book == b][0] for b in of_book}
    rows: dict[str, list] = {"cosine": [], "same": [], "profile": [], "writer": [], "book": []}
    for b in of_book:
        mine = z[book == b][:queries]
        mine = mine / np.linalg.norm(mine, axis=1, keepdims=True)
        for name in test:
            profile = np.mean([v for x, v in of_book.items() if x != b and writer[x] == name], 0)
            rows["cosine"].append(mine @ (profile / np.linalg.norm(profile)))
            for key, value in (
                ("same", writer[b] == name),
                ("profile", name),
                ("writer", writer[b]),
                ("book", b),
            ):
                rows[key].append(np.full(len(mine), value))
    return {key: np.concatenate(values) for key, values in rows.items()}


def logistic(x: Matrix, same: NDArray) -> tuple[Matrix, float]:
    """Weights and intercept at equal priors of same and different author."""
    model = LogisticRegression(C=10.0, class_weight="balanced").fit(x, same)
    return model.coef_[0], float(model.intercept_[0])


def fit_combination(chunks: Chunks) -> tuple[Matrix, Matrix, Matrix]:
    """Weights at 2,000 words; slope, intercept and spread at each length; scores from left-out authors."""
    fitted = windows(chunks, 2000)
    folds = author_folds(fitted)
    weights = np.ones(len(CHANNELS))
    calibration, spread = {}, {}
    for words in (2000, *(n for n in LENGTHS if n != 2000)):
        w = windows(chunks, words, most_per_book=12)
        found = [pair_scores(w, test, fitted) for test in folds]
        scores = np.concatenate([f["scores"] for f in found])
        same = np.concatenate([f["same"] for f in found])
        if words == 2000:
            weights, _ = logistic(scores, same)
        slope, intercept = logistic((scores @ weights)[:, None], same)
        calibration[words] = (slope[0], intercept)
        spread[words] = float(np.std((scores @ weights)[same] * slope[0]))
    return weights, np.array([calibration[n] for n in LENGTHS]), np.array([spread[n] for n in LENGTHS])


def fit_limits(all_books: list[Book], background: Background) -> Matrix:
    """First percentile of the repetition figures in human fiction, shape (lengths, figures)."""
    rows: dict[int, list[Matrix]] = {n: [] for n in LIMIT_LENGTHS}
    for book in all_books[::3]:
        passage, _ = read(book)
        lengths = np.cumsum([len(s.words) for s in passage.sentences])
        for n in LIMIT_LENGTHS:
            for start in np.linspace(0, max(lengths[-1] - n, 0), 12):
                first, last = np.searchsorted(lengths, [start, start + n])
                part = passage.sentences[first:last]
                tokens = [word.lower() for s in part for word in s.words][:n]
                if len(tokens) > 0.8 * n:
                    rows[n].append(figures(tokens, " ".join(s.text for s in part), background))
    return np.array([np.nanpercentile(np.array(rows[n]), 1, axis=0) for n in LIMIT_LENGTHS])


def fit(all_books: list[Book], vocabulary: Vocabulary, chunks: Chunks) -> Background:
    """Fit everything on all authors; the combination on scores of authors left out."""
    w = windows(chunks, 2000)
    channels = {name: fit_channel(w.features[name], w.author, w.book, RANKS[name]) for name in CHANNELS}
    weights, calibration, spread = fit_combination(chunks)
    plain = Background(
        words=vocabulary.words,
        trigrams=vocabulary.trigrams,
        channels=channels,
        weights=weights,
        lengths=np.array(LENGTHS, float),
        calibration=calibration,
        spread=spread,
        pairs=vocabulary.pairs,
        limits=np.zeros((len(LIMIT_LENGTHS), len(FIGURES))),
        limit_lengths=np.array(LIMIT_LENGTHS, float),
        authors=len(set(chunks.author)),
        lexicon=vocabulary.lexicon,
    )
    return replace(plain, limits=fit_limits(all_books, plain))


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path(tempfile.gettempdir()) / "corpora")
    parser.add_argument("--indexes", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "style_cache.pkl")
    parser.add_argument("--out", type=Path, default=Path("gaea_assets/style/data/background.npz"))
    args = parser.parse_args()
    vocabulary, chunks = cached(args.corpora, args.indexes, args.cache)
    background = fit(list(books(args.corpora, args.indexes)), vocabulary, chunks)
    write(background, args.out)
    print(f"{background.authors} authors, {args.out.stat().st_size / 1e6:.2f} MB")
    print("weights", dict(zip(CHANNELS, background.weights.round(2), strict=True)))
    print("calibration", background.calibration.round(2).tolist(), "spread", background.spread.round(2).tolist())
    print("limits", background.limits.round(3).tolist())


if __name__ == "__main__":
    main()
