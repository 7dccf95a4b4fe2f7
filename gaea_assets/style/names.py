"""Find proper names, so that a tuned model gains nothing by naming the author's characters."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

MASK = "@"
_NEVER = frozenset({"I", "I'm", "I'll", "I've", "I'd", "O", "Oh", "Mr", "Mrs", "Miss", "Dr", "Sir", "Lady", "God"})


def proper_names(sentence_words: Iterable[list[str]]) -> frozenset[str]:
    """Names of a text: capitalised inside a sentence, and never in lower case anywhere in the text.

    Args:
        sentence_words: The words of each sentence, in their own case. One text, or one author's texts
            together: the more text, the surer the rule.

    Returns:
        Names in the case they are written in, without a possessive ending. Titles and *I* are not names.
    """
    inside: set[str] = set()
    lower: set[str] = set()
    for words in sentence_words:
        for position, word in enumerate(words):
            if word[0].isupper():
                if position:
                    inside.add(_bare(word))
            else:
                lower.add(_bare(word))
    shouted = {word for word in inside if len(word) > 1 and word.isupper()}
    return frozenset(w for w in inside - shouted - _NEVER if w.lower() not in lower and len(w) > 1)


def is_name(word: str, names: frozenset[str]) -> bool:
    """Whether a word, possessive or not, is one of `names`."""
    return word[0].isupper() and _bare(word) in names


@lru_cache(maxsize=200_000)
def _bare(word: str) -> str:
    return word[:-2] if word.endswith("'s") else word.rstrip("'")
