"""The quality gates on a manuscript's chunks, in one place.

What blocks is certain and quickly mended; what warns needs the author's eye, since fiction may do it on purpose.

| gate | finds | should |
|---|---|---|
| `mojibake` | encoding damage | block |
| `editing_notes` | TODO, TK, comments, version lines | block |
| `bracketed_notes` | `[insert name]` and the like | warn |
| `leakage` | training text on the validation side | block |
| `front_matter` | title page, imprint, contents, licence, page numbers | warn |
| `fragments` | chunks that are too short or too long | warn |
| `near_duplicates` | passages that stand twice, or nearly | warn |
| `language` | chunks in another language | warn |
| `person_share` | chunks told in another person | warn |
"""

from collections.abc import Sequence

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.editing_notes import bracketed_notes, editing_notes
from gaea_assets.manuscript.findings import place, shorten
from gaea_assets.manuscript.front_matter import front_matter
from gaea_assets.manuscript.language import language
from gaea_assets.manuscript.leakage import leakage
from gaea_assets.manuscript.mojibake import mojibake
from gaea_assets.manuscript.narrative_person import person_share
from gaea_assets.manuscript.near_duplicates import near_duplicates
from gaea_assets.verdict import Verdict

__all__ = [
    "bracketed_notes",
    "editing_notes",
    "fragments",
    "front_matter",
    "language",
    "leakage",
    "mojibake",
    "near_duplicates",
    "person_share",
]


def fragments(
    chunks: Sequence[Chunk], least: int = 800, most: int = 2500, good: tuple[int, int] = (900, 2100)
) -> Verdict:
    """Every chunk has `least` to `most` words.

    Should warn: a short scene can be whole and a long one is split later; what cannot be split fails there.

    Args:
        chunks: The chunks to look at.
        least: Words below which a chunk is a fragment.
        most: Words above which a chunk is too long.
        good: Fewest and most words of an optimal chunk.

    Returns:
        A fault for each chunk outside; figures `chunks`, `words`, `fragments`, `too_long`, `optimal_share` (0 to 1),
        `least_words`, `mean_words`, `most_words`.

    Raises:
        GaeaError: The sizes contradict each other.
    """
    if not 0 <= least <= good[0] <= good[1] <= most:
        raise GaeaError(
            f"fragments: sizes must rise, but least={least}, good={good[0]} to {good[1]}, most={most}; "
            f"put them in order"
        )
    sizes = [chunk.words for chunk in chunks]
    faults = []
    for chunk, words in zip(chunks, sizes, strict=True):
        if words < least:
            remedy = f"a fragment, below {least}: {shorten(chunk.text)!r}; join it to a neighbour"
        elif words > most:
            remedy = f"too long, above {most}: {shorten(chunk.text)!r}; split it where the narrative turns"
        else:
            continue
        faults.append(f"{place(chunk, 0)}: {words} words, {remedy}")
    return Verdict(
        faults,
        {
            "chunks": len(chunks),
            "words": sum(sizes),
            "fragments": sum(size < least for size in sizes),
            "too_long": sum(size > most for size in sizes),
            "optimal_share": round(sum(good[0] <= size <= good[1] for size in sizes) / max(1, len(sizes)), 4),
            "least_words": min(sizes, default=0),
            "mean_words": round(sum(sizes) / max(1, len(sizes)), 1),
            "most_words": max(sizes, default=0),
        },
    )
