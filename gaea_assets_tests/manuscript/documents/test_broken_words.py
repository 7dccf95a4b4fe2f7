"""A hyphen at the end of a line is left out where it breaks a word, and stays where it belongs to one."""

from pathlib import Path

import pytest

from gaea_assets.manuscript.documents.broken_words import LineEnds
from gaea_assets_tests.manuscript.documents.files import STORY, text, wrapped


@pytest.mark.parametrize(
    ("head", "tail"), [("invit", "ation"), ("get", "ting"), ("Uncer", "tain"), ("xylo", "mancies")]
)
def test_words_are_broken(head: str, tail: str) -> None:
    assert LineEnds(f"{head}-\n{tail}").break_word(head, tail)


@pytest.mark.parametrize(
    ("head", "tail"), [("grey", "green"), ("tree", "tops"), ("re", "elected"), ("Jean", "Paul"), ("old", "fashioned")]
)
def test_words_have_a_hyphen(head: str, tail: str) -> None:
    assert not LineEnds(f"{head}-\n{tail}").break_word(head, tail)


def test_the_text_itself_decides_first() -> None:
    assert LineEnds("greygreen").break_word("grey", "green")
    assert not LineEnds("invit-ation, invitation").break_word("invit", "ation")
    assert not LineEnds("krell " * 9).break_word("xylo", "krell")


@pytest.mark.parametrize(("head", "tail"), [("some", "body"), ("un", "reasonable"), ("fire", "place")])
def test_words_made_of_words_are_broken_where_the_text_breaks_others(head: str, tail: str) -> None:
    assert LineEnds("get-\nting invit-\nation old-\nfashioned").break_word(head, tail)
    assert not LineEnds("old-\nfashioned good-\nhumoured").break_word(head, tail)


def test_a_text_that_breaks_its_words_is_joined_whole(tmp_path: Path) -> None:
    content = (
        "Nobody could say that the lamp had been an honest one, since it was un-\n"
        "reasonable to expect it of a lamp, and she had continued to think so, get-\n"
        "ting up in the night to look at it, while the others in their grey-\n"
        "green gowns went on to laugh at it and at her and at the lamp as well."
    )
    found = text(tmp_path, "\n\n".join([content, *(wrapped(paragraph, 72) for paragraph in STORY)]))
    assert all(words in found for words in ("was unreasonable to", "so, getting up", "their grey-green gowns"))
