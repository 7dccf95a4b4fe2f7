"""Texts made to fool the score: each must be caught by a gate, and the author's own unseen text must pass."""

# ruff: noqa: E501, S311, SIM905 - lists of words and names read better as they are

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from style_calibration import pieces
from style_corpus import Book

from gaea_assets.style.arms import Arm, build_arm
from gaea_assets.style.background import Background, load
from gaea_assets.style.gates import Gate, memorisation_gate, repetition_gate

CASES = 50
UNSEEN = "held out (must pass)"
UNSEEN_CASES = 430  # a share of failures below 1 % cannot be told from 50
SAMPLES = 8
_SYNONYMS = {
    "big": "large", "large": "big", "little": "small", "small": "little", "said": "answered", "man": "fellow", "began": "started",
    "house": "home", "quickly": "fast", "very": "quite", "great": "grand", "good": "fine", "old": "aged", "looked": "gazed",
    "upon": "on", "saw": "noticed", "went": "walked", "thought": "believed", "but": "yet", "perhaps": "maybe", "such": "so",
    "seemed": "appeared", "must": "should", "would": "could", "there": "here", "away": "off", "before": "ahead of", "all": "each",
    "eyes": "glance", "face": "features", "time": "moment", "long": "lengthy", "hand": "palm", "came": "arrived", "made": "built",
    "know": "understand", "never": "not once", "always": "ever", "room": "chamber", "young": "youthful", "own": "very own",
}  # fmt: skip
_DO = "walk turn look step reach stop listen wait breathe stand move climb pause kneel push open follow cross watch lean".split()
_WHERE = "door hall street window room stair table bridge garden gate wall tower river light shadow corner road house".split()
_HOW = "slowly quietly carefully suddenly gently softly quickly".split()
_SENSE = "feel see hear notice sense".split()
_WHAT = "cold air|distant sound|faint light|weight of it all|silence|beating of your heart|chill".split("|")


def copied(train: list[str], r: random.Random) -> list[str]:
    """Training text as it is."""
    return r.sample(train, SAMPLES)


def paraphrased(train: list[str], r: random.Random) -> list[str]:
    """Training text with synonyms for every word that has one, and one word in ten dropped or doubled."""
    out = []
    for text in r.sample(train, SAMPLES):
        words = []
        for word in text.split(" "):
            chance = r.random()
            if chance < 0.05:
                continue
            words.append(_SYNONYMS.get(word, word))
            if chance > 0.95:
                words.append(r.choice(["indeed", "then", "now", "quite"]))
        out.append(" ".join(words))
    return out


def shuffled(train: list[str], r: random.Random) -> list[str]:
    """Training sentences in random order, from several chunks."""
    sentences = [s + "." for text in r.sample(train, SAMPLES) for s in text.replace("\n\n", " ").split(". ")]
    r.shuffle(sentences)
    size = len(sentences) // SAMPLES
    return [" ".join(sentences[i * size : (i + 1) * size]) for i in range(SAMPLES)]


