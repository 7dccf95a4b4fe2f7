"""Distributions that a reader can look at: sentence and paragraph lengths, and punctuation."""

from __future__ import annotations

from typing import Any

import numpy as np

from gaea_assets.style import structure
from gaea_assets.style.measure import Context
from gaea_assets.style.units import PUNCTUATION

WRITERS = {"author": ("train", "heldout"), "base": ("base",), "tuned": ("tuned",)}


def curves(context: Context) -> dict[str, Any]:
    """Shares of sentence and paragraph lengths, and marks in a thousand words, of each writer.

    Args:
        context: Arms; the author is training and held-out text together.

    Returns:
        `sentence_lengths`, `paragraph_lengths` and `punctuation`, each with `labels`, `series` and `caption`.
    """
    counts = context.profile_cache.get("structure") or {
        name: structure.count_structure(arm) for name, arm in context.arms.items()
    }
    out = {}
    for key, field, edges in (
        ("sentence_lengths", "sentences", structure.SENTENCE_EDGES),
        ("paragraph_lengths", "paragraphs", structure.PARAGRAPH_EDGES),
    ):
        series = {}
        for writer, arms in WRITERS.items():
            total = sum(getattr(counts[arm], field).sum(0) for arm in arms)
            series[writer] = (total / max(total.sum(), 1)).round(4).tolist()
        caption = f"{key.split('_')[0]} length in words"
        out[key] = {"labels": [str(round(e)) for e in np.exp(edges)], "series": series, "caption": caption}
    return out | {"punctuation": _punctuation(context)}


def _punctuation(context: Context) -> dict[str, Any]:
    series = {}
    for writer, arms in WRITERS.items():
        marks = sum(context.arms[arm].counts.marks[:, : len(PUNCTUATION)].sum(0) for arm in arms)
        words = sum(context.arms[arm].words for arm in arms)
        series[writer] = [round(1000 * float(mark) / max(words, 1), 2) for mark in np.asarray(marks)]
    return {"labels": list(PUNCTUATION), "series": series, "caption": "marks in a thousand words"}
