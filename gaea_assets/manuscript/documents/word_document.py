"""The text of a Word file, italics and headings marked, tracked changes accepted."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.gaps import without_left_out
from gaea_assets.manuscript.documents.line_shapes import SCENE_BREAK
from gaea_assets.manuscript.documents.repairs import Repair

OLE_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST_XML = 1 << 30
P, R, T, BR = qn("w:p"), qn("w:r"), qn("w:t"), qn("w:br")
DELETED = {qn("w:del"), qn("w:moveFrom")}
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
NOT_TEXT = {*DELETED, qn("w:txbxContent"), qn("w:pPr"), qn("w:rPr"), FALLBACK}
PLAIN = {qn("w:tab"): "\t", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
COMMENTS = "comments left out"
LEFT_OUT = {
    qn("w:commentReference"): COMMENTS,
    qn("w:footnoteReference"): "footnotes left out",
    qn("w:endnoteReference"): "endnotes left out",
    "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic": "pictures left out",
}
DELETIONS = "tracked deletions left out"
CONTENTS = "lines of a table of contents left out"
RULE = "{urn:schemas-microsoft-com:office:office}hr"


def word_lines(content: bytes, source: str) -> tuple[list[str], list[int], list[Repair]]:
    """The text of a `.docx` as lines of plain text, and the number of the paragraph each is in.

    Paragraphs are set apart by a blank line, and by one more for each empty paragraph between them.

    Raises:
        GaeaError: The file is password-protected, of an older kind, or damaged.
    """
    document = _opened(content, source)
    styles = _Styles(document.styles.element)
    left_out: dict[str, list[int]] = {}
    found: list[tuple[str | None, int]] = []
    carried: list[tuple[str, bool]] = []
    number = 1
    for number, element in enumerate(_paragraphs(document.element.body), start=1):
        left = list(_left_out(element, styles))
        for what in left:
            left_out.setdefault(what, [0, number])[0] += 1
        if styles.is_contents(element):
            found += [(None, number), ("", number)]
            continue
        pieces = [*carried, *_pieces(element, styles)]
        runs_on = _runs_on(element)
        text = "" if runs_on else _text(pieces, element, styles)
        carried = pieces if runs_on else []
        if not text.strip() and (runs_on or set(left) - {COMMENTS}):
            found += [(None, number), ("", number)]
        else:
            found += [*((line, number) for line in text.split("\n")), ("", number)]
    found += [(line, number) for line in _with_italics(carried).split("\n")]
    lines, numbers = without_left_out(found)
    return lines, numbers, [Repair(source, first, f"{what}: {count}") for what, (count, first) in left_out.items()]


def _opened(content: bytes, source: str) -> WordDocument:
    if content.startswith(OLE_CONTAINER):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise GaeaError(
                f"{source}: the file is password-protected; take the password off in Word and save it again"
            )
        raise GaeaError(f"{source}: the file is an old Word .doc, not a .docx; save it as .docx in Word")
    if not content:
        raise GaeaError(f"{source}: the file is empty (0 bytes); put the manuscript's .docx there")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist() if member.filename.endswith((".xml", ".rels")))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        raise GaeaError(
            f"{source}: the file is damaged (not a whole .docx); open it in Word and save it again"
        ) from None
    if size > LARGEST_XML:
        raise GaeaError(f"{source}: the file unpacks to {size:,} bytes of XML; split the manuscript over several files")
    try:
        return docx.Document(io.BytesIO(content))
    except (
        PackageNotFoundError,
        KeyError,
        ValueError,
        SyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ):
        raise GaeaError(
            f"{source}: the file is damaged or not a Word document; open it in Word and save it again as .docx"
        ) from None


def _paragraphs(parent: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """The body's paragraphs, those in tables and content controls too, those in text boxes not."""
    for child in parent:
        if child.tag == P:
            yield child
        elif child.tag not in NOT_TEXT:
            yield from _paragraphs(child)


