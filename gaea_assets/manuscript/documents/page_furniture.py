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
FEWEST_CUT = 2  # pages, where words stand beside the number
MOST = 0.5  # of its places, the share at which a running head is seen to be one
EQUAL = 0.15  # of the usual length of a page, how far the middle half of them lies apart
PAGE_NUMBER = re.compile(r"(?P<dash>[\u2014\u2013-][^\S\n]?)?(\d{1,4})(?(dash)[^\S\n]?[\u2014\u2013-])")
PAGE_OF = re.compile(r"(?:page|seite|p\.)\s*(\d{1,4})(?:\s*(?:of|von|/)\s*\d{1,4})?", re.IGNORECASE)
BESIDE_WORDS = re.compile(r"(?P<above>(?:\D{0,60}[^\w.,])?)(?P<number>\d{1,4})(?P<below>(?:[^\w.,]\D{0,60})?)")
BARE = ""


class _Number(NamedTuple):
    """The number of a page, it may be, alone on a line or with the running head."""

    at: int  # its line
    number: int
    words: int  # before it in the text
    beside: str  # what stands with it on the line


def without_page_furniture(lines: Sequence[str], numbers: Sequence[int], source: str) -> Source:
    """The lines without page numbers and running heads.

    Numbers of chapters and of lists have other distances between them, and cut no sentence in two. Nor does what an
    author repeats in capitals: only a line that cuts sentences at most of its places, or stands beside the number of a
    page, is a running head.
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
        for index in sorted(found):
            line = lines[index].strip()
            tally.add(f"{what} left out", numbers[index], shown="" if PAGE_NUMBER.fullmatch(line) else line)
    return Source(kept, kept_numbers, tally.repairs(source), turned=frozenset(turned))


def _furniture(lines: Sequence[str]) -> tuple[set[int], set[int]]:
    """The indices of page numbers and of running heads."""
    words = 0
    numbered: list[_Number] = []
    capitals: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, raw in enumerate(lines):
        line = raw.strip()
        if not line:
            continue
        if number := _page_number(line):
            numbered.append(_Number(index, number[0], words, number[1]))
            words += len(line.split()) if number[1] else 0
            continue
        if words and _can_be_head(line):
            capitals[line].append((index, words))
        words += len(line.split())
    recurring = [found for found in capitals.values() if len(found) >= FEWEST]
    chains = _chains(numbered)
    passed = {number.at for chain in chains for number in chain}
    passed |= {number.at for number in numbered if number.beside == BARE}
    passed |= {index for found in recurring for index, _ in found}
    page_numbers = {number.at for chain in chains if _are_pages(chain, lines, passed) for number in chain}
    heads: set[int] = set()
    for found in recurring:
        heads |= _proven(found, page_numbers, lines, passed)
    return page_numbers, heads


def _page_number(line: str) -> tuple[int, str] | None:
    """The number that a line can have from its page, and what stands with it."""
    if len(line) > 2 * TITLE_LENGTH or not (line[0].isdigit() or any(map(str.isdigit, line))):
        return None
    if match := PAGE_NUMBER.fullmatch(line):
        return int(match[2]), BARE
    if match := PAGE_OF.fullmatch(line):
        return int(match[1]), "page"
    if is_chapter(line) or not (match := BESIDE_WORDS.fullmatch(line)):
        return None
    return int(match["number"]), f"{match['above']}#{match['below']}"


def _proven(
    found: list[tuple[int, int]], page_numbers: Collection[int], lines: Sequence[str], passed: Collection[int]
) -> set[int]:
    """The places of a recurring line in capitals that are a running head's."""
    at = [index for index, _ in found]
    if sum(_cuts(index, lines, passed) for index in at) > MOST * len(at):
        usual = median(b - a for a, b in pairwise(words for _, words in found))
        return set(at) if 5 * FEWEST_WORDS <= usual < PAGE_WORDS else set()
    beside = {index for index in at if _is_beside(index, page_numbers, lines)}
    return beside if len(beside) > MOST * len(at) else set()


def _is_beside(index: int, page_numbers: Collection[int], lines: Sequence[str]) -> bool:
    """Whether nothing stands between a line and a page number."""
    above = next((at for at in range(index - 1, -1, -1) if lines[at].strip()), -1)
    below = next((at for at in range(index + 1, len(lines)) if lines[at].strip()), -1)
    return above in page_numbers or below in page_numbers


def _can_be_head(line: str) -> bool:
    """In capitals, and neither the number of a chapter nor an ornament nor a note."""
    if len(line) > TITLE_LENGTH or not line.isupper() or not is_title(line):
        return False
    return not (is_only_number(line) or is_chapter(line) or is_ornament(line) or is_note(line))


def _chains(numbered: list[_Number]) -> list[list[_Number]]:
    """Numbers that rise one by one, no more than a page between them; beside a running head, every second one may."""
    chains: dict[tuple[str, int], list[_Number]] = {}
    whole: list[list[_Number]] = []
    for found in numbered:
        for step in (1,) if found.beside in (BARE, "page") else (1, 2):
            chain = chains.pop((found.beside, found.number - step), None)
            if chain is not None and found.words - chain[-1].words < step * PAGE_WORDS:
                break
        else:
            chain = []
            whole.append(chain)
        chain.append(found)
        chains[found.beside, found.number] = chain
    return [chain for chain in whole if len(chain) >= FEWEST]


def _are_pages(chain: list[_Number], lines: Sequence[str], passed: Collection[int]) -> bool:
    """Whether numbers are of pages: they cut sentences in two, or stand below pages that are equally long.

    Sections are set apart by numbers too, above each of them and between whole paragraphs; with words beside it
    (`Day 3`, `[2]`) a number must cut.
    """
    distances = [b.words - a.words for a, b in pairwise(chain)]
    if median(distances) < FEWEST_WORDS:
        return False
    cut = sum(_cuts(number.at, lines, passed) for number in chain)
    if chain[0].beside not in (BARE, "page"):
        return cut >= max(FEWEST_CUT, CUT * len(chain))
    if cut >= CUT * len(chain):
        return True
    first, middle, third = quantiles(distances, n=4)
    return chain[0].words > 0 and third - first <= EQUAL * middle


def _cuts(index: int, lines: Sequence[str], passed: Collection[int]) -> bool:
    """Whether a sentence goes on behind a line."""
    before = next((lines[at] for at in range(index - 1, -1, -1) if at not in passed and lines[at].strip()), "")
    after = next((lines[at] for at in range(index + 1, len(lines)) if at not in passed and lines[at].strip()), "")
    return goes_on(before.strip(), after.strip())


def goes_on(before: str, after: str) -> bool:
    """Whether a paragraph that a page's end cut in two goes on."""
    return begins_lower(after) and not before.rstrip("*_\"'\u201d\u2019").endswith((".", "!", "?"))
