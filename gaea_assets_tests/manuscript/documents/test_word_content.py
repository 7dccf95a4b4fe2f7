"""Nothing that a Word file shows goes without a word: symbols, readings, page breaks, formulas, what is not known."""

import io
import struct
import textwrap
import zlib
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from gaea_assets.errors import GaeaError
from gaea_assets_tests.manuscript.documents.files import said
from gaea_assets_tests.manuscript.documents.test_word_document import STORY, read, run, with_xml


def of_xml(folder: Path, *paragraphs: str) -> str:
    document = docx.Document()
    for inner in paragraphs:
        with_xml(document, inner)
    return read(folder, document).text


def sym(font: str, code: str) -> str:
    return f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'


@pytest.mark.parametrize(
    ("font", "code", "character"),
    [
        ("Times New Roman", "2014", "\u2014"),
        ("Arial", "00E9", "\u00e9"),
        ("Symbol", "F061", "\u03b1"),
        ("Symbol", "F0BC", "\u2026"),
        ("Symbol", "0041", "\u0391"),
    ],
)
def test_inserted_symbols_are_characters(tmp_path: Path, font: str, code: str, character: str) -> None:
    assert of_xml(tmp_path, f"{run('So')}{sym(font, code)}{run('on.')}") == f"So{character}on."


@pytest.mark.parametrize(
    "ornament",
    [
        sym("Wingdings", "F09A"),
        sym("Wingdings 2", "009A") * 3,
        '<w:r><w:rPr><w:rFonts w:ascii="Webdings"/></w:rPr><w:t>n n</w:t></w:r>',
        run("\uf097"),
    ],
)
def test_an_ornament_of_a_symbol_font_is_a_scene_break(tmp_path: Path, ornament: str) -> None:
    assert of_xml(tmp_path, run(STORY), ornament, run(STORY)) == f"{STORY}\n\n* * *\n\n{STORY}"


def test_a_picture_of_a_font_within_prose_is_told(tmp_path: Path) -> None:
    document = docx.Document()
    with_xml(document, run(STORY))
    with_xml(document, f"{run('Yes ')}{sym('Wingdings', 'F04A')}{sym('Wingdings', 'nonsense')}{run(' she said.')}")
    found = read(tmp_path, document)
    assert found.text == f"{STORY}\n\nYes  she said."
    assert {(2, "pictures of symbol fonts left out: 1"), (2, "symbols left out: 1")} <= set(said(found))


def test_base_text_stays_below_its_reading(tmp_path: Path) -> None:
    document = docx.Document()
    ruby = f"<w:ruby><w:rt>{run('reading')}</w:rt><w:rubyBase>{run('Base')}</w:rubyBase></w:ruby>"
    with_xml(document, f"<w:r>{ruby}</w:r>{run(' text.')}")
    found = read(tmp_path, document)
    assert found.text == "Base text."
    assert (1, "readings above characters (ruby) left out: 1") in said(found)


@pytest.mark.parametrize("kind", ["page", "column"])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("She went", "on.", "She went on."),
        ("She went ", " on.", "She went on."),
        ("She went.", "He stayed.", "She went.\n\nHe stayed."),
        ("", "He stayed.", "He stayed."),
        ("She went.", "", "She went."),
    ],
)
def test_a_page_break_within_a_paragraph_glues_no_words(
    tmp_path: Path, kind: str, before: str, after: str, expected: str
) -> None:
    turn = f'<w:r><w:br w:type="{kind}"/></w:r>'
    assert of_xml(tmp_path, f"{run(before)}{turn}{run(after)}") == expected


def test_what_is_not_known_is_counted(tmp_path: Path) -> None:
    document = docx.Document()
    with_xml(document, f"{run('She ')}<w:r><w:newThing/><w:lastRenderedPageBreak/></w:r>{run('went.')}")
    maths = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    with_xml(document, f'<m:oMath xmlns:m="{maths}"><m:r><m:t>E=mc2</m:t></m:r></m:oMath>{run(" it said.")}')
    found = read(tmp_path, document)
    assert found.text == "She went.\n\nE=mc2 it said."
    assert said(found)[:2] == [
        (1, "unknown content of Word (`newThing`) left out: 1"),
        (2, "formulas made plain text: 1"),
    ]


SCENE = 1 + 500 // len(STORY.split())  # paragraphs
NUMBERED = '<w:pPr><w:pStyle w:val="Heading{}"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'


def test_headings_of_which_word_shows_only_the_number(tmp_path: Path) -> None:
    one, two = NUMBERED.format(1), NUMBERED.format(2)
    expected = ["# 1", "## 1", STORY, "## 2", STORY, "# 2", "## 1", STORY]
    parts = [one, two, run(STORY), two, run(STORY), one, two, run(STORY)]
    assert of_xml(tmp_path, *parts) == "\n\n".join(expected)


