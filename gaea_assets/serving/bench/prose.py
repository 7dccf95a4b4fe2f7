"""Prompts of a wanted length, none of which begins as another does."""

import random
import secrets
from collections.abc import Iterator
from functools import cache

from gaea_assets.style.abilities import general_prose


def opening() -> str:
    """A line that no other prompt, of this run or an earlier one, begins with.

    A server that keeps the work on prompts it has seen (vLLM's prefix caching) finds nothing to reuse behind it.
    """
    return f"Sheet {secrets.token_hex(8)}\n\n"


def filler(characters: int, seed: int) -> str:
    """Prose of many kinds, whole words, at most so many characters; the same for the same seed."""
    parts: list[str] = []
    length = 0
    for paragraph in _endless(seed):
        parts.append(paragraph)
        length += len(paragraph) + 2
        if length > characters:
            break
    text = "\n\n".join(parts)
    return text if len(text) <= characters else text[:characters].rpartition(" ")[0]


def words() -> frozenset[str]:
    """Every word of the prose, in lower case and without marks around it."""
    return frozenset(word.strip(".,;:!?\"'()").lower() for passage in general_prose() for word in passage.split())


def _endless(seed: int) -> Iterator[str]:
    """The bundled paragraphs, each time in another order: text for any context, no two pages alike."""
    order = random.Random(seed)  # noqa: S311 - not for secrets
    paragraphs = list(_paragraphs())
    while True:
        order.shuffle(paragraphs)
        yield from paragraphs


@cache
def _paragraphs() -> tuple[str, ...]:
    return tuple(p.strip() for passage in general_prose() for p in passage.split("\n\n") if p.strip())
