"""Letters set apart: in a book of them, each begins a scene."""

import re

from gaea_assets.manuscript.documents.dates_and_numbers import is_date
from gaea_assets.manuscript.documents.line_shapes import SCENE_BREAK
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.sections import FEWEST, divide

SALUTATION = re.compile(
    r"[*_]*(?:My |Our )?(?:(?:[Oo]wn |[Vv]ery )?(?:[Dd]ear|[Dd]earest|[Bb]eloved)\b[^.?\n]{0,40}|Sir|Madam)"
    r"[,:;!\u2014-]+[*_]*"
)


def with_letters_apart(paragraphs: list[Paragraph], tally: Tally) -> list[Paragraph]:
    """The paragraphs with a scene break above each letter, where three or more divide the document as scenes do.

    A letter begins with the line that greets, or with the date above it.
    """
    greetings = [index for index, paragraph in enumerate(paragraphs) if _greets(paragraph)]
    if len(greetings) < FEWEST or not divide(paragraphs, greetings):
        return paragraphs
    starts = {index - (index > 0 and is_date(paragraphs[index - 1].text)) for index in greetings}
    found: list[Paragraph] = []
    for index, paragraph in enumerate(paragraphs):
        if index in starts and paragraph.kind == "prose" and found and found[-1].kind == "prose":
            tally.add("scene breaks put above letters", paragraph.number, shown=paragraphs[index].text)
            found.append(Paragraph("break", paragraph.number, SCENE_BREAK, 1))
        found.append(paragraph)
    return found


def _greets(paragraph: Paragraph) -> bool:
    return paragraph.kind == "prose" and bool(SALUTATION.fullmatch(paragraph.text))