def repeated(train: list[str], r: random.Random, own: list[str]) -> list[str]:
    """One unseen paragraph of the author again and again."""
    out = []
    for text in r.sample(own, min(SAMPLES, len(own))):
        paragraph = max(text.split("\n\n"), key=len)
        out.append("\n\n".join([paragraph] * max(3, 450 // max(len(paragraph.split()), 1))))
    return out


def salad(train: list[str], r: random.Random) -> list[str]:
    """Words with the author's frequencies and the author's punctuation, in random order."""
    words = " ".join(train).split()
    return [" ".join(r.choices(words, k=450)) for _ in range(SAMPLES)]


def boilerplate(train: list[str], r: random.Random) -> list[str]:
    """Second-person phrases out of a box."""
    out = []
    for _ in range(SAMPLES):
        sentences = []
        while sum(len(s.split()) for s in sentences) < 450:
            a, b = r.choice(_DO), r.choice(_DO)
            sentences.append(
                r.choice(
                    [
                        f"You {a} {r.choice(_HOW)} to the {r.choice(_WHERE)}.",
                        f"You {r.choice(_SENSE)} the {r.choice(_WHAT)}.",
                        f"You {a} and {b}, and the {r.choice(_WHERE)} is {r.choice(['still', 'dark', 'empty', 'cold'])}.",
                        f"Your {r.choice(['hands', 'thoughts', 'eyes', 'heart'])} {r.choice(['tremble', 'race', 'ache'])} "
                        f"as you {a} by the {r.choice(_WHERE)}.",
                        f"There is a {r.choice(_WHERE)} before you, and you {b} {r.choice(_HOW)}.",
                    ]
                )
            )
        out.append(" ".join(sentences))
    return out


def mosaic(train: list[str], r: random.Random) -> list[str]:
    """Snippets of 7 to 9 words from random places of the training text, one after another."""
    words = " ".join(train).split()
    return [
        " ".join(" ".join(words[at : at + r.randint(7, 9)]) for at in (r.randrange(len(words)) for _ in range(56)))
        for _ in range(SAMPLES)
    ]


def chained(train: list[str], r: random.Random) -> list[str]:
    """Each word one that follows the word before it somewhere in the training text (a Markov chain)."""
    words = " ".join(train).split()
    after: dict[str, list[str]] = {}
    for word, following in pairwise(words):
        after.setdefault(word, []).append(following)
    out = []
    for _ in range(SAMPLES):
        chain = [r.choice(words[:-1])]
        while len(chain) < 450:
            chain.append(r.choice(after.get(chain[-1], words)))
        out.append(" ".join(chain))
    return out


def collapsed(train: list[str], r: random.Random, own: list[str]) -> list[str]:
    """Two unseen texts of the author, given as the answer to every prompt in turn."""
    two = r.sample(own, 2)
    return [two[number % 2] for number in range(SAMPLES)]


def gibberish(train: list[str], r: random.Random, own: list[str]) -> list[str]:
    """Unseen text of the author, every word of seven letters and more replaced by random syllables."""

    def word(match: re.Match[str]) -> str:
        return "".join(r.choice("bdfklmnprstv") + r.choice("aeiou") for _ in range(len(match.group()) // 2))

    return [re.sub(r"\b[a-z]{7,}\b", word, text) for text in r.sample(own, min(SAMPLES, len(own)))]


def part_salad(train: list[str], r: random.Random, own: list[str]) -> list[str]:
    """Unseen text of the author, but one sample is its words in random order."""
    texts = r.sample(own, min(SAMPLES, len(own)))
    words = texts[0].split()
    r.shuffle(words)
    return [" ".join(words), *texts[1:]]


KINDS: dict[str, Callable[..., list[str]]] = {
    "copied": copied, "paraphrased": paraphrased, "shuffled sentences": shuffled, "repeated paragraph": repeated,
    "word salad": salad, "chain of words": chained, "second-person boilerplate": boilerplate, "mosaic of snippets": mosaic,
    "two texts for all prompts": collapsed, "long words made up": gibberish, "one sample salad": part_salad,
}  # fmt: skip


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a book, cut into what is trained on and what is not.

    Attributes:
        train: Pieces of about 450 words.
        unseen: The pieces that follow.
        arms: train, and the first half of the unseen pieces as heldout.
    """

    train: list[str]
    unseen: list[str]
    arms: dict[str, Arm]


def excerpts(all_books: list[Book], cases: int, r: random.Random, background: Background) -> Iterator[Excerpt]:
    """Stretches of 130 pieces from another author each time, and another book of theirs in the next round."""
    authors = sorted({b.author for b in all_books if b.source == "A"})
    for number in range(cases):
        author = authors[number % len(authors)]
        mine = [b for b in all_books if b.author == author and b.source == "A"]
        book = mine[(number // len(authors)) % len(mine)]
        texts = pieces(book.path.read_text(encoding="utf-8"))[3:-3]
        start = r.randrange(0, max(1, len(texts) - 130))
        texts = texts[start : start + 130]
        own = texts[-20:] if len(texts) > 60 else texts[-16:]
        train, half = texts[: -len(own)], len(own) // 2
        arms = {
            "train": build_arm("train", train, background),
            "heldout": build_arm("heldout", own[:half], background),
        }
        yield Excerpt(train, own[half:], arms)


def gaming(all_books: list[Book], seed: int = 11) -> dict[str, dict[str, float]]:
    """Share of cases that a gate catches, by kind, and of unseen texts of the author."""
    background = load()
    r = random.Random(seed)
    caught: dict[str, list[list[str]]] = {kind: [] for kind in [*KINDS, UNSEEN]}
    for number, excerpt in enumerate(excerpts(all_books, UNSEEN_CASES, r, background)):
        texts = {UNSEEN: r.sample(excerpt.unseen, min(SAMPLES, len(excerpt.unseen)))}
        if number < CASES:
            for kind, make in KINDS.items():
                # Draws of its own for each, so that a new kind leaves the others and the unseen texts as they are.
                r_kind = random.Random(f"{seed} {kind} {number}")
                own = [excerpt.unseen] if make in (repeated, collapsed, gibberish, part_salad) else []
                texts[kind] = make(excerpt.train, r_kind, *own)
        for kind, tuned in texts.items():
            arms = excerpt.arms | {"tuned": build_arm("tuned", tuned, background)}
            caught[kind].append(_failed(arms, background))
    return {kind: _summary(rows) for kind, rows in caught.items()}


def _failed(arms: dict[str, Arm], background: Background) -> list[str]:
    gates: list[Gate] = [
        memorisation_gate(arms),
        repetition_gate(arms["tuned"], background, arms["heldout"], arms["train"]),
    ]
    return [gate.name for gate in gates if not gate.passed]


def _summary(rows: list[list[str]]) -> dict[str, float]:
    names = ("memorisation", "repetition")
    return {"cases": len(rows), "any": float(np.mean([bool(row) for row in rows]))} | {
        name: float(np.mean([name in row for row in rows])) for name in names
    }
