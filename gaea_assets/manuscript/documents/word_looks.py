"""Lines of a Word file that are set as headings are, though no style says so."""

from collections import Counter

from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.manuscript.documents.line_shapes import is_heading_line, is_stopped_title
from gaea_assets.manuscript.documents.sections import FEWEST
from gaea_assets.manuscript.documents.word_styles import Styles, is_on

LARGER = 1.15  # times the usual size
USUAL_SIZE = 22  # half-points, where the file says nothing


class Looks:
    """How the paragraphs of a Word file are set."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._sizes: Counter[int] = Counter()
        self._bold: set[int] = set()
        self._centred: dict[int, int] = {}

    def add(self, number: int, paragraph: BaseOxmlElement, text: str) -> None:
        """Take a paragraph's looks down."""
        runs = [run for run in paragraph.iter(qn("w:r")) if any((t.text or "").strip() for t in run.iter(qn("w:t")))]
        if not runs:
            return
        style = self._styles.of(paragraph, "w:pPr/w:pStyle") or self._styles.default
        size = min(self._size(run, style) for run in runs)
        self._sizes[size] += len(text)
        if not (is_heading_line(line := text.strip()) or is_stopped_title(line)):
            return
        if all(self._is_bold(run, style) for run in runs):
            self._bold.add(number)
        centring = self._styles.first(style, "w:pPr/w:jc", paragraph)
        if centring is not None and centring.get(qn("w:val")) == "center":
            self._centred[number] = size

    def displayed(self) -> frozenset[int]:
        """The numbers of short paragraphs all in bold, or centred and larger than most of the text.

        Where there are fewer than a document has that is divided by headings: those that are centred, too.
        """
        usual = self._sizes.most_common(1)[0][0] if self._sizes else USUAL_SIZE
        found = self._bold | {number for number, size in self._centred.items() if size >= LARGER * usual}
        return frozenset(found if len(found) >= FEWEST else found.union(self._centred))

    def _size(self, run: BaseOxmlElement, style: str | None) -> int:
        found = self._property(run, style, "w:rPr/w:sz")
        value = None if found is None else found.get(qn("w:val"))
        return int(value) if value is not None and value.isdigit() else USUAL_SIZE

    def _is_bold(self, run: BaseOxmlElement, style: str | None) -> bool:
        found = self._property(run, style, "w:rPr/w:b")
        return found is not None and is_on(found)

    def _property(self, run: BaseOxmlElement, style: str | None, path: str) -> BaseOxmlElement | None:
        """What a run, its own style, its paragraph's style or the file says."""
        own = self._styles.first(self._styles.of(run, "w:rPr/w:rStyle"), path, run)
        if own is not None:
            return own
        found = self._styles.first(style, path)
        return self._styles.element.find(f"w:docDefaults/w:rPrDefault/{path}", nsmap) if found is None else found