def test_an_empty_heading_without_a_number_is_a_break_below_prose(tmp_path: Path) -> None:
    empty = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
    assert of_xml(tmp_path, empty, run(STORY), empty, run(STORY)) == f"{STORY}\n\n* * *\n\n{STORY}"


def titled(
    properties: str, paragraph: str = "", titles: tuple[str, ...] = ("Alice", "The Lamp", "2 May"), below: int = SCENE
) -> list[str]:
    head = f"<w:pPr>{paragraph}</w:pPr>"
    return [
        part
        for title in titles
        for part in (f"{head}<w:r><w:rPr>{properties}</w:rPr><w:t>{title}</w:t></w:r>", *[run(STORY)] * below)
    ]


STOPPED = ("THROWN AWAY.", "The Other Man.", "Home", "False Dawn.")
BOLD, LARGE, CENTRED = "<w:b/>", '<w:sz w:val="36"/>', '<w:jc w:val="center"/>'


@pytest.mark.parametrize(("properties", "paragraph"), [(BOLD, ""), (LARGE, CENTRED), (BOLD + LARGE, CENTRED)])
@pytest.mark.parametrize("titles", [("Alice", "The Lamp", "2 May"), STOPPED])
def test_lines_set_as_headings_are(tmp_path: Path, properties: str, paragraph: str, titles: tuple[str, ...]) -> None:
    expected = [part for title in titles for part in (f"# {title}", *[STORY] * SCENE)]
    assert of_xml(tmp_path, *titled(properties, paragraph, titles)) == "\n\n".join(expected)
    close = [part for title in titles for part in (title, STORY, STORY)]
    assert of_xml(tmp_path, *titled(properties, paragraph, titles, below=2)) == "\n\n".join(close)


def test_a_sentence_set_as_the_titles_are_stays_prose(tmp_path: Path) -> None:
    found = of_xml(tmp_path, *titled(BOLD, "", ("Alice", "The Lamp", "Stop Here.", "Home")))
    assert found.count("# ") == 3 and "\n\nStop Here.\n\n" in found


@pytest.mark.parametrize(
    ("properties", "paragraph", "titles"),
    [
        (BOLD, "", ("Alice", "The Lamp")),
        (LARGE, "", ("Alice", "the lamp", "said so")),
        (BOLD, "", ("Stop!", "She said so.", "TODO")),
        ("", CENTRED, ("Alice", "the lamp", "and so on")),
    ],
)
def test_few_or_plain_lines_are_no_headings(
    tmp_path: Path, properties: str, paragraph: str, titles: tuple[str, ...]
) -> None:
    assert "# " not in of_xml(tmp_path, *titled(properties, paragraph, titles))


def test_line_breaks_of_an_author_stay(tmp_path: Path) -> None:
    def lines(*parts: str) -> str:
        return "<w:r><w:br/></w:r>".join(map(run, parts))

    verse = ("so much depends", "upon the lamp.", "And it went out.")
    talk = ('"Is it out?"', '"It is out."')
    assert of_xml(
        tmp_path, run(STORY), lines(*verse), lines(*talk), lines(STORY + STORY, STORY + STORY)
    ) == "\n\n".join([STORY, "\n".join(verse), *talk, STORY + STORY, STORY + STORY])


def test_hard_wrapped_text_pasted_line_by_line_is_joined(tmp_path: Path) -> None:
    paragraph = " ".join([STORY] * 6)
    lines = textwrap.wrap(paragraph, 66)
    document = docx.Document()
    for _ in range(4):
        for line in lines:
            document.add_paragraph(line)
        document.add_paragraph()
    found = read(tmp_path, document)
    assert found.text == "\n\n".join([paragraph] * 4)
    assert "double-spaced lines made single-spaced" in said(found)[1][1]


def test_a_picture_alone_that_recurs_is_a_scene_break(tmp_path: Path) -> None:
    ornament, map_of_it = picture(0), picture(255)
    document = docx.Document()
    for image in (map_of_it, ornament, ornament):
        document.add_paragraph(STORY)
        document.add_paragraph().add_run().add_picture(io.BytesIO(image))
    document.add_paragraph(STORY)
    found = read(tmp_path, document)
    assert found.text == "\n\n".join([STORY, STORY, "* * *", STORY, "* * *", STORY])
    assert said(found) == [(2, "pictures left out: 1"), (4, "pictures that recur alone made scene breaks: 2")]


