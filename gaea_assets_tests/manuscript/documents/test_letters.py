"""In a book of letters each begins a scene; a letter within a story does not."""

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text
from gaea_assets_tests.manuscript.documents.test_chapter_headings import SCENE


def letters(greetings: list[str], body: list[str], apart: str = "\n\n") -> str:
    return apart.join("\n\n".join([greeting, *body, "Yours ever,", "Alice"]) for greeting in greetings)


@pytest.mark.parametrize("greetings", [["Dear Margaret,", "My dearest Margaret,", "Dear Margaret,"], ["Sir,"] * 4])
def test_each_letter_begins_a_scene(tmp_path: Path, greetings: list[str]) -> None:
    document = read(tmp_path, letters(greetings, SCENE))
    assert document.text == letters(greetings, SCENE, "\n\n* * *\n\n")
    assert any(what.startswith("scene breaks put above letters in") for _, what in said(document))
    assert text(tmp_path, document.text) == document.text


def test_the_date_above_belongs_to_the_letter(tmp_path: Path) -> None:
    dated = [f"Paris, {day} May\n\nDear Margaret," for day in (1, 12, 20)]
    found = text(tmp_path, letters(dated, SCENE))
    assert found.count("Paris, 12 May\n\nDear Margaret,") == 1
    assert "Alice\n\nDear" not in found and "May\n\n* * *" not in found


@pytest.mark.parametrize(
    "content",
    [
        letters(["Dear Margaret,", "Dear Margaret,"], SCENE),
        letters(["Dear Margaret,"] * 4, STORY[:3]),
        letters(["Dear God, what was it."] * 4, SCENE),
        "\n\n".join([*SCENE, "He wrote as follows:", "Dear Margaret,", *STORY] * 4),
        "\n\n".join([*SCENE, STORY[5], "Dear Margaret,", *STORY] * 4),
    ],
)
def test_other_letters_stay_in_their_scene(tmp_path: Path, content: str) -> None:
    assert text(tmp_path, content) == content


def test_letters_below_chapters_stay_in_them(tmp_path: Path) -> None:
    content = letters([f"Chapter {number}\n\nDear Margaret," for number in (1, 2, 3)], SCENE)
    assert "* * *" not in text(tmp_path, content)
