"""The share of narration in the declared person, over all and by chunk."""

from collections.abc import Sequence

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.findings import place, shorten
from gaea_assets.parallel import each
from gaea_assets.style import persons
from gaea_assets.style.tokens import paragraphs
from gaea_assets.style.typography import normalise
from gaea_assets.verdict import Verdict


def person_share(chunks: Sequence[Chunk], person: str) -> Verdict:
    """Every chunk is told in the declared person: at least half of its decided narrative windows are.

    Should warn: a letter, a prologue or a scene from another view can be the author's intent; what the author did
    not intend (a chunk of another book, a scene not yet rewritten) they see at once.

    Args:
        chunks: The chunks to look at.
        person: `first`, `second` or `third`.

    Returns:
        A fault for each chunk that is mostly in another person; figures `chunks`, `windows`, `decided_windows`,
        `person_share` (of the decided windows, 0 to 1; 0 where none is decided), `other_person_chunks`.

    Raises:
        GaeaError: The person is none of the three.
    """
    if person not in persons.PERSONS:
        raise GaeaError(f"person: {person!r} is not allowed; give one of {', '.join(persons.PERSONS)}")
    faults = []
    found: list[str] = []
    texts = [chunk.text for chunk in chunks]
    for chunk, told in zip(chunks, each(window_persons, texts, sum(map(len, texts))), strict=True):
        found += told
        decided = [p for p in told if p != "undecided"]
        inside = decided.count(person)
        if 2 * inside < len(decided):
            other = max(dict.fromkeys(decided), key=decided.count)
            faults.append(
                f"{place(chunk, 0)}: told in the {other} person in {decided.count(other)} of {len(decided)} windows, "
                f"in the {person} in {inside}: {shorten(chunk.text)!r}; rewrite it, leave it out or keep it knowingly"
            )
    decided = [p for p in found if p != "undecided"]
    return Verdict(
        faults,
        {
            "chunks": len(chunks),
            "windows": len(found),
            "decided_windows": len(decided),
            "person_share": round(decided.count(person) / max(1, len(decided)), 4),
            "other_person_chunks": len(faults),
        },
    )


def window_persons(text: str) -> list[str]:
    """The person of each narrative window of a text, in order: `first`, `second`, `third` or `undecided`."""
    return [window.person for window in persons.windows(paragraphs(normalise(text)))]
