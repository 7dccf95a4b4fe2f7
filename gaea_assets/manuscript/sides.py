"""Which examples are trained on and which are held out, and how often an epoch shows each."""

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.examples import Example


def split_by_chunk(
    examples: Sequence[Example], validation_share: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """Training and validation side; the parts of one chunk stay together, each scene type has its share in both.

    Systematic sampling (Madow and Madow 1944): the chunks stand in order of manuscript and scene type, within a type
    in an order drawn by the seed, and every k-th is held out. So each manuscript and each type is held out in
    proportion, to within one chunk, however few it has.

    Args:
        examples: All of them.
        validation_share: Share of the chunks that is held out, rounded up to whole chunks.
        seed: Of the order and of the first chunk held out.

    Raises:
        GaeaError: Fewer than two chunks.
    """
    kinds = {example.chunk: (example.manuscript, example.scene_type) for example in examples}
    if len(kinds) < 2:
        raise GaeaError(f"the dataset has {len(kinds)} chunk(s); at least 2 are needed to hold one out for validation")
    count = min(math.ceil(validation_share * len(kinds)), len(kinds) - 1)
    draw = random.Random(seed)  # noqa: S311 - a reproducible order, no secret
    order = sorted(kinds, key=lambda chunk: (kinds[chunk], draw.random()))
    start = draw.randrange(len(order))
    heldout = {order[(number * len(order) + start) // count] for number in range(count)}
    return [e for e in examples if e.chunk not in heldout], [e for e in examples if e.chunk in heldout]


def weighted(train: Sequence[Example], weights: Mapping[str, float], seed: int) -> list[Example]:
    """The training examples as an epoch shows them.

    Args:
        train: Each once.
        weights: By manuscript, how often one of its examples is shown. A weight of 2.5 shows each twice, and every
            second one, drawn by the seed, a third time.
        seed: Of the draw.

    Returns:
        The rows; repeated examples follow their first.

    Raises:
        GaeaError: Nothing is left.
    """
    by_manuscript: defaultdict[str, list[str]] = defaultdict(list)
    for example in train:
        by_manuscript[example.manuscript].append(example.id)
    draw = random.Random(seed)  # noqa: S311 - a reproducible draw, no secret
    times: dict[str, int] = {}
    for manuscript, ids in by_manuscript.items():
        every, rest = divmod(weights.get(manuscript, 1.0), 1)
        more = set(draw.sample(ids, round(rest * len(ids))))
        times |= {name: int(every) + (name in more) for name in ids}
    rows = [example for example in train for _ in range(times[example.id])]
    if not rows:
        raise GaeaError("manuscript.others: with these weights no training example is left; raise one")
    return rows
