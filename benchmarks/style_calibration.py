"""Does the transfer score mean what it says? Dose-response, author against self, base against base, interval coverage."""

# ruff: noqa: E501 - lists of words and names read better as they are

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from style_corpus import Book, Chunks, windows
from style_discrimination import Fits
from style_fit import author_folds

from gaea_assets.style.arms import Arm, build_arm
from gaea_assets.style.background import Background, load
from gaea_assets.style.measure import Context, window_units
from gaea_assets.style.measures import structure_measure, transfer_measure, vocabulary_measure
from gaea_assets.style.scorecard import TARGETS

PIECE = 450
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
ARM_WORDS = 40_000
MEASURES = {
    "transfer": transfer_measure,
    "vocabulary": vocabulary_measure,
    "structure": structure_measure,
}


def pieces(text: str, words: int = PIECE) -> list[str]:
    """Cut a book into pieces of about `words` words at paragraph ends."""
    out, now, count = [], [], 0
    for paragraph in text.split("\n\n"):
        now.append(paragraph)
        count += len(paragraph.split())
        if count >= words:
            out.append("\n\n".join(now))
            now, count = [], 0
    return out


def backgrounds(chunks: Chunks) -> list[tuple[NDArray[np.str_], Background]]:
    """For each fold its authors, and the background fitted without them (the three weights are the bundled ones)."""
    fitted = windows(chunks, 2000)
    fits = Fits(fitted, author_folds(fitted))
    return [
        (test, replace(load(), channels=channels)) for test, channels in zip(fits.folds, fits.channels, strict=True)
    ]


