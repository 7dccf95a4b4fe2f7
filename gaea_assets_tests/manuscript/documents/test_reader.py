"""Whatever way an author sets a text, its words come through in one normal form."""

# ruff: noqa: RUF001 (the characters themselves are what is tested)

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.reader import find_documents, read_document
from gaea_assets_tests.manuscript.documents.files import STORY, VERSE, changes, read, said, text

PIECES = st.sampled_from(
    [
        "the ", "She ", "walked home", "don't", "“Yes,” ", '"No," ', "he said.", "--", " -- ", "---", "\n", "\n\n",
        "\n\n\n", "    ", "***", "* * *", "*", "_", "#", "# ", "Chapter 7", "THE LOST CITY", "XIV", "1.", "- ", "~",
        "=====", "\t", "\u00a0", "\u200b", "\u00ad", "’", "'", '"', "—", "…", "\f", "_it_", "*it*", "é", ":", "\r\n",
        "◆ ◆ ◆", "§", "Day 3", "Day 4", "II", "I", "II. The Return", "The Return", "**The Lamp**", "...", "12", "TK",
        "and a somewhat longer line of prose that goes to\n", "fifty or sixty columns and then is broken off by\n",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=30).map("".join)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def letters(content: str) -> str:
    return "".join(re.findall(r"[^\W_]", content))


@quick
@given(TEXTS)
@example("_and a somewhat longer line of prose that goes to\n*_")
def test_no_letter_is_lost_and_reading_again_changes_nothing(tmp_path: Path, content: str) -> None:
    content = f"Once {content}"
    first = read(tmp_path, content)
    assert letters(first.text) == letters(content)
    assert not re.search(r"\n{3}|[ \t]\n|\n[ \t]|\A\s|\s\Z|\r", first.text)
    assert first == read(tmp_path, content)
    if not re.search(r"(?m)^\s*[^\S\n]{2}|^\t", content):  # an indent says where a paragraph begins, and is gone then
        again = read(tmp_path, first.text)
        assert (again.text, changes(again)) == (first.text, [])


@quick
@given(TEXTS)
def test_reading_markdown_again_changes_nothing(tmp_path: Path, content: str) -> None:
    content = re.sub(r"[^\S\r\n]+(?=\r?\n)", "", f"Once {content}")  # two spaces keep a line, and are gone then
    first = text(tmp_path, content, "book.md")
    assert text(tmp_path, first, "book.md") == first


@pytest.mark.parametrize("name", ["book.txt", "book.md", "BOOK.TXT"])
def test_the_normal_form_is_left_to_the_letter(tmp_path: Path, name: str) -> None:
    content = "\n\n".join(["# Chapter 1", *STORY[:2], "*Not him,* she thought.  Not now.", "* * *", VERSE, *STORY[2:]])
    document = read(tmp_path, content + "\n", name)
    assert (document.text, document.repairs, document.source) == (content, (), name)


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize(
    "piece",
    [
        "*a ",
        "_a ",
        "**a",
        "[a",
        "[a](b ",
        "<!--",
        "<i",
        "\\",
        "&amp;",
        '"',
        "--",
        "a-\n",
        "A b\n\n",
        "* ",
        " ",
        "<script>",
        "<style>a</style>",
        "&#60;",
        "[^1]: a\n",
        "[^1]: a\n\n    b\n\n",
        "1\n\n",
        "◆\n\n",
        "I. The\n\n",
        "o",
        "I\nThe Lamp\n\n",
        "**The Lamp**\n\n",
        "THE LAMP\n\n",
        "- . ",
        "TK ",
        "One 1\n\n",
        "```\n",
        "``` ",
        "<!-- -->\n\n",
    ],
)
def test_long_runs_of_marks_come_through(tmp_path: Path, piece: str, name: str) -> None:
    # A pass that looks back at what it has seen would take hours for some of these.
    content = "Once. " + piece * (60_000 // len(piece))
    assert letters(text(tmp_path, content, name))[:4] == "Once"


def test_the_file_is_left_alone(tmp_path: Path) -> None:
    content = "\ufeffOne--two\r\n\r\n\r\n_three_\r\n".encode()
    read(tmp_path, content)
    assert (tmp_path / "book.txt").read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("book.txt", " \n\n* * *\n", "no text"),
        ("book.md", "<!-- nothing -->", "no text"),
        ("book.txt", "Once. " + "a" * 100_001, "a word of more than 100,000 letters (aaaaaaaaaaaaaaaaaaaa...)"),
        ("book.odt", "x", ".odt"),
        ("book", "x", "suffix"),
    ],
)
def test_faults_name_the_file_and_the_remedy(tmp_path: Path, name: str, content: str, fault: str) -> None:
    with pytest.raises(GaeaError) as error:
        read(tmp_path, content, name)
    assert name in str(error.value) and fault in str(error.value) and "\n" not in str(error.value)


def test_a_missing_file_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(GaeaError, match="no such file"):
        read_document(tmp_path / "none.txt")
    with pytest.raises(GaeaError, match="no such folder"):
        find_documents(tmp_path / "none")


def test_documents_come_in_natural_order_without_what_is_no_manuscript(tmp_path: Path) -> None:
    wanted = ["Chapter1.md", "chapter2.txt", "chapter2b.DOCX", "chapter10.txt", "epilogue.txt"]
    passed_over = [
        ".hidden.txt", "~$chapter2.docx", "README.md", "readme.txt", "LICENSE.txt", "metadata.txt", "book_metadata.md",
        "chapter1.bak.txt", "chapter1_backup.docx", "chapter1~.txt", "notes.odt", "cover.png", "txt",
    ]  # fmt: skip
    for name in [*wanted, *passed_over]:
        (tmp_path / name).write_text("x")
    for folder in ("backup", "chapter3.txt"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "chapter4.txt").write_text("x")
    assert [path.name for path in find_documents(tmp_path)] == wanted


@pytest.mark.parametrize(
    "name", ["License to kill.txt", "Read me a story.md", "Copying Machine.txt", "Contributing factors.md"]
)
def test_a_title_that_begins_like_a_readme_is_a_manuscript(tmp_path: Path, name: str) -> None:
    for passed_over in ("README.md", "license-mit.txt", "LICENCE.txt", "read_me.txt", "changelog.md"):
        (tmp_path / passed_over).write_text("Some words.")
    (tmp_path / name).write_text("Some words.")
    assert [path.name for path in find_documents(tmp_path)] == [name]


def test_what_a_crash_left_behind_the_text_is_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, STORY[0].encode() + b"\0" * 4096)
    assert found.text == STORY[0]
    assert said(found) == [(1, "control characters left out in 4096 places")]
