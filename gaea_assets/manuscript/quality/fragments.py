"""Chunks that are too short or too long."""

from collections.abc import Sequence

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.findings import place, shorten
from gaea_assets.manuscript.splitting import LENIENCE
from gaea_assets.verdict import Verdict


def fragments(
    chunks: Sequence[Chunk], least: int = 800, most: int = 2500, good: tuple[int, int] = (900, 2100)
) -> Verdict:
    """Every chunk has `least` to `most` words.

    Should warn: a short scene can be whole, and a long one is split later where the narrative turns, or stays whole
    if it is one conversation of at most 15 % more (`splitting.split_chunk`).

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
            remedy += f" (a conversation without such a place may have {most * (100 + LENIENCE) // 100})"
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
