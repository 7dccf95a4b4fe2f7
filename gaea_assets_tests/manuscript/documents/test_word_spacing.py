"""Scenes that a Word file sets apart by space or by a new page alone."""

from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from gaea_assets_tests.manuscript.documents.test_word_document import STORY, read

SCENE = [f"{STORY} It was {hour} by the clock." for hour in ("one", "two", "three", "four", "five", "six", "seven")]


def space_above(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.space_before = Pt(24)


def new_page(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.page_break_before = True


def broken_page(paragraph: Paragraph) -> None:
    first = paragraph.runs[0]
    first.text, words = "", first.text
    first.add_break(WD_BREAK.PAGE)
    paragraph.add_run(words)


def scenes(set_apart: Callable[[Paragraph], None], count: int = 3) -> WordDocument:
    document = docx.Document()
    for scene in range(count):
        for index, line in enumerate(SCENE):
            paragraph = document.add_paragraph(line)
            if scene and not index:
                set_apart(paragraph)
    return document


@pytest.mark.parametrize("set_apart", [space_above, new_page, broken_page])
def test_a_rare_gap_or_a_new_page_is_a_scene_break(tmp_path: Path, set_apart: Callable[[Paragraph], None]) -> None:
    assert read(tmp_path, scenes(set_apart)).text == "\n\n* * *\n\n".join(["\n\n".join(SCENE)] * 3)


def test_space_that_a_style_sets_or_that_stands_below(tmp_path: Path) -> None:
    document = docx.Document()
    opening = document.styles.add_style("Opening", WD_STYLE_TYPE.PARAGRAPH)
    opening.paragraph_format.space_before = Pt(30)
    for scene in range(3):
        for index, line in enumerate(SCENE):
            paragraph = document.add_paragraph(line, style="Opening" if scene == 1 and not index else None)
            if scene == 1 and index == len(SCENE) - 1:
                paragraph.paragraph_format.space_after = Pt(30)
    assert read(tmp_path, document).text == "\n\n* * *\n\n".join(["\n\n".join(SCENE)] * 3)


def test_a_section_that_begins_a_page(tmp_path: Path) -> None:
    for kind, breaks in ((WD_SECTION.NEW_PAGE, 1), (WD_SECTION.CONTINUOUS, 0)):
        document = docx.Document()
        for line in SCENE:
            document.add_paragraph(line)
        document.add_section(kind)
        last = document.paragraphs[-2]._p
        section = document.paragraphs[-1]._p
        last.get_or_add_pPr().append(section.pPr.sectPr)
        section.getparent().remove(section)
        for line in SCENE:
            document.add_paragraph(line)
        assert read(tmp_path, document).text.count("* * *") == breaks


def test_spaces_that_are_small_or_often_or_around_a_quotation_are_no_breaks(tmp_path: Path) -> None:
    def little(paragraph: Paragraph) -> None:
        paragraph.paragraph_format.space_before = Pt(14)  # the file's own space below a paragraph is 10 points

    def quoted(paragraph: Paragraph) -> None:
        space_above(paragraph)
        paragraph.paragraph_format.left_indent = Pt(36)
        paragraph.paragraph_format.space_after = Pt(24)

    for document in (scenes(little), scenes(quoted)):
        assert "* * *" not in read(tmp_path, document).text
    often = docx.Document()
    for index, line in enumerate(SCENE * 4):
        (space_above if index % 3 == 0 else str)(often.add_paragraph(line))
    assert "* * *" not in read(tmp_path, often).text


def test_pages_of_a_converted_file_are_no_scenes(tmp_path: Path) -> None:
    document = docx.Document()
    for page in range(4):
        for index, line in enumerate(SCENE):
            words = line.removesuffix("by the clock.") if index == len(SCENE) - 1 else line
            paragraph = document.add_paragraph(words if index or not page else "by the clock. " + words)
            if page and not index:
                new_page(paragraph)
    assert "* * *" not in read(tmp_path, document).text
