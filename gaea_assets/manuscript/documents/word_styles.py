"""What the styles of a Word file say of its paragraphs."""

import re
from collections.abc import Iterator

from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement


def is_on(toggle: BaseOxmlElement) -> bool:
    """Whether an on/off property is on: it is where it has no value."""
    return toggle.get(qn("w:val"), "true") not in ("0", "false", "off", "none")


class Styles:
    """What the document's styles say of italics, headings and what else is set for paragraphs."""

    def __init__(self, element: BaseOxmlElement) -> None:
        self.element = element
        self.found = {style.get(qn("w:styleId")): style for style in element.findall("w:style", nsmap)}
        self.default = next(
            (
                key
                for key, style in self.found.items()
                if style.get(qn("w:default")) in ("1", "true") and style.get(qn("w:type")) == "paragraph"
            ),
            None,
        )
        self._italic: dict[str | None, bool] = {}

    def of(self, element: BaseOxmlElement, path: str) -> str | None:
        """The id of the style that an element names."""
        named = element.find(path, nsmap)
        return None if named is None else named.get(qn("w:val"))

    def first(self, key: str | None, path: str, own: BaseOxmlElement | None = None) -> BaseOxmlElement | None:
        """What an element itself says, else its style or the nearest of those that it is based on."""
        direct = None if own is None else own.find(path, nsmap)
        if direct is not None:
            return direct
        return next(self.each(key, path), None)

    def each(self, key: str | None, path: str) -> Iterator[BaseOxmlElement]:
        """What a style says, then what those say that it is based on, the nearest first."""
        return (found for style in self._chain(key) if (found := style.find(path, nsmap)) is not None)

    def italic(self, key: str | None) -> bool:
        """Whether a style is in italics, by itself or by the styles it is based on."""
        if key not in self._italic:
            toggle = self.first(key, "w:rPr/w:i")
            self._italic[key] = toggle is not None and is_on(toggle)
        return self._italic[key]

    def heading_level(self, paragraph: BaseOxmlElement) -> int:
        """1 for a title or a first-level heading, 0 for prose."""
        own = paragraph.find("w:pPr/w:outlineLvl", nsmap)
        chain = list(self._chain(self.of(paragraph, "w:pPr/w:pStyle")))
        for style in chain:
            name = self._name(style)
            if name == "title":
                return 1
            if name == "subtitle":
                return 2
            if match := re.fullmatch(r"heading (\d)", name):
                return min(int(match[1]), 6)
        levels = [own, *(style.find("w:pPr/w:outlineLvl", nsmap) for style in chain)]
        level = next((int(found.get(qn("w:val"), "9")) for found in levels if found is not None), 9)
        return min(level + 1, 6) if level < 9 else 0

    def is_contents(self, paragraph: BaseOxmlElement) -> bool:
        """Whether the paragraph is a line of a table of contents."""
        style = self.found.get(self.of(paragraph, "w:pPr/w:pStyle"))
        return style is not None and bool(re.fullmatch(r"toc (?:heading|\d)", self._name(style)))

    def _name(self, style: BaseOxmlElement) -> str:
        return (self.of(style, "w:name") or "").lower()

    def _chain(self, key: str | None) -> Iterator[BaseOxmlElement]:
        seen: set[str] = set()
        while key is not None and key not in seen and key in self.found:
            seen.add(key)
            yield self.found[key]
            key = self.of(self.found[key], "w:basedOn")
