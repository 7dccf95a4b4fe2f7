"""Find chunks in another language than the manuscript's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.findings import place, shorten
from gaea_assets.parallel import each
from gaea_assets.text_language import is_known, language_of
from gaea_assets.verdict import Verdict

WINDOW_WORDS = 80
"""Words that the language is decided on: enough to be sure of it, and a chunk holds many."""
LEAST_WORDS = 25
"""A shorter text says too little to call it foreign."""
MOST_WINDOWS = 5
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
    if not is_known(wanted):
        raise GaeaError(f"language: {wanted!r} is no known ISO 639-1 code; give one such as 'en', 'de' or 'fr'")
    faults = []
    decided = 0
    texts = [chunk.text for chunk in chunks]
    for chunk, windows in zip(chunks, each(decided_windows, texts, sum(map(len, texts))), strict=True):
        votes = Counter(tag for _, tag in windows)
        decided += bool(votes)
        other, count = max(((tag, n) for tag, n in votes.items() if tag != wanted), key=_votes, default=("", 0))
        if 2 * (votes.total() - votes[wanted]) > votes.total() and count:
            start = next(start for start, tag in windows if tag == other)
            faults.append(
                f"{place(chunk, start)}: most of the chunk reads as {other!r}, not {wanted!r}: "
                f"{shorten(chunk.text[start:])!r}; translate it or leave it out"
            )
    return Verdict(faults, {"chunks": len(chunks), "decided_chunks": decided, "other_language_chunks": len(faults)})


def decided_windows(text: str) -> list[tuple[int, str]]:
    """Offset and language of those windows of a text whose language is decided."""
    return [(start, tag) for start, tag in window_languages(text) if tag]


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
        tag, sure = language_of(text[start:end])
        yield start, tag if sure >= SURE else ""


def _votes(item: tuple[str, int]) -> int:
    return item[1]
