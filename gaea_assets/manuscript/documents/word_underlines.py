"""Words underlined in a Word file: in a typescript they stand for italics."""

from collections.abc import Sequence

from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.manuscript.documents.word_runs import R, is_underlined, pieces
from gaea_assets.manuscript.documents.word_styles import Styles

FEWEST = 3


def underlined_for_italics(paragraphs: Sequence[BaseOxmlElement], styles: Styles) -> list[int]:
    """The indices of the paragraphs with underlined words, in a file that has several and nothing in italics.

    Headings, and lines underlined as a whole as headings are, do not count.
    """
    found: list[int] = []
    for index, paragraph in enumerate(paragraphs):
        if styles.heading_level(paragraph):
            continue
        if any(italic and text.strip() for text, italic in pieces(paragraph, styles)):
            return []
        marks = [is_underlined(run) for run in paragraph.iter(R) if any((child.text or "").strip() for child in run)]
        if any(marks) and not all(marks):
            found.append(index)
    return found if len(found) >= FEWEST else []
