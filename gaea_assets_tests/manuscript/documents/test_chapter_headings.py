"""Headings that only the whole document tells from prose."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, text


def chapters(headings: Sequence[str]) -> str:
    return "\n\n".join(part for heading in headings for part in (heading, *STORY[:4]))


def marked(headings: Sequence[str]) -> str:
    return chapters([f"# {heading}" for heading in headings])


@pytest.mark.parametrize(
    "headings",
    [
        ["1. The Lamp", "2. The Wine-shop", "3. What Was in the Drawer"],
        ["I. The Lamp", "II. The Return", "III. The Drawer"],
        ["Letter I", "Letter II"],
        ["Day 1", "Day 3"],
        ["Night the First", "Night the Third"],
        ["Day 1: The Lamp", "Day 2: The Return"],
        ["I", "II"],
        ["XXIX", "XXX"],
    ],
)
def test_headings_with_numbers_are_told_by_their_like(tmp_path: Path, headings: list[str]) -> None:
    assert text(tmp_path, chapters(headings)) == marked(headings)


@pytest.mark.parametrize(
    "lines",
    [
        ["1. The Lamp", "2. The Return"],
        ["3. The Lamp", "2. The Return", "1. The Drawer"],
        ["1. The lamp went out", "2. The return was slow", "3. The drawer stuck"],
        ["Day 3", "Day 3"],
        ["Day 3", "Night 4"],
        ["Page 3", "Page 4"],
        ["I", "I"],
        ["TK", "TODO"],
        ["FIXME", "XXX", "INSERT FIGHT SCENE HERE", "ADD A CHAPTER HERE", "[INSERT LAMP]"],
        ["1. TODO", "2. TODO", "3. TODO"],
    ],
)
def test_lines_without_their_like_stay_prose(tmp_path: Path, lines: list[str]) -> None:
    assert text(tmp_path, chapters(lines)) == chapters(lines)


def test_a_section_number_below_a_title_is_a_heading(tmp_path: Path) -> None:
    content = "\n\n".join(["III", "Two Men and a Body", "I", STORY[0], "II", STORY[3]])
    first = text(tmp_path, content)
    assert first == "\n\n".join(["# III", "# Two Men and a Body", "# I", STORY[0], "# II", STORY[3]])
    assert text(tmp_path, first) == first
    headings = ["THE LAMP", "1. The Lamp", "2. The Return", "3. The Drawer"]
    content = f"THE LAMP\n\n{chapters(headings[1:])}"
    assert text(tmp_path, content) == f"# THE LAMP\n\n{marked(headings[1:])}"


def test_a_list_is_no_row_of_headings(tmp_path: Path) -> None:
    content = "\n\n".join([STORY[0], "1. The Lamp", "2. The Matches", "3. The Candle", STORY[3]])
    assert text(tmp_path, content) == content


def test_bold_titles_are_headings_in_markdown_where_there_are_several(tmp_path: Path) -> None:
    titles = ["The Lamp", "The Return", "The Drawer"]
    assert text(tmp_path, chapters([f"**{title}**" for title in titles]), "book.md") == marked(titles)
    two = titles[:2]
    assert text(tmp_path, chapters([f"**{title}**" for title in two]), "book.md") == chapters(two)
    notes = chapters(["**TODO**", "**TK**", "**FIXME**"])
    assert text(tmp_path, notes, "book.md") == notes.replace("**", "")


@pytest.mark.parametrize("number", ["III", "CHAPTER IV", "Chapter 4.", "# 4", "PART TWO", "12."])
@pytest.mark.parametrize("title", ["Two Men and a Body", "THE RETURN", "The Man from the Lamp", "Outside or Inside?"])
def test_a_title_below_a_number_belongs_to_it(tmp_path: Path, number: str, title: str) -> None:
    heading = f"# {number.lstrip('# ')}"
    content = "\n\n".join([STORY[0], number, title, STORY[3]])
    assert text(tmp_path, content) == "\n\n".join([STORY[0], heading, f"# {title}", STORY[3]])


def test_a_title_on_the_line_below_its_number(tmp_path: Path) -> None:
    content = "\n\n".join(["I\nThe Lamp", *STORY, "II\nTwo Men and a Body", *STORY])
    expected = "\n\n".join(["# I", "# The Lamp", *STORY, "# II", "# Two Men and a Body", *STORY])
    assert text(tmp_path, content) == expected
    content = content.replace("II\n", "CHAPTER II\n").replace("I\nThe L", "CHAPTER I\nThe L")
    assert text(tmp_path, content) == expected.replace("# I", "# CHAPTER I")


@pytest.mark.parametrize("first", ["The lamp went out", "Nothing.", "TK", "No?", '"The Lamp"', "the Lamp"])
def test_prose_below_a_number_stays_prose(tmp_path: Path, first: str) -> None:
    content = "\n\n".join(["# 1", first, *STORY])
    assert text(tmp_path, content) == content
