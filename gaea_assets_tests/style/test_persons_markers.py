"""Person of narration and markers of the voice."""

# ruff: noqa: RUF001 - typographic dashes are what this is about

import numpy as np
import pytest

from gaea_assets.style import background, markers, persons, units
from gaea_assets.style.imperatives import is_imperative
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
        ("Knot the cord twice.", True),
        ("Sharpen your knife.", True),
        ("Unwrap it.", True),
        ("Gather roots and berries.", True),
        ("Wait and see.", True),
        ("Now go down to the harbour and ask for Marta.", True),
        ("Always knock before you enter.", True),
        ("Look at the painted door.", True),
        ("Work carefully.", True),
        ("Think of your mother.", True),
        ("Kneel.", True),
        ("Fear ran through the crowd.", False),
        ("Love and work had filled his life.", False),
        ("Drink made him cruel.", False),
        ("Close friends gathered at the house.", False),
        ("Search parties combed the hills.", False),
        ("Warm and dry, he slept.", False),
        ("Shut in for the winter, they quarrelled.", False),
        ("Light from the street fell on her face.", False),
        ("Come morning, they were gone.", False),
        ("Always hungry, the boy ate.", False),
        ("The two walked in silence.", False),
        ("Thank you.", False),
    ],
)
def test_imperatives(sentence: str, command: bool) -> None:
    assert is_imperative(sentence) is command


@pytest.mark.parametrize(
    ("sentence", "aside"),
    [
        ("No man is ever ready for the truth.", True),
        ("The universe does not keep accounts.", True),
        ("You are ready for the truth.", False),
        ("Nothing was ready.", False),
        ("He is nothing.", False),
        ("Memory is a house that forgets its doors.", True),
        ("Nothing in the world is free.", True),
        ("Everyone is at the table.", False),
        ("Nothing moves in the yard.", False),
        ("Nobody answers the bell.", False),
        ("There are no trains on Sunday.", False),
        ("The night is cold and the street is empty.", False),
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


DASHES = (
    "—You cannot stay, said Marta. I told you so in March, and you laughed at me.\n\n—I remember, he said.\n\n"
    "She shut the window. The rain had got at his boots.",
    "– I never wrote to you, Anna said quietly. You know I can't write.\n\n– You could have sent your brother.\n\n"
    "He picked up his hat and went out.",
    "―You will be late, the porter cried, and you know it! He waved his lamp at them.\n\nThey ran, and he ran after.",
)
GENERIC = (
    "Anyone will tell you that the pass is closed in winter. You must go round by the ford, and you had better start "
    "early. Marta had never gone round. She had taken her mule over the top every January since her husband died.",
    "If you want a good knife you must ask a sailor. Bruno had his from a Finn. He kept it in his boot, and when they "
    "searched him they never found it. You could shave with it. He did so every Sunday.",
    "Dear reader, you have met her kind before. You would not have liked her. She counted her spoons after every "
    "dinner, and she wrote down what her guests had eaten, and her husband let her.",
)


@pytest.mark.parametrize("text", [*DASHES, *GENERIC])
def test_speech_after_a_dash_and_the_you_of_anybody_leave_a_story_in_the_third_person(text: str) -> None:
    assert _persons(text) == {"third"}


@pytest.mark.parametrize(
    "text",
    [
        "You will go to the window. You will see her in the yard, and she will not look up. You can call her. "
        "If you call she will go in. You will put on your coat and you will go down to her.",
        "If you turn your head you can see the guard. He has not moved. You can hear his breath. You could reach the "
        "key, you think, and you could not. You count to a hundred and you reach for it.",
    ],
)
def test_second_person_that_only_can_and_will_is_still_second_person(text: str) -> None:
    assert _persons(text) == {"second"}


@pytest.mark.parametrize(
    ("sentence", "third", "second"),
    [
        ("You cannot make a silk purse out of a sow's ear.", True, True),
        ("If you lend a man a horse, you will walk home.", True, True),
        ("You reap what you sow.", True, True),
        ("You may imagine what he felt.", True, False),
        ("You hear a step on the stair.", False, False),
        ("You find that the door is locked.", False, False),
        ("When you reach the gate you knock.", False, False),
        ("You know his step.", False, False),
    ],
)
def test_generic_you(sentence: str, third: bool, second: bool) -> None:
    assert persons.is_generic(sentence) is third
    assert persons.is_generic_in_second_person(sentence) is second


@pytest.mark.parametrize(
    ("sentence", "addressed"),
    [
        ("And so, reader, she left him.", True),
        ("The reader will have guessed the rest.", True),
        ("I leave the reader to judge.", True),
        ("You who read this will not believe it.", True),
        ("You who hold this book know better.", True),
        ("The meter reader will come tomorrow.", False),
        ("A palm reader, fat and cheerful, took her hand.", False),
        ("The reader coughed and turned the page.", False),
        ("He was never much of a reader, but he tried.", False),
        ("You turn the page and read on.", False),
    ],
)
def test_reader_address(sentence: str, addressed: bool) -> None:
    assert persons.addresses_reader(sentence) is addressed
