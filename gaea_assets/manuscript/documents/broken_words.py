"""Whether a hyphen at the end of a line breaks a word or belongs to it."""

import re
from collections import Counter
from functools import cached_property

from gaea_assets.style.lexicon import fiction_words

WORD = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+")
AT_LINE_END = re.compile(r"([^\W\d_]+)-\n[^\S\n]*([^\W\d_]+)")
USED = 5
"""Uses in the text that make letters a word; pieces of broken words come again, too."""
BREAKS = 0.25
"""Of the hyphens at the ends of lines, those that leave pieces which are no words, in a text that breaks its words."""


class LineEnds:
    """How a text writes its words, and whether it breaks them at the ends of its lines."""

    def __init__(self, text: str) -> None:
        self._text = text

    def break_word(self, head: str, tail: str) -> bool:
        """Whether what stands before and behind a hyphen at the end of a line is one word without it.

        The text's own way of writing the word decides, then general fiction's: `get-ting` is broken, since `ting` is
        rarer than `getting`; `fire-place` where the text breaks others, too; `grey-green` is not. What neither knows is
        broken where its pieces are no words.

        Args:
            head: The letters before the hyphen.
            tail: The letters that begin the next line.
        """
        if self._uses[f"{head}-{tail}"]:
            return False
        if self._uses[head + tail]:
            return True
        if tail[0].isupper():
            return False
        if _rate(head + tail):
            return _leaves_pieces(head, tail) or self._breaks_words
        return not any(_rate(part) or self._uses[part] >= USED for part in (head, tail))

    @cached_property
    def _uses(self) -> Counter[str]:
        return Counter(WORD.findall(self._text))

    @cached_property
    def _breaks_words(self) -> bool:
        found = AT_LINE_END.findall(self._text)
        return sum(_leaves_pieces(head, tail) for head, tail in found) > BREAKS * len(found)


def _leaves_pieces(head: str, tail: str) -> bool:
    """Whether a piece of a word is rarer in general fiction than the word."""
    return _rate(head + tail) > min(_rate(head), _rate(tail))


def _rate(word: str) -> float:
    return fiction_words().get(word.lower(), 0.0)
