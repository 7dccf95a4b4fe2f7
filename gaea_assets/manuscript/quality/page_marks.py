"""Tell running heads with their page numbers, left in a text, from headings that are numbered too."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.lines import lines
from gaea_assets.manuscript.quality import matter_patterns as patterns

PROSE = 15
"""Words at least of a line of prose that stops inside a sentence: a title or a heading is shorter."""
FEWEST = 3
"""Pages at least of a head that cuts no sentence."""


def running_heads(chunks: Sequence[Chunk]) -> dict[str, frozenset[str]]:
    """The titles that stand above pages in each manuscript, by its name.

    A head cuts a sentence in two, or stands with page after page; sections of a chapter are counted from 1 instead.
    """
    pages: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    cutting: set[tuple[str, str]] = set()
    for chunk in chunks:
        if not patterns.HEAD_HINT.search(chunk.text):
            continue
        rows = list(lines(chunk.text))
        for number, (_, line) in enumerate(rows):
            title, page = head_of(line)
            if title:
                pages[chunk.manuscript, title].append(page)
                if breaks_a_sentence(rows, number):
                    cutting.add((chunk.manuscript, title))
    heads: defaultdict[str, set[str]] = defaultdict(set)
    for (manuscript, title), found in pages.items():
        if (manuscript, title) in cutting or _are_pages(title, found):
            heads[manuscript].add(title)
    return {manuscript: frozenset(titles) for manuscript, titles in heads.items()}


def head_of(line: str) -> tuple[str, int]:
    """The title and the page of a line that can be a running head; no title where it can be none."""
    match = patterns.HEAD.fullmatch(line)
    if not match or patterns.COUNTED.search(match["title"] or match["behind"]):
        return "", 0
    return (match["title"] or match["behind"]).upper(), int(match["page"] or match["before"])


def breaks_a_sentence(rows: Sequence[tuple[int, str]], number: int) -> bool:
    """Whether the line before one stops inside a sentence, or the one behind goes on with one."""
    before = rows[number - 1][1] if number else ""
    behind = rows[number + 1][1] if number + 1 < len(rows) else ""
    stopped = len(before.split()) >= PROSE and bool(patterns.UNFINISHED.search(before))
    return stopped or bool(before and behind[:1].islower())


def _are_pages(title: str, found: Sequence[int]) -> bool:
    """Whether numbers rise through a text as pages do, behind a title of several words."""
    rise = all(before < after for before, after in pairwise(found))
    return " " in title and len(found) >= FEWEST and rise and list(found) != list(range(1, len(found) + 1))