def picture(grey: int) -> bytes:
    """A PNG of one pixel."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, grey]))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixels) + part(b"IEND", b"")


def test_a_paragraph_in_a_heading_style_stays_prose_with_its_italics(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Chapter 1", 1)
    paragraph = document.add_paragraph(f"{STORY} {STORY} ", style="Heading 2")
    paragraph.add_run("Nobody").italic = True
    found = read(tmp_path, document)
    assert found.text == f"# Chapter 1\n\n{STORY} {STORY} *Nobody*"
    (warning,) = [repair for repair in found.repairs if repair.warning]
    assert warning.line == 2 and "The lamp on the landing had gone out" in warning.what


def test_a_line_of_prose_behind_a_number_sign_stays_prose(tmp_path: Path) -> None:
    line = "9 Dream Street was empty. The rain came down on it all night as if it would never stop again."
    document = docx.Document()
    document.add_paragraph(STORY)
    document.add_paragraph(f"# {line}")
    assert read(tmp_path, document).text == f"{STORY}\n\n{line}"


@pytest.mark.parametrize(
    ("inner", "way_out"),
    [
        ('<w:altChunk {} r:id="rId99"/>', "save it again as .docx"),
        ('<w:p {}><w:subDoc r:id="rId99"/></w:p>', "unlink it in Word"),
    ],
)
def test_text_in_another_file_is_refused(tmp_path: Path, inner: str, way_out: str) -> None:
    document = docx.Document()
    document.add_paragraph(STORY)
    document.element.body.insert(1, parse_xml(inner.format(nsdecls("w", "r"))))
    with pytest.raises(GaeaError, match=rf"book\.docx: a part of the text is another file, .* {way_out}"):
        read(tmp_path, document)


def test_what_is_not_known_between_paragraphs_is_counted(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(STORY)
    document.add_table(1, 1).cell(0, 0).text = STORY
    inner = '<w:bookmarkStart w:id="1" w:name="a"/><w:bookmarkEnd w:id="1"/><w:holograph/>'
    for element in parse_xml(f"<w:body {nsdecls('w')}>{inner}</w:body>"):
        document.element.body.insert(1, element)
    found = read(tmp_path, document)
    assert found.text == f"{STORY}\n\n{STORY}"
    assert said(found) == [(1, "unknown content of Word (`holograph`) left out: 1")]


@pytest.mark.parametrize("deletion", ["w:trPr/w:del", "w:tcPr/w:cellDel"])
def test_a_deleted_row_or_cell_is_left_out(tmp_path: Path, deletion: str) -> None:
    document = docx.Document()
    table = document.add_table(2, 1)
    for row, words in zip(table.rows, (STORY, "It was burning."), strict=True):
        row.cells[0].text = words
    row = table.rows[1]
    properties = row._tr.get_or_add_trPr() if "tr" in deletion else row.cells[0]._tc.get_or_add_tcPr()
    properties.append(parse_xml(f'<{deletion.partition("/")[2]} {nsdecls("w")} w:id="5" w:author="a"/>'))
    found = read(tmp_path, document)
    assert found.text == STORY
    assert said(found) == [(1, "tracked deletions left out: 1")]


DROP_CAP = '<w:pPr><w:framePr w:dropCap="drop" w:lines="3" w:wrap="around" w:vAnchor="text" w:hAnchor="text"/></w:pPr>'


@pytest.mark.parametrize("initial", [STORY[0], f"\u201c{STORY[0]}", STORY.split()[0]])
def test_a_large_initial_belongs_to_the_paragraph_below(tmp_path: Path, initial: str) -> None:
    rest = STORY[len(initial.lstrip("\u201c")) :]
    assert of_xml(tmp_path, run(STORY), f"{DROP_CAP}{run(initial)}", run(rest)) == f"{STORY}\n\n{initial}{rest}"


def test_text_struck_through_is_kept_and_warned_of(tmp_path: Path) -> None:
    def line(way: str, words: str) -> str:
        return f'<w:r><w:rPr><w:{way}/></w:rPr><w:t xml:space="preserve">{words} </w:t></w:r>'

    document = docx.Document()
    with_xml(document, run(STORY))
    with_xml(document, f"{line('strike', 'The cat sat.')}{run('The lamp stood. ')}{line('dstrike', 'It did not.')}")
    with_xml(document, f'<w:r><w:rPr><w:strike w:val="0"/></w:rPr><w:t>{STORY}</w:t></w:r>')
    found = read(tmp_path, document)
    assert "The cat sat. The lamp stood. It did not." in found.text
    told = 'struck-through text kept as prose (delete it if it is not meant) in 1 place: "The cat sat. It did not."'
    assert [(repair.line, repair.what) for repair in found.repairs if repair.warning] == [(2, told)]


def underlined(words: str, way: str = "single") -> str:
    return f'<w:r><w:rPr><w:u w:val="{way}"/></w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def test_underlined_words_are_italics_where_there_are_none(tmp_path: Path) -> None:
    lines = [f"{run('She was ')}{underlined('very')}{run(f' late {number}.')}" for number in (1, 2, 3)]
    plain = f"{run('She was ')}{underlined('not', 'none')}{run(' late.')}"
    expected = [f"She was *very* late {number}." for number in (1, 2, 3)]
    assert of_xml(tmp_path, *lines, plain) == "\n\n".join([*expected, "She was not late."])
    assert "*" not in of_xml(tmp_path, *lines[:2], plain)
    italic = f"<w:r><w:rPr><w:i/></w:rPr><w:t>{STORY}</w:t></w:r>"
    assert "*very*" not in of_xml(tmp_path, *lines, italic)
