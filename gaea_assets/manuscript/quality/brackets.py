"""Tell a note in brackets from a story's own brackets: radio voices, stage directions, a system that speaks in them."""

import re
from collections.abc import Sequence

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality import note_patterns as patterns

MOST_WORDS = 8
"""Of an aside in brackets; an editor's explanation is longer."""
SYSTEM_GROUPS = 10
"""Bracketed groups at least, where a system speaks in brackets."""
SYSTEM_CHUNKS = 5
"""Chunks at least that they stand in."""


def is_note(said: str) -> bool:
    """Whether bracketed words are about the writing; what orders something in lower case is too."""
    said = said.strip(" *_-\u2013\u2014.")
    return bool(said) and (is_about_writing(said) or bool(patterns.ORDER.search(said)))


def is_about_writing(said: str) -> bool:
    """Whether words are a mark, a set phrase, or a request and a writer's word."""
    return _is_set(said) or bool(patterns.REQUEST.search(said) and patterns.CRAFT.search(said))


def is_signed(said: str) -> bool:
    """Whether an editor signs, or initials and a colon stand before words in lower case, or a note."""
    if patterns.SIGNED_AS.match(said):
        return True
    match = patterns.INITIALS.fullmatch(said)
    return match is not None and (match["rest"][0].islower() or is_note(match["rest"]))


def bracketed_note(match: re.Match[str], of_a_system: bool) -> str:
    """What a bracketed text is; empty where it belongs to the story.

    Args:
        match: A match of `note_patterns.GROUP` in a line.
        of_a_system: Whether something in the story speaks in brackets: orders and questions are the story's then.
    """
    if of_a_system and not _is_of_the_writing(match):
        return ""
    if match["square"] is not None:
        note = is_note(match["square"]) or _is_aside(match) or patterns.REMARK.match(match["square"])
        return "a note in brackets" if note else ""
    if match["round"] is not None:
        return "a note in double brackets" if is_note(match["round"]) else ""
    return "a placeholder in braces" if _is_name(match) or is_note(match["curly"].strip()) else ""


def system_speaks(chunks: Sequence[Chunk]) -> bool:
    """Whether so many brackets stand in so many chunks of a manuscript that something in the story speaks in them."""
    counts = [sum(map(_can_be_a_system, patterns.GROUP.finditer(chunk.text))) for chunk in chunks]
    return sum(counts) >= SYSTEM_GROUPS and sum(map(bool, counts)) >= SYSTEM_CHUNKS


def _can_be_a_system(match: re.Match[str]) -> bool:
    """Whether brackets are neither about the writing nor about the page, the word or the footnote."""
    if _in_a_word(match) or patterns.TRANSCRIBER.match(match.group()):
        return False
    return any(map(str.isalpha, match.group())) and not _is_of_the_writing(match)


def _is_set(said: str) -> bool:
    return bool(patterns.MARK.search(said) or patterns.SET_PHRASE.search(said))


def _is_of_the_writing(match: re.Match[str]) -> bool:
    """Whether bracketed words hold a writer's word or a mark, or fill a gap in a sentence: `in [city] for years`."""
    said = match.group().strip("[](){} *_-\u2013\u2014.")
    if patterns.CRAFT.search(said) or (match["curly"] and _is_name(match)):
        return True
    if _is_set(said) and not patterns.COMMAND.match(said):
        return True
    gap = re.fullmatch(r"[a-z]+(?: [a-z]+){0,2}", said)
    return bool(gap and patterns.BEFORE_A_GAP.search(match.string[: match.start()]))


def _is_name(match: re.Match[str]) -> bool:
    return bool(re.fullmatch(r"[a-z]+(?:_[a-z]+)*|[A-Z]+(?:_[A-Z]+)*|[+>~=-]{2}.*", match["curly"].strip()))


def _in_a_word(match: re.Match[str]) -> bool:
    line = match.string
    return (match.start() > 0 and line[match.start() - 1].isalpha()) or line[match.end() : match.end() + 1].isalpha()


def _is_aside(match: re.Match[str]) -> bool:
    """Whether square brackets hold a few words in lower case: no letters of a word, name in a chat or transcript's."""
    said = match["square"].strip()
    if _in_a_word(match) or match.string.startswith(":", match.end()) or patterns.TRANSCRIPT.fullmatch(said):
        return False
    return len(said) > 1 and said[0].islower() and len(said.split()) <= MOST_WORDS
