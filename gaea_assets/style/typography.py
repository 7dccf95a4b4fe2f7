"""Bring every text to one typography, so that an editor's or a publisher's habit is never taken for a voice.

Canonical text has `“ ”` around speech (whatever the source used), `‘ ’` around a quotation inside speech,
`'` as apostrophe only, `—` for every dash between words, `...` for an ellipsis, `*` around italics, a blank
line between paragraphs and `Mr` without a full stop. Nothing here looks at style.
"""

# ruff: noqa: RUF001, RUF002 - typographic quotes and dashes are what this is about

from __future__ import annotations

import re
import unicodedata

_CHARACTERS = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": None, "\ufeff": None, "\u00ad": None,
        "\u2026": "...", "\u2015": "—", "\u2012": "—", "\u201f": '"', "\u201a": "‘", "\u201e": "“",
        "«": "“", "»": "”", "「": "“", "」": "”",
        "\u02bc": "'", "`": "'", "\u2032": "'", "\u2010": "-", "\u2011": "-", "\t": " ",
    }
)  # fmt: skip
_LOW_QUOTES = (re.compile(r"„([^„“”\"]*)[“\"]"), re.compile(r"‚([^‚‘’]*)‘"))  # German: what opens elsewhere closes
_INWARD = (re.compile(r"»(?=\w)"), re.compile(r"«(?=\w)"))
_TITLES = re.compile(r"\b(Mr|Mrs|Ms|Dr|St|Prof|Capt|Col|Gen|Lt|Sgt|Rev|Hon|Messrs|Mme|Mlle|Jr|Sr|Esq)\.(?= ?\w?)")
_DASHES = re.compile(r"\s*(?:—|–(?!\d)|(?<=\s)-(?=\s)|-{2,4})+\s*")
_ELLIPSIS = re.compile(r"\.(?: ?\.){2,}")
_UNDERSCORE = re.compile(r"(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)")
_BREAK = re.compile(r"\n[ \t]*\n\s*")
_SPACES = re.compile(r"[ \t]+|\n")
_ELISIONS = (
    "tis|twas|twere|twill|twould|em|im|bout|cause|cept|neath|mongst|gainst|ud|un|uns|pon|"
    "ome|ope|ouse|alf|nuff|fraid|spose|tween|scuse|ard|ead"
)
_ELISIONS_THAT_ARE_WORDS = "er|is|e|till|til|ere|ave|old|ow|and|n|way|round|gin|low|ear|ell|igh"


def _opening(elisions: str) -> re.Pattern[str]:
    """A single quote that opens speech: after a gap, before a letter, no known elision (*'tis*)."""
    return re.compile(rf"(?<![\w.,!?;:…])['‘](?=[\w\"“*—.\x01])(?!(?:{elisions}|\d\ds?)\b(?!'))", re.IGNORECASE)


# Where single quotes hold the speech, *'and* is far more often speech than an elision.
_SPEECH_OPEN = _opening(_ELISIONS)
_SINGLE_OPEN = _opening(f"{_ELISIONS}|{_ELISIONS_THAT_ARE_WORDS}")
_SINGLE_CLOSE = re.compile(r"(?<=[.,!?;:—…*\"”)\x02])['’](?!\w)|(?<=\w)['’](?=[\s,.;:!?)—”\"]|$)")
_PUNCTUATED_CLOSE = re.compile(r"(?<=[.,!?;:—…])['’](?=\s|$|—)")
_PARAGRAPH_QUOTE = re.compile(r"(?:^|\n)[ *]*(['‘\"“])(?=[A-Z*])(?!(?i:" + _ELISIONS + r")\b)")
_DOUBLE_OPEN = re.compile(r'(?:(?<=[\s(\[—*\'‘])|^)"(?=\S)|(?<=[\s(\[—])"$')


