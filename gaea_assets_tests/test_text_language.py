"""The language of a text is told, among all or among a few."""

import pytest

from gaea_assets.text_language import is_known, language_of

DUTCH = "De hond liep gisteren heel snel over de straat, en niemand in het dorp had hem ooit zo zien lopen."
GERMAN = "Der Hund lief gestern sehr schnell über die Straße, und niemand im Dorf hatte ihn je so laufen sehen."


@pytest.mark.parametrize(("text", "code"), [(DUTCH, "nl"), (GERMAN, "de")])
def test_language_is_told_with_its_probability(text: str, code: str) -> None:
    found, probability = language_of(text)
    assert found == code
    assert 0.8 < probability <= 1


def test_a_choice_between_a_few_does_not_narrow_the_next_one() -> None:
    assert language_of(DUTCH, ("de", "fr"))[0] == "de"
    assert language_of(DUTCH)[0] == "nl"
    assert is_known("nl")


def test_what_is_no_code_is_not_known() -> None:
    assert not is_known("klingon")
