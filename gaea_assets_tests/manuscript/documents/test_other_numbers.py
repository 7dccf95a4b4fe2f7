"""Numbers in a form that prose can have, too, are headings where they rise and sections lie between them."""

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text
from gaea_assets_tests.manuscript.documents.test_chapter_headings import SCENE, chapters, marked


@pytest.mark.parametrize(
    "form", ["- {} -", "-{}-", "\u2014 {} \u2014", "~ {} ~", "({})", "<< {} >>", "= {} =", "{})", "[{}]", "No. {}"]
)
@pytest.mark.parametrize(
    "numbers", [["1", "2", "3"], ["I", "II", "III"], ["One", "Two", "Three"], ["one", "two", "ten"]]
)
def test_a_number_between_marks_heads_a_section(tmp_path: Path, form: str, numbers: list[str]) -> None:
    lines = [form.format(number) for number in numbers]
    assert text(tmp_path, chapters(lines, SCENE)) == marked(numbers, SCENE)
    assert text(tmp_path, chapters(lines)) == chapters(lines)  # pages are shorter
    assert text(tmp_path, chapters(lines[::-1], SCENE)) == chapters(lines[::-1], SCENE)


def test_a_number_between_marks_is_a_heading_below_parts_too(tmp_path: Path) -> None:
    parts = [f"PART {part}\n\n{chapters(['- 1 -', '- 2 -', '- 3 -'], SCENE)}" for part in ("ONE", "TWO")]
    assert text(tmp_path, "\n\n".join(parts)).count("\n\n# 1\n\n") == 2


def test_a_gap_above_a_number_between_marks_is_no_scene_break_beside_it(tmp_path: Path) -> None:
    content = "\n\n\n\n".join(f"- {number} -\n\n{chr(10).join(SCENE)}" for number in (1, 2, 3))
    assert text(tmp_path, content) == marked(["1", "2", "3"], SCENE)


@pytest.mark.parametrize("line", ["<<< Chapter {} >>>", "== Chapter {}: The Lamp ==", "~ Chapter {} ~"])
def test_a_chapter_between_marks_is_one(tmp_path: Path, line: str) -> None:
    lines = [line.format(number) for number in ("1", "Twenty-One")]
    assert text(tmp_path, chapters(lines)) == marked([line.strip("<>=~ ") for line in lines])


@pytest.mark.parametrize(
    "headings",
    [
        ["1: The Lamp", "2: The Return", "3: A Drawer"],
        ["1 The Lamp", "2 The return of the lamp", "4 A drawer"],
        ["1. The lamp goes out", "2. Who was there", "3. What now?"],
        ["1 - Alice", "2 - Bernard", "3 - Alice"],
        ["II: the Lamp", "IV: The Return", "VI: Home"],
        ["One: The Lamp", "Two: The Return", "Twenty-one: Home"],
        ["one.", "two.", "three."],
    ],
)
def test_titles_behind_numbers_that_rise(tmp_path: Path, headings: list[str]) -> None:
    headings = [heading.replace("the L", "The L") for heading in headings]
    assert text(tmp_path, chapters(headings, SCENE)) == marked(headings, SCENE)
    assert text(tmp_path, chapters(headings)) == chapters(headings)
    numbered = [f"Chapter {number}" for number in (1, 2, 3)]
    content = chapters(numbered, [*SCENE, headings[0], *SCENE, headings[1], *SCENE, headings[2], *SCENE])
    assert text(tmp_path, content) == content.replace("Chapter", "# Chapter")


@pytest.mark.parametrize("line", ["- 1 -", "~ IV ~"])
def test_a_number_left_as_prose_is_told(tmp_path: Path, line: str) -> None:
    assert any(line in what for _, what in said(read(tmp_path, chapters([line]))))


@pytest.mark.parametrize(
    "headings",
    [
        ["Ch. 1", "Ch. 2"],
        ["Chapter1", "Chapter2"],
        ["CHAP. IV", "CHAP. V"],
        ["Ch 7"],
        ["Chapter One Hundred and Three"],
    ],
)
def test_chapters_in_short(tmp_path: Path, headings: list[str]) -> None:
    assert text(tmp_path, chapters(headings)) == marked(headings)


@pytest.mark.parametrize("cross", ["X", "x"])
def test_crosses_are_scene_breaks_where_nothing_counts_with_them(tmp_path: Path, cross: str) -> None:
    def scenes(mark: str) -> str:
        return "\n\n".join([*STORY, mark, *STORY, mark, *STORY])

    assert text(tmp_path, scenes(cross)) == scenes("* * *")


def test_a_cross_that_counts_is_a_number(tmp_path: Path) -> None:
    numbers = ["IX", "X", "XI", "IX", "X"]
    assert text(tmp_path, chapters(numbers)) == marked(numbers)


def test_kisses_below_letters_are_neither_breaks_nor_numbers(tmp_path: Path) -> None:
    content = "\n\n".join([*STORY, "Love you.", "X", *STORY, "Come home.", "X", *STORY])
    assert text(tmp_path, content) == content
