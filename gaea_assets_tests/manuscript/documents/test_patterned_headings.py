"""Short lines alone are headings where they recur as headings do, and are told where they are not taken."""

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text
from gaea_assets_tests.manuscript.documents.test_chapter_headings import chapters, marked

NAMES = ["Alice", "Bernard", "Alice", "Clara", "Bernard"]
DATES = ["12 May 1914", "London, 3 June", "Tuesday, 4 June", "9:15 p.m.", "Thursday"]
TITLES = ["The Arrival", "A Strange Visitor", "Nightfall", "What the Doctor Saw", "Home"]


@pytest.mark.parametrize("headings", [NAMES, DATES, TITLES])
@pytest.mark.parametrize("name", ["book.txt", "book.md"])
def test_lines_that_recur_as_headings_do(tmp_path: Path, headings: list[str], name: str) -> None:
    assert text(tmp_path, chapters(headings), name) == marked(headings)


@pytest.mark.parametrize(
    "lines",
    [
        ["Alice", "Bernard", "Alice"],  # one comes back, once
        ["Silence", "Nothing but the lamp", "Silence"],
        DATES[:2],
        TITLES[:3],
        ["The Arrival", "a strange visitor", "Nightfall", "what he saw", "Home"],
        ["Silence!", "Alice.", "Silence!", "Alice."],
    ],
)
def test_fewer_or_other_lines_stay_prose(tmp_path: Path, lines: list[str]) -> None:
    assert text(tmp_path, chapters(lines)) == chapters(lines)


def test_titles_must_open_the_text(tmp_path: Path) -> None:
    content = "\n\n".join([*STORY, chapters(TITLES)])
    assert text(tmp_path, content) == content


def test_the_speakers_of_a_play_are_no_chapters(tmp_path: Path) -> None:
    content = "\n\n".join(part for name in NAMES * 4 for part in (name, "I have seen nothing of the lamp, my lord."))
    assert text(tmp_path, content) == content


def test_a_document_with_chapters_keeps_its_short_lines(tmp_path: Path) -> None:
    content = "\n\n".join(f"Chapter {n}\n\n{STORY[0]}\n\n{chapters(NAMES)}" for n in (1, 2, 3))
    assert text(tmp_path, content) == content.replace("Chapter", "# Chapter")


def test_a_name_below_a_letter_is_no_heading(tmp_path: Path) -> None:
    content = "\n\n".join(["Dear Mary,", *STORY, "Robert"] * 4)
    assert text(tmp_path, content) == content


def test_what_looks_like_a_heading_is_told(tmp_path: Path) -> None:
    document = read(tmp_path, chapters([STORY[5], "The Lamp", "Alice", "The Lamp"]))
    assert said(document) == [
        (
            11,
            'left as prose, though short and alone as headings are: "The Lamp" (line 11, 2 times), "Alice" (line 21); '
            "put `# ` before each heading",
        )
    ]
    assert not said(read(tmp_path, chapters([STORY[5], "the lamp went out", "TODO"])))


def test_no_more_than_ten_lines_are_told(tmp_path: Path) -> None:
    lines = [f"The {word} Lamp" for word in "Old New Red Tall Wide Last Sad Cold Warm Grey Dim Lost".split()]  # noqa: SIM905
    document = read(tmp_path, chapters([STORY[5], *lines]))
    assert said(document)[0][1].count("(line") == 10 and " and 2 more;" in said(document)[0][1]
