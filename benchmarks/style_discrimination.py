"""Same author or not: our composite beside four known methods, on authors left out of all fitting."""

# ruff: noqa: E501 - lists of words and names read better as they are

from __future__ import annotations

import lzma
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from style_corpus import Book, Chunks, Windows, book_moments, fit_channel, read, transform, windows
from style_fit import RANKS, author_folds

from gaea_assets.style.background import CHANNELS, Channel
from gaea_assets.style.units import masked_text

Array = NDArray[np.float64]
METHODS = ("composite", "Cosine Delta", "Burrows's Delta", "character 3-gram TF-IDF", "compression (lzma)")
# Authors of one kind of book and one time: pairs inside a group are the hard negatives.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("L. Frank Baum", "Ruth Plumly Thompson", "E. Nesbit", "J. M. Barrie", "L. M. Montgomery"),
    ("G. A. Henty", "John Henry Goldfrap", "Edgar Rice Burroughs", "John Buchan", "Arthur Conan Doyle", "Rudyard Kipling",
     "Robert Louis Stevenson", "Joseph Conrad"),
    ("Charles Dickens", "Elizabeth Gaskell", "Charlotte Brontë", "George Eliot", "Anthony Trollope", "Wilkie Collins",
     "Thomas Hardy", "George Gissing"),
    ("Arnold Bennett", "E. M. Forster", "W. Somerset Maugham", "H. G. Wells", "D. H. Lawrence", "Agatha Christie"),
    ("Edith Wharton", "Henry James", "F. Scott Fitzgerald", "Sinclair Lewis", "Charles W. Chesnutt"),
    ("Algernon Blackwood", "Bram Stoker", "Marie Corelli"),
    ("Florence L. Barclay", "Caroline Lockhart", "Louisa May Alcott", "Frances Hodgson Burnett"),
    ("Nathaniel Hawthorne", "Herman Melville", "Mark Twain"),
)  # fmt: skip


@dataclass(frozen=True)
class Pairs:
    """Scored pairs.

    Attributes:
        scores: By method, higher is more alike; shape (pairs,).
        channels: Fisher z by channel, shape (pairs, 3).
        same: Whether both are by one author.
        profile: Author of the profile (or of the first sample).
        fold: Fold the authors were left out in.
    """

    scores: dict[str, Array]
    channels: Array
    same: NDArray[np.bool_]
    profile: NDArray[np.str_]
    fold: NDArray[np.int64]


class Fits:
    """Channels fitted without each fold's authors, fitted once."""

    def __init__(self, fitted: Windows, folds: list[NDArray[np.str_]]) -> None:
        self.folds = folds
        self.channels: list[dict[str, Channel]] = []
        self.plain: list[tuple[Array, Array]] = []
        for test in folds:
            train = ~np.isin(fitted.author, test)
            self.plain.append(book_moments(fitted.features["words"][train], fitted.book[train]))
            self.channels.append(
                {
                    n: fit_channel(fitted.features[n][train], fitted.author[train], fitted.book[train], RANKS[n])
                    for n in CHANNELS
                }
            )


def query_pairs(w: Windows, fits: Fits, queries: int) -> Pairs:
    """Windows against profiles of the other books of every author of the same fold."""
    parts = []
    for number, test in enumerate(fits.folds):
        mine = np.isin(w.author, test)
        author, book = w.author[mine], w.book[mine]
        vectors = _vectors(w, mine, fits, number)
        writer = {b: author[book == b][0] for b in dict.fromkeys(book)}
        for b in writer:
            rows = np.flatnonzero(book == b)[:queries]
            for name in test:
                others = [x for x in writer if x != b and writer[x] == name]
                if not others:
                    continue
                scores, channels = _score(vectors, rows, [np.flatnonzero(book == x) for x in others])
                same = np.full(len(rows), writer[b] == name)
                parts.append((scores, channels, same, np.full(len(rows), name), np.full(len(rows), number)))
    return _join(parts)


def sample_pairs(w: Windows, fits: Fits, per_author: int = 60, seed: int = 0) -> Pairs:
    """Single windows against single windows of other books, as many of the same author as of another."""
    rng = np.random.default_rng(seed)
    parts = []
    for number, test in enumerate(fits.folds):
        mine = np.isin(w.author, test)
        author, book = w.author[mine], w.book[mine]
        vectors = _vectors(w, mine, fits, number)
        for name in test:
            own = np.flatnonzero(author == name)
            for _ in range(per_author):
                first = rng.choice(own)
                for same in (True, False):
                    pool = own[book[own] != book[first]] if same else np.flatnonzero(author != name)
                    if not len(pool):
                        continue
                    second = np.array([rng.choice(pool)])
                    scores, channels = _score(vectors, np.array([first]), [second])
                    parts.append((scores, channels, np.array([same]), np.array([name]), np.array([number])))
    return _join(parts)


