"""Cases for the boundary benchmark: two neighbouring chapters or scenes with the break between them taken out."""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from gaea_assets.manuscript.paragraphs import HEADING, SCENE_BREAK

CANDIDATES = 42
MOST_PER_BOOK = 40
TITLE = re.compile(
    r"(?:\W*(?:\d+|[IVXLC]+)\b[\s.:\u2014-]*)?[^a-z]*|\W*(?:\d+|[IVXLC]+)[.:\u2014-].{0,90}|Contents\n.*|THE END\W*"
)
_SMALL_WORDS = "a an and as at but by for from in into is of on or the to with nor her his du la le de"
SMALL = frozenset(_SMALL_WORDS.split())
SHOUTED = re.compile(r"^(\W*)((?:[A-Z][A-Z'\u2019.-]*(?:[\s,]+|$))+)")
CLOSED = re.compile(r".*[.!?:;,\u2026][\"'\u201d\u2019*_)\]]*$|.*\u2014[\"'\u201d\u2019*_]*$", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """Paragraphs with one removed break.

    Attributes:
        author: Author's name.
        file: The book.
        year: Year of the book, 0 where the index has none.
        source: `A` for the authors' set, `P` for the pretraining set.
        kind: `chapter` or `scene`.
        texts: `CANDIDATES` + 1 paragraphs.
        true: Paragraph that the break stood in front of.
    """

    author: str
    file: str
    year: int
    source: str
    kind: str
    texts: tuple[str, ...]
    true: int


def cases(corpora: Path, indexes: Path) -> Iterator[Case]:
    """Cases of all books of both sets, at most `MOST_PER_BOOK` a book; the place of the break is random."""
    seen: set[tuple[str, str]] = set()
    for source, name, folder in (("A", "authors_index.csv", "authors"), ("P", "pretrain_index.csv", "pretrain")):
        with (indexes / name).open() as handle:
            rows = list(csv.DictReader(handle))
        for row in rows:
            key = (row["author"], row["title"])
            if key not in seen:
                seen.add(key)
                text = (corpora / folder / row["file"]).read_text(encoding="utf-8")
                yield from book_cases(text, row["author"], row["file"], int(row["year"][:4] or 0), source)


def book_cases(text: str, author: str, file: str, year: int, source: str) -> Iterator[Case]:
    """Cases of one book."""
    generator = np.random.default_rng(zlib.crc32(file.encode()))
    found = []
    sections = list(_sections(text))
    for (_, left), (kind, right) in pairwise(sections):
        low, high = max(1, CANDIDATES + 1 - len(right)), min(CANDIDATES, len(left))
        if low > high or not (_prose(left[-1]) and _prose(right[0])):
            continue
        true = int(generator.integers(low, high + 1))
        opening = _unshout(right[0])
        texts = (*left[len(left) - true :], opening, *right[1 : CANDIDATES + 1 - true])
        found.append(Case(author, file, year, source, kind, texts, true))
    for number in sorted(generator.permutation(len(found))[:MOST_PER_BOOK]):
        yield found[number]


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Kind of break in front (`chapter`, `scene`) and paragraphs of each section."""
    kind, section = "chapter", []
    for block in re.split(r"\n\s*\n", text):
        block = block.strip()
        if not block:
            continue
        is_scene = bool(SCENE_BREAK.fullmatch(block))
        if is_scene or is_heading(block):
            if section:
                yield kind, section
                kind, section = "scene", []
            kind = kind if is_scene else "chapter"
        else:
            section.append(block)
    if section:
        yield kind, section


def is_heading(block: str) -> bool:
    """Whether a block is a title or number and no prose."""
    if HEADING.fullmatch(block):
        return True
    if len(block) > 90 or block[0] in "\"'\u201c\u2018" or CLOSED.fullmatch(block.rstrip(".")):
        return False
    words = re.findall(r"[^\W\d_]+", block)
    titled = all(word[0].isupper() or word.lower() in SMALL or len(word) < 3 for word in words)
    return bool(TITLE.fullmatch(block)) or (titled and block[-1] != ".")


def _prose(block: str) -> bool:
    """A paragraph of the story: no verse, epigraph, letter head, footnote or fragment."""
    return (
        "\n" not in block
        and block[0] not in "([*_"
        and bool(CLOSED.fullmatch(block))
        and not re.search(r"(?:END|FINIS|CONTENTS)\W*$", block)
        and len(block.split()) >= 3
    )


def _unshout(text: str) -> str:
    """Opening words in capitals, as printers set them, would give the break away."""
    match = SHOUTED.match(text)
    if not match or len(re.findall(r"[A-Z]", match[2])) < 2:
        return text
    words = match[2].split(" ")
    lowered = [words[0].capitalize(), *(word if word in {"I", "I'd"} else word.lower() for word in words[1:])]
    return match[1] + " ".join(lowered) + text[match.end() :]
