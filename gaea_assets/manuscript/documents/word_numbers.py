"""The numbers that Word counts for headings."""

from collections import defaultdict

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.manuscript.documents.word_styles import Styles


class HeadingNumbers:
    """Counts the headings of each level that are in a numbered list; one of a higher level begins it anew."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._counts: dict[int, int] = defaultdict(int)

    def of(self, paragraph: BaseOxmlElement, level: int) -> str:
        """The number of the next heading, in digits; empty where Word shows none."""
        for lower in [other for other in self._counts if other > level]:
            del self._counts[lower]
        style = self._styles.of(paragraph, "w:pPr/w:pStyle")
        listed = self._styles.first(style, "w:pPr/w:numPr/w:numId", paragraph)
        if listed is None or listed.get(qn("w:val")) == "0":
            return ""
        self._counts[level] += 1
        return str(self._counts[level])
