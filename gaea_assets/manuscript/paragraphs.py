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
# What speech opens with: a quotation mark of any language, or a dash at a word.
SPEECH = re.compile("\\s*(?:[\"\u201c\u201e\u2018\u201a\u00ab\u00bb\u2039\u203a']|(?:[\u2014\u2013]|--?)\\s?(?=\\w))")
CLOSED = re.compile(r"[.,!?\u2026\u2014-]['\u2019]")


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
        return bool(SPEECH.match(self.text))

    @property
    def goes_on(self) -> bool:
        """Its speech is not closed: one speaker's tale, or a letter read out, that the next paragraph goes on with."""
        text = self.text.strip()
        if text.startswith("\u201c"):
            return text.count("\u201c") > text.count("\u201d")
        if text.startswith('"'):
            return text.count('"') % 2 == 1
        return text.startswith(("\u2018", "'")) and not CLOSED.search(text)


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
