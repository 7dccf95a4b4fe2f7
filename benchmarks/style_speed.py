"""How long scoring takes: a million words, twice and half of it, and the bootstrap alone."""

from __future__ import annotations

import time

import numpy as np
from style_calibration import pieces
from style_corpus import Book

from gaea_assets.style.resampling import draw_groups, draw_windows, interval, project
from gaea_assets.style.scorecard import Sample, score_voice


def scoring_seconds(all_books: list[Book], words: int, seed: int = 0) -> tuple[float, int]:
    """Seconds to score so many words in all: 40 % training text, 20 % in each of the other arms.

    Returns:
        Seconds, and the words scored.
    """
    mine = [book.path for book in all_books if book.source == "A"]
    texts = [piece for path in mine for piece in pieces(path.read_text(encoding="utf-8"), 450)]
    chosen = texts[: words // 455]
    cut = [round(share * len(chosen)) for share in (0.4, 0.6, 0.8)]
    samples = [Sample(f"p{number % 40}", text) for number, text in enumerate(chosen)]
    start = time.perf_counter()
    card = score_voice(
        train=chosen[: cut[0]],
        heldout=samples[cut[0] : cut[1]],
        base=samples[cut[1] : cut[2]],
        tuned=samples[cut[2] :],
        person="third",
        seed=seed,
    )
    return time.perf_counter() - start, sum(card.words.values())


def bootstrap_seconds(units: int = 180, resamples: int = 2000) -> float:
    """Seconds for the windows' projections and a bootstrap of three arms of 18,000 words."""
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    groups = [str(unit // 20) for unit in range(units)]
    projections = []
    for _ in range(3):
        windows = draw_windows(units, 20, rng)
        projections.append(project(rng.normal(size=(len(windows), 4)), windows, groups))
    draws = draw_groups([p.groups for p in projections], resamples, rng)
    values = [p.replicate(d) for p, d in zip(projections, draws, strict=True)]
    for column in range(4):
        interval(values[0][:, column] / (values[1][:, column] + 10), 9)
    return time.perf_counter() - start


def speed(all_books: list[Book]) -> dict[str, float]:
    """All figures."""
    out: dict[str, float] = {}
    scoring_seconds(all_books, 60_000)  # loads the background
    for words in (250_000, 500_000, 1_000_000):
        begin = time.process_time()
        seconds, counted = scoring_seconds(all_books, words)
        out[f"{counted:,} words"] = seconds
        out[f"{counted:,} words, processor time with reading"] = time.process_time() - begin
    out["bootstrap of 2,000 resamples"] = bootstrap_seconds()
    return out
