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


def test_splitting_at_line_ends_is_told(tmp_path: Path) -> None:
    assert said(read(tmp_path, "\n".join(STORY))) == [(2, "line ends made paragraph ends in 5 places")]


@pytest.mark.parametrize("indent", ["", "     "])
@pytest.mark.parametrize("width", [55, 70])
def test_double_spaced_lines_are_joined(tmp_path: Path, width: int, indent: str) -> None:
    story = [*STORY[:2], *STORY[3:]] * 4
    single = ("\n" if indent else "\n\n").join(wrapped(paragraph, width, indent) for paragraph in story)
    document = read(tmp_path, single.replace("\n", "\n\n"))
    assert document.text == "\n\n".join(story)
    assert {what.split(" in ")[0] for _, what in said(document)} >= {
        "double-spaced lines made single-spaced",
        "hard-wrapped lines joined",
    }


LOWER = ["so much depends\nupon", "a red wheel\nbarrow", "glazed with rain\nwater"]
ASKING = [
    "In what distant deeps or skies,\nBurnt the fire of thine eyes?\nOn what wings dare he aspire?\nWhat the hand?"
]


@pytest.mark.parametrize("width", [None, 72])
@pytest.mark.parametrize("stanzas", [LOWER, ASKING, [VERSE, *ASKING]])
def test_stanzas_in_lower_case_or_with_stops_stay_verse(tmp_path: Path, stanzas: list[str], width: int | None) -> None:
    def story(paragraph: str) -> str:
        return wrapped(paragraph, width) if width else paragraph

    content = "\n\n".join([*map(story, STORY), *stanzas, *map(story, STORY)])
    expected = "\n\n".join([*STORY, *stanzas, *STORY])
    assert text(tmp_path, content) == expected
    indented = "\n\n".join([*map(story, STORY), *(s.replace("\n", "\n    ") for s in stanzas), *map(story, STORY)])
    assert text(tmp_path, indented) == expected


def test_a_word_left_over_of_a_paragraph_is_no_verse(tmp_path: Path) -> None:
    short = "She waited for him all that long and weary evening and"
    content = "\n\n".join([*(wrapped(paragraph, 78) for paragraph in STORY), f"{short}\nbegan.", wrapped(STORY[3], 78)])
    assert text(tmp_path, content) == "\n\n".join([*STORY, f"{short} began.", STORY[3]])


def test_a_passage_broken_at_a_narrow_width_is_joined(tmp_path: Path) -> None:
    content = "\n\n".join([*STORY, wrapped(STORY[3], 52), *STORY])
    assert text(tmp_path, content) == "\n\n".join([*STORY, STORY[3], *STORY])


def test_a_line_of_prose_that_goes_on_in_lower_case_is_joined(tmp_path: Path) -> None:
    before, after = STORY[0].split(" again,")
    document = read(tmp_path, "\n\n".join([*STORY, f"{before} again,\n{after.strip()}", *STORY]))
    assert document.text == "\n\n".join([*STORY, STORY[0], *STORY])
    assert [line for line, what in said(document) if what.endswith("lines joined in 1 place")] == [13]


def test_an_ornament_below_lines_is_a_scene_break_still(tmp_path: Path) -> None:
    notice = "Henry, son of the above.\nborn in September."
    content = "\n\n".join([*STORY, f"{notice}\n\u2014", *STORY])
    assert "\n\n* * *\n\n" in text(tmp_path, content)
    assert "\n\n* * *\n\n" in text(tmp_path, "\n\n".join([*STORY, f"{STORY[0]}\n\u25c6\n{STORY[3]}"]), "book.md")
