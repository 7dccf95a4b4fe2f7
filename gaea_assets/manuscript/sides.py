"""Which examples are trained on and which are held out, and how often an epoch shows each."""

import math
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.quality.leakage import RUN_FAILS
from gaea_assets.manuscript.quality.ngrams import Vocabulary


def sharing_chunks(examples: Sequence[Example]) -> list[str]:
    """Chunks that hold 20 words in a row of another one, in order: a song, a letter, a scene told twice.

    Held out, such a chunk would be judged on text that was trained on (`quality.leakage` stops the run there).
    """
    texts: dict[str, list[str]] = {}
    for example in examples:
        texts.setdefault(example.chunk, []).append(example.text)
    words = Vocabulary().read("\n\n".join(parts) for parts in texts.values())
    hashes, places = words.ngrams(RUN_FAILS)
    order = np.argsort(hashes, kind="stable")
    same = np.flatnonzero(hashes[order[1:]] == hashes[order[:-1]])
    first, second = words.text_of(places[order[same]]), words.text_of(places[order[same + 1]])
    found = {*first[first != second].tolist(), *second[first != second].tolist()}
    return [name for number, name in enumerate(texts) if number in found]


def split_by_chunk(
    examples: Sequence[Example], validation_share: float, seed: int, trained_on: Collection[str] = ()
) -> tuple[list[Example], list[Example]]:
    """Training and validation side; the parts of one chunk stay together, each scene type has its share in both.

    Systematic sampling (Madow and Madow 1944): the chunks stand in order of manuscript and scene type, within a type
    in an order drawn by the seed, and every k-th is held out. So each manuscript and each type is held out in
    proportion, to within one chunk, however few it has.

    Args:
        examples: All of them.
        validation_share: Share of the chunks that is held out, rounded up to whole chunks.
        seed: Of the order and of the first chunk held out.
        trained_on: Chunks that are not held out, as long as others are left.

    Raises:
        GaeaError: Fewer than two chunks.
    """
    kinds = {example.chunk: (example.manuscript, example.scene_type) for example in examples}
    if len(kinds) < 2:
        raise GaeaError(f"the dataset has {len(kinds)} chunk(s); at least 2 are needed to hold one out for validation")
    free = [chunk for chunk in kinds if chunk not in trained_on] or list(kinds)
    count = min(math.ceil(validation_share * len(kinds)), len(free), len(kinds) - 1)
    draw = random.Random(seed)  # noqa: S311 - a reproducible order, no secret
    order = sorted(free, key=lambda chunk: (kinds[chunk], draw.random()))
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
