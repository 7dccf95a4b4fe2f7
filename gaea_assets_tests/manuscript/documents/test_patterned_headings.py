"""Short lines alone are headings where they recur as headings do, and are told where they are not taken."""

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text
from gaea_assets_tests.manuscript.documents.test_chapter_headings import SCENE, chapters, marked

NAMES = ["Alice", "Bernard", "Alice", "Clara", "Bernard"]
DIARY = ["3 May. Bistritz.", "4 May.", "*5 May. The Castle.*", "8 May"]
DATES = ["12 May 1914", "London, 3 June", "Tuesday, 4 June", "9:15 p.m.", "Thursday"]
TITLES = ["The Arrival", "A Strange Visitor", "Nightfall", "What the Doctor Saw", "Home"]


@pytest.mark.parametrize("headings", [NAMES, DATES, TITLES])
@pytest.mark.parametrize("name", ["book.txt", "book.md"])
def test_lines_that_recur_as_headings_do(tmp_path: Path, headings: list[str], name: str) -> None:
    document = read(tmp_path, chapters(headings, SCENE), name)
    assert document.text == marked(headings, SCENE)
    named = [what for _, what in said(document) if what.startswith("headings known only by their pattern in 5 places")]
    assert named and all(f'"{heading}"' in named[0] for heading in headings)


@pytest.mark.parametrize(
    "lines",
    [
        ["Quest Complete", "New Quest Unlocked", "Skill Acquired"],
        ["HP 120/150", "HP 90/150"],
        ["Mum", "Dad"],
        ["06:00", "07:15", "09:30"],
        ["DING"],
        ["NO EXIT", "KEEP OUT", "NO EXIT"],
    ],
)
@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("name", ["book.txt", "book.md"])
def test_what_recurs_within_scenes_stays_in_them(tmp_path: Path, lines: list[str], numbered: bool, name: str) -> None:
    scenes = chapters(lines * 4, [*STORY, STORY[0], *STORY])
    content = chapters(["Chapter 1", "Chapter 2", "Chapter 3"], [STORY[0], scenes, lines[0]]) if numbered else scenes
    expected = f"{content}\n\n{STORY[5]}"
    assert text(tmp_path, expected, name).replace("# Chapter", "Chapter") == expected


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
def test_chapters_leave_no_room_for_patterns(tmp_path: Path, name: str) -> None:
    content = chapters(["Chapter 1", "Chapter 2", "Chapter 3"], [*SCENE, "Mum", *SCENE, "Dad", *SCENE, "Mum", *SCENE])
    assert text(tmp_path, content, name) == content.replace("Chapter", "# Chapter")


def test_titles_of_stories_in_capitals_stay_headings_beside_chapters(tmp_path: Path) -> None:
    stories = ["THE LAMP", "A KITCHEN MONOLOGUE", "THE RETURN"]
    numbered = ["Chapter 1", "Chapter 2", "Chapter 3"]
    content = chapters([*stories, *numbered], SCENE)
    assert text(tmp_path, content) == marked([*stories, *numbered], SCENE)


def test_the_days_of_a_diary(tmp_path: Path) -> None:
    assert text(tmp_path, chapters(DIARY, SCENE)) == marked([day.strip("*") for day in DIARY], SCENE)


@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_titles_below_wider_gaps_are_headings(tmp_path: Path, between: str) -> None:
    titles, prose = ["The Arrival", "Into the marsh", "Home"], between.join(SCENE)
    content = (between + "\n\n").join(f"{title}\n\n{prose}" for title in titles)
    assert text(tmp_path, f"The Salt Road\n\n\n\n{content}") == f"The Salt Road\n\n{marked(titles, SCENE)}"


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
    assert text(tmp_path, chapters(lines, SCENE)) == chapters(lines, SCENE)


def test_titles_must_open_the_text(tmp_path: Path) -> None:
    content = "\n\n".join([*STORY, chapters(TITLES, SCENE)])
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


STOPPED = ["THROWN AWAY.", "MISS YOUGHAL'S SAIS.", "FALSE DAWN.", "THE OTHER MAN."]


@pytest.mark.parametrize(
    "headings", [STOPPED, ["The Arrival.", "Nightfall.", "What the Doctor Saw.", "A Return Home."]]
)
@pytest.mark.parametrize("name", ["book.txt", "book.md"])
def test_titles_that_end_in_a_stop(tmp_path: Path, headings: list[str], name: str) -> None:
    document = read(tmp_path, chapters(headings, SCENE), name)
    assert document.text == marked(headings, SCENE)
    assert any("headings known only by their pattern in 4 places" in what for _, what in said(document))


def test_one_title_without_the_stop_of_the_others(tmp_path: Path) -> None:
    headings = [*STOPPED[:2], "THE HOUSE", *STOPPED[2:]]
    assert text(tmp_path, chapters(headings, SCENE)) == marked(headings, SCENE)


def test_titles_with_a_stop_below_numbers(tmp_path: Path) -> None:
    content = "\n\n".join(
        f"CHAPTER {number}.\n\n{title}\n\n{chapters(['']).strip()}" for number, title in enumerate(STOPPED, 1)
    )
    expected = content.replace("CHAPTER", "# CHAPTER")
    for title in STOPPED:
        expected = expected.replace(title, f"# {title}")
    assert text(tmp_path, content) == expected
    cry = content
    for title in STOPPED[1:]:
        cry = cry.replace(f"{title}\n\n", "")
    assert f"\n\n{STOPPED[0]}" in text(tmp_path, cry)


@pytest.mark.parametrize(
    "lines", [["NO.", "GET OUT.", "NEVER AGAIN."], ["NO.", "NO.", "NO."], ["TK.", "TODO."], ["Silence.", "Mr. Black."]]
)
@pytest.mark.parametrize("numbered", [True, False])
def test_cries_that_end_in_a_stop_stay_prose(tmp_path: Path, lines: list[str], numbered: bool) -> None:
    scenes = chapters(lines * 2, [*STORY, "It rained.", *STORY])
    content = chapters(["Chapter 1", "Chapter 2", "Chapter 3"], [STORY[0], scenes]) if numbered else scenes
    assert text(tmp_path, content).replace("# Chapter", "Chapter") == content


def test_short_lines_with_a_stop_that_could_be_titles_are_told(tmp_path: Path) -> None:
    content = "\n\n".join([*STORY, "THE RETURN.", *STORY, "Silence.", *STORY])
    (remark,) = [what for _, what in said(read(tmp_path, content)) if what.startswith("left as prose")]
    assert '"THE RETURN." (line 13)' in remark and "Silence" not in remark


def test_notes_that_end_in_a_stop_stay_prose_for_the_gate(tmp_path: Path) -> None:
    content = "\n\n".join(part for number in range(1, 5) for part in (f"CHAPTER {number}", "WRITE THIS SCENE.", *STORY))
    assert text(tmp_path, content) == content.replace("CHAPTER", "# CHAPTER")
    content = chapters(["TODO.", "REWRITE THIS SCENE.", "TBD.", "PLACEHOLDER."], SCENE)
    assert text(tmp_path, content) == content
