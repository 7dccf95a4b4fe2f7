"""Page numbers and running heads, which come with the text of pages, left out of it."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise
from statistics import median, quantiles
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
from gaea_assets.manuscript.documents.pieces import Source
from gaea_assets.manuscript.documents.repairs import Tally

PAGE_WORDS = 700
FEWEST_WORDS = 20
FEWEST = 5
CUT = 0.2  # of the pages, the least share that ends within a sentence
EQUAL = 0.15  # of the usual length of a page, how far the middle half of them lies apart
PAGE_NUMBER = re.compile(r"(?P<dash>[\u2014\u2013-][^\S\n]?)?(\d{1,4})(?(dash)[^\S\n]?[\u2014\u2013-])")


class _Number(NamedTuple):
    """A number alone on a line."""

    at: int  # its line
    number: int
    words: int  # before it in the text


def without_page_furniture(lines: Sequence[str], numbers: Sequence[int], source: str) -> Source:
    """The lines without page numbers and running heads.

    Numbers of chapters and of lists have other distances between them, and cut no sentence in two.
    """
    page_numbers, heads = _furniture(lines)
    if not page_numbers and not heads:
        return Source(list(lines), list(numbers), [])
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
    return Source(kept, kept_numbers, tally.repairs(source), turned=frozenset(turned))


def _furniture(lines: Sequence[str]) -> tuple[set[int], set[int]]:
    """The indices of page numbers and of running heads."""
    words = 0
    alone: list[_Number] = []
    capitals: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, raw in enumerate(lines):
        line = raw.strip()
        if not line:
            continue
        if len(line) <= 8 and (match := PAGE_NUMBER.fullmatch(line)):
            alone.append(_Number(index, int(match[2]), words))
            continue
        if words and _can_be_head(line):
            capitals[line].append((index, words))
        words += len(line.split())
    heads: set[int] = set()
    for found in capitals.values():
        if len(found) >= FEWEST and 5 * FEWEST_WORDS <= _usual_distance([at for _, at in found]) < PAGE_WORDS:
            heads.update(index for index, _ in found)
    passed = heads.union(number.at for number in alone)
    pages = [chain for chain in _chains(alone) if _are_pages(chain, lines, passed)]
    return {number.at for chain in pages for number in chain}, heads


def _can_be_head(line: str) -> bool:
    """In capitals, and neither the number of a chapter nor an ornament nor a note."""
    if len(line) > TITLE_LENGTH or not line.isupper() or not is_title(line):
        return False
    return not (is_only_number(line) or is_chapter(line) or is_ornament(line) or is_note(line))


def _chains(alone: list[_Number]) -> list[list[_Number]]:
    """Numbers that rise one by one, no more than a page between them."""
    chains: dict[int, list[_Number]] = {}
    whole: list[list[_Number]] = []
    for found in alone:
        chain = chains.pop(found.number - 1, None)
        if chain is None or found.words - chain[-1].words >= PAGE_WORDS:
            chain = []
            whole.append(chain)
        chain.append(found)
        chains[found.number] = chain
    return [chain for chain in whole if len(chain) >= FEWEST]


def _are_pages(chain: list[_Number], lines: Sequence[str], passed: Collection[int]) -> bool:
    """Whether numbers are of pages: they cut sentences in two, or stand below pages that are equally long.

    Sections are set apart by numbers too, above each of them and between whole paragraphs.
    """
    distances = [b.words - a.words for a, b in pairwise(chain)]
    if median(distances) < FEWEST_WORDS:
        return False
    if sum(_cuts(number.at, lines, passed) for number in chain) >= CUT * len(chain):
        return True
    first, middle, third = quantiles(distances, n=4)
    return chain[0].words > 0 and third - first <= EQUAL * middle


def _cuts(index: int, lines: Sequence[str], passed: Collection[int]) -> bool:
    """Whether a sentence goes on behind a line."""
    before = next((lines[at] for at in range(index - 1, -1, -1) if at not in passed and lines[at].strip()), "")
    after = next((lines[at] for at in range(index + 1, len(lines)) if at not in passed and lines[at].strip()), "")
    return goes_on(before.strip(), after.strip())


def _usual_distance(positions: list[int]) -> float:
    return median(b - a for a, b in pairwise(positions))


def goes_on(before: str, after: str) -> bool:
    """Whether a paragraph that a page's end cut in two goes on."""
    return begins_lower(after) and not before.rstrip("*_\"'\u201d\u2019").endswith((".", "!", "?"))
