"""Tell narration from dialogue in canonical text, in which all speech stands between `“` and `”`."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Speech ends at its closing quote, or with the paragraph: a speaker who goes on in the next one leaves it
# open.
_SPEECH = re.compile(r"“[^”]*(?:”|$)")


def spans(paragraph: str) -> list[tuple[int, int]]:
    """Character ranges of one paragraph's speech, quotes included.

    A speech left open runs to the paragraph's end (multi-paragraph speech: the next paragraph opens anew by
    custom; where it does not, the quote was lost, and the damage ends with the paragraph).
    """
    return [match.span() for match in _SPEECH.finditer(paragraph)]


def narration(paragraph: str) -> str:
    """The paragraph with speech cut out; `“”` stays in its place so that sentences do not run together."""
    return _SPEECH.sub("“”", paragraph) if "“" in paragraph else paragraph


def speech(paragraph: str) -> str:
    """Only the speech of a paragraph, joined by blanks."""
    return " ".join(paragraph[start:end].strip("“”") for start, end in spans(paragraph))


def split(paragraph_list: Sequence[str]) -> tuple[list[str], list[str]]:
    """Narration and speech of paragraphs in order.

    Handles a speech of several paragraphs in the old way too, in which only the first paragraph opens it: a
    paragraph without any quote between an open one and one that closes without opening belongs to the speech.

    Args:
        paragraph_list: Canonical paragraphs.

    Returns:
        Narration and speech of each paragraph; either may be empty.
    """
    told: list[str] = []
    spoken: list[str] = []
    for text, inside in zip(paragraph_list, _continued(paragraph_list), strict=True):
        if inside:
            head, mark, tail = text.partition("”")
            told.append(narration(tail) if mark else "")
            spoken.append(" ".join(part for part in (head, speech(tail)) if part))
        else:
            told.append(narration(text))
            spoken.append(speech(text))
    return told, spoken


def _continued(texts: Sequence[str], reach: int = 6) -> list[bool]:
    """For each paragraph, whether it begins inside a speech that an earlier paragraph left open."""
    inside = [False] * len(texts)
    index = 0
    while index < len(texts):
        if _left_open(texts[index]):
            end = _where_closed(texts, index + 1, reach)
            for place in range(index + 1, end):
                inside[place] = True
            index = max(index + 1, end)
        else:
            index += 1
    return inside


def _left_open(text: str) -> bool:
    return text.rfind("“") > text.rfind("”")


def _where_closed(texts: Sequence[str], start: int, reach: int) -> int:
    """One past the paragraph that closes the speech without opening one first, or `start` if none does."""
    for place in range(start, min(start + reach, len(texts))):
        opened, closed = texts[place].find("“"), texts[place].find("”")
        if closed >= 0 and (opened < 0 or closed < opened):
            return place + 1
        if opened >= 0:
            return start
    return start
