"""Find an author's notes to themself that were left in the text.

Brackets alone say little: translators, radio voices, stage directions and game-like systems use them. What stands in
them decides: words about the writing itself (scene, dialogue, rewrite, placeholder) beside a request, or a set phrase.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.lines import lines
from gaea_assets.manuscript.quality import note_patterns as patterns
from gaea_assets.manuscript.quality.findings import Finding, verdict_on
from gaea_assets.verdict import Verdict

REMEDY = "settle it and remove the note"
Found = Iterator[tuple[int, int, str]]
"""First character, one past the last, and what it is."""


def editing_notes(chunks: Sequence[Chunk]) -> Verdict:
    """No mark of an unfinished text: TODO, TK, comments, version and planning lines, residue of a review.

    Should block: the model learns to write notes into its prose, the faults are few and each is mended in a minute.

    Args:
        chunks: The chunks to look at.

    Returns:
        A fault for each mark; figures `chunks`, `chunks_with_notes`, `notes`.
    """
    tk_is_name = any(patterns.TK_IS_NAME.search(chunk.text) for chunk in chunks)
    return _verdict(chunks, lambda line: _marks(line, tk_is_name))


def bracketed_notes(chunks: Sequence[Chunk]) -> Verdict:
    """No bracketed note of the author's to themself: `[insert name]`, `((check))`, `{name}`.

    Should warn: the windows of a game-like story and telepathic speech stand in brackets too, and of 30 such lines
    three were taken for notes; of 25 notes 15 were found.

    Args:
        chunks: The chunks to look at.

    Returns:
        A fault for each note; figures `chunks`, `chunks_with_notes`, `notes`.
    """
    return _verdict(chunks, _groups)


def _verdict(chunks: Sequence[Chunk], find: Callable[[str], Found]) -> Verdict:
    return verdict_on(chunks, lambda text: _notes(text, find), "chunks_with_notes", "notes")


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


def _groups(line: str) -> Found:
    for match in patterns.GROUP.finditer(line):
        if what := _of_group(match):
            yield *match.span(), what


def _marks(line: str, tk_is_name: bool) -> Found:
    for match in patterns.GROUP.finditer(line):
        said = (match["square"] or match["round"] or match["curly"]).strip()
        if patterns.CERTAIN.match(said):
            yield *match.span(), "an editing mark"
    for pattern, what in patterns.INLINE:
        for match in pattern.finditer(line):
            yield *match.span(), what
    if not tk_is_name:
        for match in patterns.BARE_TK.finditer(line):
            yield *match.span(), "an editing mark"
    comment = patterns.COMMENT.search(line)
    if comment and not line.endswith("//") and is_note(comment["all"] or comment["rest"]):
        yield *comment.span(), "a comment behind //"


def _of_group(match: re.Match[str]) -> str:
    """What a bracketed text is; empty where it belongs to the story."""
    if match["square"] is not None:
        return "a note in brackets" if is_note(match["square"]) else ""
    if match["round"] is not None:
        return "a note in double brackets" if is_note(match["round"]) else ""
    said = match["curly"].strip()
    name = re.fullmatch(r"[a-z]+(?:_[a-z]+)*|[A-Z]+(?:_[A-Z]+)*|[+>~=-]{2}.*", said)
    return "a placeholder in braces" if name or is_note(said) else ""


def is_note(said: str) -> bool:
    """Whether bracketed words are about the writing: a mark, a set phrase, or a request and a writer's word."""
    said = said.strip(" *_-\u2013\u2014.")
    if not said:
        return False
    if patterns.MARK.search(said) or patterns.SET_PHRASE.search(said) or patterns.ORDER.search(said):
        return True
    return bool(patterns.REQUEST.search(said) and patterns.CRAFT.search(said))
