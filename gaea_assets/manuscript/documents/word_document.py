"""The text of a Word file, italics and headings marked, tracked changes accepted."""

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import pairwise

from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.manuscript.documents.gaps import without_left_out
from gaea_assets.manuscript.documents.line_shapes import MARKED_HEADING, SCENE_BREAK, is_prose
from gaea_assets.manuscript.documents.marking import PROSE_AS_HEADING, opening
from gaea_assets.manuscript.documents.pieces import LINE_KEPT, Source
from gaea_assets.manuscript.documents.repairs import Repair, Tally
from gaea_assets.manuscript.documents.word_body import blocks_left_out, paragraphs_of
from gaea_assets.manuscript.documents.word_looks import Looks
from gaea_assets.manuscript.documents.word_numbers import HeadingNumbers
from gaea_assets.manuscript.documents.word_package import opened
from gaea_assets.manuscript.documents.word_pictures import ornaments
from gaea_assets.manuscript.documents.word_runs import COMMENTS, PICTURES, joined, left_out, pieces, struck
from gaea_assets.manuscript.documents.word_spacing import Spacing
from gaea_assets.manuscript.documents.word_styles import Styles
from gaea_assets.manuscript.documents.word_underlines import underlined_for_italics

UNDERLINES = "underlined words made *italics*, as in typescripts,"
ORNAMENTS = "pictures that recur alone made scene breaks"
CONTENTS = "lines of a table of contents left out"
STRUCK = "struck-through text kept as prose (delete it if it is not meant)"
PICTURES_OF_FONTS = "pictures of symbol fonts left out"
RULE = "{urn:schemas-microsoft-com:office:office}hr"


def word_lines(content: bytes, source: str) -> Source:
    """The text of a `.docx` as lines of plain text, each numbered by the paragraph it is in.

    Paragraphs are set apart by a blank line, and by one more for each empty paragraph, a rare wide space or a new page
    between them. A heading without text has the number that Word counts for it, or is a scene break.

    Raises:
        GaeaError: The file is password-protected, of an older kind or damaged, or holds another file's text.
    """
    document = opened(content, source)
    body = document.element.body
    styles = Styles(document.styles.element)
    numbering, looks, spacing = HeadingNumbers(styles), Looks(styles), Spacing(styles)
    counts: dict[str, list[int]] = {}
    tally = Tally()
    found: list[tuple[str | None, int]] = []
    carried: list[tuple[str, bool]] = []
    number = 1
    paragraphs = list(paragraphs_of(body))
    breaks = ornaments(document, paragraphs)
    underlined = underlined_for_italics(paragraphs, styles)
    underlines = bool(underlined)
    for place in underlined:
        tally.add(UNDERLINES, place + 1)
    for number, element in enumerate(paragraphs, start=1):
        missing = Counter(left_out(element))
        if (crossed := struck(element)).strip():
            tally.add(STRUCK, number, shown=opening(crossed), warning=True)
        text: str | None = None
        if styles.is_contents(element):
            missing[CONTENTS] += 1
        elif _runs_on(element):
            carried += pieces(element, styles, underlines)
        else:
            own, carried = [*carried, *pieces(element, styles, underlines)], []
            level = styles.heading_level(element)
            if level and is_prose(title := "".join(piece for piece, _ in own)):
                tally.add(PROSE_AS_HEADING, number, shown=opening(title), warning=True)
                level = 0
            text, pictures = joined([(piece, italic and not level) for piece, italic in own])
            if pictures:
                missing[PICTURES_OF_FONTS] += pictures
            if level:
                text = _heading(text, level, numbering.of(element, level), found)
            elif not text.strip() and number - 1 in breaks:
                text = SCENE_BREAK
                missing[ORNAMENTS] += missing.pop(PICTURES)
            elif not text.strip() and _is_ruled(element):
                text = SCENE_BREAK
            elif text.strip():
                looks.add(number, element, text)
                spacing.add(number, element, text, "".join(piece for piece, _ in own))
            elif set(missing) - {COMMENTS}:
                text = None
        for what, count in missing.items():
            counts.setdefault(what, [0, number])[0] += count
        found += [*((line, number) for line in ([None] if text is None else _lines(text))), ("", number)]
    found += [(line, number) for line in _lines(joined(carried)[0])]
    lines, numbers = without_left_out(_with_gaps(found, spacing.wide()))
    for what in blocks_left_out(body, source):
        counts.setdefault(what, [0, 1])[0] += 1
    repairs = [Repair(source, first, f"{what}: {count}") for what, (count, first) in counts.items()]
    return Source(lines, numbers, repairs + tally.repairs(source), displayed=looks.displayed())


def _with_gaps(found: list[tuple[str | None, int]], wide: Collection[int]) -> Iterator[tuple[str | None, int]]:
    """The lines with one more blank line above each paragraph that a wide gap or a new page sets apart."""
    last = 0
    for line, number in found:
        if number != last and number in wide:
            yield "", number
        last = number
        yield line, number


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}{LINE_KEPT}" if line.strip() and other.strip() else line for line, other in pairwise([*lines, ""])]


def _heading(text: str, level: int, number: str, found: list[tuple[str | None, int]]) -> str:
    """The line of a heading; one that shows nothing is a scene break below prose."""
    title = " ".join(text.split()) or number
    if title:
        return f"{'#' * level} {title}"
    before = next((line for line, _ in reversed(found) if line and line.strip()), None)
    below_prose = before is not None and before != SCENE_BREAK and not MARKED_HEADING.fullmatch(before)
    return SCENE_BREAK if below_prose else ""


def _runs_on(paragraph: BaseOxmlElement) -> bool:
    """Whether the end of the paragraph is a tracked deletion, or the paragraph the large initial of the next one."""
    if any(paragraph.find(f"w:pPr/w:rPr/w:{tag}", nsmap) is not None for tag in ("del", "moveFrom")):
        return True
    frame = paragraph.find("w:pPr/w:framePr", nsmap)
    return frame is not None and frame.get(qn("w:dropCap"), "none") != "none"


def _is_ruled(paragraph: BaseOxmlElement) -> bool:
    edges = [paragraph.find(f"w:pPr/w:pBdr/w:{edge}", nsmap) for edge in ("top", "bottom", "between")]
    drawn = any(edge is not None and edge.get(qn("w:val")) not in ("nil", "none") for edge in edges)
    return drawn or any(element.get(RULE) in ("t", "true", "1") for element in paragraph.iter())
