"""Page numbers and running heads go, and paragraphs that a page cut in two are whole again."""

import re
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaea_assets_tests.manuscript.documents.files import STORY, changes, read, said, text, wrapped

PAGES = 8
PAGE = STORY[:4]
WHOLE = "\n\n".join(PAGE * PAGES)


@pytest.mark.parametrize("form", ["{}", "- {} -", "— {} —", "   {}"])
@pytest.mark.parametrize("around", ["\n\n", "\n\n\n"])
def test_page_numbers_are_left_out_without_a_break(tmp_path: Path, form: str, around: str) -> None:
    pages = ["\n\n".join(PAGE)] * PAGES
    numbers = count(7)
    content = around.join(part for page in pages for part in (page, form.format(next(numbers))))
    document = read(tmp_path, content)
    assert document.text == WHOLE
    assert "page numbers left out in 8 places" in {what for _, what in said(document)}


def test_a_paragraph_a_line_with_numbers_between_blank_lines(tmp_path: Path) -> None:
    content = "\n\n".join(part for number in range(PAGES) for part in ("\n".join(PAGE), str(number + 1)))
    assert text(tmp_path, content) == WHOLE


@pytest.mark.parametrize("width", [None, 60])
def test_paragraphs_cut_in_two_are_joined(tmp_path: Path, width: int | None) -> None:
    cut = STORY[3].index("before every")
    halves = STORY[3][:cut].rstrip(), STORY[3][cut:]
    parts: list[str] = []
    for number in range(PAGES):
        parts += [*PAGE[:3], halves[0], str(number + 1), halves[1]]
    content = "\n\n".join(wrapped(part, width) if width else part for part in parts)
    assert text(tmp_path, content) == WHOLE


def test_a_word_cut_in_two_is_joined(tmp_path: Path) -> None:
    before, after = STORY[3].split("quarter")
    content = "\n\n".join(
        part for number in range(PAGES) for part in (*PAGE[:2], STORY[3], f"{before}quar-", str(number), f"ter{after}")
    )
    assert text(tmp_path, content) == "\n\n".join([*PAGE[:2], STORY[3], STORY[3]] * PAGES)


def test_running_heads_are_left_out(tmp_path: Path) -> None:
    content = "\n\n".join(part for number in range(PAGES) for part in (*PAGE, "THE LAMP", str(number + 1), *PAGE))
    document = read(tmp_path, content)
    assert document.text == "\n\n".join(PAGE * 2 * PAGES)
    assert {'running heads left out in 8 places: "THE LAMP"', "page numbers left out in 8 places"} <= {
        what for _, what in said(document)
    }


def cut_pages(furniture: str) -> str:
    """Pages of which each second one ends within a sentence, a line between them."""
    before, after = STORY[3].split(" before every", 1)
    cut = f"{before}\n\n{{}}\n\nbefore every{after}"
    pages = [[*PAGE, cut if number % 4 else f"{STORY[3]}\n\n{{}}"] for number in range(PAGES)]
    return "\n\n".join(part.format(furniture.format(n)) for n, page in enumerate(pages, start=4) for part in page)


def test_running_heads_that_cut_sentences_are_left_out_and_named(tmp_path: Path) -> None:
    document = read(tmp_path, cut_pages("THE LAMP"))
    assert document.text == "\n\n".join([*PAGE, STORY[3]] * PAGES)
    assert 'running heads left out in 8 places: "THE LAMP"' in {what for _, what in said(document)}


@pytest.mark.parametrize("line", ["LEVEL UP", "RUN", "REMEMBER ME"])
@pytest.mark.parametrize("lengths", [[2, 5, 3, 7, 4, 2, 6, 3, 5], [4] * 9])
def test_what_an_author_repeats_in_capitals_is_no_running_head(tmp_path: Path, line: str, lengths: list[int]) -> None:
    content = "\n\n".join(part for length in lengths for part in (*(STORY * 2)[:length], STORY[0], line, STORY[5]))
    assert read(tmp_path, content).text.replace("# ", "") == content