def author_pairs(folds: list[tuple[NDArray[np.str_], Background]], per_fold: int) -> list[tuple[str, str, Background]]:
    """Pairs of different authors of one fold: who is imitated, and whose text stands for the base model."""
    out = []
    for test, background in folds:
        names = list(test)
        for step in range(per_fold):
            out.append((names[step], names[(step + 1 + step // len(names)) % len(names)], background))
    return out


def pool(all_books: list[Book], author: str, background: Background, rng: np.random.Generator, most: int = 110) -> Arm:
    """Pieces of all books of an author as one arm, in the order of reading (at most `most` from a book)."""
    texts: list[str] = []
    for book in all_books:
        if book.author == author and book.source == "A":
            found = pieces(book.path.read_text(encoding="utf-8"))[3:-3]
            start = int(rng.integers(0, max(1, len(found) - most)))
            texts.extend(found[start : start + most])
    return build_arm("pool", texts, background)


def _context(arms: dict[str, Arm], background: Background, resamples: int, seed: int) -> Context:
    named = {name: replace(arm, name=name) for name, arm in arms.items()}
    return Context(named, background, window_units(named), "third", TARGETS, seed, resamples)


def _texts(arm: Arm, order: NDArray[np.int64], words: int) -> NDArray[np.int64]:
    sizes = np.array([p.words for p in arm.passages])[order]
    return order[: int(np.searchsorted(np.cumsum(sizes), words)) + 1]


def dose_response(all_books: list[Book], chunks: Chunks, per_fold: int = 4, seed: int = 0) -> dict[str, object]:
    """Scores of mixtures, by measure: shape (pairs, shares)."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[list[float | None]]] = {name: [] for name in MEASURES}
    names = []
    for author, other, background in author_pairs(backgrounds(chunks), per_fold):
        a, b = pool(all_books, author, background, rng), pool(all_books, other, background, rng)
        mine, theirs = rng.permutation(len(a.passages)), rng.permutation(len(b.passages))
        held = _texts(a, mine, ARM_WORDS)
        own = _texts(a, mine[len(held) :], ARM_WORDS)
        train = mine[len(held) + len(own) :]
        base = _texts(b, theirs, ARM_WORDS)
        base_again = _texts(b, theirs[len(base) :], ARM_WORDS)
        arms = {"train": a.take(train), "heldout": _grouped(a, held), "base": _grouped(b, base)}
        scores: dict[str, list[float | None]] = {name: [] for name in MEASURES}
        for share in SHARES:
            n, m = round(share * len(own)), round((1 - share) * len(base_again))
            tuned = joined(_grouped(a, own[:n]), _grouped(b, base_again[:m]))
            context = _context(arms | {"tuned": tuned}, background, 200, seed)
            for name, measure in MEASURES.items():
                scores[name].append(measure(context).score)
        for name in MEASURES:
            rows[name].append(scores[name])
        names.append((author, other))
        print(author, "<-", other, [round(s, 1) if s is not None else None for s in scores["transfer"]], flush=True)
    return {"pairs": names, "scores": rows, "shares": SHARES}


def _grouped(arm: Arm, texts: NDArray[np.int64], groups: int = 20) -> Arm:
    return arm.take(list(texts), [f"p{number % groups}" for number in range(len(texts))])


def joined(first: Arm, second: Arm) -> Arm:
    """Two arms as one."""
    if not first.size or not second.size:
        return first if first.size else second
    shift = first.size
    fields = ("words", "mfw", "chars", "char_total", "marks")
    counts = type(first.counts)(
        *(np.concatenate([getattr(first.counts, f), getattr(second.counts, f)]) for f in fields)
    )
    return Arm(
        "tuned", first.passages + second.passages, first.groups + second.groups,
        first.units + tuple(u + shift for u in second.units),
        np.concatenate([first.unit_text, second.unit_text + len(first.passages)]), counts, first.names | second.names,
    )  # fmt: skip


def coverage(
    all_books: list[Book], chunks: Chunks, simulations: int = 200, seed: int = 1, resamples: int = 1000
) -> dict[str, object]:
    """How often the 95 % interval of the transfer score holds the truth, at the size of a real run.

    A prompt stands for two random places of about 900 words each in every arm, so that no arm is more varied than
    another, as when base and tuned model go on from the same prompts. Of the tuned text one place a prompt is the
    author's and one the base's. The truth is the score of the whole pools.
    """
    rng = np.random.default_rng(seed)
    hits, widths, undefined, errors = 0, [], 0, []
    pairs = author_pairs(backgrounds(chunks), 2)
    each = simulations // len(pairs)
    for author, other, background in pairs:
        a, b = pool(all_books, author, background, rng), pool(all_books, other, background, rng)
        third = rng.permutation(len(a.passages) // 6) * 6
        train = np.concatenate([np.arange(s, s + 6) for s in third[: len(third) // 3]])
        rest = np.setdiff1d(np.arange(len(a.passages)), train)
        arms = {"train": a.take(list(train))}
        truth = _truth(arms, a.take(list(rest)), b, background)
        starts = [s for s in rest if {s, s + 1, s + 2} <= set(rest)]
        for number in range(each):
            drawn = _draw(a, b, starts, rng)
            measure = transfer_measure(_context(arms | drawn, background, resamples, number))
            if measure.score is None:
                undefined += 1
                continue
            low = -np.inf if measure.low is None else measure.low
            high = np.inf if measure.high is None else measure.high
            hits += bool(low <= truth <= high)
            errors.append(measure.score - truth)
            widths.append(high - low)
        print(author, other, round(truth, 1), hits, len(widths), undefined, flush=True)
    defined = len(widths)
    return {
        "simulations": each * len(pairs), "undefined": undefined, "coverage": hits / max(defined, 1),
        "median width": float(np.median(widths)), "median error": float(np.median(errors)),
        "mean absolute error": float(np.mean(np.abs(errors))),
    }  # fmt: skip


def _draw(a: Arm, b: Arm, starts: list[np.int64], rng: np.random.Generator, prompts: int = 9) -> dict[str, Arm]:
    def gather(arm: Arm, begin: Sequence[int]) -> Arm:
        index = [int(s) + i for s in begin for i in range(2)]
        return arm.take(index, [f"p{number % prompts}" for number in range(len(begin)) for _ in range(2)])

    def theirs(places: int) -> Sequence[int]:
        return rng.choice(len(b.passages) - 3, places, replace=False)

    def mine(places: int) -> Sequence[int]:
        return rng.choice(starts, places, replace=False)

    return {
        "heldout": gather(a, mine(2 * prompts)),
        "base": gather(b, theirs(2 * prompts)),
        "tuned": joined(gather(a, mine(prompts)), gather(b, theirs(prompts))),
    }


def _truth(arms: dict[str, Arm], author: Arm, base: Arm, background: Background) -> float:
    n = min(len(author.passages), len(base.passages), 180)
    step_a, step_b = np.linspace(0, len(author.passages) - 1, n), np.linspace(0, len(base.passages) - 1, n)
    a, b = _grouped(author, step_a.astype(int)), _grouped(base, step_b.astype(int))
    context = _context(arms | {"heldout": a, "base": b, "tuned": joined(a, b)}, background, 50, 0)
    parts = transfer_measure(context)
    assert parts.base is not None and parts.tuned is not None and parts.author is not None
    return 100 * (parts.tuned - parts.base) / (parts.author - parts.base)
