"""Where sentences end, as far as a prompt is to be cut there."""

import re

# A full stop, question or exclamation mark or ellipsis, what closes around it, then space before
# what may open a sentence.
END = re.compile(
    r"""(?P<word>[\w'\u2019]*(?:\.[\w'\u2019]+)*)[.!?\u2026]++(?P<close>["'\u201d\u2019*_)\]]*)(?=\s+["'\u201c\u2018*_(\[\u2014-]*[A-Z0-9]|\s*\Z)"""
)
ABBREVIATIONS = frozenset(
    "mr mrs ms dr st prof capt col gen lt sgt rev hon jr sr messrs mme mlle vs e.g i.e".split()  # noqa: SIM905
)


def sentence_ends(text: str) -> list[int]:
    """Offsets just behind each sentence, closing quotes and asterisks included."""
    return [match.end("close") for match in END.finditer(text) if not _is_abbreviation(match["word"], match)]


def _is_abbreviation(word: str, match: re.Match[str]) -> bool:
    if match["close"] or text_after_word(match) != ".":
        return False
    bare = word.strip("_'\u2019")
    return bare.lower() in ABBREVIATIONS or (len(bare) == 1 and bare.isupper() and bare != "I")


def text_after_word(match: re.Match[str]) -> str:
    """The punctuation that ends the sentence."""
    return match.string[match.end("word") : match.start("close")]