def _left_out(paragraph: BaseOxmlElement, styles: "_Styles") -> Iterator[str]:
    if styles.is_contents(paragraph):
        yield CONTENTS
    for element in paragraph.iter():
        if element.tag in LEFT_OUT:
            yield LEFT_OUT[element.tag]
        elif element.tag in DELETED and next(element.iter(qn("w:delText"), T), None) is not None:
            yield DELETIONS
        elif element.tag == qn("w:txbxContent") and not any(above.tag == FALLBACK for above in element.iterancestors()):
            yield "text boxes left out"
        elif element.tag == qn("w:vanish") and _is_on(element):
            yield "runs of hidden text left out"


def _runs_on(paragraph: BaseOxmlElement) -> bool:
    """Whether the end of the paragraph is a tracked deletion."""
    return any(paragraph.find(f"w:pPr/w:rPr/w:{tag}", nsmap) is not None for tag in ("del", "moveFrom"))


def _pieces(element: BaseOxmlElement, styles: "_Styles") -> Iterator[tuple[str, bool]]:
    """The text of a paragraph in pieces, each with whether it is in italics."""
    inherited = styles.italic(styles.of(element, "w:pPr/w:pStyle") or styles.default)
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == R:
            yield from _run(child, styles, inherited)
        elif child.tag not in NOT_TEXT:
            stack.append(iter(child))


def _run(run: BaseOxmlElement, styles: "_Styles", inherited: bool) -> Iterator[tuple[str, bool]]:
    hidden = run.find("w:rPr/w:vanish", nsmap)
    if hidden is not None and _is_on(hidden):
        return
    direct = run.find("w:rPr/w:i", nsmap)
    # Italics of a character style within those of a paragraph style stand out by being upright.
    italic = _is_on(direct) if direct is not None else styles.italic(styles.of(run, "w:rPr/w:rStyle")) != inherited
    for child in run:
        if child.tag == T:
            yield child.text or "", italic
        elif child.tag == BR:
            yield "" if child.get(qn("w:type")) in ("page", "column") else "\n", italic
        elif child.tag in PLAIN:
            yield PLAIN[child.tag], italic


def _text(pieces: list[tuple[str, bool]], paragraph: BaseOxmlElement, styles: "_Styles") -> str:
    if level := styles.heading_level(paragraph):
        title = " ".join("".join(text for text, _ in pieces).split())
        return f"{'#' * level} {title}" if title else ""
    text = _with_italics(pieces)
    return SCENE_BREAK if not text.strip() and _is_ruled(paragraph) else text


def _with_italics(pieces: list[tuple[str, bool]]) -> str:
    """The pieces joined, italics between asterisks that touch the words."""
    merged: list[list[str | bool]] = []
    for text, italic in pieces:
        if merged and (merged[-1][1] == italic or not text.strip()):
            merged[-1][0] = f"{merged[-1][0]}{text}"
        elif text:
            merged.append([text, italic])
    return "".join("\n".join(map(_italics, str(text).split("\n"))) if italic else str(text) for text, italic in merged)


def _italics(line: str) -> str:
    inner = line.strip()
    if "*" in inner or not any(map(str.isalnum, inner)):
        return line
    start = line.index(inner)
    return f"{line[:start]}*{inner}*{line[start + len(inner) :]}"


def _is_on(toggle: BaseOxmlElement) -> bool:
    return toggle.get(qn("w:val"), "true") not in ("0", "false", "off", "none")


def _is_ruled(paragraph: BaseOxmlElement) -> bool:
    edges = [paragraph.find(f"w:pPr/w:pBdr/w:{edge}", nsmap) for edge in ("top", "bottom", "between")]
    drawn = any(edge is not None and edge.get(qn("w:val")) not in ("nil", "none") for edge in edges)
    return drawn or any(element.get(RULE) in ("t", "true", "1") for element in paragraph.iter())


class _Styles:
    """What the document's styles say of italics and headings."""

    def __init__(self, element: BaseOxmlElement) -> None:
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

    def italic(self, key: str | None) -> bool:
        """Whether a style is in italics, by itself or by the styles it is based on."""
        if key not in self._italic:
            toggle = next((found for s in self._chain(key) if (found := s.find("w:rPr/w:i", nsmap)) is not None), None)
            self._italic[key] = toggle is not None and _is_on(toggle)
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
