"""Page numbers and running heads, which come with the text of pages, left out of it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from gaea_assets.manuscript.documents.gaps import without_left_out
from gaea_assets.manuscript.documents.line_shapes import (
    TITLE_LENGTH,
    begins_lower,
    is_chapter,
    is_note,
    is_only_number,
    is_title,
)
from gaea_assets.manuscript.documents.ornaments import is_ornament
from gaea_assets.manuscript.documents.repairs import Repair, Tally

PAGE_WORDS = 700
FEWEST_WORDS = 20
FEWEST = 5
PAGE_NUMBER = re.compile(r"(?P<dash>[\u2014\u2013-][^\S\n]?)?(\d{1,4})(?(dash)[^\S\n]?[\u2014\u2013-])")


class Pages(NamedTuple):
    """A text without what its pages added to it."""

    lines: list[str]
    numbers: list[int]
    turned: frozenset[int]
    """Numbers of the lines that stand first on a page: a gap before them is no scene break."""
    repairs: list[Repair]


def without_page_furniture(lines: Sequence[str], numbers: Sequence[int], source: str) -> Pages:
    """The lines without page numbers and running heads; chapters and lists have other distances between numbers."""
    page_numbers, heads = _furniture(lines)
    if not page_numbers and not heads:
        return Pages(list(lines), list(numbers), frozenset(), [])
    out = page_numbers | heads
    turned, behind = set(), False
    for index, line in enumerate(lines):
        if index in out:
            behind = True
        elif behind and line.strip():
            turned.add(numbers[index])
            behind = False
    kept, kept_numbers = without_left_out(
        (None if index in out else line, numbers[index]) for index, line in enumerate(lines)
    )
    tally = Tally()
    for found, what in ((page_numbers, "page numbers"), (heads, "running heads")):
        if found:
            tally.add(f"{what} left out", numbers[min(found)], len(found))
    return Pages(kept, kept_numbers, frozenset(turned), tally.repairs(source))


def _furniture(lines: Sequence[str]) -> tuple[set[int], set[int]]:
    """The indices of page numbers and of running heads."""
    words = 0
    alone: list[tuple[int, int, int]] = []
    capitals: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, raw in enumerate(lines):
        line = raw.strip()
        if not line:
            continue
        if len(line) <= 8 and (match := PAGE_NUMBER.fullmatch(line)):
            alone.append((index, int(match[2]), words))
            continue
        if words and _can_be_head(line):
            capitals[line].append((index, words))
        words += len(line.split())
    heads: set[int] = set()
    for found in capitals.values():
        if len(found) >= FEWEST and 5 * FEWEST_WORDS <= _usual_distance([at for _, at in found]) < PAGE_WORDS:
            heads.update(index for index, _ in found)
    return {index for chain in _chains(alone) for index in chain}, heads


def _can_be_head(line: str) -> bool:
    """In capitals, and neither the number of a chapter nor an ornament nor a note."""
    if len(line) > TITLE_LENGTH or not line.isupper() or not is_title(line):
        return False
    return not (is_only_number(line) or is_chapter(line) or is_ornament(line) or is_note(line))


def _chains(alone: list[tuple[int, int, int]]) -> list[list[int]]:
    """Numbers that rise one by one, a page between them."""
    chains: dict[int, list[tuple[int, int]]] = {}
    whole: list[list[tuple[int, int]]] = []
    for index, number, words in alone:
        chain = chains.pop(number - 1, None)
        if chain is None or words - chain[-1][1] >= PAGE_WORDS:
            chain = []
            whole.append(chain)
        chain.append((index, words))
        chains[number] = chain
    return [
        [index for index, _ in chain]
        for chain in whole
        if len(chain) >= FEWEST and _usual_distance([at for _, at in chain]) >= FEWEST_WORDS
    ]


def _usual_distance(positions: list[int]) -> float:
    return median(b - a for a, b in pairwise(positions))


def goes_on(before: str, after: str) -> bool:
    """Whether a paragraph that a page's end cut in two goes on."""
    return begins_lower(after) and not before.rstrip("*_\"'\u201d\u2019").endswith((".", "!", "?"))
