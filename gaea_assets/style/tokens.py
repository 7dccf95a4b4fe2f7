"""Paragraphs, sentences and words of canonical text (`typography.normalise`)."""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

from __future__ import annotations

import re
from collections.abc import Iterator

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# A sentence ends at a stop (with what closes around it) before a gap and something that can begin a sentence.
_SENTENCE_END = re.compile(r"(?:[.!?]+[”’)*\"]*|[—,][”’])(?<![\s(][A-Z]\.)(?<!\betc\.)\s+(?=[“‘(*\"']*[^\Wa-z_])")
_SPEECH_BREAK = re.compile(r"^[—,][”’]")


def paragraphs(text: str) -> list[str]:
    """Split canonical text at blank lines; scene-break rows (no letter in them) are dropped."""
    return [part for part in text.split("\n\n") if any(mark.isalpha() for mark in part)]


def sentences(paragraph: str) -> list[str]:
    """Split one paragraph into sentences.

    A speech that ends with a comma or a dash before its tag (`“Go,” she said`) stays one sentence with the
    tag, since the tag begins in lower case or with a name that follows the comma.
    """
    return list(_sentences(paragraph))


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE_END.finditer(paragraph):
        if _SPEECH_BREAK.match(match.group()):
            continue
        yield paragraph[start : match.end()].strip()
        start = match.end()
    rest = paragraph[start:].strip()
    if rest:
        yield rest


def words(text: str) -> list[str]:
    """The words of a text in their own case: letters with inner apostrophes; numbers are not words."""
    return WORD.findall(text)


def count_words(text: str) -> int:
    """Words of raw (not canonical) text, by the same rule as `words`."""
    return len(WORD.findall(text.replace("’", "'")))
