"""Checkable instructions, bits per byte, degeneration."""

import json
import math
from dataclasses import replace

import pytest

from gaea_assets.config import AbilityMargins
from gaea_assets.style import abilities, instructions
from gaea_assets.style.abilities import Abilities, Degeneration, abilities_gate

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
    assert all(instructions.followed(GOOD)[key] for key in GOOD)
    assert not any(instructions.followed(BAD).values())


def test_ids_are_unique_and_no_check_takes_an_empty_answer() -> None:
    assert len({item.id for item in instructions.INSTRUCTIONS}) == len(instructions.INSTRUCTIONS) >= 30
    assert not [item.id for item in instructions.INSTRUCTIONS if item.check("")]


def test_bits_per_byte() -> None:
    assert abilities.bits_per_byte([-8 * math.log(2)], ["abcd"]) == pytest.approx(2)
    assert abilities.bits_per_byte([-4 * math.log(2), -4 * math.log(2)], ["é", "é"]) == pytest.approx(2)
    with pytest.raises(ValueError, match="no text"):
        abilities.bits_per_byte([], [])


def test_the_general_prose_is_of_many_kinds_and_in_nobodys_second_person() -> None:
    passages = abilities.general_prose()
    assert len(passages) == 20
    assert all(200 <= len(passage.split()) <= 320 for passage in passages)
    words = " ".join(passages).lower().split()
    assert words.count("you") < len(words) / 150


STEADY = Degeneration(loops=0.0, unfinished=0.5, ended=0.2, empty=0.0)


def measured(bits: float = 1.0, kept: int = 8, loops: float = 0.0) -> Abilities:
    follows = {item.id: number < kept for number, item in enumerate(instructions.INSTRUCTIONS[:10])}
    return Abilities(bits, follows, replace(STEADY, loops=loops))


def test_what_is_lost_within_the_margins_passes() -> None:
    gate = abilities_gate(measured(), measured(bits=1.04, kept=7, loops=0.05))
    assert gate.passed
    assert gate.figures["bits_rise"] == pytest.approx(4)
    assert [finding.where for finding in gate.findings] == [instructions.INSTRUCTIONS[7].id]


@pytest.mark.parametrize(
    ("tuned", "told"),
    [
        (measured(bits=1.2), "1.200 bits per byte instead of 1.000"),
        (measured(bits=math.nan), "nan bits per byte"),
        (measured(kept=6), "60 % of the instructions are followed instead of 80 %"),
        (measured(loops=0.1), "10 % of the continuations end in a loop"),
    ],
)
def test_what_is_lost_beyond_a_margin_fails_and_is_named(tuned: Abilities, told: str) -> None:
    gate = abilities_gate(measured(), tuned)
    assert not gate.passed and told in gate.reason


def test_margins_are_the_configurations() -> None:
    margins = {"general_prose": 25.0, "instructions": 10.0, "loops": 5.0}
    assert abilities_gate(measured(), measured(bits=1.2), margins).passed
    assert set(AbilityMargins.model_fields) == set(abilities.MARGINS)


def test_a_base_that_follows_no_instructions_is_judged_by_the_rest() -> None:
    plain = Abilities(1.0, None, STEADY)
    gate = abilities_gate(plain, plain)
    assert gate.passed and "instructions" not in gate.figures


def test_abilities_come_back_from_json() -> None:
    assert Abilities.from_dict(json.loads(json.dumps(measured().to_dict()))) == measured()


def test_degeneration() -> None:
    loop = "He went home. " + "and then the door was shut " * 6
    found = abilities.degeneration([loop, "A whole sentence.", "An unfinished", ""], [False, True, False, True])
    assert found == Degeneration(loops=0.25, unfinished=0.5, ended=0.5, empty=0.25)
    assert not abilities.has_loop("One went, two went, and nobody came back to tell them of it.")
