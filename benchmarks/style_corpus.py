"""Books for the style benchmarks, and their counts in chunks of 500 words (cached outside the repository)."""

from __future__ import annotations

import csv
import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gaea_assets.style.background import Background, Channel
from gaea_assets.style.names import is_name, proper_names
from gaea_assets.style.repetition import PAIR_WORDS
from gaea_assets.style.units import (
    MARKS,
    PUNCTUATION,
    SYMBOLS,
    Passage,
    UnitCounts,
    char_codes,
    count_units,
    masked_text,
    parse,
    trigram_codes,
    unit_numbers,
)

CHUNK = 500
MOST_WORDS = 60_000
LEAST_WORDS = 12_000
FREQUENT = 500
TRIGRAMS = 1500


@dataclass(frozen=True)
class Book:
    """One book of the corpora.

    Attributes:
        source: `A` for the authors' set, `P` for the pretraining set.
        author: Author's name.
        file: File name in its set.
        path: Where it is unpacked.
    """

    source: str
    author: str
    file: str
    path: Path


def books(corpora: Path, indexes: Path) -> Iterator[Book]:
    """Books of the authors' set, then those of the pretraining set by other authors."""
    with (indexes / "authors_index.csv").open() as handle:
        authors = list(csv.DictReader(handle))
    known = {row["author"] for row in authors}
    for row in authors:
        yield Book("A", row["author"], row["file"], corpora / "authors" / row["file"])
    with (indexes / "pretrain_index.csv").open() as handle:
        for row in csv.DictReader(handle):
            if row["author"] not in known:
                yield Book("P", row["author"], row["file"], corpora / "pretrain" / row["file"])


