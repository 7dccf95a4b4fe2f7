"""What is left out of a document leaves no wider gap than there was on either side of it."""

from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.manuscript.documents.gaps import without_left_out
from gaea_assets.manuscript.documents.reader import read_document
from gaea_assets_tests.manuscript.documents.files import STORY, text

TEXT = "\n\n".join(STORY * 2)


@given(st.lists(st.sampled_from(["word", "", None]), max_size=30))
def test_only_blank_lines_go_and_the_wider_side_stays(lines: list[str | None]) -> None:
    kept, numbers = without_left_out(zip(lines, range(len(lines)), strict=True))
    assert [line for line in kept if line] == [line for line in lines if line]
    assert [lines[number] for number in numbers] == kept
    if None not in lines:
        assert kept == lines
    blanks = "".join("x" if line else "." if line == "" else "|" for line in lines)
    for before, after in zip(
        ["." * max(map(len, gap.split("|"))) for gap in blanks.split("x")],
        "".join("x" if line else "." for line in kept).split("x"),
        strict=True,
    ):
        assert before == after


@pytest.mark.parametrize(
    "left_out",
    [
        "<!-- a note -->", "<!-- a\n\nnote -->", "![The lamp](lamp.png)", "<div>", "<div>\n\n</div>",
        "[^1]: The lamp of the landing.", "[^1]: The lamp.\n\n    And the other one.", "[x]: https://x.y",
        "<script>\nalert(1)\n\nalert(2)\n</script>", "```", "::: letter", "<!-- a -->\n\n<!-- b -->",
    ],
)  # fmt: skip
def test_markdown_left_out_between_paragraphs_makes_no_scene_break(tmp_path: Path, left_out: str) -> None:
    assert text(tmp_path, f"{TEXT}\n\n{left_out}\n\n{TEXT}", "book.md") == f"{TEXT}\n\n{TEXT}"


def test_a_wider_gap_beside_what_is_left_out_is_still_a_scene_break(tmp_path: Path) -> None:
    content = f"{TEXT}\n\n\n\n<!-- a note -->\n\n{TEXT}"
    assert text(tmp_path, content, "book.md") == f"{TEXT}\n\n* * *\n\n{TEXT}"


MARK = 'w:id="1" w:author="A" w:date="2020-01-01T00:00:00Z"'
DELETED = "<w:r><w:delText>Gone.</w:delText></w:r>"
HIDDEN = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden.</w:t></w:r>"


@pytest.mark.parametrize(
    "inner",
    [
        f"<w:del {MARK}>{DELETED}</w:del>",
        f"<w:pPr><w:rPr><w:del {MARK}/></w:rPr></w:pPr><w:del {MARK}>{DELETED}</w:del>",
        HIDDEN,
    ],
)
@pytest.mark.parametrize("between", [0, 1])
def test_a_paragraph_of_word_left_out_makes_no_scene_break(tmp_path: Path, inner: str, between: int) -> None:
    document = docx.Document()
    for number in range(24):
        document.add_paragraph(STORY[0])
        for _ in range(between):
            document.add_paragraph()
        if number == 11:
            document.element.body.insert(-1, parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>"))
            for _ in range(between):
                document.add_paragraph()
    path = tmp_path / "book.docx"
    document.save(str(path))
    assert read_document(path).text == "\n\n".join(STORY[:1] * 24)