def normalise(text: str) -> str:
    """Return `text` in canonical typography.

    Args:
        text: Any prose, with paragraphs parted by blank lines.

    Returns:
        Canonical text; empty for text without a visible character.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _foreign_quotes(text).translate(_CHARACTERS)
    text = _ELLIPSIS.sub("...", _TITLES.sub(r"\1", text))
    if "_" in text:
        text = _UNDERSCORE.sub(r"*\1*", text)
    single = speaks_in_single_quotes(text)
    parts = (_SPACES.sub(" ", part).strip() for part in _BREAK.split(text))
    return "\n\n".join(_quotes(_DASHES.sub("—", part), single) for part in parts if part)


def _foreign_quotes(text: str) -> str:
    """Give German and Japanese quotes the direction that `_CHARACTERS` takes for granted."""
    if "„" in text or "‚" in text:
        text = _LOW_QUOTES[1].sub(r"‘\1’", _LOW_QUOTES[0].sub(r"“\1”", text))
    if "»" in text and len(_INWARD[0].findall(text)) > len(_INWARD[1].findall(text)):
        text = text.replace("»", "“").replace("«", "”") if "«" in text else text.replace("»", '"')
    if "『" in text:
        text = text.translate(str.maketrans("『』", "‘’" if "「" in text else "“”"))
    return text


def speaks_in_single_quotes(text: str) -> bool:
    """Say whether speech stands in single quotes (the British habit) rather than in double ones."""
    begins = [match.group(1) in "'‘" for match in _PARAGRAPH_QUOTE.finditer(text)]
    if begins and sum(begins) * 2 != len(begins):
        return sum(begins) * 2 > len(begins)
    double = sum(text.count(mark) for mark in '"“”') / 2
    return len(_PUNCTUATED_CLOSE.findall(text)) > max(double, 0) and bool(_SINGLE_OPEN.search(text))


def _quotes(paragraph: str, single: bool) -> str:
    """Give the quotes of one paragraph their direction and level."""
    if '"' in paragraph:
        paragraph = _direct_doubles(paragraph)
    if "'" not in paragraph and "‘" not in paragraph and "’" not in paragraph:
        return paragraph
    if single:
        paragraph = paragraph.replace("“", "\x01").replace("”", "\x02")
        paragraph = _pair_singles(paragraph, "“", "”").replace("\x01", "‘").replace("\x02", "’")
        return _apostrophes(paragraph)
    return _apostrophes(_pair_singles(paragraph, "‘", "’")) if "‘" in paragraph or " '" in paragraph else (
        paragraph.replace("’", "'")
    )  # fmt: skip


def _direct_doubles(paragraph: str) -> str:
    """Turn straight double quotes into opening and closing ones, by what stands before them."""
    opened = _DOUBLE_OPEN.sub("“", paragraph)
    return opened.replace('"', "”")


def _pair_singles(paragraph: str, left: str, right: str) -> str:
    """Replace paired single quotes by `left` and `right`; a lone one is an apostrophe.

    A quote after a letter (`the boys' coats`) closes only when no better candidate follows before the next
    opening.
    """
    opening = _SPEECH_OPEN if left == "“" else _SINGLE_OPEN
    openings = [m.start() for m in opening.finditer(paragraph)]
    if not openings:
        return paragraph
    out = list(paragraph)
    closings = [m.start() for m in _SINGLE_CLOSE.finditer(paragraph)]
    end_of_last = -1
    for number, start in enumerate(openings):
        if start < end_of_last:
            continue
        limit = openings[number + 1] if number + 1 < len(openings) else len(paragraph)
        inside = [c for c in closings if start < c < limit]
        strong = [c for c in inside if not paragraph[c - 1].isalnum()]
        close = strong[0] if strong else (inside[-1] if inside else -1)
        if close < 0 and (left == "‘" or number + 1 < len(openings)):
            continue
        out[start] = left
        if close >= 0:
            out[close] = right
            end_of_last = close
    return "".join(out)


def _apostrophes(paragraph: str) -> str:
    """Make the single quotes inside words apostrophes and leave paired ones alone."""
    if "’" not in paragraph:
        return paragraph
    depth = 0
    out = []
    for index, mark in enumerate(paragraph):
        if mark == "‘":
            depth += 1
        elif mark == "’":
            inside_word = index + 1 < len(paragraph) and paragraph[index + 1].isalnum()
            if depth and not inside_word:
                depth -= 1
            else:
                mark = "'"
        out.append(mark)
    return "".join(out)
