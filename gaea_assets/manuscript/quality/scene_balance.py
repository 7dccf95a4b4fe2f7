"""Whether the scene types have the shares that the author wants."""

from collections.abc import Mapping

from gaea_assets.verdict import Verdict, listed

MARGIN = 10.0
"""Points that a share may be off its goal: a chunk in ten."""
NAMED = 12
"""Chunks that a fault names."""


def scene_balance(scene_types: Mapping[str, str], goal: Mapping[str, float]) -> Verdict:
    """The share of each scene type is near its goal.

    Should warn: what a voice model writes follows what it has read, but the balance of a book is its author's.

    Args:
        scene_types: Scene type of each chunk, by its name.
        goal: Wanted share of the chunks by scene type, in percent.

    Returns:
        A fault for each type that is more than `MARGIN` points off; figures `<type>_share` in percent.
    """
    total = len(scene_types)
    named = {kind: [chunk for chunk, found in scene_types.items() if found == kind] for kind in goal}
    shares = {kind: 100 * len(chunks) / max(1, total) for kind, chunks in named.items()}
    faults = [
        f"{kind}: {shares[kind]:.0f} % of {total} chunks, wanted are {goal[kind]:g} % (manuscript.scene_goal): "
        f"{_remedy(shares[kind] - goal[kind], total)}; {kind} are {listed(named[kind], NAMED) or 'none'}"
        for kind in goal
        if total and abs(shares[kind] - goal[kind]) > MARGIN
    ]
    return Verdict(faults, {f"{kind}_share": round(share, 1) for kind, share in shares.items()})


def _remedy(excess: float, total: int) -> str:
    count = max(1, round(abs(excess) / 100 * total))
    return f"about {count} chunk(s) too many" if excess > 0 else f"about {count} chunk(s) too few"
