"""Find an author's notes to themself that were left in the text.

Brackets alone say little: translators, radio voices, stage directions and game-like systems use them. What stands in
them decides: words about the writing itself (scene, dialogue, rewrite, placeholder) beside a request, or a set phrase.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath

from gaea_assets.manuscript.chunk import Chunk, chunk_name
from gaea_assets.manuscript.lines import lines
from gaea_assets.manuscript.quality import assistant
from gaea_assets.manuscript.quality import note_patterns as patterns
from gaea_assets.manuscript.quality.brackets import bracketed_note, is_about_writing, is_note, is_signed, system_speaks
from gaea_assets.manuscript.quality.findings import Finding, fault, place, shorten, verdict_of
from gaea_assets.manuscript.quality.quotations import quotation_around
from gaea_assets.verdict import Verdict

MOST_OF_NOTE = 20
"""Words of a line `Note: ...`; an editor's footnote is longer."""
LONGEST_SIGNATURE = 60
"""Characters of a letter's signature."""
REMEDY = "settle it and remove the note"
Found = Iterator[tuple[int, int, str]]
"""First character, one past the last, and what it is."""


@dataclass(frozen=True)
class Usage:
    """What a mark is besides, in this manuscript or chunk."""

    tk_is_name: bool
    xxx_is_number: bool
    system_speaks: bool
    """Whether something in the story speaks in brackets."""
    assistant_speaks: bool = False
    """Whether the chunk holds what only a chat assistant says."""
    signed: bool = False
    """Whether the line above is a few words without a full stop: a letter may end there."""


Find = Callable[[str, Usage], Found]
"""The notes in a line."""


def editing_notes(chunks: Sequence[Chunk]) -> Verdict:
    """No mark of an unfinished text: TODO, TK, xxx, comments, version and planning lines, a review's or a chatbot's.

    Should block: the model learns to write notes into its prose, the faults are few and each is mended in a minute.
    Hence only what no story says: what is quoted, and what a letter, a script or a sign can hold, is a likely note.

    Args:
        chunks: The chunks to look at, with the headings that they stand under.

    Returns:
        A fault for each mark; figures `chunks`, `chunks_with_notes`, `notes`.
    """
    return _verdict(chunks, _marks)


def bracketed_notes(chunks: Sequence[Chunk]) -> Verdict:
    """No likely note of the author's to themself: `[insert name]`, `[brackets]`, `(add description)`, `in XXX street`.

    Should warn: an editor's words inside a quotation and stage directions stand in brackets too. In 470 public-domain
    novels, 26 million words, 30 were taken for notes. Where something in the story speaks in brackets, or an editor
    explains words in them, only brackets about the writing are notes.

    Args:
        chunks: The chunks to look at, with the headings that they stand under.

    Returns:
        A fault for each note; figures `chunks`, `chunks_with_notes`, `notes`.
    """
    return _verdict(chunks, _doubtful)


def _verdict(chunks: Sequence[Chunk], find: Find) -> Verdict:
    begins = [_heading(chunk) != before for before, chunk in zip([None, *map(_heading, chunks)], chunks, strict=False)]
    usages = _usages(chunks)
    work = [(chunk, first, usages[chunk.manuscript]) for chunk, first in zip(chunks, begins, strict=True)]
    characters = sum(len(chunk.text) for chunk in chunks)
    return verdict_of(partial(_faults, find), work, characters, "chunks_with_notes", "notes")


def _usages(chunks: Sequence[Chunk]) -> dict[str, Usage]:
    """How each manuscript uses the marks, by its name."""
    manuscripts: defaultdict[str, list[Chunk]] = defaultdict(list)
    for chunk in chunks:
        manuscripts[chunk.manuscript].append(chunk)
    return {name: _usage(own) for name, own in manuscripts.items()}


def _usage(chunks: Sequence[Chunk]) -> Usage:
    texts = [text for chunk in chunks for text in (chunk.text, chunk.chapter)]
    return Usage(
        tk_is_name=any("TK" in text and patterns.TK_IS_NAME.search(text) for text in texts),
        xxx_is_number=any(number in text for text in texts for number in patterns.NEAR_THIRTY),
        system_speaks=system_speaks(chunks),
    )


def _heading(chunk: Chunk) -> tuple[str, str, str]:
    """The heading that a chunk stands under, told from the same words in another document."""
    document = "" if chunk_name(PurePath(chunk.source).name) else chunk.source.partition(" (chunk ")[0]
    return chunk.manuscript, document, chunk.chapter


def _faults(find: Find, work: tuple[Chunk, bool, Usage]) -> list[str]:
    """A line for each note in a chunk; first those in its heading, where it is the first chunk under it."""
    chunk, begins, usage = work
    where = place(chunk, 0).rpartition(": line ")[0]
    headings = _notes_in_heading(chunk.chapter, find, usage) if begins else []
    told = [f"{where}: heading: {note.what}: {shorten(note.text)!r}; {note.remedy}" for note in headings]
    return told + [fault(chunk, note) for note in _notes(chunk.text, find, usage)]


def _notes_in_heading(chapter: str, find: Find, usage: Usage) -> list[Finding]:
    """The notes in a heading, or in one of several that follow each other: these are joined by colons."""
    whole = list(_notes(chapter, find, usage))
    return whole or [note for part in chapter.split(": ") for note in _notes(part, find, usage)]


