"""Our z-scored distances against faststylometry, an independent implementation of Burrows's Delta (if installed)."""

import re
from collections import Counter

import numpy as np
import pytest

from gaea_assets.style.background import Channel
from gaea_assets_tests.style.writers import second_person, third_person

faststylometry = pytest.importorskip("faststylometry")


def test_burrows_delta_agrees_with_faststylometry() -> None:
    corpus, asked = faststylometry.Corpus(), faststylometry.Corpus()
    texts = {
        "you": second_person(3000, 1),
        "he": third_person(3000, 1),
        "both": second_person(1500, 2) + third_person(1500, 2),
    }
    for name, text in texts.items():
        corpus.add_book(name, "one", text)
    query = second_person(2000, 3)
    asked.add_book("unknown", "text", query)
    for each in (corpus, asked):
        each.tokenise(lambda text: text.lower().split())
    table = faststylometry.calculate_burrows_delta(corpus, asked, vocab_size=50)
    theirs = {name: float(table.loc[name].iloc[0]) for name in texts}
    ours = _delta(texts, query, 50)
    assert sorted(theirs, key=lambda n: theirs[n]) == sorted(ours, key=lambda n: ours[n])
    assert [ours[n] for n in texts] == pytest.approx([theirs[n] for n in texts], rel=1e-6)


def _delta(texts: dict[str, str], query: str, size: int) -> dict[str, float]:
    counts = {name: Counter(text.lower().split()) for name, text in texts.items()}
    total = sum(counts.values(), Counter())
    words = [word for word, _ in total.most_common() if re.match("^[a-z][a-z]+$", word)][:size]

    def share(found: Counter[str]) -> np.ndarray:
        return np.array([found[w] for w in words]) / sum(found.values())

    table = np.array([share(c) for c in counts.values()])
    channel = Channel(table.mean(0), table.std(0, ddof=1), np.zeros((size, 1)), np.zeros(1))
    z = channel.whiten(channel.standardise(share(Counter(query.lower().split()))))
    return {n: float(np.abs(channel.standardise(row) - z).mean()) for n, row in zip(counts, table, strict=True)}
