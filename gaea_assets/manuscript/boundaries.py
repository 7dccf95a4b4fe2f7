"""Score how strongly the narrative turns in front of each paragraph, by weights fitted on removed chapter breaks.

What is looked at comes from the literature on finding scenes: cues of time and place that open a scene and the
shift of time, place, participants and action (Zehe et al. 2021, *Detecting Scenes in Fiction*), the drop in shared
vocabulary (TextTiling, Hearst 1997), chains of words that end or begin (Morris and Hirst 1991), and the typical
words of first and last sentences. Nothing looks at the position in the text. `benchmarks/boundary_fit.py` fits the
weights and `docs/boundaries.md` reports how well they find breaks of authors that they were not fitted on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaea_assets.manuscript.paragraphs import Paragraph

Array = NDArray[np.float64]

BREAK_SCORE = 20.0
"""Log-odds of an explicit break: above any sum of fitted ones."""

WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
SPEECH = re.compile(
    r"\"[^\"]*(?:\"|$)|\u201c[^\u201d]*(?:\u201d|$)|(?<![\w.,!?])['\u2018](?=[A-Z]).+?(?:[.,!?\u2014-]['\u2019](?!\w)|$)",
    re.DOTALL,
)
SENTENCE_END = re.compile(r"[.!?\u2026][\"'\u201d\u2019*_)]*(?=\s+[\"'\u201c\u2018*_(]*[A-Z])")
CAPITALISED = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?:['\u2019][A-Z]?[a-z]+)?")
OPENING, CLOSING = 16, 16
"""Words at the start of a paragraph and at the end of the one before that the lexicons look at."""
LEXICONS = ("first", "opening", "next", "closing", "last")
NEAR, FAR = 120, 400
"""Words on either side of a gap that are compared."""
BLOCK = 96
"""Gaps compared at a time, so that memory stays flat."""
NEIGHBOURHOOD = 21
"""Gaps on either side that a figure is standardised over."""

_UNIT = r"(?:second|minute|hour|day|night|evening|morning|week|fortnight|month|year|winter|summer|season)s?"
_DAYTIME = (
    r"(?:morning|evening|night|nightfall|noon|midday|midnight|dawn|dusk|twilight|daybreak|daylight|sunrise|sunset|"
    r"sundown|afternoon|forenoon|eve)"
)
_DATE = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|"
    r"september|october|november|december|spring|summer|autumn|winter|christmas|easter)"
)
_NUMBER = (
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|several|some|many|few|half|couple|\d+)"
)
STARTS = {
    "elapsed": rf"(?:\w+\s){{0,4}}{_UNIT},?\s"
    r"(?:later|after|afterwards?|before|on|passed|went|had|elapsed|earlier|ago)\b"
    rf"|(?:after|for|in|within|during)\s(?:\w+\s){{0,3}}{_UNIT}\b|{_NUMBER}\s(?:\w+\s){{0,2}}{_UNIT}\b",
    "next_time": r"(?:on\s|by\s|early\s|late\s)*(?:the\s)?"
    r"(?:next|following|same|second|third|fourth|other|last|first)\s"
    rf"(?:{_UNIT}|{_DAYTIME}|time)\b",
    "absolute": rf"(?:it\s(?:was|is)\s)?(?:\w+\s){{0,3}}(?:{_DAYTIME}|{_DATE}|o'clock)\b",
    "clock": r"(?:\w+\s){0,3}(?:o'clock|half\spast|quarter\s(?:past|to)|\d{1,2}:\d\d)\b|(?:at|by|towards?|about)\s"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight)\b",
    "it_was": r"(?:it|that|this|there)\s(?:was|is|were|are|had\sbeen)\b",
    "when": r"(?:when|as\ssoon|by\sthe\stime|once|while|long\s(?:before|after)|since|until|before|after)\b",
    "meanwhile": r"(?:meanwhile|meantime|in\sthe\smean|elsewhere|afterwards?|later|soon\safter|some\stime|now\b)",
    "place": r"(?:at|in|on|inside|outside|behind|beyond|beneath|above|below|near|across|down|up|along|upon|beside|"
    r"over|under|back)\s(?:the|a|an|his|her|their|your|my|our|that|this|[A-Z])",
    "the_noun": r"(?:the|a|an)\s\w+",
    "the_noun_place": r"(?:the|a|an)\s(?:\w+\s){1,3}(?:of|in|at|on|from|where|which|was|stood|lay|ran|had)\b",
    "arrival": r"(?:\w+\s){1,6}(?:arrived|reached|came\sto|returned|entered|landed|awoke|woke|rode|drove|walked|went|"
    r"set\sout|started|found\s\w+self|sat|stood|lay)\b",
    "pluperfect": r"(?:\w+\s){1,5}(?:had|hadn't)\s\w+",
    "light": r"(?:\w+\s){0,5}(?:sun|moon|rain|wind|snow|fog|mist|storm|sky|light|dark|darkness|stars|weather|clouds?|"
    r"frost|heat|cold)\b",
    "continuation": r"(?:and|but|so|yet|then|for|or|nor|still|at\sthis|at\sthat|thus|however|therefore|thereupon|"
    r"with\s(?:this|that|these)|here|such|this|that|these|those)\b",
    "pronoun": r"(?:he|she|it|they|him|her|his|their)\b",
    "dated": r"(?:\d|[*_])",
}
ENDS = {
    "sleep": r"\b(?:sleep|slept|asleep|dream\w*|bed|awake|woke|good\s?night|pillow|dead|died|death|grave)\b",
    "departure": r"\b(?:left|went|gone|away|departed?|disappeared|vanished|home|farewell|good-?bye|adieu|out|door|"
    r"closed|shut|behind|rode|drove|walked|off)\b",
    "finality": r"\b(?:end|ended|last|never|forever|for\sever|at\slast|no\smore|over|done|finished|nothing|always|"
    r"again|until|till|alone|silence|silent|darkness)\b",
    "tomorrow": r"\b(?:to-?morrow|to-?night|next\sday|morning|evening|night|day)\b",
}
ENDINGS = {"question": "?", "exclamation": "!", "dash": "-\u2014", "colon": ":,;", "dots": "\u2026"}
_START = {name: re.compile(rf"[*_\"'\u201c\u2018(]*(?:{pattern})", re.IGNORECASE) for name, pattern in STARTS.items()}
_END = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in ENDS.items()}
_TIME = re.compile(rf"\b(?:{_UNIT}|{_DAYTIME}|{_DATE}|o'clock)\b", re.IGNORECASE)

CLASSES: dict[str, str] = {
    "first": "i me my mine myself we us our ours i'm i'd i've i'll",
    "second": "you your yours yourself you'd you're you've you'll thou thee thy",
    "he": "he him his himself he'd he's he'll",
    "she": "she her hers herself she'd she's she'll",
    "they": "they them their theirs themselves they'd they're",
    "past": "was were had did said went came took made saw knew thought looked felt stood could would",
    "present": "is are has does says goes comes takes makes sees knows thinks looks feels stands can will am",
    "perfect": "had hadn't he'd she'd they'd you'd i'd been",
}
_MEMBERS = tuple(frozenset(words.split()) for words in CLASSES.values())
_FUNCTION_WORDS = """
a about above after again against all almost alone along already also although always am among an and another any
anything are as at away back be became because been before behind being below between both but by came can cannot come
could did do does doing done down during each either else even ever every everything far few first for found from gave
get give go going gone good got great had has have having he he'd her here hers herself him himself his how however i
i'd i'll i'm i've if in indeed into is it its itself just knew know last least left less let like little long look
looked made make man many may me might mine more most much must my myself never no nor not nothing now of off often
old on once one only or other others ought our out over own perhaps put quite rather said same saw say says see seem
seemed seen shall she should so some something soon still such take than that the their them themselves then there
these they thing things think this those though thought through thus till time to together told too took two under
until up upon us used very was way we well went were what when where whether which while who whole whom whose why will
with within without would yes yet you you'd you'll you're your yours yourself don't didn't couldn't wouldn't it's
that's can't won't wasn't
"""
STOP = frozenset(_FUNCTION_WORDS.split())


@dataclass(frozen=True)
class Weights:
    """Fitted weights.

    Attributes:
        intercept: Log-odds where every other term is 0.
        features: By figure, its mean, its standard deviation and the weights of `bends`.
        lexicons: By lexicon, the weight of each word.
    """

    intercept: float
    features: dict[str, list[float]]
    lexicons: dict[str, dict[str, float]]


@cache
def load_weights() -> Weights:
    """The weights that ship with the package."""
    text = (resources.files(__package__) / "data" / "boundary_weights.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return Weights(data["intercept"], data["features"], data["lexicons"])


def boundary_scores(paras: Sequence[Paragraph]) -> Array:
    """How strongly the narrative turns in front of each paragraph.

    Args:
        paras: The n paragraphs of a text.

    Returns:
        Array (n,) of log-odds that a scene begins with the paragraph; `BREAK_SCORE` behind an explicit break;
        -inf where the text must not be split: at the start, in front of a break and between two speeches.
    """
    scores = log_odds([para.text for para in paras])
    for gap, para in enumerate(paras):
        before = paras[gap - 1]
        if gap == 0 or para.is_break or (before.is_dialogue and para.is_dialogue):
            scores[gap] = -np.inf
        elif before.is_break:
            scores[gap] = BREAK_SCORE
    return scores


def log_odds(texts: Sequence[str]) -> Array:
    """Log-odds that a scene begins with each paragraph, shape (paragraphs,), by its words alone."""
    weights = load_weights()
    if len(texts) < 2:
        return np.full(len(texts), weights.intercept)
    figures = features(texts)
    scores = np.full(len(texts), weights.intercept)
    for name, (mean, deviation, *bent) in weights.features.items():
        scores += np.array(bent) @ bends((figures[name] - mean) / deviation)
    for name, words in lexicon_words(texts).items():
        table = weights.lexicons[name]
        scores += [sum(table.get(word, 0.0) for word in of_gap) for of_gap in words]
    return scores


def bends(z: Array) -> Array:
    """A standardised figure, kept from extremes, and how far it is above 0, above 1 and below -1, stacked in front.

    Weights of these make a line with three bends (a piecewise-linear additive model), since a figure's effect
    often stops at an ordinary value.
    """
    z = np.clip(z, -4, 4)
    return np.stack([z, np.maximum(z, 0), np.maximum(z - 1, 0), np.maximum(-1 - z, 0)])


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
    return stem, tuple(word in members for members in _MEMBERS), bool(_TIME.fullmatch(bare))


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
    for name, pattern in _START.items():
        out[f"start_{name}"] = np.array([bool(pattern.match(head)) for head in heads], float) * ~speech
    for name, pattern in _END.items():
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
