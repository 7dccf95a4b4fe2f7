"""Headings that only the whole document tells from prose."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text

SCENE = STORY * 6


def chapters(headings: Sequence[str], below: Sequence[str] = tuple(STORY[:4])) -> str:
    return "\n\n".join(part for heading in headings for part in (heading, *below))


def marked(headings: Sequence[str], below: Sequence[str] = tuple(STORY[:4])) -> str:
    return chapters([f"# {heading}" for heading in headings], below)


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
        ["One", "Two", "Three"],
        ["Nineteen", "Twenty", "Twenty-One", "Twenty-Two"],
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
    bold = [f"**{title}**" for title in titles]
    assert text(tmp_path, chapters(bold, SCENE), "book.md") == marked(titles, SCENE)
    assert text(tmp_path, chapters(bold[:2], SCENE), "book.md") == chapters(titles[:2], SCENE)
    assert text(tmp_path, chapters(bold), "book.md") == chapters(titles)
    numbered = [f"Chapter {number}" for number in (1, 2, 3)]
    assert text(tmp_path, chapters(numbered, [*SCENE, "**Quest Complete**", *SCENE]), "book.md") == marked(
        numbered, [*SCENE, "Quest Complete", *SCENE]
    )
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


@pytest.mark.parametrize(
    "heading",
    [
        "First Chapter", "The Second Chapter", "CHAPTER 5. in which nothing happens", "Chapter 7 The Return",
        "Chapter Seven: of the lamp", "Kapitel Drei", "Zweites Kapitel", "Cap\u00edtulo Tres", "Chapitre premier",
        "Hoofdstuk Een: De Lamp", "\u7b2c\u4e00\u7ae0", "Chapter I", "Chapter I. Mrs. Presty Presents Herself.",
    ],
)  # fmt: skip
def test_chapters_in_other_words(tmp_path: Path, heading: str) -> None:
    assert text(tmp_path, chapters([STORY[5], heading])) == chapters([STORY[5], f"# {heading}"])


@pytest.mark.parametrize(
    "line",
    [
        "Chapter 7 was the worst of it", "Chapter 7 The lamp went out that night.", "The Chapter", "First chapters go",
        "Book Two Was Lost Again", "Kapitel is a German word", "Second part of the night", "One", "Part 2: of the lamp",
    ],
)  # fmt: skip
def test_prose_about_chapters_is_none(tmp_path: Path, line: str) -> None:
    assert text(tmp_path, chapters([STORY[5], line])) == chapters([STORY[5], line])


def test_the_first_chapter_below_the_contents_is_a_heading(tmp_path: Path) -> None:
    contents = ["CONTENTS", *(f"CHAPTER {number}. The lamp" for number in ("I", "II", "III"))]
    body = ["CHAPTER I.", *STORY, "CHAPTER II.", *STORY, "CHAPTER III.", *STORY]
    document = read(tmp_path, "\n\n".join([*contents, *body]))
    assert document.text.split("\n\n") == [f"# {part}" if part.startswith("CHAPTER") else part for part in body]
    assert 'left out in 4 places: "CONTENTS", "CHAPTER I. The lamp"' in dict(said(document))[1]


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize("between", ["\n\n", "\n"])
@pytest.mark.parametrize("line", ["Chapter {}: Title {}", "Chapter {}: Title {} ..... 12", "# Chapter {}: Title {}"])
@pytest.mark.parametrize("epigraph", [[], ['"The sea is never still."']])
def test_a_list_of_contents_is_left_out(
    tmp_path: Path, name: str, between: str, line: str, epigraph: list[str]
) -> None:
    letters = enumerate("ABCD", start=1)
    headings = [f"# Chapter {number}: Title {letter}" for number, letter in letters]
    contents = between.join(line.format(number, "ABCD"[number - 1]) for number in range(1, 5))
    content = "\n\n".join(["Contents", contents, *epigraph, chapters(headings, SCENE)])
    assert text(tmp_path, content, name) == "\n\n".join([*epigraph, chapters(headings, SCENE)])


@pytest.mark.parametrize("entry", ["{}. {}", "  {}. {}", "{}. {} ..... 7", "{}. {}  17"])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("apart", [False, True])
def test_contents_that_name_headings_without_the_word_chapter_are_left_out(
    tmp_path: Path, entry: str, between: str, apart: bool
) -> None:
    listed = [("I", "The Lamp"), ("II", "The Return"), ("III", "Home")]
    contents = between.join(entry.format(*row) for row in listed)
    headings = [f"{number}.\n\n{title}" if apart else f"{number}. {title}" for number, title in listed]
    document = read(tmp_path, f"CONTENTS\n\n{contents}\n\n{chapters(headings, SCENE)}")
    assert document.text == marked([heading.replace("\n\n", "\n\n# ") for heading in headings], SCENE)
    assert any("table of contents left out" in what for _, what in said(document))


def test_a_list_below_contents_that_names_no_headings_stays(tmp_path: Path) -> None:
    content = "\n\n".join(["Contents", "A lamp\nA drawer\nA candle", chapters(["Chapter 1", "Chapter 2"], SCENE)])
    assert text(tmp_path, content).startswith("Contents\n\nA lamp\nA drawer\nA candle\n\n# Chapter 1\n")


def test_headings_without_prose_that_do_not_come_again_stay(tmp_path: Path) -> None:
    parts = ["# The Lamp", "# Part One", "# Chapter 1", *SCENE, "# Chapter 2", *SCENE, "# Part Two", "# Chapter 1"]
    content = "\n\n".join([*parts, *SCENE, "# Chapter 7", "# Chapter 8", "# Chapter 9", STORY[0]])
    assert text(tmp_path, content) == content


@pytest.mark.parametrize("line", ["ISBN 978-1-4028-9462-6", "ISBN 1402894627"])
def test_an_isbn_is_no_heading(tmp_path: Path, line: str) -> None:
    content = "\n\n".join([*SCENE, line, *SCENE])
    assert text(tmp_path, content) == content


def test_titles_in_the_case_of_a_sentence_where_each_chapter_has_one(tmp_path: Path) -> None:
    titles = ["The Arrival", "A strange visitor", "What the doctor saw", "Home"]
    content = "\n\n".join(part for n, title in enumerate(titles, 1) for part in (f"Chapter {n}\n{title}", *STORY))
    expected = "\n\n".join(part for n, t in enumerate(titles, 1) for part in (f"# Chapter {n}", f"# {t}", *STORY))
    assert text(tmp_path, content) == expected


SIGNATURES = ["R. Walton", "Your Loving Brother", "In time\nOf lamps and clocks\nAnd matches"]


@pytest.mark.parametrize("end", SIGNATURES)
def test_a_heading_below_a_signature_or_verse(tmp_path: Path, end: str) -> None:
    letters = ["LETTER I", "LETTER II", "LETTER III"]
    content = "\n\n".join(part for letter in letters for part in (letter, *STORY, end))
    found = text(tmp_path, content)
    assert found.count("# ") == 3 and found.replace("# ", "") == content


@pytest.mark.parametrize(
    "line", ["To Mrs. Saville, England", "To My Dear Sister", "Dear Sister", "London, 3 June 1799", "To Margaret"]
)
def test_address_and_salutation_stay_in_the_letter(tmp_path: Path, line: str) -> None:
    content = "\n\n".join(part for letter in ("LETTER I", "LETTER II") for part in (letter, line, *STORY))
    assert text(tmp_path, content) == content.replace("LETTER", "# LETTER")


@pytest.mark.parametrize("title", ["Sunday at the Vicarage", "A Summons in the Night", "To the Lamp", "May Comes Home"])
def test_a_title_with_a_day_in_it_is_no_date(tmp_path: Path, title: str) -> None:
    content = "\n\n".join(["CHAPTER I", title, *STORY])
    assert text(tmp_path, content) == "\n\n".join(["# CHAPTER I", f"# {title}", *STORY])


def test_titles_of_stories_above_their_first_sections(tmp_path: Path) -> None:
    titles = ["Tarquin of Cheapside", "The Glamour of the Snow"]
    content = "\n\n".join(f"{title}\n\n{chapters(['I', 'II'])}" for title in titles)
    assert text(tmp_path, content) == "\n\n".join(f"# {title}\n\n{marked(['I', 'II'])}" for title in titles)
    signed = "\n\n".join(["I", *STORY, "Yours,", "Robert", "I", *STORY, "II", *STORY])
    assert "\n\nRobert\n\n# I\n" in text(tmp_path, signed)


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize("paragraph", [STORY[5] + " " + STORY[0], STORY[3], f"{STORY[3]} " * 3])
def test_a_paragraph_marked_as_a_heading_stays_prose(tmp_path: Path, name: str, paragraph: str) -> None:
    document = read(tmp_path, f"# Chapter 1\n\n{STORY[0]}\n\n## {paragraph}\n\n{STORY[5]}", name)
    assert document.text == f"# Chapter 1\n\n{STORY[0]}\n\n{paragraph.strip()}\n\n{STORY[5]}"
    (warning,) = [repair for repair in document.repairs if repair.warning]
    assert warning.line == 5 and "kept as prose in 1 place" in warning.what and paragraph[:30] in warning.what


@pytest.mark.parametrize(
    "title",
    [
        "The Lamp. The Return. What Was Found in the Drawer. How Mr. Grey Came Home. The Candle. An End.",
        "Chapter 3: In which a lamp goes out, a drawer is opened, nobody will own to having seen it burning, and the "
        "clock in the hall gathers itself as it did before",
        "In which the lamp on the landing goes out again, and nobody in the house will own to it.",
    ],
)
def test_long_headings_stay_headings(tmp_path: Path, title: str) -> None:
    assert text(tmp_path, f"# {title}\n\n{STORY[0]}", "book.md") == f"# {title}\n\n{STORY[0]}"
