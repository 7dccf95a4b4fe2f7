"""The words that general fiction uses, and how often: made by `benchmarks/fiction_words.py`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

FICTION = Path(__file__).parent / "data" / "fiction_words.json"


@cache
def fiction_words() -> dict[str, float]:
    """Uses in a million words of general fiction, for words that at least six of its authors use."""
    words: dict[str, float] = json.loads(FICTION.read_text(encoding="utf-8"))["per_million"]
    return words
