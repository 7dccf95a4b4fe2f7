"""Numbers spelled out or in Roman numerals, and lines that only say when, or where and when."""

import re

from gaea_assets.manuscript.documents.line_shapes import NUMERAL, TITLE_LENGTH

ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen")
TEENS = ("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SPELLED_VALUES = {word: value for value, word in enumerate([*UNITS, *TEENS], start=1)}
SPELLED_VALUES |= {
    f"{tens}{unit}": 10 * value + number
    for value, tens in enumerate(TENS, start=2)
    for number, unit in enumerate(["", *(f" {unit}" for unit in UNITS[:9])])
}
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
DAYS = "mon|tues|wednes|thurs|fri|satur|sun"
WHEN = re.compile(
    rf"(?:{MONTHS})\.?|(?:{DAYS})day|(?:1\d|20)\d\d|\d{{1,2}}[:.]\d\d(?:[ap]\.?m\.?)?|(?:spring|summer|autumn|winter)"
    r"|(?:mid)?night|noon|midday|morning|afternoon|evening|(?:the\s)?\d{1,2}(?:st|nd|rd|th)",
    re.IGNORECASE,
)
WITH_IT = re.compile(r"\d{1,2}|[ap]\.?m\.?|of|the|in|at|on|a\.d\.|b\.c\.|o'clock|\d{1,2}[ap]m", re.IGNORECASE)


def roman(numeral: str) -> int:
    """The number that a Roman numeral in capitals stands for."""
    values = [ROMAN_VALUES[letter] for letter in numeral]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def numeral(text: str) -> int:
    """The number that `12.` or `XII` stands for; 0 for anything else."""
    if not NUMERAL.fullmatch(text):
        return 0
    bare = text.rstrip(".")
    return int(bare) if bare.isdigit() else roman(bare)


def spelled_number(text: str) -> int:
    """The number that `Three` or `Twenty-One` stands for; 0 for anything else, small letters included."""
    if len(text) > TITLE_LENGTH or not text[:1].isupper():
        return 0
    return SPELLED_VALUES.get(" ".join(re.split(r"[\s-]+", text.rstrip(".").lower())), 0)


def any_number(text: str) -> int:
    """The number that `12.`, `XII` or `Twelve` stands for; 0 for anything else."""
    return numeral(text) or spelled_number(text)


def is_date(text: str) -> bool:
    """Whether a line only says when, or where and when: `London, 3 June 1914`, `5 May. The Castle.`, `9:15 p.m.`."""
    text = text.strip("*_")
    if len(text) > TITLE_LENGTH or "\n" in text or not text[:1].isalnum():
        return False
    words = [word for word in re.split(r"(?:[\s,;\u2014\u2013/-]|\.\Z|(?<=\w{3})\.(?=\s))+", text) if word]
    when = [bool(WHEN.fullmatch(word)) for word in words]
    others = [word for word, is_when in zip(words, when, strict=True) if not is_when and not WITH_IT.fullmatch(word)]
    told_apart = not others or any(map(str.isdigit, text)) or "," in text
    return (
        any(when) and told_apart and len(others) <= 4 and all(word[0].isupper() and word.isalpha() for word in others)
    )
