"""Person of narration and markers of the voice."""

import numpy as np
import pytest

from gaea_assets.style import background, markers, persons, units
from gaea_assets.style.tokens import paragraphs
from gaea_assets_tests.style.writers import second_person, third_person


def _persons(text: str) -> set[str]:
    return {w.person for w in persons.windows(paragraphs(units.parse(text).text))}


def test_sustained_second_and_third_person() -> None:
    assert _persons(second_person(1500, 1)) == {"second"}
    assert _persons(third_person(1500, 1)) == {"third"}


def test_you_in_dialogue_does_not_make_second_person() -> None:
    line = '"You know your own mind, and you will do what you will," she said to him, and he looked at her coat.\n\n'
    assert _persons(line * 30) == {"third"}


def test_generic_you_of_a_first_person_teller_is_first_person() -> None:
    text = "When you live by the sea, you know, you learn to hate it. I was born there, and I left it with my brother. "
    assert _persons(text * 15) == {"first"}


@pytest.mark.parametrize(
    ("sentence", "command"),
    [
        ("Look at the tower.", True),
        ("Do not answer him.", True),
        ("You look at the tower.", False),
        ("Never had he seen it.", False),
        ("The tower looks at you.", False),
        ("Remember the harbour, and the men who burned it.", True),
    ],
)
def test_imperatives(sentence: str, command: bool) -> None:
    assert markers.is_imperative(sentence) is command


@pytest.mark.parametrize(
    ("sentence", "aside"),
    [
        ("No man is ever ready for the truth.", True),
        ("The universe does not keep accounts.", True),
        ("You are ready for the truth.", False),
        ("Nothing was ready.", False),
        ("He is nothing.", False),
        ("Memory is a house that forgets its doors.", True),
    ],
)
def test_asides(sentence: str, aside: bool) -> None:
    assert markers.is_aside(sentence) is aside


def test_reader_address_and_generic_you_are_no_second_person() -> None:
    counts = markers.count_markers(
        [units.parse("Dear reader, you may know the sort. You open the door.")], ["a"], frozenset()
    )
    row = dict(zip(markers.MARKERS, counts.events[0], strict=True))
    assert row["reader address"] == 1 and row["second person"] == 1


def test_adoption_punishes_overuse_and_is_undefined_without_difference() -> None:
    rates = np.array([1.0, 10.0, 100.0, 5.0])
    scores = markers.adoption(rates, np.array([1.0, 1.0, 1.0, 10.0]), np.array([10.0, 10.0, 10.0, 10.0]))
    assert scores[:3] == pytest.approx([0, 100, 0])
    assert np.isnan(scores[3])


def test_coined_terms_are_words_of_nobody_else_and_capitalised_things() -> None:
    chunk = "You feel the Torment rise. The vexolith hums. Alan fears the Torment, and the vexolith, and the night."
    found = markers.coined_terms([units.parse(chunk), units.parse(chunk)], background.load())
    assert found == {"Torment", "vexolith"}
