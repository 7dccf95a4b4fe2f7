"""Scene breaks that only a wider gap between paragraphs tells."""

from collections import Counter
from itertools import pairwise

from gaea_assets.manuscript.documents.line_shapes import SCENE_BREAK, ends, is_chapter, is_title
from gaea_assets.manuscript.documents.other_numbers import set_off
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally

WIDER = "wider gaps made scene breaks"


def usual_gap(paragraphs: list[Paragraph]) -> int | None:
    """The blank lines between most paragraphs of prose, where more of them are rare; else None."""
    gaps = Counter(b.gap for a, b in pairwise(paragraphs) if a.kind == b.kind == "prose")
    usual = gaps.most_common(1)[0][0] if gaps else 0
    wider = sum(count for gap, count in gaps.items() if gap > usual)
    return None if gaps[usual] < 10 or 4 * wider > gaps[usual] else usual


def space_breaks(paragraphs: list[Paragraph], usual: int | None, tally: Tally) -> list[Paragraph]:
    """The paragraphs with a scene break where a rare wider gap stands for one.

    That is a blank line where a line end or an indent sets paragraphs apart, else more blank lines than elsewhere.
    """
    if usual is None:
        return paragraphs
    found = paragraphs[:1]
    for before, paragraph in pairwise(paragraphs):
        prose = before.kind == paragraph.kind == "prose" and not is_title(paragraph.text) and ends(before.text)
        if paragraph.gap > usual and prose and not is_chapter(paragraph.text) and not set_off(paragraph.text):
            tally.add(WIDER, paragraph.number)
            found.append(Paragraph("break", paragraph.number, SCENE_BREAK, 1))
        found.append(paragraph)
    return found


def breaks_above_titles(paragraphs: list[Paragraph], usual: int | None, tally: Tally) -> list[Paragraph]:
    """The paragraphs with a scene break where a rare wider gap stands above what could have been a title, but is none.

    Args:
        paragraphs: Those of the document, its headings marked.
        usual: The gap between most paragraphs before headings were marked; None where wider ones say nothing.
        tally: Takes the breaks down.
    """
    found = paragraphs[:1]
    for index in range(1, len(paragraphs)):
        before, paragraph, after = paragraphs[index - 1], paragraphs[index], paragraphs[index + 1 : index + 2]
        wider = usual is not None and paragraph.gap > usual and all(other.gap == usual for other in after)
        prose = before.kind == paragraph.kind == "prose" and all(other.kind == "prose" for other in after)
        if wider and prose and ends(before.text) and is_title(paragraph.text):
            tally.add(WIDER, paragraph.number)
            found.append(Paragraph("break", paragraph.number, SCENE_BREAK, 1))
        found.append(paragraph)
    return found
