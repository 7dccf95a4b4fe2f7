"""Which examples are trained on and which are held out, and how often an epoch shows each."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from statistics import mode

import numpy as np

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import whole_chunk
from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.proportions import Flags, in_proportion, nearest
from gaea_assets.manuscript.quality.leakage import COVERAGE_FAILS, GRAM, RUN_FAILS
from gaea_assets.manuscript.quality.ngrams import Ints, Vocabulary, Words

MOST_PARTS, MOST_SHARES = 3, 2
"""Of a chunk that is held out whole: parts, or how many times the validation share."""
MOST_DRAWS, UNITS_DRAWN_FROM = 20, 2000
"""Draws that the split is looked for from, and units in them together: the fewer there are, the more a draw decides."""


def sharing_chunks(examples: Sequence[Example]) -> list[str]:
    """Chunks with passages of another one, in order: a song, a letter, a scene told twice or in two drafts.

    Held out, such a chunk would be judged on text that was trained on, and `quality.leakage` would stop the run: 20
    words in a row, or runs of 8 over 5 % of the words.
    """
    texts: dict[str, list[str]] = {}
    for example in examples:
        texts.setdefault(example.chunk, []).append(example.text)
    words = Vocabulary().read("\n\n".join(parts) for parts in texts.values())
    shared = _elsewhere(words)
    chunks = words.text_of(shared)
    # Each shared 8-gram covers one word more, or up to eight: counted as eight, the gate is never laxer than this.
    much = GRAM * np.bincount(chunks, minlength=len(texts)) > COVERAGE_FAILS * np.diff(words.starts)
    run = RUN_FAILS - GRAM
    in_a_row = (shared[run:] - shared[:-run] == run) & (chunks[run:] == chunks[:-run])
    found = {*chunks[run:][in_a_row].tolist(), *np.flatnonzero(much).tolist()}
    return [name for number, name in enumerate(texts) if number in found]


def _elsewhere(words: Words) -> Ints:
    """Places of runs of 8 words that stand in another text too, in order."""
    hashes, places = words.ngrams(GRAM)
    order = np.argsort(hashes, kind="stable")
    hashes = hashes[order]
    same = np.flatnonzero(hashes[1:] == hashes[:-1])
    first, second = places[order[same]], places[order[same + 1]]
    apart = words.text_of(first) != words.text_of(second)
    return np.unique(np.concatenate([first[apart], second[apart]]))


def units_held_out(parts: Sequence[str], validation_share: float) -> list[str]:
    """What each part is held out with: its whole chunk, or itself where that is too long to be held out.

    Args:
        parts: Names of all parts: `015a`, `015b` are one chunk's.
        validation_share: Share of the parts that is to be held out. A chunk of more than three parts, and of more than
            twice the share, is too long: without scene breaks a whole novel is one.
    """
    wholes = [whole_chunk(part) for part in parts]
    sizes = Counter(wholes)
    most = max(MOST_PARTS, MOST_SHARES * validation_share * len(parts))
    units = [part if sizes[whole] > most else whole for part, whole in zip(parts, wholes, strict=True)]
    return units if len(set(units)) > 1 else list(parts)


def split_by_chunk(
    examples: Sequence[Example], validation_share: float, seed: int, trained_on: Collection[str] = ()
) -> tuple[list[Example], list[Example]]:
    """Training and validation side; the parts of one chunk stay together, everything has its share in both.

    Chunks are drawn by systematic sampling (Madow and Madow 1944): they stand in order of manuscript and scene type,
    within a type in an order drawn by the seed, and every k-th is held out. As chunks differ in size and hold several
    types, exchanges then bring the examples held out, of all, of each manuscript, of each scene type and of each type
    in a manuscript, as near to the share as whole chunks come (`proportions.nearest`), and the best of the draws is
    kept.

    Args:
        examples: All of them.
        validation_share: Share of the examples that is to be held out, rounded up to whole examples.
        seed: Of the draws.
        trained_on: Chunks that are not held out, as long as others are left.

    Raises:
        GaeaError: Fewer than two chunks.
    """
    chunks: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        chunks[example.chunk].append(example)
    if len(chunks) < 2:
        raise GaeaError(
            f"the dataset has {len(chunks)} chunk(s); at least 2 are needed to hold one out for validation: add more "
            f"of the manuscript, or a line `* * *` where a scene ends"
        )
    free = [chunk for chunk in chunks if chunk not in trained_on] or list(chunks)
    units, most = [chunks[chunk] for chunk in free], min(len(free), len(chunks) - 1)
    count = min(math.ceil(validation_share * len(chunks)), most)
    draw = random.Random(seed)  # noqa: S311 - a reproducible draw, no secret
    times = min(MOST_DRAWS, math.ceil(UNITS_DRAWN_FROM / len(units)))
    draws = [_systematic(units, count, draw) for _ in range(times)]
    chosen = nearest(units, in_proportion(examples, validation_share), draws, most, draw)
    heldout = {chunk for chunk, out in zip(free, chosen, strict=True) if out}
    return [e for e in examples if e.chunk not in heldout], [e for e in examples if e.chunk in heldout]


def _systematic(units: Sequence[Sequence[Example]], count: int, draw: random.Random) -> Flags:
    """So many units, evenly spread over their manuscripts and the scene types that most of their parts have."""
    kinds = [(parts[0].manuscript, mode(part.scene_type for part in parts)) for parts in units]
    order = sorted(range(len(units)), key=lambda unit: (kinds[unit], draw.random()))
    start = draw.randrange(len(order))
    chosen = np.zeros(len(order), dtype=bool)
    chosen[[order[(number * len(order) + start) // count] for number in range(count)]] = True
    return chosen


def weighted(train: Sequence[Example], weights: Mapping[str, float], seed: int) -> list[Example]:
    """The training examples as an epoch shows them.

    Args:
        train: Each once.
        weights: By manuscript, how often one of its examples is shown. A weight of 2.5 shows each twice, and every
            second one, drawn by the seed, a third time.
        seed: Of the draw.

    Returns:
        The rows; repeated examples follow their first. Of each manuscript there is one at least.
    """
    by_manuscript: defaultdict[str, list[str]] = defaultdict(list)
    for example in train:
        by_manuscript[example.manuscript].append(example.id)
    draw = random.Random(seed)  # noqa: S311 - a reproducible draw, no secret
    times: dict[str, int] = {}
    for manuscript, ids in by_manuscript.items():
        every, rest = divmod(weights.get(manuscript, 1.0), 1)
        # An author who names a manuscript wants some of it, however small its weight.
        more = set(draw.sample(ids, max(round(rest * len(ids)), every < 1)))
        times |= {name: int(every) + (name in more) for name in ids}
    return [example for example in train for _ in range(times[example.id])]
