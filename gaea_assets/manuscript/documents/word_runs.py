"""The text of a paragraph of a Word file, italics marked."""

import re
from collections.abc import Iterator

from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.manuscript.documents.line_shapes import SCENE_BREAK, begins_lower, ends
from gaea_assets.manuscript.documents.pieces import LITERAL
from gaea_assets.manuscript.documents.word_styles import Styles, is_on
from gaea_assets.manuscript.documents.word_symbols import PRIVATE, font_of, in_font, symbol

R, T, BR, SYM, RUBY = qn("w:r"), qn("w:t"), qn("w:br"), qn("w:sym"), qn("w:ruby")
LINK = qn("w:hyperlink")
MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
FALLBACK = f"{COMPATIBILITY}Fallback"
DELETED = {qn("w:del"), qn("w:moveFrom")}
NOT_TEXT = {*DELETED, qn("w:txbxContent"), qn("w:pPr"), qn("w:rPr"), FALLBACK}
PLAIN = {qn("w:tab"): "\t", qn("w:ptab"): "\t", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
PAGE_TURN = re.compile(r"[ \t]*\f[\s]*")
COMMENTS = "comments left out"
PICTURES = "pictures left out"
LEFT_OUT = {
    qn("w:commentReference"): COMMENTS,
    qn("w:footnoteReference"): "footnotes left out",
    qn("w:endnoteReference"): "endnotes left out",
    qn("w:rt"): "readings above characters (ruby) left out",
    "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic": PICTURES,
    "{urn:schemas-microsoft-com:vml}imagedata": PICTURES,
    f"{MATHS}oMath": "formulas made plain text",
}
DELETIONS = "tracked deletions left out"
UNKNOWN = "unknown content of Word (`{}`) left out"
# What a run can hold besides text that is no text, or is told of by what stands in it.
SILENT = {
    *LEFT_OUT,
    *NOT_TEXT,
    *PLAIN,
    *(T, BR, SYM, RUBY),
    *map(qn, ("w:lastRenderedPageBreak", "w:softHyphen", "w:fldChar", "w:instrText", "w:delText", "w:delInstrText")),
    *map(qn, ("w:annotationRef", "w:footnoteRef", "w:endnoteRef", "w:separator", "w:continuationSeparator")),
    *map(qn, ("w:drawing", "w:pict", "w:object")),
    f"{COMPATIBILITY}AlternateContent",
}


def left_out(paragraph: BaseOxmlElement) -> Iterator[str]:
    """What a paragraph holds that does not come with its text, each in the words of a repair."""
    for element in paragraph.iter():
        parent = element.getparent()
        if element.tag in DELETED:
            if next(element.iter(qn("w:delText"), T), None) is not None:
                yield DELETIONS
        elif element.tag == qn("w:vanish"):
            if is_on(element):
                yield "runs of hidden text left out"
        elif element.tag == SYM and not symbol(element):
            yield "symbols left out"
        elif element.tag in LEFT_OUT or element.tag == qn("w:txbxContent"):
            if not any(above.tag == FALLBACK for above in element.iterancestors()):
                yield LEFT_OUT.get(element.tag, "text boxes left out")
        elif parent is not None and parent.tag == R and isinstance(element.tag, str) and element.tag not in SILENT:
            yield UNKNOWN.format(element.tag.rpartition("}")[2])


def struck(paragraph: BaseOxmlElement) -> str:
    """The text of a paragraph that is struck through: a deletion, if its author means one, that nothing tracks."""
    return "".join(
        text.text or ""
        for run in paragraph.iter(R)
        if any(is_on(line) for way in ("strike", "dstrike") for line in run.findall(f"w:rPr/w:{way}", nsmap))
        for text in run.findall("w:t", nsmap)
    )


def pieces(element: BaseOxmlElement, styles: Styles, underlines: bool = False) -> Iterator[tuple[str, bool]]:
    """The text of a paragraph in pieces, each with whether it is in italics; a form feed where a page ends.

    Args:
        element: The paragraph.
        styles: Of its document.
        underlines: Whether what is underlined stands for italics.
    """
    inherited = styles.italic(styles.of(element, "w:pPr/w:pStyle") or styles.default)
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == R:
            own = list(_run(child, styles, inherited))
            yield from ((text, True) for text, _ in own) if underlines and is_underlined(child) else own
        elif child.tag == f"{MATHS}t":
            yield child.text or "", False
        elif child.tag not in NOT_TEXT:
            stack.append(iter(child))


def is_underlined(run: BaseOxmlElement) -> bool:
    """Whether a run itself says that it is underlined; the text of a link is so of old."""
    line = run.find("w:rPr/w:u", nsmap)
    return line is not None and is_on(line) and run.getparent().tag != LINK


def _run(run: BaseOxmlElement, styles: Styles, inherited: bool) -> Iterator[tuple[str, bool]]:
    hidden = run.find("w:rPr/w:vanish", nsmap)
    if hidden is not None and is_on(hidden):
        return
    direct = run.find("w:rPr/w:i", nsmap)
    # Italics of a character style within those of a paragraph style stand out by being upright.
    italic = is_on(direct) if direct is not None else styles.italic(styles.of(run, "w:rPr/w:rStyle")) != inherited
    for child in run:
        if child.tag == T:
            yield in_font(child.text or "", font_of(run)), italic
        elif child.tag == BR:
            yield "\f" if child.get(qn("w:type")) in ("page", "column") else "\n", italic
        elif child.tag == SYM:
            yield symbol(child), italic
        elif child.tag == RUBY:
            for base in child.findall("w:rubyBase/w:r", nsmap):
                yield from _run(base, styles, inherited)
        elif child.tag in PLAIN:
            yield PLAIN[child.tag], italic


def joined(found: list[tuple[str, bool]]) -> tuple[str, int]:
    """The pieces joined, italics between asterisks that touch the words, and how many pictures of fonts were left out.

    Where a page ends between sentences a paragraph does, too. Pictures alone in a paragraph are a scene break.
    """
    merged: list[list[str | bool]] = []
    for text, italic in found:
        if merged and (merged[-1][1] == italic or not text.strip()):
            merged[-1][0] = f"{merged[-1][0]}{text}"
        elif text:
            merged.append([text, italic])
    whole = "".join("\n".join(map(_italics, str(text).split("\n"))) if italic else str(text) for text, italic in merged)
    if "\f" in whole:
        whole = PAGE_TURN.sub(_turned, whole)
    if not PRIVATE.search(whole):
        return whole, 0
    text, count = PRIVATE.subn("", whole)
    return (text, count) if any(map(str.isalnum, text)) else (SCENE_BREAK, 0)


def _turned(match: re.Match[str]) -> str:
    before, after = match.string[max(match.start() - 200, 0) : match.start()], match.string[match.end() :][:200]
    if not before.strip() or not after.strip():
        return ""
    return "\n\n" if ends(before) and not begins_lower(after) else " "


def _italics(line: str) -> str:
    inner = line.strip()
    if not any(map(str.isalnum, inner)):
        return line
    start = line.index(inner)
    return f"{line[:start]}*{inner.replace('*', LITERAL['*'])}*{line[start + len(inner) :]}"
