"""Find an author's notes to themself that were left in the text.

Brackets alone say little: translators, radio voices, stage directions and game-like systems use them. What stands in
them decides: words about the writing itself (scene, dialogue, rewrite, placeholder) beside a request, or a set phrase.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from gaea_assets.manuscript.chunk import Chunk, chunk_name
from gaea_assets.manuscript.lines import lines
from gaea_assets.manuscript.quality import note_patterns as patterns
from gaea_assets.manuscript.quality.findings import Finding, fault, place, shorten, verdict_of
from gaea_assets.verdict import Verdict

MOST_WORDS = 8
"""Of an aside in brackets; an editor's explanation is longer."""
MOST_OF_NOTE = 20
"""Words of a line `Note: ...`; an editor's footnote is longer."""
REMEDY = "settle it and remove the note"
Found = Iterator[tuple[int, int, str]]
"""First character, one past the last, and what it is."""


@dataclass(frozen=True)
class Usage:
    """What a mark is besides, in this manuscript."""

    tk_is_name: bool
    xxx_is_number: bool


def editing_notes(chunks: Sequence[Chunk]) -> Verdict:
    """No mark of an unfinished text: TODO, TK, xxx, comments, version and planning lines, a review's or a chatbot's.

    Should block: the model learns to write notes into its prose, the faults are few and each is mended in a minute.

    Args:
        chunks: The chunks to look at, with the headings that they stand under.

    Returns:
        A fault for each mark; figures `chunks`, `chunks_with_notes`, `notes`.
    """
    return _verdict(chunks, partial(_marks, usage=_usage(chunks)))


def bracketed_notes(chunks: Sequence[Chunk]) -> Verdict:
    """No likely note of the author's to themself: `[insert name]`, `[brackets]`, `(add description)`, `in XXX street`.

    Should warn: an editor's words inside a quotation and stage directions stand in brackets too. In 470 public-domain
    novels, 26 million words, 160 were taken for notes, 136 of them in two annotated editions.

    Args:
        chunks: The chunks to look at, with the headings that they stand under.

    Returns:
        A fault for each note; figures `chunks`, `chunks_with_notes`, `notes`.
    """
    return _verdict(chunks, _doubtful)


def _usage(chunks: Sequence[Chunk]) -> Usage:
    texts = [text for chunk in chunks for text in (chunk.text, chunk.chapter)]
    return Usage(
        tk_is_name=any("TK" in text and patterns.TK_IS_NAME.search(text) for text in texts),
        xxx_is_number=any(number in text for text in texts for number in patterns.NEAR_THIRTY),
    )


def _verdict(chunks: Sequence[Chunk], find: Callable[[str], Found]) -> Verdict:
    begins = [_heading(chunk) != before for before, chunk in zip([None, *map(_heading, chunks)], chunks, strict=False)]
    work = list(zip(chunks, begins, strict=True))
    characters = sum(len(chunk.text) for chunk in chunks)
    return verdict_of(partial(_faults, find), work, characters, "chunks_with_notes", "notes")


def _heading(chunk: Chunk) -> tuple[str, str, str]:
    """The heading that a chunk stands under, told from the same words in another document."""
    document = "" if chunk_name(PurePath(chunk.source).name) else chunk.source.partition(" (chunk ")[0]
    return chunk.manuscript, document, chunk.chapter


def _faults(find: Callable[[str], Found], work: tuple[Chunk, bool]) -> list[str]:
    """A line for each note in a chunk; first those in its heading, where it is the first chunk under it."""
    chunk, begins = work
    where = place(chunk, 0).rpartition(": line ")[0]
    headings = _notes_in_heading(chunk.chapter, find) if begins else []
    told = [f"{where}: heading: {note.what}: {shorten(note.text)!r}; {note.remedy}" for note in headings]
    return told + [fault(chunk, note) for note in _notes(chunk.text, find)]


def _notes_in_heading(chapter: str, find: Callable[[str], Found]) -> list[Finding]:
    """The notes in a heading, or in one of several that follow each other: these are joined by colons."""
    return list(_notes(chapter, find)) or [note for part in chapter.split(": ") for note in _notes(part, find)]


def _notes(text: str, find: Callable[[str], Found]) -> Iterator[Finding]:
    """The notes in a text, each place once, in order of the lines."""
    for start, line in lines(text):
        if not (any(mark in line for mark in patterns.MARKS) or patterns.OPENING.match(line)):
            continue
        taken: list[tuple[int, int]] = []
        for begin, end, what in find(line):
            if not any(begin < b and a < end for a, b in taken):
                taken.append((begin, end))
                shown = line[begin:end] if end - begin > 12 else line[max(0, begin - 20) : end + 20]
                yield Finding(start + begin, shown, what, REMEDY)


