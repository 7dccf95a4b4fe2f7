"""Count how often general fiction uses each word, for the themes: what `manuscript/tags/themes.py` compares with.

    .venv/bin/python benchmarks/fiction_words.py --corpus FOLDER

The corpus is a folder of `<author>_<title>.txt`. Writes `gaea_assets/style/data/fiction_words.json`: words
and numbers, no text. Every author weighs the same, whatever their books' length; 60,000 words of an author count.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from gaea_assets.style import typography
from gaea_assets.style.lexicon import FICTION
from gaea_assets.style.tokens import WORD

MOST_WORDS = 60_000
LEAST_WORDS = 2_000
AUTHORS_USING = 6
"""A word that fewer authors use is of their worlds, not of general fiction."""


def author_counts(paths: list[Path]) -> Counter[str]:
    """Words of one author, in lower case where they are written so anywhere; names stay out."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    total = 0
    for path in paths:
        text = path.read_text(encoding="utf-8")[: 8 * MOST_WORDS]
        for word in WORD.findall(typography.normalise(text)):
            bare = word[:-2] if word.endswith("'s") else word
            (lower if bare[0].islower() else upper)[bare.lower()] += 1
        total = lower.total() + upper.total()
        if total >= MOST_WORDS:
            break
    for word, count in upper.items():
        if lower[word]:
            lower[word] += count
    return lower if total >= LEAST_WORDS else Counter()


def main() -> None:
    """Count the corpus and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    books: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(parser.parse_args().corpus.glob("*_*.txt")):
        books[path.name.partition("_")[0]].append(path)
    share: defaultdict[str, float] = defaultdict(float)
    using: Counter[str] = Counter()
    authors = words = 0
    for paths in books.values():
        counts = author_counts(paths)
        if not counts:
            continue
        authors += 1
        words += counts.total()
        using.update(counts.keys())
        for word, count in counts.items():
            share[word] += count / counts.total()
    kept = {w: round(1e6 * share[w] / authors, 2) for w in sorted(share) if using[w] >= AUTHORS_USING}
    record = {"authors": authors, "words": words, "least_authors": AUTHORS_USING, "per_million": kept}
    FICTION.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(kept)} words of {authors} authors, {words} words counted")


if __name__ == "__main__":
    main()
