"""Figures of the gaps between paragraphs: what the boundary score weighs, by the words alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gaea_assets.manuscript.boundary_patterns import (
    CAPITALISED,
    CLASSES,
    END,
    ENDINGS,
    MEMBERS,
    SENTENCE_END,
    SPEECH,
    START,
    STOP,
    TIME,
    WORD,
)
from gaea_assets.manuscript.paragraphs import Paragraph

Array = NDArray[np.float64]

OPENING, CLOSING = 16, 16
"""Words at the start of a paragraph and at the end of the one before that the lexicons look at."""
LEXICONS = ("first", "opening", "next", "closing", "last")
NEAR, FAR = 120, 400
"""Words on either side of a gap that are compared."""
BLOCK = 96
"""Gaps compared at a time, so that memory stays flat."""
NEIGHBOURHOOD = 21
"""Gaps on either side that a figure is standardised over."""


def lexicon_words(texts: Sequence[str]) -> dict[str, list[set[str]]]:
    """The words of each gap that the lexicons weigh.

    `first`: the first word behind the gap and the first two; `opening`: the opening words, `next` and `last` those of
    the paragraph after and of the one before; all but `closing`, the last words before the gap, marked `"` in speech.
    """
    first, opening, closing = [], [], [set[str]()]
    for text in texts:
        head = [word.lower() for word in WORD.findall(text[: OPENING * 14])[:OPENING]]
        mark = '"' if Paragraph(text, 0).is_dialogue else ""
        first.append({mark + " ".join(head[:1]), mark + " ".join(head[:2])})
        opening.append({mark + word for word in head})
        closing.append({word.lower() for word in WORD.findall(text[-CLOSING * 12 :])[-CLOSING:]})
    columns = (first, opening, [*opening[1:], set[str]()], closing[:-1], [set[str](), *opening[:-1]])
    return dict(zip(LEXICONS, columns, strict=True))


def features(texts: Sequence[str]) -> dict[str, Array]:
    """Figures of the gap in front of each paragraph.

    Args:
        texts: Two paragraphs or more, in order.

    Returns:
        By name, arrays of shape (paragraphs,); in front of the first paragraph they mean nothing.
    """
    terms = _Terms.of(texts)
    shape = _shape(texts, terms)
    out = _cues(texts, terms.names)
    out |= _lengths(shape)
    out |= {"full_names": np.sqrt(terms.full_names), "full_names_z": _standard(np.sqrt(terms.full_names))}
    out |= _shifts(shape, terms)
    out |= _cohesion(terms)
    out |= _together(out)
    return {name: np.asarray(values, float) for name, values in out.items()}


def _together(figures: dict[str, Array]) -> dict[str, Array]:
    """Cues that count for more, or less, beside others."""
    cue = np.maximum.reduce(
        [figures[f"start_{name}"] for name in ("elapsed", "next_time", "absolute", "clock", "when")]
    )
    place = np.maximum(figures["start_place"], figures["start_the_noun_place"])
    fresh = figures["people_new_paragraph"] * figures["name_early"]
    narration = figures["speaks_neither"] + figures["narration_after_speech"]
    dip = np.maximum(-figures["content_same_far_z"], 0)
    return {
        "cue_long": cue * np.maximum(figures["length_z"], 0),
        "cue_dip": cue * dip,
        "cue_after_speech": cue * figures["speaks_before"],
        "cue_short_before": cue * figures["short_before"],
        "place_dip": place * dip,
        "place_long": place * np.maximum(figures["length_z"], 0),
        "fresh_name_first": fresh,
        "fresh_name_dip": fresh * dip,
        "long_dip": np.maximum(figures["length_z"], 0) * dip,
        "narration_dip": narration * dip,
        "pronoun_dip": figures["start_pronoun"] * dip,
        "both_dips": dip * np.maximum(-figures["content_same_near_z"], 0),
    }


@dataclass(frozen=True)
class _Terms:
    """The paragraphs' words as numbers."""

    words: Array
    """Words of each paragraph, shape (paragraphs,)."""
    content: _Bags
    people: _Bags
    classes: Array
    """Counts of `CLASSES` in narration, shape (paragraphs, classes)."""
    time: Array
    """Words of time, shape (paragraphs,)."""
    full_names: Array
    """Names that another name follows, shape (paragraphs,)."""
    names: frozenset[str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Terms:
        tokens = [WORD.findall(text) for text in texts]
        told = [_narration(text, found) for text, found in zip(texts, tokens, strict=True)]
        table: dict[str, int] = {}
        for found in (*tokens, *told):
            for token in found:
                table.setdefault(token, len(table))
        names = _names(texts, table)
        rows, ids = _flat(tokens, table)
        told_rows, told_ids = _flat(told, table)
        count = len(texts)
        traits = [_traits(token) for token in table]
        stems: dict[str, int] = {}
        stem_of = np.array([stems.setdefault(stem, len(stems)) if stem else -1 for stem, _, _ in traits], np.int64)
        order = {name: number for number, name in enumerate(sorted(names))}
        name_of = np.array([order.get(_bare(token), -1) for token in table], np.int64)
        classes = np.zeros((count, len(CLASSES)))
        class_of = np.array([chosen for _, chosen, _ in traits], bool).reshape(-1, len(CLASSES))
        for column in range(len(CLASSES)):
            classes[:, column] = np.bincount(told_rows[class_of[told_ids, column]], minlength=count)
        timely = np.array([is_time for _, _, is_time in traits], bool)
        followed = (name_of[ids[:-1]] >= 0) & (name_of[ids[1:]] >= 0) & (rows[:-1] == rows[1:])
        return cls(
            np.bincount(rows, minlength=count).astype(float),
            _Bags.of(rows, stem_of[ids]),
            _Bags.of(rows, name_of[ids]),
            classes,
            np.bincount(rows[timely[ids]], minlength=count).astype(float),
            np.bincount(rows[:-1][followed], minlength=count).astype(float),
            names,
        )


@lru_cache(maxsize=200_000)
def _traits(token: str) -> tuple[str, tuple[bool, ...], bool]:
    """Stem of a content word, else nothing; which of `CLASSES` a word belongs to; whether it tells the time."""
    word = token.lower().replace("\u2019", "'")
    bare = _bare(word)
    stem = bare[:6] if len(bare) > 2 and bare not in STOP else ""
    return stem, tuple(word in members for members in MEMBERS), bool(TIME.fullmatch(bare))


@dataclass(frozen=True)
class _Bags:
    """Words of a kind in the order of reading: the paragraph and the number of each."""

    rows: NDArray[np.int64]
    ids: NDArray[np.int64]

    @classmethod
    def of(cls, rows: NDArray[np.int64], ids: NDArray[np.int64]) -> _Bags:
        return cls(rows[ids >= 0], ids[ids >= 0])

    def sums(self, first: int, last: int) -> Array:
        """Square roots of the counts in paragraphs `first` to `last`, summed up to each: (paragraphs + 1, words)."""
        begin, end = np.searchsorted(self.rows, [first, last])
        _, ids = np.unique(self.ids[begin:end], return_inverse=True)
        columns = int(ids.max(initial=0)) + 1
        size = (last - first) * columns
        counts = np.bincount((self.rows[begin:end] - first) * columns + ids, minlength=size)
        out = np.zeros((last - first + 1, columns))
        np.cumsum(np.sqrt(counts.reshape(-1, columns)), axis=0, out=out[1:])
        return out


def _flat(tokens: Sequence[list[str]], table: dict[str, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    sizes = [len(found) for found in tokens]
    ids = np.fromiter((table[token] for found in tokens for token in found), np.int64, sum(sizes))
    return np.repeat(np.arange(len(tokens)), sizes), ids


def _bare(token: str) -> str:
    return token[:-2] if token.endswith(("'s", "\u2019s")) else token


def _narration(text: str, tokens: list[str]) -> list[str]:
    """Words outside speech."""
    if '"' in text or "\u201c" in text or text.lstrip()[:1] in ("'", "\u2018"):
        return WORD.findall(SPEECH.sub(" ", text))
    return tokens


def _names(texts: Sequence[str], words: Iterable[str]) -> frozenset[str]:
    """Words with a capital inside a sentence that never stand in lower case."""
    inside = {_bare(name) for text in texts for name in CAPITALISED.findall(text)}
    lower = {word for word in words if word[0].islower()}
    return frozenset(name for name in inside if name.lower() not in lower and len(name) > 2)


@dataclass(frozen=True)
class _Shape:
    """What a paragraph looks like, each of shape (paragraphs,)."""

    words: Array
    speaks: Array
    """1 where it opens with speech."""
    spoken: Array
    """Share of its characters in quotes."""
    sentences: Array
    first_sentence: Array
    """Words of its first sentence."""
    ends_spoken: Array
    time: Array
    """Words of time in it."""


def _shape(texts: Sequence[str], terms: _Terms) -> _Shape:
    rows = []
    for text in texts:
        bare = text.strip()
        spoken = sum(m.end() - m.start() for m in SPEECH.finditer(bare)) / max(len(bare), 1)
        first = SENTENCE_END.search(bare)
        rows.append(
            (
                Paragraph(bare, 0).is_dialogue,
                spoken,
                1 + sum(1 for _ in SENTENCE_END.finditer(bare)),
                len(bare[: first.end() if first else None].split()),
                bare[-1:] in "\"\u201d'\u2019",
            )
        )
    speaks, spoken, sentences, first_sentence, ends_spoken = np.array(rows, float).T
    return _Shape(terms.words, speaks, spoken, sentences, first_sentence, ends_spoken, terms.time)


def _cues(texts: Sequence[str], names: frozenset[str]) -> dict[str, Array]:
    """Cues in the opening words of a paragraph and at the end of the one before."""
    out: dict[str, Array] = {}
    heads = [text.strip()[:120] for text in texts]
    tails = ["", *(text.strip()[-90:] for text in texts[:-1])]
    speech = np.array([Paragraph(head, 0).is_dialogue for head in heads])
    for name, pattern in START.items():
        out[f"start_{name}"] = np.array([bool(pattern.match(head)) for head in heads], float) * ~speech
    for name, pattern in END.items():
        out[f"end_{name}"] = np.array([bool(pattern.search(tail)) for tail in tails], float)
    bare_tails = [tail.rstrip("\"'\u201d\u2019*_)") for tail in tails]
    for name, marks in ENDINGS.items():
        out[f"ends_with_{name}"] = np.array([tail[-1:] in marks and bool(tail) for tail in bare_tails], float)
    opening = [[_bare(word) for word in WORD.findall(head)[:4]] for head in heads]
    out["name_first"] = np.array([bool(words) and words[0] in names for words in opening], float) * ~speech
    out["name_early"] = np.array([any(word in names for word in words) for words in opening], float) * ~speech
    out["digit_early"] = np.array([bool(re.search(r"\d", head[:40])) for head in heads], float)
    return out


def _lengths(shape: _Shape) -> dict[str, Array]:
    log = np.log1p(shape.words)
    sentence = np.log1p(shape.words / shape.sentences)
    first = np.log1p(shape.first_sentence)
    quiet = 1 - shape.speaks
    out = {
        "length": log,
        "length_z": _standard(log),
        "length_before": _back(log),
        "length_before_z": _back(_standard(log)),
        "length_next_z": _ahead(_standard(log)),
        "length_second_before_z": _back(_back(_standard(log))),
        "length_rise": log - _back(log),
        "long_narration": quiet * (1 - shape.spoken) * np.maximum(_standard(log), 0),
        "sentence_length_z": _standard(sentence),
        "first_sentence": first,
        "first_sentence_z": _standard(first),
        "short_before": (_back(shape.words) < 15) * 1.0,
        "short_narration_before": (_back(shape.words) < 25) * _back(quiet),
        "time_words": np.log1p(shape.time),
        "time_words_z": _standard(np.log1p(shape.time)),
        "time_next": np.log1p(_ahead(shape.time)),
        "time_before": np.log1p(_back(shape.time)),
    }
    speaks, spoken = shape.speaks, shape.spoken
    out |= {
        "speaks": speaks,
        "speaks_before": _back(speaks),
        "speaks_both": speaks * _back(speaks),
        "speaks_neither": quiet * _back(quiet),
        "speaks_next": _ahead(speaks),
        "speaks_second_next": _ahead(_ahead(speaks)),
        "speaks_second_before": _back(_back(speaks)),
        "spoken": spoken,
        "spoken_before": _back(spoken),
        "spoken_next": _ahead(spoken),
        "mixed": (spoken > 0) * quiet,
        "ends_spoken_before": _back(shape.ends_spoken),
        "narration_after_speech": quiet * _back(speaks) * (spoken == 0),
    }
    return out


def _shifts(shape: _Shape, terms: _Terms) -> dict[str, Array]:
    """How speech, person and tense change between the words before and behind the gap."""
    out: dict[str, Array] = {}
    length = np.maximum(terms.words, 1)
    for reach, label in ((NEAR, "near"), (FAR, "far")):
        starts, ends = _reach(terms.words, reach)
        table = np.column_stack([shape.spoken * length, length, shape.speaks, np.ones(len(length)), shape.sentences,
                                 terms.classes])  # fmt: skip
        sums = np.vstack([np.zeros(table.shape[1]), np.cumsum(table, 0)])
        gaps = np.arange(len(length))
        left, right = sums[gaps] - sums[starts], sums[ends] - sums[gaps]
        for at, side in ((left, "left"), (right, "right")):
            out[f"spoken_{side}_{label}"] = at[:, 0] / np.maximum(at[:, 1], 1)
        out[f"spoken_drop_{label}"] = out[f"spoken_left_{label}"] - out[f"spoken_right_{label}"]
        out[f"spoken_change_{label}"] = np.abs(out[f"spoken_drop_{label}"])
        pace = [np.log(at[:, 1] + 5) - np.log(at[:, 4] + 0.5) for at in (left, right)]
        out[f"pace_change_{label}"] = np.abs(pace[1] - pace[0])
        out[f"pace_rise_{label}"] = pace[1] - pace[0]
        people = [at[:, 5:10] for at in (left, right)]
        shares = [p + 0.3 for p in people]
        shares = [p / p.sum(1, keepdims=True) for p in shares]
        out[f"person_shift_{label}"] = np.abs(shares[0] - shares[1]).sum(1) / 2
        for column, name in ((2, "he"), (3, "she"), (0, "first")):
            out[f"{name}_shift_{label}"] = np.abs(shares[0] - shares[1])[:, column]
        tense = [(at[:, 11] + 0.5) / (at[:, 10] + at[:, 11] + 1) for at in (left, right)]
        out[f"tense_shift_{label}"] = np.abs(tense[1] - tense[0])
        perfect = [(at[:, 12] + 0.2) / (at[:, 10] + at[:, 11] + 2) for at in (left, right)]
        out[f"perfect_rise_{label}"] = perfect[1] - perfect[0]
    rate = terms.classes / length[:, None]
    for column, name in enumerate(CLASSES):
        out[f"rate_{name}"] = np.sqrt(rate[:, column])
    out["pronouns_z"] = _standard(rate[:, 2:5].sum(1))
    return out


def _cohesion(terms: _Terms) -> dict[str, Array]:
    """Vocabulary and names that the two sides share, and how deep the dip between them is."""
    count = len(terms.words)
    gaps = np.arange(count)
    reaches = {reach: _reach(terms.words, reach) for reach in (NEAR, FAR)}
    reaches[0] = (np.maximum(gaps - 1, 0), gaps + 1)
    out: dict[str, Array] = {}
    for kind, bags in (("content", terms.content), ("people", terms.people)):
        blocks: dict[str, list[Array]] = {}
        for begin in range(0, count, BLOCK):
            block = gaps[begin : begin + BLOCK]
            first, last = int(reaches[FAR][0][block[0]]), int(reaches[FAR][1][block[-1]])
            sums = bags.sums(first, last)
            at = sums[block - first]
            sides = {
                reach: (at - sums[starts[block] - first], sums[ends[block] - first] - at)
                for reach, (starts, ends) in reaches.items()
            }
            for name, values in _compared(kind, sides).items():
                blocks.setdefault(name, []).append(values)
        out |= {name: np.concatenate(values) for name, values in blocks.items()}
    for name in [name for name in out if name.startswith("content_same")]:
        out[f"{name}_z"] = _standard(out[name])
        out[f"{name}_depth"] = _depth(out[name])
    return out


def _compared(kind: str, sides: dict[int, tuple[Array, Array]]) -> dict[str, Array]:
    """Likeness, fresh and vanished words of the two sides, which are (gaps, words) by reach."""
    pairs = {"near": (NEAR, NEAR), "far": (FAR, FAR), "opening": (FAR, 0), "leaning": (NEAR, 0)}
    if kind == "content":
        pairs |= {"closing": (0, FAR), "touching": (0, 0)}
    norms = {reach: [np.einsum("ij,ij->i", side, side) for side in both] for reach, both in sides.items()}
    out: dict[str, Array] = {}
    for label, (left, right) in pairs.items():
        dot = np.einsum("ij,ij->i", sides[left][0], sides[right][1])
        out[f"{kind}_same_{label}"] = dot / np.sqrt(norms[left][0] * norms[right][1] + 1e-9)
    has = {reach: [side > 1e-6 for side in both] for reach, both in sides.items()}
    for reach, label in ((0, "paragraph"), (NEAR, "near")):
        before, behind = has[reach]
        fresh, stale = (behind & ~has[FAR][0]).sum(1), (before & ~has[FAR][1]).sum(1)
        out[f"{kind}_new_{label}"] = fresh / np.maximum(behind.sum(1), 1)
        out[f"{kind}_gone_{label}"] = stale / np.maximum(before.sum(1), 1)
        out[f"{kind}_new_count_{label}"] = np.sqrt(fresh)
        out[f"{kind}_gone_count_{label}"] = np.sqrt(stale)
    back = has[0][1] & ~has[NEAR][0] & has[FAR][0]
    out[f"{kind}_back_count"] = np.sqrt(back.sum(1))
    out[f"{kind}_kept_count"] = np.log1p((has[NEAR][0] & has[NEAR][1]).sum(1))
    return out


def _reach(words: Array, reach: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per gap, the first paragraph and the one behind the last within `reach` words (one at least)."""
    total = np.concatenate([[0.0], np.cumsum(words)])
    gaps = np.arange(len(words))
    starts = np.minimum(np.searchsorted(total, total[gaps] - reach), np.maximum(gaps - 1, 0))
    ends = np.maximum(np.searchsorted(total, total[gaps] + reach, side="right") - 1, gaps + 1)
    return starts, ends


def _back(values: Array) -> Array:
    return np.concatenate([[0.0], values[:-1]])


def _ahead(values: Array) -> Array:
    return np.concatenate([values[1:], [0.0]])


def _standard(values: Array) -> Array:
    """Standard deviations from the mean of the neighbourhood."""
    sums, squares = (np.concatenate([[0.0], np.cumsum(x)]) for x in (values, values**2))
    gaps = np.arange(len(values))
    low, high = np.maximum(gaps - NEIGHBOURHOOD, 0), np.minimum(gaps + NEIGHBOURHOOD + 1, len(values))
    size = high - low
    mean = (sums[high] - sums[low]) / size
    variance = np.maximum((squares[high] - squares[low]) / size - mean**2, 0)
    return (values - mean) / np.sqrt(variance + 1e-3)


def _depth(values: Array, reach: int = 4) -> Array:
    """How far the value lies below the highest within `reach` gaps on each side (Hearst's depth score)."""
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1)
    return windows[: len(values)].max(1) + windows[reach:].max(1) - 2 * values
