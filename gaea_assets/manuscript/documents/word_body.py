"""The paragraphs of a Word file's body, and what of the body is none."""

from collections.abc import Iterator

from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.word_runs import DELETIONS, MATHS, NOT_TEXT, UNKNOWN

P, ROW, CELL = qn("w:p"), qn("w:tr"), qn("w:tc")
OTHER_FILES = {
    qn("w:altChunk"): "a web page that Word has not taken over yet; open it in Word and save it again as .docx",
    qn("w:subDoc"): "a subdocument; unlink it in Word's outline view and save, or put the files there one by one",
}
HOLDERS = {ROW, CELL, *map(qn, ("w:tbl", "w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo"))}
WITHOUT_TEXT = {
    *NOT_TEXT,
    *map(qn, ("w:sectPr", "w:tblPr", "w:tblGrid", "w:tblPrEx", "w:trPr", "w:tcPr", "w:sdtPr", "w:sdtEndPr")),
    *map(qn, ("w:customXmlPr", "w:proofErr", "w:permStart", "w:permEnd")),
    *map(qn, ("w:bookmarkStart", "w:bookmarkEnd", "w:commentRangeStart", "w:commentRangeEnd")),
    *(qn(f"w:move{way}Range{end}") for way in ("From", "To") for end in ("Start", "End")),
    *(qn(f"w:customXml{how}Range{end}") for how in ("Ins", "Del", "MoveFrom", "MoveTo") for end in ("Start", "End")),
}


def paragraphs_of(parent: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """The body's paragraphs, those in tables and content controls too, those in text boxes and deleted rows not."""
    for child in parent:
        if child.tag == P:
            yield child
        elif child.tag not in NOT_TEXT and not is_deleted(child):
            yield from paragraphs_of(child)


def blocks_left_out(body: BaseOxmlElement, source: str) -> Iterator[str]:
    """What the body holds besides paragraphs that does not come with its text, each in the words of a repair.

    Raises:
        GaeaError: Text of another file stands there, which only Word puts in.
    """
    if (other := next(body.iter(*OTHER_FILES), None)) is not None:
        raise GaeaError(f"{source}: a part of the text is another file, {OTHER_FILES[other.tag]}")
    for child in body.iter(ROW, CELL):
        if is_deleted(child):
            yield DELETIONS
    yield from _unknown(body)


def is_deleted(element: BaseOxmlElement) -> bool:
    """Whether a row or a cell of a table is a tracked deletion."""
    path = {ROW: "w:trPr/w:del", CELL: "w:tcPr/w:cellDel"}.get(element.tag)
    return path is not None and element.find(path, nsmap) is not None


def _unknown(parent: BaseOxmlElement) -> Iterator[str]:
    for child in parent:
        if not isinstance(child.tag, str) or child.tag == P or child.tag in WITHOUT_TEXT:
            continue
        if len(child) and not child.tag.startswith(MATHS):
            yield from _unknown(child)
        elif child.tag not in HOLDERS:
            yield UNKNOWN.format(child.tag.rpartition("}")[2])
