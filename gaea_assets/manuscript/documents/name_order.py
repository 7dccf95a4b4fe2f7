"""The order in which the files of a folder are read: by the numbers and places that their names tell."""

import re
from collections.abc import Iterable

from gaea_assets.manuscript.documents.dates_and_numbers import SPELLED_VALUES, TENS, UNITS, roman

OTHER = -1
PLACES = dict.fromkeys(("prologue", "prolog", "foreword", "preface"), -2) | dict.fromkeys(
    ("epilogue", "epilog", "afterword"), 1 << 40
)
WORDS = re.compile(rf"\d+|(?i:{'|'.join(TENS)})[\s_-]+(?i:{'|'.join(UNITS[:9])})(?![^\W\d_])|[^\W\d_]+|[\W_]+")
ROMAN = re.compile("(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


def in_order(names: Iterable[str]) -> list[str]:
    """Names of files, chapter2 before chapter10, Two behind One, IX behind V, a prologue first, an epilogue last."""
    found = {name: WORDS.findall(name) for name in names}
    # Part H, Part I, Part J are letters: a numeral of two or more says that the names count with them.
    with_roman = any(len(word) > 1 and ROMAN.fullmatch(word) for words in found.values() for word in words)

    def key(name: str) -> tuple[list[tuple[int, str]], str]:
        places = [(_place(word, with_roman), word.casefold()) for word in found[name]]
        return [(place, word if place == OTHER else "") for place, word in places], name

    return sorted(found, key=key)


def _place(word: str, with_roman: bool) -> int:
    """Where a word stands among others at its place in a name."""
    small = " ".join(re.split(r"[\s_-]+", word.casefold()))
    if small.isdecimal():
        return int(small)
    if with_roman and ROMAN.fullmatch(word):
        return roman(word)
    return SPELLED_VALUES.get(small, PLACES.get(small, OTHER))
