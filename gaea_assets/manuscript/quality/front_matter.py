"""Find what a book has around its story: title page, copyright, contents, thanks, licence, what stands on each page.

Nearly all of it stands in lines of its own with a shape of its own, so that a story which speaks of a copyright, a
table of contents or a dedication is left alone.
"""

from collections.abc import Iterator, Sequence

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.lines import lines
from gaea_assets.manuscript.quality import matter_patterns as patterns
from gaea_assets.manuscript.quality.findings import Finding, fault, verdict_of
from gaea_assets.manuscript.quality.page_marks import breaks_a_sentence, head_of, running_heads
from gaea_assets.verdict import Verdict

REMEDY = "remove it from the chunk"
HEAD_LINES = 6
"""Lines at the head of a chunk where a title page or a dedication can stand."""
CONTENTS_ROWS = 4
"""Rows in a row that make a table of contents."""
SHORT = 25
"""Words at most of a line that is no prose."""


def front_matter(chunks: Sequence[Chunk]) -> Verdict:
    """No title page, imprint, contents, dedication, thanks, end mark, licence, running head, page number, biography.

    Should warn: it is no prose of the author's and a chunk that opens with it gives a useless prompt, but it is little,
    and a story can hold a title page or "The End" of its own. A licence text or an imprint should be removed at once.

    Args:
        chunks: The chunks to look at.

    Returns:
        A fault for each place; figures `chunks`, `chunks_with_matter`, `places`.
    """
    heads = running_heads(chunks)
    work = [(chunk, heads.get(chunk.manuscript, frozenset())) for chunk in chunks]
    return verdict_of(_faults, work, sum(len(chunk.text) for chunk in chunks), "chunks_with_matter", "places")


def _faults(work: tuple[Chunk, frozenset[str]]) -> list[str]:
    chunk, heads = work
    return [fault(chunk, finding) for finding in _matter(chunk.text, heads)]


def _matter(text: str, heads: frozenset[str]) -> Iterator[Finding]:
    """What is no story in a text, at most one finding a line, in order."""
    rows = list(lines(text))
    listed = _contents(rows)
    for number, (start, line) in enumerate(rows):
        if number in listed:
            if number - 1 not in listed:
                yield Finding(start, line, f"a table of contents of {_length(listed, number)} lines", REMEDY)
        elif what := "a running head" if head_of(line)[0] in heads else _kind(rows, number):
            yield Finding(start, line, what, REMEDY)


def _kind(rows: Sequence[tuple[int, str]], number: int) -> str:
    """What a line is; empty where it is story."""
    line = rows[number][1]
    lower = line.lower()
    for hints, pattern, what in patterns.ANYWHERE:
        if any(hint in lower for hint in hints) and pattern.search(line):
            return what
    if len(line.split(maxsplit=SHORT)) > SHORT:
        return ""
    for pattern, what in patterns.LINE:
        if pattern.match(line):
            return what
    if number < HEAD_LINES and patterns.TITLE_PAGE.match(line):
        return "a title page"
    if (
        number < HEAD_LINES
        and len(line) < 120
        and patterns.DEDICATION.match(line)
        and not patterns.CLAUSE.search(line)
        and _alone(rows, number)
    ):
        return "a dedication"
    if patterns.NUMBER.fullmatch(line) and breaks_a_sentence(rows, number):
        return "a page number"
    return ""


def _alone(rows: Sequence[tuple[int, str]], number: int) -> bool:
    """Whether a line is set apart from the ones before and behind by blank lines and is no speech."""
    start, line = rows[number]
    behind = rows[number + 1][0] if number + 1 < len(rows) else start + len(line) + 2
    return behind - start - len(line) >= 2 and not line.endswith(("...", ","))


def _contents(rows: Sequence[tuple[int, str]]) -> set[int]:
    """Lines that are rows of a table of contents: several in a row that look like entries, no prose between."""
    found: set[int] = set()
    run: list[int] = []
    for number in range(len(rows) + 1):
        if number < len(rows) and len(rows[number][1]) < 90 and patterns.CONTENTS_ROW.match(rows[number][1]):
            run.append(number)
            continue
        if len(run) >= CONTENTS_ROWS:
            found.update(run)
        run = []
    return found


def _length(listed: set[int], first: int) -> int:
    last = first
    while last + 1 in listed:
        last += 1
    return last + 1 - first
