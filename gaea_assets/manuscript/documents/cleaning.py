"""Plain spaces and line ends only, and nothing in a text that is not seen."""

import re
import unicodedata
from collections.abc import Callable

from gaea_assets.manuscript.documents.repairs import Repair, replaced

# Joiners spell words in Persian and the Indic scripts and hold emoji together.
JOINED = "\u0590-\u1cff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
CLEANING: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str], str], ...] = (
    (re.compile("\u2029"), "\n\n", "paragraph separators made blank lines"),
    (re.compile("[\u2028\u0085\x0b]"), "\n", "line separators made line ends"),
    (re.compile(r"\f(?:(?<=\n\f)|(?=[\n\f]|\Z)|(?<=\A\f))"), "", "page breaks left out"),
    (re.compile(r"\f"), "\n", "page breaks made line ends"),
    (re.compile("[\u00a0\u2000-\u200a\u202f\u205f]"), " ", "no-break and other special spaces made plain spaces"),
    (
        re.compile(f"[\u00ad\u200b-\u200f\u2060\ufeff](?<![{JOINED}][\u200c\u200d])"),
        "",
        "zero-width characters and soft hyphens left out",
    ),
    (
        re.compile("[\ufb00-\ufb06]"),
        lambda match: unicodedata.normalize("NFKC", match[0]),
        "ligatures of a printed page (\ufb01, \ufb02) made letters",
    ),
    (re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufff9-\ufffb]"), "", "control characters left out"),
)


def clean_characters(text: str, source: str) -> tuple[str, list[Repair]]:
    """`text` with plain spaces and line ends only, and nothing in it that is not seen."""
    repairs: list[Repair] = []
    for pattern, by, what in CLEANING:
        text, found = replaced(pattern, by, text, source, what)
        repairs += found
    return text, repairs
