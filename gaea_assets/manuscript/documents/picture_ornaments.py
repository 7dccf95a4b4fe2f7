"""Emoji that an author sets between scenes: alone, one of them can be somebody's message."""

import re
from collections import defaultdict

from gaea_assets.manuscript.documents.marking import isolated
from gaea_assets.manuscript.documents.ornaments import is_row_of_pictures
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.sections import FEWEST, divide

SCENE_WORDS = 100
"""The least that usually lies between scene breaks; messages follow each other more closely."""
# Faces, hands, hearts and gestures, which people send each other.
SENT = re.compile(
    "[\u2639\u263a\u2665\u270a-\u270d\u2764\U0001f440-\U0001f450\U0001f48b-\U0001f49f\U0001f590-\U0001f596\U0001f5a4"
    "\U0001f600-\U0001f64f\U0001f90c-\U0001f93e\U0001f970-\U0001f97a\U0001f9d0-\U0001f9df]"
)


def with_picture_ornaments(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """The paragraphs with rows of pictures made scene breaks: the same one three times or more, with scenes between."""
    places: dict[str, list[int]] = defaultdict(list)
    for index in isolated(paragraphs, lambda paragraph: is_row_of_pictures(paragraph.text), most=1):
        if not SENT.search(paragraphs[index].text):
            places[paragraphs[index].text].append(index)
    found = list(paragraphs)
    for recurring in places.values():
        if len(recurring) >= FEWEST and divide(paragraphs, recurring, SCENE_WORDS):
            for index in recurring:
                found[index] = found[index]._replace(kind="break")
    return found
