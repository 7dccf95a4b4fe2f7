"""Abilities kept: bits per byte of general prose, instructions followed, and how generations end. No model here."""

# ruff: noqa: RUF001 - typographic quotes

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self

import numpy as np

from gaea_assets.style.gates import Finding, Gate
from gaea_assets.style.instructions import INSTRUCTIONS
from gaea_assets.style.tokens import WORD, count_words

_TERMINAL = re.compile(r"[.!?…][\"'”’)*\]]*\s*$")
MARGINS: Mapping[str, float] = {"general_prose": 5.0, "instructions": 10.0, "loops": 5.0, "unfinished": 10.0}
"""Most that may be lost: percent of the bits per byte, points of the instructions followed, points of loops and of
continuations that end themselves inside a sentence."""


@cache
def general_prose() -> tuple[str, ...]:
    """Twenty short passages of many kinds, written for this project, so that no model was trained on them."""
    text = files("gaea_assets.style").joinpath("data/general_prose.txt").read_text("utf-8")
    return tuple(passage.strip() for passage in text.split("\n---\n"))


def bits_per_byte(log_likelihoods: Sequence[float], texts: Sequence[str]) -> float:
    """Bits a model needs per byte of UTF-8 text: a loss that does not depend on the tokenizer.

    Args:
        log_likelihoods: Of each text, in nats.
        texts: The texts.

    Returns:
        Bits per byte.

    Raises:
        ValueError: The texts are empty.
    """
    size = sum(len(text.encode()) for text in texts)
    if not size:
        raise ValueError("bits per byte of no text")
    return -sum(log_likelihoods) / math.log(2) / size


@dataclass(frozen=True)
class Degeneration:
    """How generations end and whether they loop, as shares of the generations.

    Attributes:
        loops: Those whose end goes round (`has_loop`).
        unfinished: Those that ended themselves without a stop; what the limit cuts off is no fault of the model's.
        ended: Those that ended themselves instead of running into the limit.
        empty: Those without a word.
    """

    loops: float
    unfinished: float
    ended: float
    empty: float


def degeneration(texts: Sequence[str], ended: Sequence[bool]) -> Degeneration:
    """Figures of degeneration.

    Args:
        texts: Generations.
        ended: Whether each ended with the end-of-text token.

    Returns:
        Shares; all 0 without texts.
    """
    n = max(len(texts), 1)
    full = [(text, done) for text, done in zip(texts, ended, strict=True) if count_words(text)]
    return Degeneration(
        loops=sum(has_loop(text) for text, _ in full) / n,
        unfinished=sum(done and not _TERMINAL.search(text) for text, done in full) / n,
        ended=sum(ended) / n,
        empty=(len(texts) - len(full)) / n,
    )


def has_loop(text: str, reach: int = 600, behind: int = 5) -> bool:
    """Whether the end of a text goes round.

    It does when a stretch of 3 words or more comes three times in a row, or one of 2 words four times, or three times
    and there is nothing else.

    Args:
        text: The text; figures in it do not count, so a loop that numbers its rounds is one.
        reach: Words looked at, from the end.
        behind: Most words that may follow the loop, as when it is cut short or left at last.

    Returns:
        Whether it goes round.
    """
    words = [word.lower() for word in WORD.findall(text.replace("’", "'"))][-reach:]
    for end in range(len(words), max(len(words) - behind, 0) - 1, -1):
        for size in range(2, end // 3 + 1):
            start = end - size
            while start > 0 and words[start - 1] == words[start - 1 + size]:
                start -= 1
            rounds = 4 if size == 2 and end - start < len(words) else 3
            if end - start >= rounds * size:
                return True
    return False


@dataclass(frozen=True)
class Abilities:
    """What a model can do apart from the voice.

    Attributes:
        bits_per_byte: Of general prose.
        followed: Whether each instruction was followed, by id; None for a base that is not tuned to follow any.
        degeneration: How its continuations end.
    """

    bits_per_byte: float
    followed: Mapping[str, bool] | None
    degeneration: Degeneration

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """What `to_dict` gave."""
        return cls(found["bits_per_byte"], found["followed"], Degeneration(**found["degeneration"]))


def _prompt(name: str) -> str:
    return next((item.prompt for item in INSTRUCTIONS if item.id == name), name)


def abilities_gate(base: Abilities, tuned: Abilities, margins: Mapping[str, float] = MARGINS) -> Gate:
    """Compare a tuned model with its base.

    Args:
        base: Measured before training.
        tuned: Measured after it.
        margins: Most that may be lost, by the names in `MARGINS`.

    Returns:
        The gate; it fails when anything is lost beyond its margin, or when a figure is no number.
    """
    rise = 100 * (tuned.bits_per_byte / base.bits_per_byte - 1)
    told = []
    if not rise <= margins["general_prose"]:
        told.append(
            f"general prose takes {tuned.bits_per_byte:.3f} bits per byte instead of {base.bits_per_byte:.3f} "
            f"({rise:+.1f} %, allowed {margins['general_prose']:g} %)"
        )
    figures = {"bits_per_byte_base": base.bits_per_byte, "bits_per_byte": tuned.bits_per_byte, "bits_rise": rise}
    findings: tuple[Finding, ...] = ()
    if base.followed is not None and tuned.followed is None:
        told.append("the tuned model was given no instructions, though its base follows them")
    elif base.followed is not None and tuned.followed is not None:
        before, after = (100 * float(np.mean(list(found.values()))) for found in (base.followed, tuned.followed))
        figures |= {"instructions_base": before, "instructions": after, "instructions_fall": before - after}
        if before - after > margins["instructions"]:
            told.append(f"{after:.0f} % of the instructions are followed instead of {before:.0f} %")
        findings = tuple(
            Finding(name, _prompt(name), "followed by the base model, not by the tuned one")
            for name, kept in tuned.followed.items()
            if base.followed.get(name) and not kept
        )
    for name in ("loops", "unfinished", "ended", "empty"):
        pair = [getattr(found.degeneration, name) for found in (base, tuned)]
        figures |= {f"{name}_base": 100 * pair[0], name: 100 * pair[1]}
    broken = [100 * (found.degeneration.loops + found.degeneration.empty) for found in (base, tuned)]
    figures["loops_rise"] = broken[1] - broken[0]
    figures["unfinished_rise"] = figures["unfinished"] - figures["unfinished_base"]
    if figures["unfinished_rise"] > margins["unfinished"]:
        told.append(
            f"{figures['unfinished']:.0f} % of the continuations end themselves inside a sentence, of the base's "
            f"{figures['unfinished_base']:.0f} %"
        )
    if figures["loops_rise"] > margins["loops"]:
        told.append(
            f"{broken[1]:.0f} % of the continuations end in a loop or are empty, of the base's {broken[0]:.0f} %"
        )
    return Gate(
        "abilities", not told, "error" if told else "note", figures, findings,
        "; ".join(told) or "what the base model can do is kept, within the margins",
        {
            "bits_rise": margins["general_prose"],
            "instructions_fall": margins["instructions"],
            "loops_rise": margins["loops"],
            "unfinished_rise": margins["unfinished"],
        },
    )  # fmt: skip
