"""Letters set apart: in a book of them, each begins a scene."""

import re

from gaea_assets.manuscript.documents.dates_and_numbers import is_date
from gaea_assets.manuscript.documents.line_shapes import SCENE_BREAK
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.sections import FEWEST, divide

LONGEST_SIGNATURE = 40
MOSTLY = 0.8
SALUTATION = re.compile(
    r"[*_]*(?:My |Our )?(?:(?:[Oo]wn |[Vv]ery )?(?:[Dd]ear|[Dd]earest|[Bb]eloved)\b[^.?\n]{0,40}|Sir|Madam)"
    r"[,:;!\u2014-]+[*_]*"
)


def with_letters_apart(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs with a scene break above each letter, where three or more divide the document as scenes do.

    A letter begins with the line that greets, or with the date above it. In a book of letters another one's signature
    stands above; where a story quotes them, what tells of them does.
    """
    greetings = [index for index, paragraph in enumerate(paragraphs) if _greets(paragraph)]
    if len(greetings) < FEWEST or not divide(paragraphs, greetings):
        return paragraphs
    starts = {index - (index > 0 and is_date(paragraphs[index - 1].text)) for index in greetings}
    below_signatures = {index for index in starts if index and _signs(paragraphs[index - 1])}
    if len(below_signatures) < MOSTLY * (len(starts) - 1):
        return paragraphs
    found: list[Paragraph] = []
    for index, paragraph in enumerate(paragraphs):
        if index in below_signatures and paragraph.kind == "prose":
            tally.add("scene breaks put above letters", paragraph.number, shown=paragraph.text)
            found.append(Paragraph("break", paragraph.number, SCENE_BREAK, 1))
        found.append(paragraph)
    return found


def _greets(paragraph: Paragraph) -> bool:
    return paragraph.kind == "prose" and bool(SALUTATION.fullmatch(paragraph.text))


def _signs(paragraph: Paragraph) -> bool:
    last = paragraph.text.rpartition("\n")[2]
    return paragraph.kind == "prose" and len(last) <= LONGEST_SIGNATURE and not last.endswith((":", "?", '"', "\u201d"))
