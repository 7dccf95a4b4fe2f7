"""Whether the interval of `gaea score` holds: pieces of a book, their mean, and another book as profile.

    python benchmarks/score_intervals.py FOLDER

FOLDER holds a folder of novels an author. Prints, by length, how often the 95 % interval of a piece holds the mean of
its book, the intervals' width, the width that the pieces' true spread asks for, and the pieces' spread as a share of
the fitted one between texts of an author (`score_files.WITHIN`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from gaea_assets.style import background
from gaea_assets.style.score_files import score_texts

LENGTHS = (500, 800, 1000, 1500, 3000, 6000)
PIECES = 12
PROFILE_WORDS = 40_000


def pieces(text: str, words: int, most: int) -> list[str]:
    """Successive pieces of whole paragraphs, of so many words or a few more."""
    out: list[list[str]] = [[]]
    count = 0
    for paragraph in text.split("\n\n"):
        out[-1].append(paragraph)
        count += len(paragraph.split())
        if count >= words:
            if len(out) == most:
                break
            out.append([])
            count = 0
    return ["\n\n".join(piece) for piece in out[:most] if piece]


def main() -> None:
    """Print the table."""
    fitted = background.load()
    found: dict[int, list[tuple[bool, float, float, float]]] = {length: [] for length in LENGTHS}
    for author in sorted(Path(sys.argv[1]).iterdir()):
        books = sorted(author.glob("*.txt"))
        if len(books) < 2:
            continue
        (profile,) = pieces(books[0].read_text("utf-8"), PROFILE_WORDS, 1)
        text = books[1].read_text("utf-8")
        for length in LENGTHS:
            candidates = {str(n): piece for n, piece in enumerate(pieces(text, length, PIECES + 1)[:-1])}
            if len(candidates) < PIECES:
                continue
            rows = score_texts(candidates, [profile], resamples=400)["candidates"]
            values = [row["similarity"] for row in rows]
            mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
            at = float(np.interp(np.log(min(length, 2000)), np.log(fitted.lengths), fitted.spread))
            at *= min(1.0, (2000 / length) ** 0.5)
            for row in rows:
                low, high = row["interval"]
                found[length].append((low <= mean <= high, high - low, deviation, deviation / at))
    print("| words | pieces | holds the book's mean | width, median | width by the true spread | spread / fitted |")
    print("|---|---|---|---|---|---|")
    for length, rows in found.items():
        held, width, deviation, share = (np.array(column, float) for column in zip(*rows, strict=True))
        told = f"{held.mean():.1%} | {np.median(width):.1f} | {3.92 * np.sqrt((deviation**2).mean()):.1f}"
        print(f"| {length:,} | {len(rows)} | {told} | {np.sqrt((share**2).mean()):.2f} |")


if __name__ == "__main__":
    main()
