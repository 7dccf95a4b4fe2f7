"""Whatever way an author sets a text, its words come through in one normal form."""

# ruff: noqa: RUF001 (the characters themselves are what is tested)

import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.reader import Document, find_documents, read_document

STORY = [
    "The lamp on the landing had gone out again, and nobody in the house would own to having seen it burning that day.",
    '"You might have said so," he told her, going down to look for the matches, which were not where they should be.',
    '"I might."',
    "She waited. The clock in the hall gathered itself, as it did before every quarter, and then thought better of it; "
    "down in the kitchen a drawer was opened, and another, and each was shut a little harder than the last one.",
    '"They are in your pocket," she called.',
    "It was some time before he came up again with the candle, walking slowly so that the flame would stay upright.",
]
VERSE = (
    "O lamp that will not stay alight,\nO clock that will not chime,\nYou both of you were wound last night\nIn time"
)

PIECES = st.sampled_from(
    [
        "the ", "She ", "walked home", "don't", "“Yes,” ", '"No," ', "he said.", "--", " -- ", "---", "\n", "\n\n",
        "\n\n\n", "    ", "***", "* * *", "*", "_", "#", "# ", "Chapter 7", "THE LOST CITY", "XIV", "1.", "- ", "~",
        "=====", "\t", "\u00a0", "\u200b", "\u00ad", "’", "'", '"', "—", "…", "\f", "_it_", "*it*", "é", ":", "\r\n",
        "and a somewhat longer line of prose that goes to\n", "fifty or sixty columns and then is broken off by\n",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=30).map("".join)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, content: str | bytes, name: str = "book.txt") -> Document:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path)


def text(folder: Path, content: str, name: str = "book.txt") -> str:
    return read(folder, content, name).text


def said(document: Document) -> list[tuple[int, str]]:
    return [(repair.line, repair.what) for repair in document.repairs]


def letters(content: str) -> str:
    return "".join(re.findall(r"[^\W_]", content))


def wrapped(paragraph: str, width: int, indent: str = "") -> str:
    return textwrap.fill(paragraph, width, initial_indent=indent, break_long_words=False)


@quick
@given(TEXTS)
def test_no_letter_is_lost_and_reading_again_changes_nothing(tmp_path: Path, content: str) -> None:
    content = f"Once {content}"
    first = read(tmp_path, content)
    assert letters(first.text) == letters(content)
    assert not re.search(r"\n{3}|[ \t]\n|\n[ \t]|\A\s|\s\Z|\r", first.text)
    assert first == read(tmp_path, content)
    again = read(tmp_path, first.text)
    assert (again.text, again.repairs) == (first.text, ())


@quick
@given(TEXTS)
def test_reading_markdown_again_changes_nothing(tmp_path: Path, content: str) -> None:
    first = text(tmp_path, f"Once {content}", "book.md")
    assert text(tmp_path, first, "book.md") == first


@pytest.mark.parametrize("name", ["book.txt", "book.md", "BOOK.TXT"])
def test_the_normal_form_is_left_to_the_letter(tmp_path: Path, name: str) -> None:
    content = "\n\n".join(["# Chapter 1", *STORY[:2], "*Not him,* she thought.  Not now.", "* * *", VERSE, *STORY[2:]])
    document = read(tmp_path, content + "\n", name)
    assert (document.text, document.repairs, document.source) == (content, (), name)


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


def test_one_paragraph_a_line_with_a_blank_line_for_a_scene_break(tmp_path: Path) -> None:
    assert text(tmp_path, "\n".join(STORY)) == "\n\n".join(STORY)
    scenes = "\n".join(STORY * 2), "\n".join(STORY * 2)
    document = read(tmp_path, "\n\n".join(scenes))
    assert document.text == "\n\n".join([*STORY * 2, "* * *", *STORY * 2])
    assert said(document)[-1] == (14, "wider gaps made scene breaks in 1 place")


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
        assert text(tmp_path, f"{STORY[0]}\n\nThe Lamp\n---\n\n{STORY[3]}", name) == (
            f"{STORY[0]}\n\n## The Lamp\n\n{STORY[3]}"
        )
        assert text(tmp_path, f'{STORY[0]}\n\n"I might."\n---\n{STORY[3]}', name) == (
            f'{STORY[0]}\n\n"I might."\n\n* * *\n\n{STORY[3]}'
        )


@pytest.mark.parametrize(
    "line",
    ["Chapter 7", "CHAPTER VII.", "Chapter Twenty-One: The Lamp", "Prologue", "PART TWO", "THE LAMP", "XIV", "12."],
)
def test_chapter_lines_become_headings(tmp_path: Path, line: str) -> None:
    document = read(tmp_path, f"{STORY[0]}\n\n{line}\n\n{STORY[3]}")
    assert document.text == f"{STORY[0]}\n\n# {line}\n\n{STORY[3]}"
    assert said(document) == [(3, "headings marked in 1 place")]


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


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("said--and", "said—and"),
        ("said -- and", "said — and"),
        ('"But I--"', '"But I—"'),
        ("-- Come in, she said", "— Come in, she said"),
        ("he---well", "he—well"),
        ("the --verbose switch", "the --verbose switch"),
        ("1914--1918", "1914--1918"),
        ("Mr. ----", "Mr. ----"),
    ],
)
def test_hyphens_that_stand_for_a_dash_become_one(tmp_path: Path, written: str, read_as: str) -> None:
    assert text(tmp_path, f"Well then, {written} of it" if written[0] != "-" else written) == (
        f"Well then, {read_as} of it" if written[0] != "-" else read_as
    )


