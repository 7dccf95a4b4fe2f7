"""However a file sets its paragraphs, they come through whole."""

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, VERSE, read, said, text, wrapped


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize("width", [50, 65, 72, 80])
def test_hard_wrapped_lines_are_joined(tmp_path: Path, width: int, name: str) -> None:
    document = read(tmp_path, "\n\n".join(wrapped(paragraph, width) for paragraph in STORY), name)
    assert document.text == "\n\n".join(STORY)
    assert [what.split(" in ")[0] for _, what in said(document)] == ["hard-wrapped lines joined"]
    assert said(document)[0][0] == 1


def test_verse_among_wrapped_lines_stays_verse(tmp_path: Path) -> None:
    story = [wrapped(paragraph, 72) for paragraph in STORY]
    assert text(tmp_path, "\n\n".join([*story[:3], VERSE, *story[3:]])) == "\n\n".join([*STORY[:3], VERSE, *STORY[3:]])


def test_dialogue_a_line_each_is_not_joined(tmp_path: Path) -> None:
    talk = [
        '"Is it out?" he asked.',
        '"It is out."',
        '"And the matches?"',
        '"You have them," she said.',
        '"I have not."',
    ]
    assert text(tmp_path, "\n".join(talk)) == "\n\n".join(talk)
    assert text(tmp_path, "\n\n".join([wrapped(STORY[0], 72), "\n".join(talk), wrapped(STORY[3], 72)])) == "\n\n".join(
        [STORY[0], *talk, STORY[3]]
    )


def test_indents_mark_paragraphs(tmp_path: Path) -> None:
    for indent in ("    ", "\t"):
        content = "\n".join(wrapped(paragraph, 72, indent) for paragraph in STORY)
        assert text(tmp_path, content) == "\n\n".join(STORY)


def test_wrapped_words_keep_their_hyphens_and_lose_those_of_the_line_end(tmp_path: Path) -> None:
    content = (
        "Nobody could say that the lamp had been an old-fashioned one, but it was an old-\n"
        "fashioned house, and she had continued to think so while the others all con-\n"
        "tinued to laugh at it and at her and at the lamp as well, year in and year out--\n"
        "until that evening."
    )
    assert text(tmp_path, content).split("one, but ")[1] == (
        "it was an old-fashioned house, and she had continued to think so while the others all continued to laugh "
        "at it and at her and at the lamp as well, year in and year out—until that evening."
    )
