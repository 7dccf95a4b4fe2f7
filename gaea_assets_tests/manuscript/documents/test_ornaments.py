"""A paragraph without a letter or a digit is a scene break, unless a speaker or a narrator can mean it."""

# ruff: noqa: RUF001 (the characters themselves are what is tested)

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.manuscript.documents.ornaments import is_ornament
from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize(
    "mark",
    [
        "##", "§", "•", "◆ ◆ ◆", "♦♦♦", "★ ★ ★", "✻", "⸻", "<><><>", "--", "-", "—", "＊＊＊", ". . .", "❦", "-- * --",
        "oOo", "o O o", "xXx", "-oOo-", "x x x", "ooo", "oOo oOo oOo", "{~}", "////", "|", "🙐", "^^^",
        "[scene break]", "(Scene Break)", "SCENE BREAK", "*scene break*",
    ],
)  # fmt: skip
def test_ornaments_become_scene_breaks(tmp_path: Path, mark: str, name: str) -> None:
    content = "\n\n".join([*STORY * 2, mark, *STORY])
    document = read(tmp_path, content, name)
    assert document.text == "\n\n".join([*STORY * 2, "* * *", *STORY])
    assert (25, "scene breaks made * * * in 1 place") in said(document)


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize(
    "mark",
    [
        "...", "…", "?", "!", "?!", "!!!", "...?", "—!", '"..."', '"?!"', '"', '"—"', "'...'", "*...*", "….",
        "xxx", "XXX", "ox", "Oxo", "😀", ":)", "^_^", "A scene break", "Scene break it was.", "oo", ",", ", !",
    ],
)  # fmt: skip
def test_what_can_be_meant_stays(tmp_path: Path, mark: str, name: str) -> None:
    content = "\n\n".join([*STORY * 2, mark, *STORY])
    assert text(tmp_path, content, name) == content


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize("mark", ["🌙", "✨🌙✨", "🌊 🌊 🌊"])
def test_a_picture_that_recurs_between_scenes_is_a_break(tmp_path: Path, mark: str, name: str) -> None:
    scene = "\n\n".join(STORY * 2)
    assert text(tmp_path, f"\n\n{mark}\n\n".join([scene] * 4), name) == "\n\n* * *\n\n".join([scene] * 4)
    twice = f"\n\n{mark}\n\n".join([scene] * 3)
    assert text(tmp_path, twice, name) == twice


@pytest.mark.parametrize("mark", ["😂", "👍", "❤️", "🌙"])
def test_a_picture_that_is_sent_stays(tmp_path: Path, mark: str) -> None:
    talk = f"\n\n{mark}\n\n".join([STORY[0], STORY[1], STORY[4], STORY[5], STORY[0]])
    assert text(tmp_path, talk) == talk
    apart = f"\n\n{mark}\n\n".join(["\n\n".join(STORY * 2)] * 4)
    assert (text(tmp_path, apart) == apart) == (mark != "🌙")


def test_a_paragraph_a_line_and_no_blank_lines(tmp_path: Path) -> None:
    assert text(tmp_path, "\n".join([*STORY, "◆", *STORY])) == "\n\n".join([*STORY, "* * *", *STORY])


def test_an_ornament_between_wider_gaps_is_one_scene_break(tmp_path: Path) -> None:
    content = "\n\n".join(STORY * 2)
    assert text(tmp_path, f"{content}\n\n\n\n◆\n\n\n\n{content}") == f"{content}\n\n* * *\n\n{content}"


@given(st.text(max_size=40))
def test_words_are_never_ornaments(content: str) -> None:
    if any(
        map(str.isalnum, content.lower().replace("o", "").replace("x", "").replace("scene", "").replace("break", ""))
    ):
        assert not is_ornament(content)
