"""Checkable instructions, bits per byte, degeneration."""

# ruff: noqa: E501, RUF001 - typographic quotes; tables of answers

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.config import AbilityMargins
from gaea_assets.style import abilities, instructions
from gaea_assets.style.abilities import Abilities, Degeneration, abilities_gate

STORY = (
    "Mara lost the key on a Tuesday, somewhere between the baker's and the bridge. She searched her pockets, then the "
    "gutter, then the faces of people who passed. Nobody had seen it. At dusk a boy with muddy knees held out his hand. "
    "In it lay the key, bent a little, and warm. He had found it in a magpie's nest, he said, beside a spoon and half a "
    "coin. She gave him the coin's other half, which she had carried for thirty years."
)
SEA = (
    "The sea stretches to the horizon, grey in the morning and green by noon. Its waves fold over the shingle with a "
    "long sigh, drag pebbles back, and begin again. Gulls hang above the salt-white foam, waiting for whatever the deep "
    "water decides to give up today."
)
LIST_TREES = "1. Oak\n2. Ash\n3. Elm\n4. Fir\n5. Yew"
DAYS = "1. Monday\n2. Tuesday\n3. Wednesday\n4. Thursday\n5. Friday\n6. Saturday\n7. Sunday"
TOOLS = "- Chef's knife\n- Wooden spoon\n- Whisk\n- Cutting board\n- Rolling pin\n- Measuring cups"
GOOD = [
    ("list-5", LIST_TREES),
    ("list-5", "1. **White Oak**\n2. **Red Oak**\n3. Scots pine\n4. Giant Sequoia\n5. Silver birches"),
    ("list-3", "Here are three reasons:\n\n1. **Better mood:** Sleep lifts it.\n2. **Memory**\n3. **Health**"),
    ("list-7", DAYS),
    ("list-7", "Here are the days of the week:\n\n" + DAYS),
    ("bullets-4", "- Rhine\n- Danube\n- Loire\n- Po"),
    (
        "bullets-4",
        "Here are four rivers of Europe:\n\n- The Danube River\n- River Thames\n- **Seine**\n- Volga (Russia)",
    ),
    ("bullets-6", TOOLS),
    ("words-50", SEA),
    ("words-20", "Rain is water that falls from clouds when droplets grow too heavy."),
    ("words-100", STORY),
    ("words-100", "**The Lost Key**\n\n" + STORY),
    ("sentences-3", "The market is loud. Nobody minds! Would you?"),
    ("sentences-3", "Mr. Lee sells figs, dates, etc. at the market. A pound costs 3.5 crowns. Mrs. Lee counts."),
    ("sentences-3", "Stalls sell fruit, e.g. figs. Someone sings... and stops. The crowd moves on."),
    ("sentences-3", 'Stalls line the street. "Fresh fish!" a woman cries. Children run between the baskets.'),
    ("sentences-3", "Stalls line the street. “Fresh fish! Cheap fish!” cries a woman. Children run about."),
    ("sentences-3", "Stalls line the street. A seller says: «Buy!» and laughs. Children run about."),
    ("sentences-1", "A bridge lets people cross a river"),
    ("sentences-1", "A bridge, as Dr. Hall says, is for crossing rivers, roads, etc."),
    ("json-2", '```json\n{"name": "Sel", "age": 40}\n```'),
    ("json-2", '```JSON\n{"name": "Sel", "age": 40}\n```'),
    ("json-2", 'Here is the object:\n\n```\n{"name": "Sel", "age": 40}\n```'),
    ("json-3", '{"title": "1984 Again", "author": "O. Well", "year": 2001}'),
    ("upper", "SNOW FALLS ON THE ROOF."),
    ("upper", "**WINTER COVERS THE FIELDS IN SNOW**"),
    ("lower", "the summer sun warms the quiet lake."),
    ("german", "Der Wald ist dunkel und still. Die Wege sind nicht zu sehen."),
    ("german", "Ein Nadelwald duftet nach Harz, Moos usw. und ist still. Hohe Tannen schlucken das Licht."),
    ("french", "La maison est petite et le jardin est grand. Les murs sont blancs dans la rue."),
    ("french", "Cette maison charmante possède des volets bleus. Un jardin fleuri l’entoure."),
    ("spanish", "La ciudad es grande y el puerto no. Los barcos de la noche salen en silencio."),
    ("spanish", "Esta ciudad tiene calles estrechas. ¿Quién no la recuerda?"),
    ("english", "A majestic mountain pierces the sky. Snow covers its rugged peak."),
    ("to-german", "Das Haus ist alt und der Garten ist nicht klein."),
    ("to-german", "**Das Haus ist alt, und der Garten ist nicht klein.**"),
    ("to-german", 'Here is the translation:\n\n"Das Haus ist alt und der Garten ist nicht klein."'),
    ("no-z", "The brown horse ran across the meadow."),
    ("use-words", "By the **river** she set down the **lantern** and shared her **bread**."),
    ("yes-no", "**Yes**"),
    ("sum", "42."),
    ("sum", "**42**"),
    ("opposite", "**Cold**"),
    ("opposite", "“Cold.”"),
    ("capital", "**Paris**"),
    ("capital", "**Paris.**"),
    ("end-phrase", "Tea is warm. That is all."),
    ("end-phrase", "Tea is warm. That is all"),
    ("end-phrase", "Tea is warm. **That is all.**"),
    ("start-word", "Tomorrow, we shall see the sea."),
    ("start-word", "Here is a sentence:\n\n**Tomorrow** the shop opens at 9.30 a.m. as usual"),
    ("quoted", '"A stitch in time saves nine."'),
    ("quoted", "“A stitch in time saves nine.”"),
    ("quoted", "«A stitch in time saves nine.»"),
    ("quoted", "„Morgenstund hat Gold im Mund.“"),
    ("commas", "red, green, blue, grey"),
    ("commas", "Dark blue, sky-blue, burnt orange, and white."),
    ("paragraphs", "Bees fly.\n\nThey sting."),
    ("paragraphs", "# Bees\n\nBees fly far.\n\nThey sting."),
    ("paragraphs", "**The Life of Bees**\n\nBees fly far.\n\nThey sting."),
    ("paragraphs", "Here are two short paragraphs about bees:\n\nBees fly far.\n\n---\n\nThey sting."),
]
BAD = [
    ("list-5", "1. Oak\n2. Ash"),
    ("list-5", "1. Oak\n2. Oak\n3. Oak\n4. Oak\n5. Oak"),
    ("list-5", "1. Oak\n2. oak tree\n3. The oak\n4. Oaks\n5. Oak."),
    ("list-5", "\n".join(f"{n}. you walk" for n in range(1, 6))),
    ("list-5", "1. you walk\n2. you stop\n3. you sit\n4. you die\n5. you rise"),
    ("list-5", "Here are five kinds of tree:\n" + LIST_TREES),
    ("list-3", "1. Sleep\n2. Sleep\n3. Sleep"),
    ("list-7", DAYS.replace("Sunday", "Monday")),
    ("bullets-4", "Rhine, Danube, Loire, Po"),
    ("bullets-4", "* Rhine\n* Danube\n* Loire\n* Po"),
    ("bullets-4", "- Rhine\n- The Rhine\n- River Rhine\n- Rhine"),
    ("bullets-4", "- Rhine\n- Danube\n- Nile\n- Po"),
    ("bullets-6", "\n".join(["- spoon"] * 6)),
    ("words-50", "the " * 50),
    ("words-50", "sea " * 50),
    ("words-50", "sea wave tide shell salt foam sand gull boat sail net rope anchor harbour cliff storm " * 3),
    ("sentences-3", "Zxc market qwe. Rty uio pas. Dfg hjk lzx."),
    ("use-words", "Lantern bread river lantern bread river."),
    ("words-20", "You walk and you stop."),
    ("words-100", "word " * 100),
    ("words-100", "the key " * 50),
    ("words-100", STORY + " " + STORY),
    ("sentences-3", "The market is loud."),
    ("sentences-3", "Mr. Lee sells fruit. Mrs. Lee counts."),
    ("sentences-3", "Fruit is sold. Fish is sold. Cloth is sold. Nothing is left."),
    ("sentences-3", "You walk. You stop. You sit."),
    ("sentences-1", "A bridge is long. It crosses a river. People use it."),
    ("json-2", '{"name": "Sel"}'),
    ("json-2", '{"name": null, "age": null}'),
    ("json-2", '{"name": "", "age": 4}'),
    ("json-2", '{"name": "Sel", "age": true}'),
    ("json-2", '{"name": ["Sel"], "age": "old"}'),
    ("json-2", '[{"name": "Sel", "age": 4}]'),
    ("upper", "Snow falls."),
    ("upper", "SNOW FALLS. ICE COMES. WE FREEZE."),
    ("upper", "YOU WALK AND YOU STOP."),
    ("lower", "the sun is hot. the sea is warm. we swim."),
    ("lower", "what sun! what heat! what joy!"),
    ("lower", "you walk and you stop."),
    ("german", "The wood is dark and the paths are not to be seen."),
    ("german", "die"),
    ("german", "der Wald " * 20),
    ("german", "Der Wald ist dunkel."),
    ("french", "la"),
    ("french", "un"),
    ("spanish", "de"),
    ("spanish", "La maison est petite. Le jardin de la ciudad est grand."),
    ("english", "a"),
    ("english", "Der Berg ist hoch und weiß. Der Gipfel ist nicht zu sehen."),
    ("to-german", "die"),
    ("to-german", "Das ist."),
    ("to-german", "Der Hund ist rot."),
    ("to-german", "Das Haus ist neu und der Hund ist nicht rot."),
    ("to-german", "The house is old and the garden is not small."),
    ("no-z", "You."),
    ("no-z", "The horse gazed at us."),
    ("no-z", "The horse ran. It jumped. It fell."),
    ("use-words", "Lantern, bread, river."),
    ("use-words", "She had a lantern. He had bread. They met by the river."),
    ("yes-no", "Yes, because seven is more."),
    ("yes-no", "No"),
    ("sum", "The answer is 42"),
    ("end-phrase", "That is all."),
    ("end-phrase", "That is all. Tea is warm."),
    ("start-word", "Tomorrows"),
    ("start-word", "Tomorrows are never certain for us."),
    ("start-word", "Tomorrow"),
    ("start-word", "Tomorrow we go. Then we stop. Then we rest."),
    ("quoted", '"""'),
    ("quoted", '"a" b "c"'),
    ("quoted", '"A stitch" in time saves "nine"'),
    ("quoted", "A stitch in time saves nine."),
    ("commas", "you walk, you stop, you sit, you die"),
    ("commas", "red, red, red, red"),
    ("commas", "Four colours are red, green, blue, grey"),
    ("paragraphs", "Bees fly."),
    ("paragraphs", "# Bees\n\nBees fly far."),
    ("paragraphs", "Bees fly.\n\nBees sting.\n\nBees die."),
    ("paragraphs", "You walk and stop.\n\nYou sit and rise."),
]