def middle(text: str, words: int = MOST_WORDS) -> str:
    """At most about `words` words from the middle, from a paragraph's beginning."""
    length = words * 6
    if len(text) <= length:
        return text
    start = text.find("\n\n", (len(text) - length) // 2)
    return text[start : start + length]


def read(book: Book) -> tuple[Passage, frozenset[str]]:
    """Parse the middle of a book and find its names."""
    passage = parse(middle(book.path.read_text(encoding="utf-8")))
    return passage, proper_names(sentence.words for sentence in passage.sentences)


@dataclass(frozen=True)
class Vocabulary:
    """What is counted: words, 3-grams, and by the way the word pairs and the lexicon."""

    words: tuple[str, ...]
    trigrams: NDArray[np.int64]
    pairs: NDArray[np.float64]
    lexicon: frozenset[str]


def choose(all_books: list[Book]) -> Vocabulary:
    """Choose the most frequent words and 3-grams, each author counting once."""
    share = Counter(book.author for book in all_books)
    mean: Counter[str] = Counter()
    users: dict[str, set[str]] = {}
    grams = np.zeros(SYMBOLS**3)
    texts: list[NDArray[np.str_]] = []
    for book in all_books:
        passage, names = read(book)
        tokens = [w.lower() for s in passage.sentences for w in s.words if not is_name(w, names)]
        counts = Counter(tokens)
        for word, count in counts.items():
            mean[word] += count / len(tokens) / share[book.author]
            if count > 1:
                users.setdefault(word, set()).add(book.author)
        text, _ = masked_text(passage, names)
        found = np.bincount(trigram_codes(char_codes(text)), minlength=SYMBOLS**3)
        grams += found / found.sum() / share[book.author]
        texts.append(np.array(tokens[:20_000]))
    words = tuple(word for word, _ in mean.most_common(FREQUENT))
    lexicon = frozenset(word for word, by in users.items() if len(by) >= 3)
    return Vocabulary(words, np.argsort(-grams)[:TRIGRAMS], _pairs(texts, words), lexicon)


def _pairs(texts: list[NDArray[np.str_]], words: tuple[str, ...]) -> NDArray[np.float64]:
    column = {word: number for number, word in enumerate(words[:PAIR_WORDS])}
    out = np.zeros((PAIR_WORDS, PAIR_WORDS))
    for text in texts:
        ids = np.array([column.get(str(word), -1) for word in text])
        keep = (ids[:-1] >= 0) & (ids[1:] >= 0)
        np.add.at(out, (ids[:-1][keep], ids[1:][keep]), 1.0)
    return np.log2(out + 1)


@dataclass(frozen=True)
class Chunks:
    """Counts of every book in chunks of about 500 words.

    Attributes:
        counts: One row a chunk.
        author: Author of each chunk.
        book: File of each chunk.
        source: Set of each chunk.
    """

    counts: UnitCounts
    author: NDArray[np.str_]
    book: NDArray[np.str_]
    source: NDArray[np.str_]


def count(all_books: list[Book], vocabulary: Vocabulary) -> Chunks:
    """Count all books."""
    words = {word: column for column, word in enumerate(vocabulary.words)}
    table = np.full(SYMBOLS**3, -1, np.int64)
    table[vocabulary.trigrams] = np.arange(len(vocabulary.trigrams))
    rows: list[UnitCounts] = []
    owner: list[Book] = []
    for book in all_books:
        passage, names = read(book)
        if passage.words < LEAST_WORDS:
            continue
        units = unit_numbers([len(s.words) for s in passage.sentences], CHUNK)
        found = count_units(passage, units, names, words, table)
        rows.append(UnitCounts(found.words, *(getattr(found, f).astype(np.uint16) for f in ("mfw", "chars")),
                               found.char_total, found.marks.astype(np.uint16)))  # fmt: skip
        owner.extend([book] * len(found.words))
    fields = ("words", "mfw", "chars", "char_total", "marks")
    return Chunks(
        UnitCounts(*(np.concatenate([getattr(row, field) for row in rows]) for field in fields)),
        np.array([b.author for b in owner]),
        np.array([b.file for b in owner]),
        np.array([b.source for b in owner]),
    )


def cached(corpora: Path, indexes: Path, cache: Path) -> tuple[Vocabulary, Chunks]:
    """Vocabulary and counts, from the cache if it is there (about four minutes on one core if not)."""
    if cache.exists():
        with cache.open("rb") as handle:
            return pickle.load(handle)  # noqa: S301 - this script wrote it
    found = list(books(corpora, indexes))
    vocabulary = choose(found)
    chunks = count(found, vocabulary)
    with cache.open("wb") as handle:
        pickle.dump((vocabulary, chunks), handle, protocol=4)
    return vocabulary, chunks


@dataclass(frozen=True)
class Windows:
    """Relative frequencies of windows of `words` words, by channel, and who wrote them."""

    words: int
    features: dict[str, NDArray[np.float32]]
    author: NDArray[np.str_]
    book: NDArray[np.str_]
    source: NDArray[np.str_]


def windows(chunks: Chunks, words: int, most_per_book: int = 10_000) -> Windows:
    """Join successive chunks of a book into windows of `words` words (a multiple of 500)."""
    step = words // CHUNK
    picked = []
    for book in dict.fromkeys(chunks.book):
        rows = np.flatnonzero(chunks.book == book)
        groups = rows[: len(rows) // step * step].reshape(-1, step)
        if len(groups) > most_per_book:
            groups = groups[np.linspace(0, len(groups) - 1, most_per_book).astype(int)]
        picked.append(groups)
    index = np.concatenate(picked)
    c = chunks.counts

    def total(values: NDArray[np.generic]) -> NDArray[np.float32]:
        out = np.zeros((len(index), *values.shape[1:]), np.float32)
        for column in range(step):
            out += values[index[:, column]]
        return out

    marks, length = total(c.marks), total(c.words)[:, None]
    single, pairs = marks[:, : len(PUNCTUATION)], marks[:, len(PUNCTUATION) : MARKS]
    features = {
        "words": total(c.mfw) / length,
        "characters": total(c.chars) / total(c.char_total)[:, None],
        "punctuation": np.hstack([single / length, pairs / np.maximum(single.sum(1, keepdims=True), 1)]),
    }
    first = index[:, 0]
    return Windows(words, features, chunks.author[first], chunks.book[first], chunks.source[first])


def fit_channel(x: NDArray[np.float32], author: NDArray[np.str_], book: NDArray[np.str_], rank: int) -> Channel:
    """Fit mean, scale and the damped within-author directions of one channel.

    The within-author scatter of windows about their author's mean (books counting alike) is taken over authors with
    two or more books. A feature is scaled so that its weight in a dot product is r / (1 + r) over its within-author
    variance, where r is its variance between authors over that within: the diagonal of probabilistic discriminant
    analysis (Prince & Elder, 2007). The scatter that is left is shrunk by 10 % towards a multiple of the identity,
    and its `rank` largest directions are damped to the level of the rest.

    Args:
        x: Relative frequencies, shape (windows, features).
        author: Author of each window.
        book: Book of each window.
        rank: Directions kept.

    Returns:
        The channel's statistics.
    """
    mean, sd = book_moments(x, book)
    z = ((x - mean) / sd).astype(np.float32)
    scatter, weight = np.zeros((x.shape[1],) * 2), 0.0
    for name in dict.fromkeys(author):
        rows = np.flatnonzero(author == name)
        own = list(dict.fromkeys(book[rows]))
        if len(own) < 2:
            continue
        centre = np.mean([z[rows][book[rows] == b].mean(0) for b in own], 0)
        away = z[rows] - centre
        scatter += (away.T @ away) * (len(own) / len(rows))
        weight += len(own)
    scatter /= weight
    within = np.diag(scatter).copy()
    ratio = np.array([z[author == name].mean(0) for name in dict.fromkeys(author)]).var(0) / within
    scale = np.sqrt(ratio / (1 + ratio) / within)
    scatter *= scale[:, None] * scale
    values, vectors = np.linalg.eigh(scatter)
    values = 0.9 * values[::-1] + 0.1 * values.mean()
    rank = min(rank, len(values) - 1)
    floor = values[rank:].mean()
    return Channel(mean, sd / scale, vectors[:, ::-1][:, :rank], 1 - np.sqrt(floor / values[:rank]))


def book_moments(x: NDArray[np.float32], book: NDArray[np.str_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation over books, each book counting alike, as in Burrows's Delta."""
    table = np.array([x[book == b].mean(0, dtype=np.float64) for b in dict.fromkeys(book)])
    return table.mean(0), table.std(0) + 1e-9


def transform(channel: Channel, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Standardised and damped frequencies in single precision."""
    z = ((x - channel.mean) / channel.sd).astype(np.float32)
    nuisance = channel.nuisance.astype(np.float32)
    return z - ((z @ nuisance) * channel.damping.astype(np.float32)) @ nuisance.T


__all__ = [
    "Background",
    "Book",
    "Chunks",
    "Vocabulary",
    "Windows",
    "cached",
    "fit_channel",
    "transform",
    "windows",
]
