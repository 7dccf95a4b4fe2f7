"""Find training text in generated text: word for word, and nearly so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.units import Passage, Sentence

RUN_FAILS = 20
RUN_WARNS = 10  # the longest human run is 9 words (design.md)
COVERAGE_GRAM = 13
SEED = 3
NEAR_WORDS = 20
NEAR_SHARE = 0.6
MOST_PLACES = 12
MOST_GAP = 9
BAND = 8
MOST_COPIED = 0.9
LONGEST_CHAIN = 1000


@dataclass(frozen=True)
class Span:
    """A stretch of generated text that the training text holds too.

    Attributes:
        text: The words as generated.
        source: The words as trained on.
        sample: Number of the generated text.
        chunk: Number of the training chunk.
        words: Words generated.
        kind: `verbatim` or `near-verbatim`.
        start: First word in the sample.
        end: One past the last word in the sample.
        alike: Share of words in common (1 - edit distance / words).
    """

    text: str
    source: str
    sample: int
    chunk: int
    words: int
    kind: str
    start: int
    end: int
    alike: float


@dataclass(frozen=True)
class Memory:
    """What was found in an arm.

    Attributes:
        longest: Longest run of words shared with a training chunk.
        coverage: Share of words inside 13-grams shared with the training text.
        spans: Runs of `RUN_WARNS` words or more and near-verbatim stretches, longest first.
    """

    longest: int
    coverage: float
    spans: tuple[Span, ...]


@dataclass
class TrainingIndex:
    """Training words by their 3-grams.

    Attributes:
        chunks: Words of each chunk in lower case.
    """

    chunks: list[list[str]]
    _ids: dict[str, int] = field(default_factory=dict)
    _words: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _owner: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _start: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _keys: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _order: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _grams: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    @classmethod
    def build(cls, chunks: Sequence[Sequence[str]]) -> TrainingIndex:
        """Index chunks given as lower-case words."""
        index = cls([list(chunk) for chunk in chunks])
        flat: list[int] = []
        owner: list[int] = []
        for number, chunk in enumerate(index.chunks):
            flat.extend(index._ids.setdefault(word, len(index._ids)) for word in chunk)
            flat.append(-1 - number)  # a wall: no run crosses from one chunk to the next
            owner.extend([number] * (len(chunk) + 1))
        index._words = np.array(flat, np.int64)
        index._owner = np.array(owner, np.int64)
        index._start = np.concatenate([[0], np.cumsum([len(c) + 1 for c in index.chunks])[:-1]]).astype(np.int64)
        keys = _keys(index._words)
        index._order = np.argsort(keys, kind="stable")
        index._keys = keys[index._order]
        return index

    def ids(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Word numbers; unknown words get numbers of their own that match nothing."""
        return np.array([self._ids.get(word, 1 << 30) for word in words], np.int64)

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """A number for each pair of words that are neighbours, sorted."""
        return np.unique(_pairs(self._words))

    def grams(self, n: int) -> NDArray[np.int64]:
        """A number for each n words in a row, n at least 3, sorted."""
        if n not in self._grams:
            self._grams[n] = np.unique(_grams(self._words, n))
        return self._grams[n]

    def matches(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions in query and training text where 3-grams agree; common 3-grams are left out."""
        keys = _keys(ids)
        low = np.searchsorted(self._keys, keys, "left")
        count = np.searchsorted(self._keys, keys, "right") - low
        count[count > MOST_PLACES] = 0
        query = np.repeat(np.arange(len(keys)), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return query, self._order[np.repeat(low, count) + within]


def shared_share(
    samples: Sequence[Sequence[str]], index: TrainingIndex, n: int, unseen: Sequence[Sequence[str]] = ()
) -> float:
    """Share of the words that lie inside n-grams which the training text holds too, wherever it holds them.

    High where text is put together from snippets of the training text, however short each is.

    Args:
        samples: Words of each text in lower case.
        index: The training text.
        n: Words of a snippet, at least 3.
        unseen: The author's unseen texts; n-grams that they hold too are the author's phrases and do not count.
    """
    phrases = [_grams(index.ids(words), n) for words in unseen]
    trained = np.setdiff1d(
        index.grams(n), np.unique(np.concatenate([np.zeros(0, np.int64), *phrases])), assume_unique=True
    )
    shared = total = 0
    for words in samples:
        ids = index.ids(words)
        hit = np.zeros(len(ids), bool)
        grams = _grams(ids, n)
        at = np.flatnonzero(_among(grams, trained))
        for offset in range(n):
            hit[at + offset] = True
        shared, total = shared + int(hit.sum()), total + len(ids)
    return shared / max(total, 1)


def known_pairs(samples: Sequence[Sequence[str]], index: TrainingIndex) -> float:
    """Share of the pairs of neighbouring words that are neighbours somewhere in the training text too.

    Nearly all are where words are chained by what followed them in the training text (a Markov chain), however
    new the sentences.
    """
    found = [_among(_pairs(index.ids(words)), index.pairs) for words in samples]
    pairs = np.concatenate([np.zeros(0, bool), *found])
    return float(pairs.mean()) if len(pairs) else 0.0


def _among(values: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each value is one of the sorted ones; `np.isin` would sort them again for every text."""
    if not len(known):
        return np.zeros(len(values), bool)
    return known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values


def _pairs(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    return ids[:-1] * (1 << 31) + ids[1:]


def _grams(ids: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """One number for each n words in a row, made from those of the 3-grams that cover them."""
    keys, count = _keys(ids), len(ids) - n + 1
    out = np.zeros(max(count, 0), np.int64)
    if count > 0:
        with np.errstate(over="ignore"):
            for offset in sorted({*range(0, n - SEED + 1, SEED), n - SEED}):
                out = out * np.int64(7_919) + keys[offset : offset + count]
    return out


def repeated_between(samples: Sequence[Sequence[str]], n: int = 8) -> float:
    """Share of n-grams that stand in more than one of the texts: high where a model says one thing again and again."""
    sets = [{tuple(words[i : i + n]) for i in range(len(words) - n + 1)} for words in samples]
    counts = Counter(gram for grams in sets for gram in grams)
    total = sum(map(len, sets))
    return sum(counts[gram] > 1 for grams in sets for gram in grams) / max(total, 1)


def _keys(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(ids) < SEED:
        return np.zeros(0, np.int64)
    a, b, c = ids[:-2], ids[1:-1], ids[2:]
    with np.errstate(over="ignore"):
        return (a * np.int64(1_000_003) + b) * np.int64(1_000_033) + c


def search(samples: Sequence[Sequence[str]], index: TrainingIndex) -> Memory:
    """Search generated texts for training text.

    Args:
        samples: Words of each text in lower case.
        index: The training text.

    Returns:
        Longest run, coverage and spans.
    """
    spans: list[Span] = []
    longest = covered = total = 0
    for number, words in enumerate(samples):
        total += len(words)
        ids = index.ids(words)
        query, place = index.matches(ids)
        runs = _runs(ids, query, place, index)
        longest = max([longest, *(length for _, _, length in runs)])
        hit = np.zeros(len(words), bool)
        for start, _, length in runs:
            if length >= COVERAGE_GRAM:
                hit[start : start + length] = True
        covered += int(hit.sum())
        spans += _best(_spans(number, words, runs, index, hit) + _near(number, words, query, place, index, hit))
    spans.sort(key=lambda span: (-span.words, span.sample, span.start))
    return Memory(longest, covered / max(total, 1), tuple(spans))


def _runs(
    ids: NDArray[np.int64], query: NDArray[np.int64], place: NDArray[np.int64], index: TrainingIndex
) -> list[tuple[int, int, int]]:
    """Maximal equal runs as (start in query, start in training, words).

    Runs of seeds are extended word by word, since common 3-grams inside a run are no seeds.
    """
    if not len(query):
        return []
    order = np.lexsort((query, place - query))
    q, diagonal = query[order], (place - query)[order]
    cut = np.flatnonzero((np.diff(q) != 1) | (np.diff(diagonal) != 0)) + 1
    starts = np.concatenate([[0], cut])
    ends = np.concatenate([cut, [len(q)]]) - 1
    found: dict[tuple[int, int], int] = {}
    reached = (0, -1)
    for first, last in zip(starts, ends, strict=True):
        start, end, shift = int(q[first]), int(q[last]) + SEED, int(diagonal[first])
        if shift == reached[0] and end <= reached[1]:
            continue  # inside the run that was extended last
        while start > 0 and start + shift > 0 and ids[start - 1] == index._words[start + shift - 1]:
            start -= 1
        while end < len(ids) and end + shift < len(index._words) and ids[end] == index._words[end + shift]:
            end += 1
        found[start, start + shift] = end - start
        reached = (shift, end)
    return [(start, at, n) for (start, at), n in found.items()]


def _spans(
    sample: int,
    words: Sequence[str],
    runs: list[tuple[int, int, int]],
    index: TrainingIndex,
    hit: NDArray[np.bool_],
) -> list[Span]:
    return [
        _span(sample, words, (start, start + n), (at, at + n), index, "verbatim", 1.0)
        for start, at, n in runs
        if n >= RUN_WARNS
    ]


def _span(
    sample: int, words: Sequence[str], here: tuple[int, int], there: tuple[int, int], index: TrainingIndex,
        kind: str,
    alike: float,
) -> Span:  # fmt: skip
    chunk = int(index._owner[there[0]])
    offset = int(index._start[chunk])
    source = index.chunks[chunk][there[0] - offset : there[1] - offset]
    return Span(
        " ".join(words[here[0] : here[1]]), " ".join(source), sample, chunk, here[1] - here[0], kind,
        here[0], here[1], round(alike, 3),
    )  # fmt: skip


def _near(
    sample: int,
    words: Sequence[str],
    query: NDArray[np.int64],
    place: NDArray[np.int64],
    index: TrainingIndex,
    copied: NDArray[np.bool_],
) -> list[Span]:
    """Stretches of `NEAR_WORDS` words or more that follow a training passage with small changes.

    Matching 3-grams on neighbouring diagonals with gaps of at most `MOST_GAP` words are chained; a chain is
    kept when the edit distance leaves at least `NEAR_SHARE` of its words in common. Stretches that are copied word
    for word are no news, and long ones are compared in pieces: an edit distance takes the square of their length.
    """
    found = []
    for shift in (0, BAND // 2):
        band = (place - query + shift) // BAND
        order = np.lexsort((query, band))
        q, p, b = query[order], place[order], band[order]
        cut = np.flatnonzero((np.diff(q) > MOST_GAP) | (np.diff(b) != 0)) + 1
        for part in _pieces(np.split(np.arange(len(q)), cut)):
            if len(part) < 3 or copied[q[part[0]] : q[part[-1]] + SEED].mean() > MOST_COPIED:
                continue
            start, end = int(q[part[0]]), int(q[part[-1]]) + SEED
            low, high = int(p[part].min()), int(p[part].max()) + SEED
            if end - start < NEAR_WORDS or index._owner[low] != index._owner[high - 1]:
                continue
            alike = 1 - edit_distance(index.ids(words[start:end]), index._words[low:high]) / max(
                end - start, high - low
            )
            if alike >= NEAR_SHARE:
                found.append(_span(sample, words, (start, end), (low, high), index, "near-verbatim", alike))
    return found


def _pieces(chains: list[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    for chain in chains:
        yield from np.array_split(chain, len(chain) // LONGEST_CHAIN + 1)


def edit_distance(a: NDArray[np.int64], b: NDArray[np.int64]) -> int:
    """Levenshtein distance in words, one row of numbers at a time."""
    row = np.arange(len(b) + 1)
    steps = np.arange(len(b) + 1)
    for number, word in enumerate(a, 1):
        change = np.minimum(row[1:] + 1, row[:-1] + (b != word))
        nxt = np.concatenate([[number], change])
        # an insertion chain is a running minimum once the steps are taken out
        row = np.minimum.accumulate(nxt - steps) + steps
    return int(row[-1])


def _best(spans: list[Span]) -> list[Span]:
    """Of overlapping spans keep the longest; a verbatim one before a near one of the same length."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.words, s.kind != "verbatim", s.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return kept


def lower_words(passage: Passage) -> list[str]:
    """The words of a passage in lower case."""
    return [word.lower() for sentence in passage.sentences for word in sentence.words]


def without_spans(passage: Passage, spans: Sequence[Span]) -> Passage:
    """The passage without every sentence that a span reaches into."""
    kept: list[Sentence] = []
    place = 0
    for sentence in passage.sentences:
        end = place + len(sentence.words)
        if all(end <= span.start or place >= span.end for span in spans):
            kept.append(sentence)
        place = end
    groups: dict[int, list[str]] = {}
    for sentence in kept:
        groups.setdefault(sentence.paragraph, []).append(sentence.text)
    return Passage("\n\n".join(" ".join(group) for group in groups.values()), kept)
