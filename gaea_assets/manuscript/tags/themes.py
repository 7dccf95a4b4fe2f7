"""Words that a manuscript uses more than general fiction does, all through it: its themes.

Keyness is the log-likelihood of a word's counts here and in general fiction (Dunning 1993, Rayson and Garside 2000);
its effect size is the base-2 logarithm of the two rates' quotient (Hardie 2014). Forms of one word count together.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, log2

import numpy as np
import pandas as pd
from scipy.sparse import coo_array

from gaea_assets.manuscript.tags.lemmas import lemma
from gaea_assets.manuscript.tags.tag_words import lists
from gaea_assets.style.lexicon import FICTION, fiction_words
from gaea_assets.style.tokens import WORD

LEAST_KEYNESS = 15.13
"""Log-likelihood of a difference that chance gives once in ten thousand."""
LEAST_EFFECT = log2(3)
"""Three times as often as in general fiction."""
LEAST_CHUNKS = 2
LEAST_SHARE = 0.05
"""Of the chunks, that hold the word."""
MOST_IN_ONE = 0.5
"""Of the word's uses, that one chunk may hold."""
_INSIDE = re.compile(r"[A-Z](?<=[a-z,;] .)[a-zà-öø-ÿ]+")


@dataclass(frozen=True)
class Theme:
    """A word over-used against general fiction.

    Attributes:
        word: Its most frequent form, in lower case; names as written.
        count: Uses in the manuscript, all forms together.
        chunks: Chunks that hold it.
        keyness: Log-likelihood (G2) against general fiction.
        effect: log2 of its rate here over its rate in general fiction, half a use added to each.
        kind: `word` or `name`.
    """

    word: str
    count: int
    chunks: int
    keyness: float
    effect: float
    kind: str


@dataclass
class _Uses:
    forms: Counter[str]
    chunks: int
    most_in_one: int


@cache
def _fiction_lemmas() -> tuple[Mapping[str, float], int]:
    rates: defaultdict[str, float] = defaultdict(float)
    for word, rate in fiction_words().items():
        rates[lemma(word)] += rate
    return rates, int(json.loads(FICTION.read_text(encoding="utf-8"))["words"])


def themes(texts: Sequence[str], most: int = 40) -> list[Theme]:
    """The themes of a manuscript, most key first: up to `most` words, then up to `most` names.

    A theme is key beyond chance, at least three times as frequent as in general fiction, in at least two chunks and a
    twentieth of all, and no chunk holds more than half of its uses. Function words are never themes. A name is
    a word that stands with a capital inside sentences and hardly ever without one.

    Args:
        texts: The chunks, as the author wrote them.
        most: How many of each kind.
    """
    uses, total, names = _count(texts)
    rates, size = _fiction_lemmas()
    least = max(LEAST_CHUNKS, LEAST_SHARE * len(texts))
    found = []
    for word, use in uses.items():
        count = use.forms.total()
        if use.chunks < least or use.most_in_one > MOST_IN_ONE * count:
            continue
        known = rates.get(word, 0.0) * size / 1e6
        effect = log2(((count + 0.5) / (total + 1)) / ((known + 0.5) / (size + 1)))
        key = keyness(count, total, known, size)
        if effect >= LEAST_EFFECT and key >= LEAST_KEYNESS:
            shown = use.forms.most_common(1)[0][0]
            named = word in names
            found.append(
                Theme(shown.title() if named else shown, count, use.chunks, key, effect, "name" if named else "word")
            )
    found.sort(key=lambda theme: (-theme.keyness, theme.word))
    return [theme for kind in ("word", "name") for theme in [t for t in found if t.kind == kind][:most]]


def keyness(count: float, total: float, other: float, other_total: float) -> float:
    """Log-likelihood ratio G2 of a word's counts in two corpora, without a sign.

    Args:
        count: Uses in the one.
        total: All words of the one.
        other: Uses in the other.
        other_total: All words of the other.
    """
    share = (count + other) / (total + other_total)
    parts = ((count, total * share), (other, other_total * share))
    return 2 * sum(seen * log(seen / expected) for seen, expected in parts if seen > 0)


def _count(texts: Sequence[str]) -> tuple[dict[str, _Uses], int, frozenset[str]]:
    """Uses of each word, all words, and the words that are names."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    written = [np.zeros(0, np.int32)]
    counts = [np.zeros(0, np.int32)]
    inside: set[str] = set()
    for text in texts:
        text = text.replace("’", "'")  # noqa: RUF001 - the typographic apostrophe
        words = Counter(WORD.findall(text))
        written.append(np.fromiter(map(numbers.__getitem__, words), np.int32, len(words)))
        counts.append(np.fromiter(words.values(), np.int32, len(words)))
        inside.update(_INSIDE.findall(text))
    word, count = np.concatenate(written), np.concatenate(counts)
    chunk = np.repeat(np.arange(len(written), dtype=np.int32), [len(part) for part in written])
    read = [_read(form) for form in numbers]
    base, bases = pd.factorize(np.array([base for base, _ in read], object))
    # Forms of one word in one chunk are summed as the matrix is made.
    by_chunk = coo_array((count, (chunk, base.astype(np.int32)[word])), (len(written), len(bases))).tocsc()
    spread = zip(np.diff(by_chunk.indptr).tolist(), by_chunk.max(axis=0).toarray().tolist(), strict=True)
    uses = {name: _Uses(Counter(), *sizes) for name, sizes in zip(bases, spread, strict=True)}
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for form, (name, bare), total in zip(numbers, read, np.bincount(word, count).astype(int).tolist(), strict=True):
        uses[name].forms[bare] += total
        (small if form[0].islower() else capital)[name] += total
    uses.pop("", None)
    named = {lemma(name.lower()) for name in inside}
    return uses, int(count.sum()), frozenset(name for name in named if small[name] <= 0.2 * capital[name])


def _read(word: str) -> tuple[str, str]:
    """A word's base form and bare form; empty for what is no theme."""
    bare = word.removesuffix("'s").lower()
    if len(bare) < 3 or "'" in bare or word.isupper() or bare in lists()["function"] or bare in lists()["no_names"]:
        return "", ""
    return lemma(bare), bare
