"""Scenes of a Word file set apart by the spacing of paragraphs, or by a new page."""

from collections import Counter
from functools import cache
from itertools import pairwise
from math import inf
from typing import NamedTuple

from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.manuscript.documents.line_shapes import begins_lower, ends
from gaea_assets.manuscript.documents.word_styles import Styles, is_on

LINE = 240  # twips, twentieths of a point: a line of 12 points
AUTOMATIC = 280  # what Word sets for "auto", as HTML has it
FEWEST = 10
RARE = 4  # usual gaps, at least, for each wide one
MOST_CUT = 0.1  # of the pages, those that a converted file begins within a sentence


class _Set(NamedTuple):
    """How a paragraph of prose is set."""

    number: int
    text: str
    style: str | None
    above: float  # twips
    below: float
    left: str
    close: bool  # no spacing between paragraphs of its style
    begins_page: bool
    ends_page: bool


class Spacing:
    """How far the paragraphs of a Word file stand apart."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._found: list[_Set] = []
        self._of_style, self._on_by_style = cache(self._value_of_style), cache(self._is_on_by_style)

    def add(self, number: int, paragraph: BaseOxmlElement, text: str, raw: str) -> None:
        """Take down how a paragraph of prose is set.

        Args:
            number: Of the paragraph; empty ones and headings have one, too.
            paragraph: The element.
            text: What it says.
            raw: The same, with a form feed where a page ends.
        """
        style = self._styles.of(paragraph, "w:pPr/w:pStyle") or self._styles.default
        self._found.append(
            _Set(
                number,
                text,
                style,
                self._twips(paragraph, style, "before"),
                self._twips(paragraph, style, "after"),
                self._value(paragraph, style, "w:ind", "left")
                or self._value(paragraph, style, "w:ind", "start")
                or "0",
                self._is_on(paragraph, style, "w:contextualSpacing"),
                self._is_on(paragraph, style, "w:pageBreakBefore") or raw.lstrip(" \t").startswith("\f"),
                raw.rstrip(" \t").endswith("\f") or _ends_section(paragraph),
            )
        )

    def wide(self) -> frozenset[int]:
        """The numbers of the paragraphs above which a rare, wide gap stands, or that begin a page as few others do.

        Those further in than the paragraph above, or less far, are a quotation and what follows it.
        """
        pairs = [(a, b) for a, b in pairwise(self._found) if a.number + 1 == b.number]
        turned = [(a, b) for a, b in pairs if a.ends_page or b.begins_page]
        cut = sum(not ends(a.text) or begins_lower(b.text) for a, b in turned)
        pages = {b.number for _, b in turned} if cut <= MOST_CUT * len(turned) else set()
        gaps = {b.number: inf if b.number in pages else _gap(a, b) for a, b in pairs}
        usual = Counter(gaps.values()).most_common(1)[0][0] if gaps else 0.0
        wide = {b.number for a, b in pairs if a.left == b.left and gaps[b.number] >= usual + LINE}
        others = len(gaps) - len(wide)
        return frozenset(wide if others >= max(FEWEST, RARE * len(wide)) else ())

    def _twips(self, paragraph: BaseOxmlElement, style: str | None, side: str) -> float:
        if self._value(paragraph, style, "w:spacing", f"{side}Autospacing") in ("1", "true", "on"):
            return AUTOMATIC
        value = self._value(paragraph, style, "w:spacing", side)
        return int(value) if value.isdigit() else 0

    def _value(self, paragraph: BaseOxmlElement, style: str | None, element: str, name: str) -> str:
        """An attribute that the paragraph, its style, one that this is based on, or the whole file sets."""
        own = paragraph.find(f"w:pPr/{element}", nsmap)
        value = None if own is None else own.get(qn(f"w:{name}"))
        return self._of_style(style, element, name) if value is None else value

    def _is_on(self, paragraph: BaseOxmlElement, style: str | None, element: str) -> bool:
        own = paragraph.find(f"w:pPr/{element}", nsmap)
        return is_on(own) if own is not None else self._on_by_style(style, element)

    def _value_of_style(self, style: str | None, element: str, name: str) -> str:
        path = f"w:pPr/{element}"
        defaults = self._styles.element.find(f"w:docDefaults/w:pPrDefault/{path}", nsmap)
        said = (*self._styles.each(style, path), *([] if defaults is None else [defaults]))
        return next((value for found in said if (value := found.get(qn(f"w:{name}"))) is not None), "")

    def _is_on_by_style(self, style: str | None, element: str) -> bool:
        found = self._styles.first(style, f"w:pPr/{element}")
        return found is not None and is_on(found)


def _ends_section(paragraph: BaseOxmlElement) -> bool:
    """Whether a section ends with the paragraph and the next one begins a page: its own properties tell how."""
    if paragraph.find("w:pPr/w:sectPr", nsmap) is None:
        return False
    following = paragraph.xpath("following::w:sectPr[1]/w:type")
    return not following or following[0].get(qn("w:val")) != "continuous"


def _gap(above: _Set, below: _Set) -> float:
    if above.close and below.close and above.style == below.style:
        return 0
    return max(above.below, below.above)
