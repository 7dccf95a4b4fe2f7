"""What a chunk mostly does: action, dialogue, introspection or exposition.

Words of speech are dialogue, and so is the narration of a paragraph that is mostly speech; italic thoughts are
introspection. The rest of the narration is read in stretches of about eighty words. A logistic model, its
weights set by hand, gives each stretch its chances of being action, introspection or exposition by how often it uses
words of motion and force, words of mind and feeling, states, pasts before the past, habits and
places. The shares are those chances, weighted by words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gaea_assets.manuscript.tags.stretches import Array, rates
from gaea_assets.manuscript.tags.tag_words import VERB_BITS, classes
from gaea_assets.manuscript.tags.telling import Sentence, Telling

TYPES = ("action", "dialogue", "introspection", "exposition")
NARRATED = ("action", "introspection", "exposition")
STRETCH_WORDS = 80
WEIGHTS = Path(__file__).parent / "data" / "scene_weights.json"
_COUNTED = (
    "motion", "force", "handling", "mental", "speech", "state", "inner", "modal", "habit", "setting", "adverbs",
    "sudden",
)  # fmt: skip
FIGURES = (
    *_COUNTED,
    "person",
    "copula",
    "past perfect",
    "passive",
    "would",
    "of",
    "question",
    "number",
    "short sentences",
)
_PERSON = frozenset("i me my myself we us you your yourself he him his himself she her herself they them".split())  # noqa: SIM905
_BE = frozenset("is was are were am be been being isn't wasn't aren't weren't it's that's there's".split())  # noqa: SIM905
_HAVE = frozenset("had hadn't he'd she'd they'd i'd you'd we'd".split())  # noqa: SIM905
_GRAMMAR = _PERSON | _BE | _HAVE | {"of", "would", "to"}
_DETERMINERS = frozenset(
    "a an the his her its their my your our this that these those no some any every each of in with by".split()  # noqa: SIM905
)
_PARTICIPLE = re.compile(
    r"\w{2,}(?:ed|en|wn|ught|elt|ept|ade|old|aid|ost|one|orn|ung|unk)$|been$|had$|met$|set$|put$|left$"
)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class SceneType:
    """The leading type and how the words are shared out."""

    scene_type: str
    shares: Mapping[str, float]


@dataclass(frozen=True)
class SceneWeights:
    """The weights of the model.

    Attributes:
        mean, sd: Of each figure over stretches of general fiction, shape (figures,).
        weights: Shape (types of narration, figures).
        bias: Shape (types of narration,).
        favour: What each type's share is multiplied by before the largest is taken, shape (types,).
    """

    mean: Array
    sd: Array
    weights: Array
    bias: Array
    favour: Array

    def chances(self, stretches: Array) -> Array:
        """Chances of each type of narration, shape (stretches, types of narration)."""
        scores = ((stretches - self.mean) / self.sd).clip(-3, 3) @ self.weights.T + self.bias
        odds = np.exp(scores - scores.max(1, keepdims=True))
        return np.asarray(odds / odds.sum(1, keepdims=True), np.float64)


def scene_type(parsed: Telling, weights: SceneWeights | None = None) -> SceneType:
    """The scene type of a chunk, and the share of each type, which sum to 1.

    Args:
        parsed: The chunk. Without a word its shares are equal and its type is exposition.
        weights: The weights; those that ship if not given.
    """
    weights = weights or shipped()
    stretches, lengths = stretches_of(parsed.told)
    beats = sum(len(sentence.words) for sentence in parsed.told if sentence.beat)
    words = dict.fromkeys(TYPES, 0.0)
    words["dialogue"] = float(parsed.spoken_words + beats)
    words["introspection"] = float(parsed.thought_words)
    if len(lengths):
        for name, amount in zip(NARRATED, lengths @ weights.chances(stretches), strict=True):
            words[name] += float(amount)
    total = sum(words.values())
    if not total:
        return SceneType("exposition", dict.fromkeys(TYPES, 1 / len(TYPES)))
    shares = {name: words[name] / total for name in TYPES}
    return SceneType(leading(shares, weights.favour), shares)


def leading(shares: Mapping[str, float], favour: Sequence[float] | Array) -> str:
    """The type whose share, times what it is favoured by, is the largest."""
    return max(zip(TYPES, favour, strict=True), key=lambda item: shares[item[0]] * item[1])[0]


def stretches_of(told: Sequence[Sentence]) -> tuple[Array, Array]:
    """Figures of the stretches of narration outside beats.

    Returns:
        Figures per word, shape (stretches, figures), and words, shape (stretches,).
    """
    kept = [sentence for sentence in told if not sentence.beat]
    if not kept:
        return np.zeros((0, len(FIGURES))), np.zeros(0)
    lengths = [len(sentence.words) for sentence in kept]
    classed = [_classes_of(sentence.words) for sentence in kept]
    return rates(lengths, classed, _COUNTED, [_grammar(sentence) for sentence in kept], STRETCH_WORDS)


def _classes_of(words: Sequence[str]) -> list[int]:
    """Classes of the words that have some; behind *the* or *her* no word is a verb."""
    table = classes()
    return [
        bits & ~VERB_BITS if before in _DETERMINERS else bits
        for before, word in zip(("", *words), words, strict=False)
        if (bits := table.get(word))
    ]


def _grammar(sentence: Sentence) -> tuple[int, ...]:
    """Counts of the figures behind the word classes, in the order of `FIGURES`."""
    person = copula = perfect = passive = would = of = 0
    before = ""
    last_be = last_have = -9
    for place, word in enumerate(sentence.words):
        if place - last_have in (1, 2) and _PARTICIPLE.match(word):
            perfect += 1
            last_have = -9
        elif place - last_be == 1 and _PARTICIPLE.match(word):
            passive += 1
        elif word in _GRAMMAR:
            if word in _PERSON:
                person += 1
            elif word == "of":
                of += 1
            elif word in _BE:
                copula += 1
                last_be = place
            elif word in _HAVE:
                last_have = place
            elif word == "would" or before == "used":
                would += 1
        before = word
    number = len(_NUMBER.findall(sentence.text))
    return person, copula, perfect, passive, would, of, sentence.text.count("?"), number, 1


@cache
def shipped() -> SceneWeights:
    """The weights that ship with the package."""
    return weights_from(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def weights_from(record: Mapping[str, Mapping[str, float] | Mapping[str, Mapping[str, float]]]) -> SceneWeights:
    """Weights from their written form: every number under the name of its figure and type."""

    def row(values: object, names: Iterable[str]) -> list[float]:
        assert isinstance(values, Mapping)  # noqa: S101 - for the type checker
        return [float(values[name]) for name in names]

    return SceneWeights(
        mean=np.array(row(record["mean"], FIGURES)),
        sd=np.array(row(record["sd"], FIGURES)),
        weights=np.array([row(record["weights"][name], FIGURES) for name in NARRATED]),
        bias=np.array(row(record["bias"], NARRATED)),
        favour=np.array(row(record["favour"], TYPES)),
    )
