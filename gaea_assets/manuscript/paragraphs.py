"""Paragraphs of a chunk, with where they stand."""

import re
from dataclasses import dataclass

BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)*\n|\n(?=[^\S\n]*\n)")
LINE_END = re.compile(r"\n")
SCENE_BREAK = re.compile(r"(?:[*#~=_\u2022\u2014-][^\S\n]*){3,}|#|\u2042|[*]")
# Not any word behind "part" or "book": "Part of you wants to stay." is prose.
NUMBER = (
    r"(?:\d+|[ivxlc]+|(?:the\s+)?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third"
    r"|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf)th))"
)
HEADING = re.compile(
    rf"#{{1,6}}\s+\S.*|(?:chapter\s+\w+|(?:part|book)\s+{NUMBER})\b.{{0,60}}",
    re.IGNORECASE,
)
OPENING_QUOTES = "\"\u201c\u2018\u00ab'"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph and the offset of its first character in the chunk."""

    text: str
    start: int

    @property
    def is_break(self) -> bool:
        """A typographic scene break (`***`, `---`, `#`) or a heading: no prose."""
        line = self.text.strip()
        return bool(SCENE_BREAK.fullmatch(line) or HEADING.fullmatch(line))

    @property
    def is_dialogue(self) -> bool:
        """Opens with speech."""
        return self.text.lstrip().startswith(tuple(OPENING_QUOTES))


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of `text`: set apart by blank lines, or one a line where there are none."""
    divider = BLANK_LINES if BLANK_LINES.search(text) else LINE_END
    found, start = [], 0
    for match in [*divider.finditer(text), None]:
        end = match.start() if match else len(text)
        if text[start:end].strip():
            found.append(Paragraph(text[start:end], start))
        start = match.end() if match else end
    return found
