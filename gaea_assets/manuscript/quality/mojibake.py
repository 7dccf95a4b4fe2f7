"""Find encoding damage that survived in a text that decodes without an error."""

import re
from collections.abc import Iterator, Sequence

import ftfy
from ftfy.badness import BADNESS_RE

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.lines import lines
from gaea_assets.manuscript.quality.findings import Finding, verdict_on
from gaea_assets.verdict import Verdict

_AROUND = 20
"""Characters shown on either side of the damage."""
_APOSTROPHE = r"(?:t|s|re|ve|ll|d|m)\b"
_SHAPES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile("\ufffd+"), "a character lost in decoding (U+FFFD)", "restore the character"),
    (
        re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]+"),
        "a control character",
        "remove it or restore the character that it stands for",
    ),
    (re.compile("[\u2028\u2029]"), "a line separator of a word processor", "make it a line end"),
    (re.compile("\ufffc"), "the mark of a picture or object that was pasted", "remove it"),
    # In Thai or Khmer a zero-width space parts words; beside Latin letters it is residue.
    (
        re.compile(r"\ufeff|\u00ad|(?<=[ -~])\u200b|\u200b(?=[ -~])"),
        "an invisible character that splits words",
        "remove it",
    ),
    (re.compile("[\ue000-\uf8ff]+"), "a character of a symbol font", "replace it by an ordinary character"),
    (
        re.compile(
            r"&(?:amp|lt|gt|quot|apos|nbsp|shy|[lrb][sd]quo|[mn]dash|hellip|eacute|[A-Za-z](?:acute|grave|uml|circ|cedil"
            r"|tilde|ring)|#\d{2,5}|#x[\da-fA-F]{2,5});"
        ),
        "an HTML entity",
        "write the character",
    ),
    (
        # `don?t`, and the byte 0xD5 or 0x92 of other systems' apostrophe, read as Latin-1 or code page 437.
        re.compile(
            rf"(?<=[a-z])[?\u00d5\u00c6]{_APOSTROPHE}"
            rf"|\b(?i:\w+[dksrl]n|don|can|won|it|that|there|what|s?he|you|they|we|i)\u00e2{_APOSTROPHE}"
        ),
        "a damaged apostrophe",
        "restore the apostrophe",
    ),
)
# ftfy also finds odd what it can't repair; only an accented letter with a symbol at it is surely damage.
_UNREPAIRABLE = re.compile(
    "[\u00c0-\u00ff][\u00a1-\u00aa\u00ac\u00af-\u00ba\u00bc-\u00be\u0192\u02c6\u02dc\u2020-\u2022\u2030\u20ac]"
)
# Lines without any of these need no look: the gate spends its time on the few that could be damaged.
_SUSPECT = re.compile(r"[^\t\n -~\u2018-\u201d\u2014\u2013\u2026]|&#?\w+;|[a-z]\?[a-z]")


def mojibake(chunks: Sequence[Chunk]) -> Verdict:
    """No encoding damage: sequences such as `â€™` and `Ã©`, lost, control and invisible characters, HTML entities.

    Should block: the model learns damaged characters as the author's spelling, each fault is certain enough to
    act on, and mending it is a search and replace. Accents, other scripts, curly quotes and emoji are no damage.

    Args:
        chunks: The chunks to look at.

    Returns:
        A fault for each damaged line and kind of damage; figures `chunks`, `damaged_chunks`, `damaged_places`.
    """
    return verdict_on(chunks, damage, "damaged_chunks", "damaged_places")


def damage(text: str) -> Iterator[Finding]:
    """The damage of a text, at most one finding a line and kind."""
    for start, line in lines(text):
        if not _SUSPECT.search(line):
            continue
        for shape, what, remedy in _SHAPES:
            if match := shape.search(line):
                yield Finding(start + match.start(), _excerpt(line, *match.span()), what, remedy)
        yield from _misread(start, line)


def _misread(start: int, line: str) -> Iterator[Finding]:
    """Bytes of one encoding read as another: what ftfy finds bad, and what it makes of it."""
    match = BADNESS_RE.search(line)
    if not match or "\ufffd" in match.group() or re.search(r"[\x7f-\x9f]", match.group()):
        return
    left, right = max(0, match.start() - _AROUND), match.end() + _AROUND
    repaired = ftfy.fix_encoding(line)
    remedy = "restore the characters"
    if repaired == line and not _UNREPAIRABLE.search(match.group()):
        return
    if repaired != line:
        same = next((n for n, (a, b) in enumerate(zip(line, repaired, strict=False)) if a != b), 0)
        remedy = f"should it be {' '.join(repaired[max(0, same - 10) : same + 15].split())!r}?"
    yield Finding(start + match.start(), line[left:right], "misread characters", remedy)


def _excerpt(line: str, start: int, end: int) -> str:
    return line[max(0, start - _AROUND) : end + _AROUND]
