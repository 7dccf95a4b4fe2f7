"""Both texts of a pair are of one length, and end alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.blind.cutting import BREAK, LEAST_WORDS, same_length, up_to_sentence_end
from gaea_assets_tests.projects import scene

SENTENCE = "You wait for the lamp."


def words(text: str) -> int:
    return len(text.split())


def test_the_longer_text_is_cut_at_a_sentence_end_to_the_shorter_ones_words() -> None:
    short, long = scene(1, 2), scene(2, 9)
    cut = same_length(long, "\n\n" + short, 500)
    assert cut is not None
    assert cut[1] == short
    assert long.startswith(cut[0]) and cut[0][-1] == "."
    assert abs(words(cut[0]) - words(short)) <= 0.1 * words(short)


def test_a_text_that_breaks_off_in_a_sentence_is_not_told_by_it() -> None:
    broken = scene(1, 4) + " And then you"
    cut = same_length(broken, scene(2, 9), 500)
    assert cut is not None
    assert cut[0] == scene(1, 4)
    assert cut[1][-1] == "."


def test_neither_text_is_longer_than_wanted() -> None:
    cut = same_length(scene(1, 12), scene(2, 12), 100)
    assert cut is not None
    assert all(80 <= words(text) <= 100 for text in cut)


def test_where_one_has_no_sentence_ends_both_break_off_at_the_same_word() -> None:
    cut = same_length("word " * 80, scene(2, 9), 500)
    assert cut is not None
    assert all(text.endswith(BREAK) for text in cut)
    assert {words(text.removesuffix(BREAK)) for text in cut} == {80}


@pytest.mark.parametrize("short", ["", " \n", SENTENCE * 2])
def test_a_text_that_says_too_little_gives_no_pair(short: str) -> None:
    assert same_length(short, scene(1), 200) is None
    assert same_length(scene(1), short, 200) is None


@given(first=st.lists(st.integers(1, 30), min_size=1, max_size=20), second=st.lists(st.integers(1, 30), max_size=20))
@settings(max_examples=60, deadline=None)
def test_whatever_the_sentences_the_two_are_of_one_length(first: list[int], second: list[int]) -> None:
    one, other = (" ".join("Word " + "word " * (n - 1) + "word." for n in sizes) for sizes in (first, second))
    cut = same_length(one, other, 120)
    if min(words(one), words(other)) < LEAST_WORDS:
        assert cut is None
        return
    assert cut is not None
    a, b = (words(text.removesuffix(BREAK)) for text in cut)
    assert min(a, b) >= LEAST_WORDS and max(a, b) <= 120 and abs(a - b) <= 0.1 * max(a, b)
    assert all(whole.startswith(text.removesuffix(BREAK)) for whole, text in zip((one, other), cut, strict=True))


def test_an_excerpt_ends_with_a_sentence() -> None:
    text = f"{SENTENCE} {SENTENCE} {SENTENCE}"
    assert up_to_sentence_end(text, 12) == f"{SENTENCE} {SENTENCE}"
    assert up_to_sentence_end(text, 10) == f"{SENTENCE} {SENTENCE}"
    assert up_to_sentence_end(text, 15) == text
    assert up_to_sentence_end("word " * 20, 5) == "word word word word word" + BREAK
