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
# What speech opens with: a quotation mark of any language, in italics or not, or a dash at a word.
SPEECH = re.compile(
    "\\s*(?:[*_]{0,3}[\"\u201c\u201e\u2018\u201a\u00ab\u00bb\u2039\u203a'\u300c\u300e]"
    "|(?:[\u2014\u2013]|--?)\\s?(?=\\w))"
)
CLOSED = re.compile(r"[.,!?\u2026\u2014-]['\u2019]")
# The closing mark behind the last words of a speech: a quoted word has no stop before it.
ENDS_QUOTED = re.compile(
    "(?:[.,!?\u2026\u2014\u2013-][*_]{0,3}[\"\u201d\u201c\u2019'\u00bb\u00ab\u203a\u2039]|[\u300d\u300f])[*_]{0,3}\\Z"
)
# `Tom said, "...`, `Tom said "...` and `She turned to him: "...`: up to the speech no sentence ends.
TAGGED = re.compile(
    '\\s*(?:(?:Mrs?|Ms|Dr|St)\\.|[^.!?"\u201c\u201d\u201e\u2018\u00ab\u300c\\n]){2,80}'
    r"(?:[,:]|\b(?:said|says|say|asked|asks|ask|replied|replies|reply|answered|answers|answer|whispered|whispers|whisper))"
    r"\s?[*_]{0,3}"
    "(?P<mark>[\"\u201c\u201e\u00ab\u300c](?=\\S)|[\u2018'](?=[A-Z]))"
)
# `TOM: ...`, `MRS. POTTS (aside): ...`, `**Tom:** ...`
SCRIPT = re.compile(
    r"\s*(?:[*_]{0,3}[A-Z][A-Z'\u2019-]+(?:\.? [A-Z][A-Z'\u2019-]*){0,3}(?:\s?\([^()\n]{1,60}\))?"
    r"[*_]{0,3}:[*_]{0,3}\s+\S"
    r"|\*\*[A-Z][\w'\u2019 -]{0,30}(?::\*\*|\*\*:)\s+\S)"
)
CLOSERS = {'"': '"', "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u2018": "\u2019", "'": "'", "\u00ab": "\u00bb"}
"""Marks that close a speech, by the one that opens it."""
TAIL = 8
"""Words behind a tagged speech that still belong to it: `Tom said, "Go," and went to the door.`"""


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
    def begins_spoken(self) -> bool:
        """Is speech from its first words on: it opens with it, or with who speaks (`Tom said, "...`, `TOM: ...`)."""
        return self.is_dialogue or bool(SCRIPT.match(self.text)) or self._is_tagged

    @property
    def ends_spoken(self) -> bool:
        """Leaves off in a conversation: it is speech from its first words on, or its last words are."""
        return self.begins_spoken or bool(ENDS_QUOTED.search(self.text.rstrip()[-8:]))

    @property
    def _is_tagged(self) -> bool:
        """Whether it is a tag and a speech with few words behind it, no narration that quotes something."""
        match = TAGGED.match(self.text)
        if not match:
            return False
        closers = CLOSERS.get(match["mark"], "\u300d")
        # An apostrophe is no end of a speech: a stop stands before that.
        ends = [at.end() for at in re.finditer(rf"[.,!?\u2026\u2014-][{closers}](?!\w)|[\u300d]", self.text)]
        return not ends or len(self.text[ends[-1] :].split()) <= TAIL

    @property
    def goes_on(self) -> bool:
        """Its speech is not closed: one speaker's tale, or a letter read out, that the next paragraph goes on with."""
        text = self.text.strip().strip("*_")
        if text.startswith(("\u2018", "'")):
            return not CLOSED.search(text)
        if "\u201e" in text:
            return text.count("\u201e") > text.count("\u201c") + text.count("\u201d")
        if "\u201c" in text and not text.startswith('"'):
            return text.count("\u201c") > text.count("\u201d")
        if "\u300c" in text:
            return text.count("\u300c") > text.count("\u300d")
        # Closed too is one that began in a paragraph before.
        return text.count('"') % 2 == 1 and (text.startswith('"') or not text.endswith('"'))


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