def test_the_minority_of_quotes_follows_the_majority(tmp_path: Path) -> None:
    curly = "“I don’t,” she said. “’Twas you.” ‘Well,’ he said—“no.”\n\n*“Why?”* “(‘Go,’ he’d said.)” “But—”"
    straight = curly.translate({ord("“"): '"', ord("”"): '"', ord("‘"): "'", ord("’"): "'"})
    for uniform in (curly, straight):
        assert read(tmp_path, uniform).repairs == ()
    mixed = read(tmp_path, f"{curly}\n\n{curly}\n\n{straight}")
    assert mixed.text == f"{curly}\n\n{curly}\n\n{curly}"
    assert said(mixed) == [(9, "straight quotes made curly like the others in 19 places")]
    mixed = read(tmp_path, f"{straight}\n\n{straight}\n\n{curly}")
    assert mixed.text == f"{straight}\n\n{straight}\n\n{straight}"
    assert said(mixed) == [(9, "curly quotes made straight like the others in 19 places")]


def test_underscores_make_italics_but_not_within_names(tmp_path: Path) -> None:
    assert text(tmp_path, "_Not him,_ she thought of file_name_two and (_never_).") == (
        "*Not him,* she thought of file_name_two and (*never*)."
    )


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"Five \* three \_is\_ \"x\" \- so\.", 'Five * three *is* "x" - so.'),
        ("_Not_ *him*, **she** ***said*** __so__.", "*Not* *him*, she *said* so."),
        ("**bold with *italics* in it**", "bold with *italics* in it"),
        ("a [link](https://x.y 'title') and <https://x.y>", "a link and https://x.y"),
        ("a note[^1] &amp; more&nbsp;of it\n\n[^1]: the note", "a note & more of it"),
        ("one <!-- TODO\nrewrite\n--> two", "one  two"),
        ("a <i>word</i> or <span class='x'>two</span>", "a *word* or two"),
        ("> quoted\n> and\n\nnot", "quoted\n\nand\n\nnot"),
        ("[He nods](quietly) and [she][too]", "[He nods](quietly) and [she][too]"),
        ("- I said no.\n- You did not.", "- I said no.\n\n- You did not."),
        ("    indented, not code: *word*", "indented, not code: *word*"),
        ("## The Lamp ##", "## The Lamp"),
        ("# **The Lamp**", "# The Lamp"),
        ("#hashtag", "#hashtag"),
    ],
)
def test_markdown_marks_come_off_and_words_stay(tmp_path: Path, written: str, read_as: str) -> None:
    assert text(tmp_path, written, "book.md") == read_as


def test_front_matter_and_comments_are_left_out_and_reported_by_line(tmp_path: Path) -> None:
    content = "---\ntitle: The Lamp\ntags:\n  - draft\n---\n\nOne.\n\n<!-- a\nb -->\n\nTwo -- three.\n"
    document = read(tmp_path, content, "book.md")
    assert document.text == "One.\n\nTwo — three."
    assert said(document)[:2] == [(1, "front matter left out"), (9, "HTML comments left out in 1 place")]
    assert (12, "-- made a dash in 1 place") in said(document)
    assert text(tmp_path, f"---\n\n{STORY[0]}\n\n---\n\n{STORY[3]}", "book.md") == (
        f"* * *\n\n{STORY[0]}\n\n* * *\n\n{STORY[3]}"
    )


@pytest.mark.parametrize("name", ["book.txt", "book.md"])
@pytest.mark.parametrize(
    "piece", ["*a ", "_a ", "**a", "[a", "[a](b ", "<!--", "<i", "\\", "&amp;", '"', "--", "a-\n", "A b\n\n", "* ", " "]
)
def test_long_runs_of_marks_come_through(tmp_path: Path, piece: str, name: str) -> None:
    # A pass that looks back at what it has seen would take hours for some of these.
    content = "Once. " + piece * (60_000 // len(piece))
    assert letters(text(tmp_path, content, name))[:4] == "Once"


def test_the_file_is_left_alone(tmp_path: Path) -> None:
    content = "\ufeffOne--two\r\n\r\n\r\n_three_\r\n".encode()
    read(tmp_path, content)
    assert (tmp_path / "book.txt").read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("book.txt", " \n\n* * *\n", "no text"),
        ("book.md", "<!-- nothing -->", "no text"),
        ("book.odt", "x", ".odt"),
        ("book", "x", "suffix"),
    ],
)
def test_faults_name_the_file_and_the_remedy(tmp_path: Path, name: str, content: str, fault: str) -> None:
    with pytest.raises(GaeaError) as error:
        read(tmp_path, content, name)
    assert name in str(error.value) and fault in str(error.value) and "\n" not in str(error.value)


def test_a_missing_file_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(GaeaError, match="no such file"):
        read_document(tmp_path / "none.txt")
    with pytest.raises(GaeaError, match="no such folder"):
        find_documents(tmp_path / "none")


def test_documents_come_in_natural_order_without_what_is_no_manuscript(tmp_path: Path) -> None:
    wanted = ["Chapter1.md", "chapter2.txt", "chapter2b.DOCX", "chapter10.txt", "epilogue.txt"]
    passed_over = [
        ".hidden.txt", "~$chapter2.docx", "README.md", "readme.txt", "LICENSE.txt", "metadata.txt", "book_metadata.md",
        "chapter1.bak.txt", "chapter1_backup.docx", "chapter1~.txt", "notes.odt", "cover.png", "txt",
    ]  # fmt: skip
    for name in [*wanted, *passed_over]:
        (tmp_path / name).write_text("x")
    for folder in ("backup", "chapter3.txt"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "chapter4.txt").write_text("x")
    assert [path.name for path in find_documents(tmp_path)] == wanted