@pytest.mark.parametrize(
    "line", ["THE LAMP {}", "{} | The Lamp", "Bell / THE LAMP / {}", "[{}]", "Page {}", "Page {} of 40"]
)
def test_numbers_beside_running_heads_are_left_out_and_named(tmp_path: Path, line: str) -> None:
    document = read(tmp_path, cut_pages(line))
    assert document.text == "\n\n".join([*PAGE, STORY[3]] * PAGES)
    assert any(line.format(4) in what for _, what in said(document) if what.startswith("page numbers left out"))


@pytest.mark.parametrize("line", ["Day {}", "THE LAMP {}", "[{}]", "[Level {} reached]", "{} gold", "Chapter {}"])
def test_numbers_beside_words_between_whole_paragraphs_stay(tmp_path: Path, line: str) -> None:
    content = "\n\n".join(part for number in range(PAGES) for part in (*PAGE, line.format(number + 1), *PAGE))
    assert text(tmp_path, content).replace("# ", "") == content


@pytest.mark.parametrize(
    ("line", "pages", "length"),
    [("{}", 4, 2), ("{}", PAGES, 9), ("THE LAMP", 4, 2), ("THE LAMP", PAGES, 9), ("II", PAGES, 2), ("TODO", PAGES, 2)],
)
def test_chapters_and_notes_are_no_page_furniture(tmp_path: Path, line: str, pages: int, length: int) -> None:
    content = "\n\n".join(part for number in range(pages) for part in (line.format(number + 1), *PAGE * length))
    document = read(tmp_path, content)
    assert not any("page" in what or "running" in what for _, what in said(document))
    assert document.text.replace("# ", "") == content


@pytest.mark.parametrize("opening", ["", "The lamp stood on the landing.\n\n"])
def test_numbers_of_short_sections_are_headings(tmp_path: Path, opening: str) -> None:
    sections = [PAGE * (1 + number % 3) for number in range(30)]
    parts = [part for number, section in enumerate(sections, start=1) for part in (str(number), *section)]
    document = read(tmp_path, opening + "\n\n".join(parts))
    assert not any("page numbers" in what for _, what in said(document))
    assert document.text.replace("# ", "") == opening + "\n\n".join(parts)
    assert document.text.count("# ") == len(sections)


def test_sections_of_one_length_below_their_numbers_stay(tmp_path: Path) -> None:
    content = "\n\n".join(part for number in range(1, 31) for part in (str(number), *PAGE))
    assert text(tmp_path, content).count("# ") == 30


def test_numbers_of_pages_that_cut_some_sentences_go(tmp_path: Path) -> None:
    before, after = STORY[3].split(" before every", 1)
    cut = f"{before}\n\n{{}}\n\nbefore every{after}"
    pages = [[*PAGE * (1 + number % 2), cut if number % 3 == 0 else "{}"] for number in range(PAGES)]
    content = "\n\n".join(part.format(number) for number, page in enumerate(pages, start=4) for part in page)
    document = read(tmp_path, content)
    assert "page numbers left out in 8 places" in {what for _, what in said(document)}
    assert STORY[3] in document.text


def test_counting_is_prose(tmp_path: Path) -> None:
    content = "\n\n".join([*STORY, "She counted:", "1", "2", "3", "4", "5", "6", *STORY])
    assert text(tmp_path, content) == content


def test_markdown_numbers_are_headings(tmp_path: Path) -> None:
    content = "\n\n".join(part for number in range(PAGES) for part in (str(number + 1), *PAGE))
    assert text(tmp_path, content, "book.md").count("# ") == PAGES


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*STORY, "and went on", "The Lamp", "THE LAMP", "7", None, None, None]), max_size=40))
def test_nothing_but_numbers_and_heads_goes(tmp_path: Path, parts: list[str | None]) -> None:
    numbers = count(3)
    content = "\n\n".join([STORY[0], *(str(next(numbers)) if part is None else part for part in parts)])
    document = read(tmp_path, content)
    assert words(document.text) == words(content)
    again = read(tmp_path, document.text)
    assert (again.text, changes(again)) == (document.text, [])


def words(content: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", content.replace("THE LAMP", ""))