@pytest.mark.parametrize(("name", "answer"), GOOD)
def test_a_right_answer_passes(name: str, answer: str) -> None:
    assert instructions.followed({name: answer})[name]


@pytest.mark.parametrize(("name", "answer"), BAD)
def test_a_wrong_answer_does_not(name: str, answer: str) -> None:
    assert not instructions.followed({name: answer})[name]


def test_every_instruction_has_right_and_missing_answers() -> None:
    assert {name for name, _ in GOOD} == {item.id for item in instructions.INSTRUCTIONS}
    assert not any(instructions.followed({}).values())


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=" \n.!?…*_`\"'“”«»#-1,:{}aZé", max_size=80))
def test_no_answer_stops_the_checks(answer: str) -> None:
    assert len(instructions.followed({item.id: answer for item in instructions.INSTRUCTIONS})) >= 30


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


def measured(bits: float = 1.0, kept: int = 8, loops: float = 0.0, unfinished: float = 0.5) -> Abilities:
    follows = {item.id: number < kept for number, item in enumerate(instructions.INSTRUCTIONS[:10])}
    return Abilities(bits, follows, replace(STEADY, loops=loops, unfinished=unfinished))


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
        (measured(unfinished=0.7), "70 % of the continuations end themselves inside a sentence, of the base's 50 %"),
        (replace(measured(), followed=None), "was given no instructions"),
    ],
)
def test_what_is_lost_beyond_a_margin_fails_and_is_named(tuned: Abilities, told: str) -> None:
    gate = abilities_gate(measured(), tuned)
    assert not gate.passed and told in gate.reason


