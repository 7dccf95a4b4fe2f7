"""Scene breaks that an author sets by marks of their own, or by their name."""

import re
from itertools import pairwise

STOPS = r".,:;?!\u2026\u00bf\u00a1\u203d"
# What a speaker or a narrator can mean by marks alone: "...", "?!", silence between quotation marks.
SPOKEN = re.compile(rf"[\u2014\u2013-]*+[^\S\n]?[{STOPS}]++(?:[^\S\n][{STOPS}]++)*+[\u2014\u2013-]*+")
ROW = re.compile(r"\.(?:[^\S\n]++\.)++|([,:;])(?:[^\S\n]*+\1){2,}+")
QUOTATION = re.compile("[\"'\u2018-\u201f\u00ab\u00bb\u300c-\u300f]")
PICTURE = "\ufe0f|[\U0001f000-\U0001f64f\U0001f680-\U0001faff]"
PICTURES = re.compile(PICTURE)
EMOTICON = re.compile(f"[:;=][-'^]?[()\\[\\]/\\\\|*]|(?<!\\^)\\^[_.-]?\\^(?!\\^)|{PICTURE}")
NAMED = re.compile(r"[\[({<*_~=\s-]*+scene[\s-]?break[\])}>*_~=\s-]*+", re.IGNORECASE)
AROUND_LETTERS = re.compile(r"[\s*~=_.\u2022\u2014\u2013-]")
LONGEST = 200


def is_ornament(text: str) -> bool:
    """Whether a paragraph is a scene break: no letter and no digit, `oOo` and its like, or `[scene break]`."""
    if len(text) > LONGEST or "\n" in text:
        return False
    if not any(map(str.isalnum, text)):
        return not _can_be_meant(text)
    return bool(NAMED.fullmatch(text)) or (text.strip("-*~=_. ")[:1] in tuple("oxOX") and _is_row_of_letters(text))


def is_row_of_pictures(text: str) -> bool:
    """Whether a paragraph is emoji and marks alone: an ornament, or what somebody sends."""
    if len(text) > LONGEST or "\n" in text or any(map(str.isalnum, text)):
        return False
    return bool(PICTURES.search(text)) and not QUOTATION.search(text)


def _can_be_meant(text: str) -> bool:
    bare = text.strip("*_ ")
    if not bare:
        return False
    if QUOTATION.search(bare) or EMOTICON.search(bare):
        return True
    return bool(SPOKEN.fullmatch(bare)) and not ROW.fullmatch(bare)


def _is_row_of_letters(text: str) -> bool:
    """`oOo`, `o0o`, `x X x`, `o o o`; an `xxx` or `XXX` is an editing note."""
    row = AROUND_LETTERS.sub("", text)
    if len(row) < 3 or row.strip("oxOX0") or row.isdigit():
        return False
    alternating = all(a.islower() != b.islower() for a, b in pairwise(row))
    spaced = len(set(row)) == 1 and len(text.split()) == len(row)
    third = len(row) // 3
    repeated = len(row) % 3 == 0 and row == row[:third] * 3 and row.lower().strip("x") != ""
    return alternating or spaced or (repeated and not row.isupper())