def _notes(text: str, find: Find, usage: Usage) -> Iterator[Finding]:
    """The notes in a text, each place once, in order of the lines."""
    rows = [(start, line) for start, line in lines(text) if _can_hold_a_note(line)]
    usage = replace(usage, assistant_speaks=assistant.speaks(line for _, line in rows))
    for start, line in rows:
        taken: list[tuple[int, int]] = []
        signed = patterns.SIGNATURE.search(text, max(0, start - LONGEST_SIGNATURE), start) is not None
        for begin, end, what in find(line, replace(usage, signed=signed)):
            if not any(begin < b and a < end for a, b in taken):
                taken.append((begin, end))
                shown = line[begin:end] if end - begin > 12 else line[max(0, begin - 20) : end + 20]
                yield Finding(start + begin, shown, what, REMEDY)


def _can_hold_a_note(line: str) -> bool:
    return any(mark in line for mark in patterns.MARKS) or patterns.OPENING.match(line) is not None


def _marks(line: str, usage: Usage) -> Found:
    """What no story says."""
    for match in patterns.GROUP.finditer(line):
        if (quotation_around(line, match.start()) or "").strip(" ,.!?") == match.group():
            continue
        said = (match["square"] or match["round"] or match["curly"]).strip()
        if patterns.CERTAIN.match(said) or (match["square"] and is_signed(said)):
            yield *match.span(), "an editing mark"
    if note := _note_line(line, sure=True):
        yield *note.span(), "a note on what to do"
    for begin, end, what in _in_sentences(line, usage):
        if quotation_around(line, begin) is None:
            yield begin, end, what
    for pattern, what in patterns.SURE:
        for match in pattern.finditer(line):
            yield *match.span(), what
    if residue := _residue(line, sure=True, usage=usage):
        yield *residue.span(), "what a chat assistant says around a text"
    comment = patterns.COMMENT.search(line)
    if comment and not line.endswith("//") and is_note(comment["all"] or comment["rest"]):
        yield *comment.span(), "a comment behind //"


def _doubtful(line: str, usage: Usage) -> Found:
    """What is a note in most stories."""
    for match in patterns.GROUP.finditer(line):
        if what := bracketed_note(match, usage.system_speaks):
            yield *match.span(), what
    for match in patterns.PARENTHESIS.finditer(line):
        yield *match.span(), "a note in parentheses"
    for match in patterns.ARROWS.finditer(line):
        if is_note(match["said"]) or patterns.PLACE.fullmatch(match["said"]):
            yield *match.span(), "a note between arrows"
    for match in patterns.XXX_IN_PROSE.finditer(line):
        yield *match.span(), "a placeholder"
    if usage.signed and patterns.KISSES.fullmatch(line):
        yield 0, len(line), "a placeholder"
    for match in patterns.STRUCK_OUT.finditer(line):
        yield *match.span(), "struck-out text"
    if (lone := patterns.LONE.match(line)) and is_about_writing(lone["said"]) and not any(_marks(line, usage)):
        yield *lone.span(), "a note"
    if note := _note_line(line, sure=False):
        yield *note.span(), "a note"
    for begin, end, what in _in_sentences(line, usage):
        said = quotation_around(line, begin)
        if said is not None and not patterns.READ_OUT.match(said):
            yield begin, end, what
    for pattern, what in patterns.LIKELY:
        for match in pattern.finditer(line):
            yield *match.span(), what
    if residue := _residue(line, sure=False, usage=usage):
        yield *residue.span(), "what a chat assistant says around a text"


def _note_line(line: str, sure: bool) -> re.Match[str] | None:
    """A line `Note: ...`: surely the author's where it is an order about the writing; likely where it is either."""
    to_self = patterns.NOTE_TO_SELF.match(line)
    note = to_self or patterns.NOTE_LINE.match(line) or patterns.SIGNED_LINE.match(line)
    if not note:
        return None
    order = to_self or patterns.ORDER.match(note["rest"])
    if order and patterns.CRAFT.search(note["rest"]):
        return note if sure else None
    if sure or (not to_self and len(line.split()) > MOST_OF_NOTE):
        return None
    signed = note.re is patterns.SIGNED_LINE
    return note if to_self or signed or is_note(note["rest"]) else None


def _residue(line: str, sure: bool, usage: Usage) -> re.Match[str] | None:
    """What only a chat assistant says, or, where it is in doubt, what one is likely to say."""
    if residue := assistant.SURE.search(line):
        return residue if sure else None
    return assistant.LIKELY.match(line) if sure == usage.assistant_speaks else None


def _in_sentences(line: str, usage: Usage) -> Found:
    """Marks that stand in a sentence, quoted or not."""
    for pattern, what in patterns.IN_SENTENCE:
        for match in pattern.finditer(line):
            yield *match.span(), what
    yield from _tk_and_xxx(line, usage)


def _tk_and_xxx(line: str, usage: Usage) -> Found:
    if not usage.tk_is_name:
        for match in patterns.BARE_TK.finditer(line):
            yield *match.span(), "an editing mark"
    for match in patterns.XXX_MARK.finditer("" if usage.signed and patterns.KISSES.fullmatch(line) else line):
        written = match["alone"] or match["colon"] or match["round"]
        if not (usage.xxx_is_number and len(written) == len("XXX")):
            yield *match.span(), "an editing mark"
    for match in patterns.XXX_IN_WORDS.finditer(line):
        yield *match.span(), "an editing mark"