def _doubtful(line: str) -> Found:
    for match in patterns.GROUP.finditer(line):
        if what := _of_group(match):
            yield *match.span(), what
    for match in patterns.PARENTHESIS.finditer(line):
        yield *match.span(), "a note in parentheses"
    for match in patterns.ARROWS.finditer(line):
        if is_note(match["said"]):
            yield *match.span(), "a note between arrows"
    for match in patterns.XXX_IN_PROSE.finditer(line):
        yield *match.span(), "a placeholder"
    for match in patterns.STRUCK_OUT.finditer(line):
        yield *match.span(), "struck-out text"
    note = patterns.NOTE_LINE.match(line)
    if note and len(line.split()) <= MOST_OF_NOTE and is_note(note["rest"]) and not patterns.ORDER.match(note["rest"]):
        yield *note.span(), "a note"


def _marks(line: str, usage: Usage) -> Found:
    for match in patterns.GROUP.finditer(line):
        said = (match["square"] or match["round"] or match["curly"]).strip()
        if patterns.CERTAIN.match(said) or (match["square"] and _is_signed(said)):
            yield *match.span(), "an editing mark"
    note = patterns.NOTE_LINE.match(line)
    if note and patterns.ORDER.match(note["rest"]):
        yield *note.span(), "a note on what to do"
    for pattern, what in patterns.INLINE:
        for match in pattern.finditer(line):
            yield *match.span(), what
    yield from _tk_and_xxx(line, usage)
    if residue := patterns.ASSISTANT.search(line):
        yield *residue.span(), "what a chat assistant says around a text"
    comment = patterns.COMMENT.search(line)
    if comment and not line.endswith("//") and is_note(comment["all"] or comment["rest"]):
        yield *comment.span(), "a comment behind //"


def _tk_and_xxx(line: str, usage: Usage) -> Found:
    if not usage.tk_is_name:
        for match in patterns.BARE_TK.finditer(line):
            yield *match.span(), "an editing mark"
    for match in patterns.XXX_MARK.finditer(line):
        written = match["alone"] or match["colon"] or match["round"]
        if not (usage.xxx_is_number and len(written) == len("XXX")):
            yield *match.span(), "an editing mark"
    for match in patterns.XXX_IN_WORDS.finditer(line):
        yield *match.span(), "an editing mark"


def _is_signed(said: str) -> bool:
    """Whether an editor signs, or initials and a colon stand before words in lower case, or a note."""
    if patterns.SIGNED_AS.match(said):
        return True
    match = patterns.INITIALS.fullmatch(said)
    return match is not None and (match["rest"][0].islower() or is_note(match["rest"]))


def _of_group(match: re.Match[str]) -> str:
    """What a bracketed text is; empty where it belongs to the story."""
    if match["square"] is not None:
        return "a note in brackets" if is_note(match["square"]) or _is_aside(match) else ""
    if match["round"] is not None:
        return "a note in double brackets" if is_note(match["round"]) else ""
    said = match["curly"].strip()
    name = re.fullmatch(r"[a-z]+(?:_[a-z]+)*|[A-Z]+(?:_[A-Z]+)*|[+>~=-]{2}.*", said)
    return "a placeholder in braces" if name or is_note(said) else ""


def _is_aside(match: re.Match[str]) -> bool:
    """Whether square brackets hold a few words in lower case: no letters of a word, name in a chat or transcript's."""
    said, line = match["square"].strip(), match.string
    inside = (match.start() and line[match.start() - 1].isalpha()) or line[match.end() : match.end() + 1].isalpha()
    if inside or line.startswith(":", match.end()) or patterns.TRANSCRIPT.fullmatch(said):
        return False
    return len(said) > 1 and said[0].islower() and len(said.split()) <= MOST_WORDS


def is_note(said: str) -> bool:
    """Whether bracketed words are about the writing: a mark, a set phrase, or a request and a writer's word."""
    said = said.strip(" *_-\u2013\u2014.")
    if not said:
        return False
    if patterns.MARK.search(said) or patterns.SET_PHRASE.search(said) or patterns.ORDER.search(said):
        return True
    return bool(patterns.REQUEST.search(said) and patterns.CRAFT.search(said))