def _vectors(w: Windows, mine: NDArray[np.bool_], fits: Fits, number: int) -> dict[str, Array]:
    out = {name: transform(fits.channels[number][name], w.features[name][mine]) for name in CHANNELS}
    mean, sd = fits.plain[number]
    out["z"] = (w.features["words"][mine] - mean) / sd
    grams = w.features["characters"]
    weight = np.log(1 / np.maximum((grams > 0).mean(0), 1e-6)) + 1
    out["tfidf"] = np.log1p(grams[mine] * 1e4) * weight
    return out


def _score(
    v: dict[str, Array], rows: NDArray[np.int64], books: list[NDArray[np.int64]]
) -> tuple[dict[str, Array], Array]:
    profile = {name: np.mean([x[b].mean(0) for b in books], 0) for name, x in v.items()}
    channels = np.stack([np.arctanh(np.clip(_cosine(v[n][rows], profile[n]), -0.999, 0.999)) for n in CHANNELS], 1)
    return {
        "Cosine Delta": _cosine(v["z"][rows], profile["z"]),
        "Burrows's Delta": -np.abs(v["z"][rows] - profile["z"]).mean(1),
        "character 3-gram TF-IDF": _cosine(v["tfidf"][rows], profile["tfidf"]),
    }, channels


def _cosine(x: Array, p: Array) -> Array:
    return x @ p / (np.linalg.norm(x, axis=1) * np.linalg.norm(p) + 1e-12)


def _join(parts: list) -> Pairs:
    scores = {m: np.concatenate([p[0][m] for p in parts]) for m in parts[0][0]}
    channels, same, profile, fold = (np.concatenate([p[i] for p in parts]) for i in (1, 2, 3, 4))
    return with_composite(Pairs(scores, channels, same, profile, fold))


def with_composite(pairs: Pairs) -> Pairs:
    """Add the composite: weights from the pairs of the other folds."""
    out = np.zeros(len(pairs.same))
    for number in set(pairs.fold):
        other, mine = pairs.fold != number, pairs.fold == number
        model = LogisticRegression(C=10.0, class_weight="balanced").fit(pairs.channels[other], pairs.same[other])
        out[mine] = model.decision_function(pairs.channels[mine])
    return Pairs({"composite": out, **pairs.scores}, pairs.channels, pairs.same, pairs.profile, pairs.fold)


def compression_pairs(all_books: list[Book], fits: Fits, words: int, seed: int = 0) -> Pairs:
    """The compression baseline, one query a book: bytes a text costs after the profile (Khmelev 2003)."""
    rng = np.random.default_rng(seed)
    texts: dict[str, tuple[str, str]] = {}
    for book in all_books:
        if book.source == "A":
            passage, names = read(book)
            texts[book.file] = (book.author, masked_text(passage, names)[0])
    parts = []
    for number, test in enumerate(fits.folds):
        mine = {f: v for f, v in texts.items() if v[0] in test}
        for file, (author, text) in mine.items():
            tokens = text.split(" ")
            start = int(rng.integers(0, max(len(tokens) - words, 1)))
            query = " ".join(tokens[start : start + words]).encode()
            for name in test:
                others = [t for f, (a, t) in mine.items() if a == name and f != file]
                profile = " ".join(t[len(t) // 3 :][: 120_000 // len(others)] for t in others).encode()
                cost = _size(profile + query) - _size(profile)
                scores = {METHODS[4]: np.array([-cost / len(query)])}
                parts.append(
                    (scores, np.zeros((1, 3)), np.array([author == name]), np.array([name]), np.array([number]))
                )
    scores = {METHODS[4]: np.concatenate([p[0][METHODS[4]] for p in parts])}
    return Pairs(scores, *(np.concatenate([p[i] for p in parts]) for i in (1, 2, 3, 4)))


def _size(raw: bytes) -> int:
    return len(lzma.compress(raw, format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 4}]))


def author_aucs(score: Array, pairs: Pairs) -> dict[str, float]:
    """AUC of each profile author's pairs."""
    out = {}
    for name in dict.fromkeys(pairs.profile):
        mine = pairs.profile == name
        if 0 < pairs.same[mine].sum() < mine.sum():
            out[str(name)] = float(roc_auc_score(pairs.same[mine], score[mine]))
    return out


