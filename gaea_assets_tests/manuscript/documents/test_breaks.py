"""Headings and scene breaks are told from prose and have one form each."""

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text


def test_one_paragraph_a_line_with_a_blank_line_for_a_scene_break(tmp_path: Path) -> None:
    assert text(tmp_path, "\n".join(STORY)) == "\n\n".join(STORY)
    scenes = "\n".join(STORY * 2), "\n".join(STORY * 2)
    document = read(tmp_path, "\n\n".join(scenes))
    assert document.text == "\n\n".join([*STORY * 2, "* * *", *STORY * 2])
    assert said(document)[-1] == (14, "wider gaps made scene breaks in 1 place")


@pytest.mark.parametrize("mark", ["***", "* * *", "---", "___", "#", "~", "⁂", "*****", "~~~", "- - -", "\\*\\*\\*"])
@pytest.mark.parametrize("around", ["\n\n", "\n"])
def test_scene_breaks_have_one_form(tmp_path: Path, mark: str, around: str) -> None:
    content = f"{STORY[0]}{around}{mark}{around}{STORY[3]}"
    expected = f"{STORY[0]}\n\n* * *\n\n{STORY[3]}"
    assert text(tmp_path, content, "book.md") == expected
    if "\\" not in mark:
        assert text(tmp_path, content) == expected


def test_a_rule_below_a_title_makes_a_heading_and_below_prose_a_break(tmp_path: Path) -> None:
    for name in ("book.md", "book.txt"):
        assert text(tmp_path, f"The Lamp\n===\n\n{STORY[0]}", name) == f"# The Lamp\n\n{STORY[0]}"
        assert text(tmp_path, f"{STORY[0]}\n\nThe Lamp\n--------\n\n{STORY[3]}", name) == (
            f"{STORY[0]}\n\n## The Lamp\n\n{STORY[3]}"
        )
        assert text(tmp_path, f'{STORY[0]}\n\n"I might."\n---\n{STORY[3]}', name) == (
            f'{STORY[0]}\n\n"I might."\n\n* * *\n\n{STORY[3]}'
        )


@pytest.mark.parametrize("title", ["Chapter the First", "Chapter 7: The Lamp", "The Lamp"])
def test_a_chapter_with_a_rule_below_is_of_that_level(tmp_path: Path, title: str) -> None:
    content = f"My Book\n=======\n\n{title}\n{'-' * len(title)}\n\n{STORY[0]}\n\n***\n\n---\n\n{STORY[3]}"
    found = text(tmp_path, content, "book.md")
    assert found == f"# My Book\n\n## {title}\n\n{STORY[0]}\n\n* * *\n\n* * *\n\n{STORY[3]}"


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize("line", ["Anna", "Gone", "It Rains", "No", "The Lamp"])
def test_three_dashes_below_a_short_line_are_a_scene_break(tmp_path: Path, line: str, name: str) -> None:
    document = read(tmp_path, "\n\n".join([STORY[0], f"{line}\n---", STORY[3], f"{line}\n---", STORY[5]]), name)
    assert document.text == "\n\n".join([STORY[0], line, "* * *", STORY[3], line, "* * *", STORY[5]])
    assert (4, f'`---` right below a line made a scene break in 2 places: "{line}"') in said(document)


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
def test_three_dashes_below_titles_that_divide_a_text_underline_them(tmp_path: Path, name: str) -> None:
    titles, scene = ["The Lamp", "The Return", "Home"], STORY * 6
    content = "\n\n".join(part for title in titles for part in (f"{title}\n---", *scene))
    document = read(tmp_path, content, name)
    assert document.text == "\n\n".join(part for title in titles for part in (f"## {title}", *scene))
    assert (1, 'underlined lines made headings in 3 places: "The Lamp", "The Return", "Home"') in said(document)
    with_break = f"{content}\n\n---\n\n{STORY[0]}"  # the author's scene break, then
    assert "## " not in text(tmp_path, with_break, name)


@pytest.mark.parametrize(
    "line",
    ["Chapter 7", "CHAPTER VII.", "Chapter Twenty-One: The Lamp", "Prologue", "PART TWO", "THE LAMP", "XIV", "12."],
)
def test_chapter_lines_become_headings(tmp_path: Path, line: str) -> None:
    document = read(tmp_path, f"{STORY[0]}\n\n{line}\n\n{STORY[3]}")
    assert document.text == f"{STORY[0]}\n\n# {line}\n\n{STORY[3]}"
    assert said(document)[0] == (3, "headings marked in 1 place")
    named = [(3, f'headings known only by their pattern in 1 place: "{line}"')]
    assert said(document)[1:] == (named if line in ("THE LAMP", "XIV", "12.") else [])


@pytest.mark.parametrize(
    "line",
    [
        "Part of you wants to stay.", "Chapter 7 was the worst of it.", "The Lamp went out.", '"STOP!"', "STOP!",
        "A letter came:\n\nGONE TO LONDON", "Three\n\n3\n\n2\n\n1\n\nNothing.", "Chapter 1\n\nChapter 2\n\nChapter 3",
    ],
)  # fmt: skip
def test_prose_does_not_become_a_heading(tmp_path: Path, line: str) -> None:
    content = f"{STORY[0]}\n\n{line}\n\n{STORY[3]}"
    assert text(tmp_path, content) == content
