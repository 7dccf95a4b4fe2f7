"""A chunk parsed once for its tags: what is told, spoken and thought."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gaea_assets.manuscript.paragraphs import paragraphs
from gaea_assets.style import dialogue, italics, typography
from gaea_assets.style.tokens import WORD, sentences

_OWN = re.compile(
    r"”,? (?:I|you) (?!are|were|have|had|know)[a-z]+|"
    r"\b(?:[Yy]ou|I) (?:\w+ly )?(?:say|said|ask|asked|answer|answered|tell|told|repl\w+)\b|said I\b"
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of narration, speech and italic thoughts cut out.

    Attributes:
        text: The sentence; `“”` stands where speech was.
        words: Its words in lower case.
        beat: Whether it stands in a paragraph that is mostly speech (*she said, and put down her cup*).
    """

    text: str
    words: list[str]
    beat: bool


@dataclass(frozen=True)
class Speech:
    """The speech of one paragraph.

    Attributes:
        text: What is said.
        own: Whether the narration beside it gives it to *I* or *you* (`“Go,” you say`).
    """

    text: str
    own: bool


@dataclass(frozen=True)
class Telling:
    """A chunk, told apart.

    Attributes:
        paragraphs: Canonical paragraphs, headings and scene breaks left out.
        told: Sentences of narration that hold a word.
        spoken: Speech of each paragraph that has some.
        thoughts: Italic thoughts.
    """

    paragraphs: list[str]
    told: list[Sentence]
    spoken: list[Speech]
    thoughts: list[str]

    @property
    def spoken_words(self) -> int:
        """Words in speech."""
        return sum(len(WORD.findall(speech.text)) for speech in self.spoken)

    @property
    def thought_words(self) -> int:
        """Words in italic thoughts."""
        return sum(len(WORD.findall(text)) for text in self.thoughts)


def telling(text: str) -> Telling:
    """Parse the text of one chunk, as the author wrote it."""
    prose = [paragraph.text for paragraph in paragraphs(text) if not paragraph.is_break]
    canonical = [part for part in typography.normalise("\n\n".join(prose)).split("\n\n") if part]
    told: list[Sentence] = []
    thoughts: list[str] = []
    spoken: list[Speech] = []
    for narration, speech in zip(*dialogue.split(canonical), strict=True):
        if "*" in narration:
            thoughts += [italic.text for italic in italics.find(narration) if italic.thought]
            narration = italics.without_thoughts(narration)
        if speech:
            spoken.append(Speech(speech, bool(_OWN.search(narration))))
        beat = len(speech) > len(narration)
        for sentence in sentences(narration):
            if words := [word.lower() for word in WORD.findall(sentence)]:
                told.append(Sentence(sentence, words, beat))
    return Telling(canonical, told, spoken, thoughts)