def difference(a: dict[str, float], b: dict[str, float], seed: int = 0, resamples: int = 5000) -> tuple[float, float]:
    """Paired bootstrap interval, over authors, of the difference of mean AUCs."""
    names = sorted(set(a) & set(b))
    gap = np.array([a[n] - b[n] for n in names])
    draws = np.random.default_rng(seed).integers(0, len(gap), (resamples, len(gap)))
    low, high = np.quantile(gap[draws].mean(1), [0.025, 0.975])
    return float(low), float(high)


def probability_figures(score: Array, pairs: Pairs, seed: int = 0) -> dict[str, float]:
    """c@1, F0.5u, Brier and Cllr on as many pairs of the same as of different authors, calibrated on the other folds.

    c@1 and F0.5u (Bevendorff et al., PAN 2020) leave a pair unanswered between 0.45 and 0.55. Cllr: Bruemmer & du Preez
    (2006), in bits; 0 is perfect, 1 says nothing.
    """
    p = np.zeros(len(score))
    for number in set(pairs.fold):
        other, mine = pairs.fold != number, pairs.fold == number
        scale = score[other].std() + 1e-12
        model = LogisticRegression(class_weight="balanced").fit(score[other, None] / scale, pairs.same[other])
        p[mine] = model.predict_proba(score[mine, None] / scale)[:, 1]
    rng = np.random.default_rng(seed)
    yes, no = np.flatnonzero(pairs.same), np.flatnonzero(~pairs.same)
    n = min(len(yes), len(no))
    picked = np.concatenate([rng.permutation(yes)[:n], rng.permutation(no)[:n]])
    p, y = np.clip(p[picked], 1e-6, 1 - 1e-6), pairs.same[picked]
    return {
        "c@1": c_at_1(p, y),
        "F0.5u": f_half_u(p, y),
        "Brier": float(((p - y) ** 2).mean()),
        "Cllr": float((np.log2(1 / p[y]).mean() + np.log2(1 / (1 - p[~y])).mean()) / 2),
    }


def c_at_1(p: Array, y: NDArray[np.bool_]) -> float:
    """Accuracy in which an unanswered case counts as much as the answered ones are right (Penas & Rodrigo, 2011)."""
    answered = np.abs(p - 0.5) >= 0.05
    right = float(((p > 0.5) == y)[answered].sum())
    return (right + (~answered).sum() * right / len(y)) / len(y)


def f_half_u(p: Array, y: NDArray[np.bool_]) -> float:
    """F0.5 in which unanswered cases count as false negatives (Bevendorff et al., 2019)."""
    answered = np.abs(p - 0.5) >= 0.05
    yes = answered & (p > 0.5)
    tp, fp = float((yes & y).sum()), float((yes & ~y).sum())
    fn = float((answered & ~yes & y).sum() + (~answered).sum())
    return 1.25 * tp / max(1.25 * tp + 0.25 * fn + fp, 1e-12)


def table(pairs: Pairs) -> dict[str, dict[str, object]]:
    """All figures of all methods, with the paired interval of composite minus method."""
    mine = {m: author_aucs(s, pairs) for m, s in pairs.scores.items()}
    out: dict[str, dict[str, object]] = {}
    for method, score in pairs.scores.items():
        row: dict[str, object] = {"AUC": float(np.mean(list(mine[method].values())))}
        row["pooled AUC"] = float(roc_auc_score(pairs.same, score))
        row |= probability_figures(score, pairs)
        if method != "composite" and "composite" in mine:
            row["gain"] = difference(mine["composite"], mine[method])
        out[method] = row
    return out


def discrimination(all_books: list[Book], chunks: Chunks) -> dict[str, object]:
    """Tables by kind of comparison and length."""
    fitted = windows(chunks, 2000)
    fits = Fits(fitted, author_folds(fitted))
    out: dict[str, object] = {}
    for words in (500, 1000, 2000, 5000):
        w = windows(chunks, words, most_per_book=60_000 // words)
        found = table(query_pairs(w, fits, 12))
        found |= table(compression_pairs(all_books, fits, words))
        out[f"profile {words}"] = found
        out[f"sample {words}"] = table(sample_pairs(w, fits))
    hard = Fits(fitted, [np.array(group) for group in GROUPS])
    w = windows(chunks, 2000)
    out["hard profile 2000"] = table(query_pairs(w, hard, 12))
    out["hard sample 2000"] = table(sample_pairs(w, hard))
    return out
