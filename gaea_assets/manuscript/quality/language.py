"""Find chunks in another language than the manuscript's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.findings import place, shorten
from gaea_assets.verdict import Verdict

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

WINDOW_WORDS = 80
"""Words that the language is decided on: enough to be sure of it, and a chunk holds many."""
LEAST_WORDS = 25
"""A shorter text says too little to call it foreign."""
MOST_WINDOWS = 9
"""Windows looked at in a chunk, spread evenly over it."""
SURE = 0.8
"""Probability at which a window's language counts as decided."""

_WORD = re.compile(r"\S+")


def language(chunks: Sequence[Chunk], wanted: str = "en") -> Verdict:
    """Every chunk is in the wanted language: most of its decided windows are.

    Should warn: a foreign chunk teaches the wrong thing, but invented languages, verse and dialect can mislead the
    model that decides, so a person has the last word. Foreign dialogue inside a scene is no fault.

    Args:
        chunks: The chunks to look at.
        wanted: ISO 639-1 code of the manuscript's language.

    Returns:
        A fault for each chunk that is mostly in another language; figures `chunks`, `decided_chunks`,
        `other_language_chunks`.

    Raises:
        GaeaError: The language is unknown.
    """
    if wanted not in _identifier().labels:
        raise GaeaError(f"language: {wanted!r} is no known ISO 639-1 code; give one such as 'en', 'de' or 'fr'")
    faults = []
    decided = 0
    for chunk in chunks:
        votes = Counter(found for _, found in window_languages(chunk.text) if found)
        decided += bool(votes)
        other, count = max(((tag, n) for tag, n in votes.items() if tag != wanted), key=_votes, default=("", 0))
        if 2 * (votes.total() - votes[wanted]) > votes.total() and count:
            start = next(offset for offset, found in window_languages(chunk.text) if found == other)
            faults.append(
                f"{place(chunk, start)}: most of the chunk reads as {other!r}, not {wanted!r}: "
                f"{shorten(chunk.text[start:])!r}; translate it or leave it out"
            )
    return Verdict(faults, {"chunks": len(chunks), "decided_chunks": decided, "other_language_chunks": len(faults)})


def window_languages(text: str) -> Iterator[tuple[int, str]]:
    """Offset and language of windows spread over a text; empty where the window is undecided."""
    words = [match.start() for match in _WORD.finditer(text)]
    if len(words) < LEAST_WORDS:
        return
    count = max(1, round(len(words) / WINDOW_WORDS))
    bounds = [round(i * len(words) / count) for i in range(count + 1)]
    offsets = [*words, len(text)]
    step = max(1.0, count / MOST_WINDOWS)
    for number in range(min(count, MOST_WINDOWS)):
        at = int((number + 0.5) * step) if count > MOST_WINDOWS else number
        start, end = offsets[bounds[at]], offsets[bounds[at + 1]]
        tag, sure = _identifier().classify(text[start:end])
        yield start, str(tag) if sure >= SURE else ""


def _votes(item: tuple[str, int]) -> int:
    return item[1]


@cache
def _identifier() -> LanguageIdentifier:
    """The model that lies in the package py3langid; nothing is downloaded."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
