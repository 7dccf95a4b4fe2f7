"""Themes over a manuscript."""

from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.tags.lemmas import lemma
from gaea_assets.manuscript.tags.themes import keyness, themes

PLAIN = "She went to the door and looked out, and the man who stood there said that he had come for the money. "


def words_of(texts: list[str], kind: str = "word") -> list[str]:
    return [theme.word for theme in themes(texts) if theme.kind == kind]


def test_a_word_used_throughout_more_than_in_general_fiction_is_a_theme() -> None:
    texts = [PLAIN * 5 + "The lighthouse was dark. " * 3] * 4
    found = {theme.word: theme for theme in themes(texts)}
    assert found["lighthouse"].count == 12
    assert found["lighthouse"].chunks == 4
    assert found["lighthouse"].effect > 5


def test_one_chunks_word_is_no_theme() -> None:
    texts = [PLAIN * 5 + "The lighthouse was dark. " * 12] + [PLAIN * 5] * 2 + [PLAIN * 5 + "A lighthouse."]
    assert "lighthouse" not in words_of(texts)


def test_forms_count_together() -> None:
    texts = [PLAIN * 5 + "The lighthouse. Two lighthouses. The lighthouse's door. "] * 4
    found = [theme for theme in themes(texts) if theme.word.startswith("lighthouse")]
    assert [(theme.word, theme.count) for theme in found] == [("lighthouse", 12)]


def test_names_are_listed_as_names_and_function_words_not_at_all() -> None:
    texts = [PLAIN * 5 + "There was Orlando, and there was Orlando's dog, which barked because of him. "] * 4
    assert words_of(texts, "name") == ["Orlando"]
    assert not {"the", "and", "which", "because", "orlando"} & set(words_of(texts))


def test_most_limits_each_kind() -> None:
    texts = ["Then Orlando saw Rosalind at the lighthouse with a harpoon and an astrolabe. " * 3] * 5
    found = themes(texts, most=1)
    assert [theme.kind for theme in found] == ["word", "name"]


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("walked", "walk"), ("stopping", "stop"), ("houses", "house"), ("carried", "carry"), ("thought", "think"),
        ("leaves", "leave"), ("evening", "evening"), ("nothing", "nothing"), ("glass", "glass"), ("lamp", "lamp"),
    ],
)  # fmt: skip
def test_base_forms(word: str, base: str) -> None:
    assert lemma(word) == base


def test_keyness_is_the_log_likelihood_ratio() -> None:
    wanted = 2 * (10 * log(10 / (1000 * 12 / 3000)) + 2 * log(2 / (2000 * 12 / 3000)))
    assert keyness(10, 1000, 2, 2000) == pytest.approx(wanted)
    assert keyness(5, 1000, 10, 2000) == pytest.approx(0)


@given(st.lists(st.text(max_size=80), max_size=5))
@settings(max_examples=50, deadline=None)
def test_any_text_has_themes_in_order(texts: list[str]) -> None:
    found = [theme for theme in themes(texts) if theme.kind == "word"]
    assert [theme.keyness for theme in found] == sorted((theme.keyness for theme in found), reverse=True)
    assert all(2 <= theme.chunks <= len(texts) and theme.count >= theme.chunks for theme in found)