def test_margins_are_the_configurations() -> None:
    margins = {"general_prose": 25.0, "instructions": 10.0, "loops": 5.0, "unfinished": 10.0}
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
    texts = [loop, "A whole sentence.", "An unfinished", "Cut off by the limit", ""]
    found = abilities.degeneration(texts, [False, True, True, False, True])
    assert found == Degeneration(loops=0.2, unfinished=0.2, ended=0.6, empty=0.2)


LONG = " ".join(f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(45))


@pytest.mark.parametrize(
    "text",
    [
        "He went home. " + "and then the door was shut " * 3,
        "He went home. " + "and then the door was shut " * 6 + "and then",
        "He went home. " + "and then the door was shut " * 6 + "Good night",
        f"He went home. {LONG}. {LONG}. {LONG}.",
        "the end the end the end",
        "So it was. " + "the end " * 4,
        "1. You walk.\n2. You walk.\n3. You walk.\n4. You walk.",
    ],
)
def test_an_end_that_goes_round_is_a_loop(text: str) -> None:
    assert abilities.has_loop(text)


@pytest.mark.parametrize(
    "text",
    [
        "One went, two went, and nobody came back to tell them of it.",
        "London Bridge is falling down, falling down, falling down.",
        f"The king is dead, long live the king! {LONG}. {LONG}.",
        "It went on and on and on. No, no, no, she said.",
        "- red apples\n- red pears\n- red plums\n- red cherries",
        "and then the door was shut " * 3 + "but at last somebody came up the stairs with a lamp.",
        STORY,
        "",
    ],
)
def test_prose_refrains_and_lists_are_no_loops(text: str) -> None:
    assert not abilities.has_loop(text)


def test_the_general_prose_has_no_loops() -> None:
    assert not [passage for passage in abilities.general_prose() if abilities.has_loop(passage)]
