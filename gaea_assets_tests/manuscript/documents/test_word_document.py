"""Word files: the words as they stand in the end, italics and headings marked."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.reader import Document, read_document
from gaea_assets_tests.manuscript.documents.files import changes

STORY = "The lamp on the landing had gone out again, and nobody would own to it."


def read(folder: Path, document: WordDocument) -> Document:
    path = folder / "book.docx"
    document.save(str(path))
    return read_document(path)


def text(folder: Path, write: Callable[[WordDocument], object]) -> str:
    document = docx.Document()
    write(document)
    return read(folder, document).text


def said(document: Document) -> list[tuple[int, str]]:
    return [(repair.line, repair.what) for repair in document.repairs]


def with_xml(document: WordDocument, inner: str) -> None:
    """Adds a paragraph of raw XML before the end of the body."""
    document.element.body.insert(-1, parse_xml(f"<w:p {nsdecls('w', 'r')}>{inner}</w:p>"))


def run(content: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{content}</w:t></w:r>'


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["She ", "ran", " ", ", ", "home ", " it", "\n", ";"]), st.booleans()), max_size=9
    )
)
def test_italics_keep_every_character_and_touch_the_words(tmp_path: Path, runs: list[tuple[str, bool]]) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Once ")
    for content, italic in runs:
        paragraph.add_run(content).italic = italic
    first = read(tmp_path, document)
    written = "Once " + "".join(content for content, _ in runs)
    assert first.text.replace("*", "").split() == written.split()
    for inner in re.findall(r"\*([^*]*)\*", first.text):
        assert inner == inner.strip() and re.search(r"\w", inner)
    (tmp_path / "book.txt").write_text(first.text)
    again = read_document(tmp_path / "book.txt")
    if "\n" not in first.text:  # only a .docx says of short lines that they are no paragraph
        assert (again.text, changes(again)) == (first.text, [])


def test_adjacent_italic_runs_are_one(tmp_path: Path) -> None:
    def write(document: WordDocument) -> None:
        paragraph = document.add_paragraph("She ")
        for content, italic in (
            ("thought: ", False),
            (" not", True),
            (" ", False),
            ("hi", True),
            ("m, ", True),
            ("no.", None),
        ):
            paragraph.add_run(content).italic = italic

    assert text(tmp_path, write) == "She thought:  *not him,* no."


def test_italics_of_styles_count_and_one_within_the_other_stands_upright(tmp_path: Path) -> None:
    def write(document: WordDocument) -> None:
        document.add_paragraph("The ").add_run("Nautilus", style="Emphasis")
        quote = document.add_paragraph("All of it but ", style="Quote")
        quote.add_run("this", style="Emphasis")
        quote.add_run(" and ")
        quote.add_run("that").italic = False

    assert text(tmp_path, write) == "The *Nautilus*\n\n*All of it but* this *and* that"


def test_headings_and_titles_are_marked_whatever_their_language(tmp_path: Path) -> None:
    def write(document: WordDocument) -> None:
        document.add_heading("The Lamp", level=0)
        document.add_heading("First  Night", level=1).runs[0].italic = True
        document.add_paragraph(STORY)
        document.add_heading("Later", level=2)
        own = document.styles.add_style("Kapitelkopf", 1)
        own.base_style = document.styles["Heading 1"]
        document.add_paragraph("Nacht", style="Kapitelkopf")
        document.add_heading("", level=1)
        document.add_paragraph(STORY)
        document.add_paragraph("Chapter 7")
        document.add_paragraph(STORY)

    assert text(tmp_path, write) == "\n\n".join(
        ["# The Lamp", "# First Night", STORY, "## Later", "# Nacht", STORY, "# Chapter 7", STORY]
    )


def test_breaks_and_ruled_paragraphs(tmp_path: Path) -> None:
    def write(document: WordDocument) -> None:
        document.add_paragraph(STORY).add_run().add_break(WD_BREAK.PAGE)
        document.add_paragraph("#").alignment = 1
        document.add_paragraph(STORY)
        with_xml(document, '<w:pPr><w:pBdr><w:bottom w:val="single" w:sz="6"/></w:pBdr></w:pPr>')
        verse = document.add_paragraph("O lamp that will not stay alight,")
        verse.add_run().add_break()
        verse.add_run("O clock that will not chime,").italic = True

    assert text(tmp_path, write) == "\n\n".join(
        [STORY, "* * *", STORY, "* * *", "O lamp that will not stay alight,\n*O clock that will not chime,*"]
    )


def test_an_empty_paragraph_among_many_without_one_is_a_scene_break(tmp_path: Path) -> None:
    def scenes(between: int) -> Callable[[WordDocument], None]:
        def write(document: WordDocument) -> None:
            for number in range(24):
                document.add_paragraph(STORY)
                for _ in range(between + (number == 11)):
                    document.add_paragraph()

        return write

    expected = "\n\n".join([STORY] * 12 + ["* * *"] + [STORY] * 12)
    assert text(tmp_path, scenes(0)) == text(tmp_path, scenes(1)) == expected


def test_tracked_changes_are_taken_as_made(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(STORY)
    mark = 'w:id="1" w:author="A" w:date="2020-01-01T00:00:00Z"'
    deleted = f"<w:del {mark}><w:r><w:delText>old </w:delText></w:r></w:del>"
    with_xml(document, f"{run('The ')}{deleted}<w:ins {mark}>{run('new ')}</w:ins>{run('lamp.')}")
    with_xml(document, f"<w:moveFrom {mark}>{run('Moved away. ')}</w:moveFrom>{deleted}{run('Stayed.')}")
    with_xml(document, f"<w:pPr><w:rPr><w:del {mark}/></w:rPr></w:pPr>{run('Two halves ')}")
    with_xml(document, run("joined."))
    found = read(tmp_path, document)
    assert found.text == f"{STORY}\n\nThe new lamp.\n\nStayed.\n\nTwo halves joined."
    assert (2, "tracked deletions left out: 3") in said(found)


def test_notes_comments_headers_and_hidden_text_are_no_prose(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Surname / LAMP / 1"
    document.sections[0].footer.paragraphs[0].text = "draft two"
    commented = document.add_paragraph().add_run(STORY)
    document.add_comment(commented, text="Is this needed?", author="Ed")
    with_xml(document, f'{run("Noted")}<w:r><w:footnoteReference w:id="2"/></w:r>{run(" here.")}')
    with_xml(document, f"{run('Seen.')}<w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden.</w:t></w:r>")
    found = read(tmp_path, document)
    assert found.text == f"{STORY}\n\nNoted here.\n\nSeen."
    assert {what for _, what in said(found)} >= {
        "comments left out: 1",
        "footnotes left out: 1",
        "runs of hidden text left out: 1",
    }
    assert (2, "footnotes left out: 1") in said(found)


def test_links_and_tables_keep_their_text(tmp_path: Path) -> None:
    document = docx.Document()
    with_xml(document, f'{run("See ")}<w:hyperlink w:anchor="x">{run("the lamp")}</w:hyperlink>{run(".")}')
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Left cell.", "Right cell."
    document.add_paragraph("tab\there, no\u2011break, soft\u00adly\u00a0so")
    assert (
        read(tmp_path, document).text
        == "See the lamp.\n\nLeft cell.\n\nRight cell.\n\ntab here, no\u2011break, softly so"
    )


def test_a_table_of_contents_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("Chapter 1\t3", style="toc 1")
    document.add_paragraph(STORY)
    found = read(tmp_path, document)
    assert found.text == STORY
    assert (1, "lines of a table of contents left out: 1") in said(found)


def ole(inner: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + inner.ljust(512, b"\0")


def zipped(**members: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def whole() -> bytes:
    target = io.BytesIO()
    document = docx.Document()
    document.add_paragraph(STORY * 50)
    document.save(target)
    return target.getvalue()


def without_part(name: str, content: str | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole())) as source, zipfile.ZipFile(target, "w") as archive:
        for member in source.namelist():
            if member != name:
                archive.writestr(member, source.read(member))
            elif content is not None:
                archive.writestr(member, content)
    return target.getvalue()


def strict() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole())) as source, zipfile.ZipFile(target, "w") as archive:
        for member in source.namelist():
            content = source.read(member)
            for kind in (b"wordprocessingml", b"officeDocument"):
                content = re.sub(
                    rb"http://schemas.openxmlformats.org/%b/2006/" % kind,
                    b"http://purl.oclc.org/ooxml/%b/" % kind,
                    content,
                )
            archive.writestr(member, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (ole("EncryptedPackage".encode("utf-16-le")), "password"),
        (ole("WordDocument".encode("utf-16-le")), "old Word .doc"),
        (b"", "empty"),
        (b"Just text.", "damaged"),
        (whole()[:-300], "damaged"),
        (whole()[:2000] + bytes(200) + whole()[2200:], "damaged"),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), "damaged or not a Word document"),
        (without_part("word/document.xml"), "damaged"),
        (without_part("word/document.xml", "<w:document"), "damaged"),
        (without_part("[Content_Types].xml"), "damaged"),
        (strict(), "Strict Open XML document"),
    ],
)
def test_files_that_cannot_be_read_are_named_with_a_remedy(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "book.docx"
    path.write_bytes(content)
    with pytest.raises(GaeaError) as error:
        read_document(path)
    assert str(error.value).startswith("book.docx: ") and fault in str(error.value) and "\n" not in str(error.value)


def test_an_empty_document_is_refused(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("   ")
    with pytest.raises(GaeaError, match="no text"):
        read(tmp_path, document)


def test_the_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "book.docx"
    path.write_bytes(whole())
    before = path.read_bytes()
    assert read_document(path) == read_document(path)
    assert path.read_bytes() == before


def test_italics_that_hold_an_asterisk_stay_italics(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("It said: ").add_run("5 * 3, and nothing more.").italic = True
    found = read(tmp_path, document)
    assert found.text == "It said: *5 \u2217 3, and nothing more.*"
    assert (1, "escaped * and # made \u2217 and \uff03 in 1 place") in said(found)


@pytest.mark.parametrize("bold", [0, 2])
def test_centred_lines_that_divide_a_text_are_headings(tmp_path: Path, bold: int) -> None:
    titles = ["The Arrival", "Into the marsh", "Home again"]

    def write(document: WordDocument) -> None:
        for number, title in enumerate(titles):
            heading = document.add_paragraph()
            heading.add_run(title).bold = number < bold
            heading.alignment = 1
            for _ in range(40):
                document.add_paragraph(STORY)

    assert text(tmp_path, write).count("\n\n# ") == 2 and text(tmp_path, write).startswith("# The Arrival\n")
