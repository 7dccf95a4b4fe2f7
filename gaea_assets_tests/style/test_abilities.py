"""Checkable instructions, bits per byte, degeneration."""

import math

import pytest

from gaea_assets.style import abilities

GOOD = {
    "list-5": "1. Oak\n2. Ash\n3. Elm\n4. Fir\n5. Yew",
    "bullets-4": "- Rhine\n- Danube\n- Loire\n- Po",
    "sentences-3": "It is loud. Nobody minds! Would you?",
    "json-2": '```json\n{"name": "Sel", "age": 40}\n```',
    "upper": "SNOW FALLS ON THE ROOF.",
    "german": "Der Wald ist dunkel und still. Die Wege sind nicht zu sehen.",
    "french": "La maison est petite et le jardin est grand. Les murs sont blancs dans la rue.",
    "spanish": "La ciudad es grande y el puerto no. Los barcos de la noche salen en silencio.",
    "sum": "42.",
    "commas": "red, green, blue, grey",
    "paragraphs": "Bees fly.\n\nThey sting.",
}
BAD = {
    "list-5": "1. Oak\n2. Ash",
    "bullets-4": "Rhine, Danube, Loire, Po",
    "sentences-3": "It is loud.",
    "json-2": '{"name": "Sel"}',
    "upper": "Snow falls.",
    "german": "The wood is dark and the paths are not to be seen.",
    "sum": "The answer is 42",
    "paragraphs": "Bees fly.",
}


def test_good_answers_pass_and_bad_ones_do_not() -> None:
    assert all(abilities.followed(GOOD)[key] for key in GOOD)
    assert not any(abilities.followed(BAD).values())


def test_ids_are_unique_and_no_check_takes_an_empty_answer() -> None:
    assert len({item.id for item in abilities.INSTRUCTIONS}) == len(abilities.INSTRUCTIONS) >= 30
    assert not [item.id for item in abilities.INSTRUCTIONS if item.check("")]


def test_bits_per_byte() -> None:
    assert abilities.bits_per_byte(8 * math.log(2), "abcd") == pytest.approx(2)
    assert abilities.bits_per_byte(8 * math.log(2), "éé") == pytest.approx(2)
    with pytest.raises(ValueError, match="empty"):
        abilities.bits_per_byte(1.0, "")


def test_verdict_names_what_was_lost() -> None:
    assert abilities.verdict((1.0, 1.04), (0.8, 0.75)).passed
    lost = abilities.verdict((1.0, 1.2), (0.8, 0.5))
    assert not lost.passed and "bits per byte" in lost.reason and "instructions" in lost.reason
    assert not abilities.verdict(None, None).passed
    assert abilities.verdict((1.0, 1.0), None).passed


def test_degeneration() -> None:
    loop = "He went home. " + "and then the door was shut " * 6
    found = abilities.degeneration([loop, "A whole sentence.", "An unfinished", ""], [False, True, False, True])
    assert found == abilities.Degeneration(loops=0.25, unfinished=0.5, ended=0.5, empty=0.25)
    assert not abilities.has_loop("One went, two went, and nobody came back to tell them of it.")
