"""Texts of one length: what is longer must not be told by its length, nor by where it breaks off."""

from collections.abc import Sequence

from gaea_assets.manuscript.sentences import sentence_ends

LEAST_WORDS = 30
"""A text below this says too little of a voice."""
TOLERANCE = 0.1
"""Most that the lengths of two texts differ, as a share of the longer one."""
BREAK = " \u2026"


def same_length(first: str, second: str, most_words: int) -> tuple[str, str] | None:
    """Both texts cut to about the words of the shorter one, each at the end of a sentence.

    Where no two sentence ends lie near enough to one another, both are cut at the same word, and both say so.

    Args:
        first: A text.
        second: The other one.
        most_words: Neither is longer, in words.

    Returns:
        The two, at most a tenth apart in words, or None where one has fewer than `LEAST_WORDS`.
    """
    first, second = first.strip(), second.strip()
    shorter = min(len(first.split()), len(second.split()), most_words)
    if shorter < LEAST_WORDS:
        return None
    ends = [
        (a, b)
        for a in _sentence_ends(first, most_words)
        for b in _sentence_ends(second, most_words)
        if abs(a[0] - b[0]) <= TOLERANCE * max(a[0], b[0])
    ]
    if not ends:
        return _first_words(first, shorter) + BREAK, _first_words(second, shorter) + BREAK
    (_, end), (_, other) = max(ends, key=lambda pair: min(pair[0][0], pair[1][0]) - abs(pair[0][0] - pair[1][0]))
    return first[:end], second[:other]


def up_to_sentence_end(text: str, most_words: int) -> str:
    """The text, cut at the last sentence end within so many words, or at the word where no sentence ends."""
    start = _first_words(text, most_words)
    if start == text:
        return text
    ends = sentence_ends(start + " A")  # so that the last full stop has something to stand before
    return start[: ends[-1]] if ends else start + BREAK


def _sentence_ends(text: str, most_words: int) -> Sequence[tuple[int, int]]:
    """Words up to each sentence end, and its offset."""
    counted = [(len(text[:end].split()), end) for end in sentence_ends(_first_words(text, most_words))]
    return [(words, end) for words, end in counted if words >= LEAST_WORDS]


def _first_words(text: str, words: int) -> str:
    parts = text.split(maxsplit=words)
    return text if len(parts) <= words else text[: len(text) - len(parts[-1])].rstrip()
