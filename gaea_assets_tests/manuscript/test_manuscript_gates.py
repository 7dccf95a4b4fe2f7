"""The gates on chunks and examples: each passes on what is sound and names each fault."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript import gates
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.examples import Example


def chunk(name: str, text: str) -> Chunk:
    return Chunk(name, text, f"chunk_{name}.txt")


SOUND = [chunk("001", "You wait."), chunk("002", "It is night.")]
EXAMPLE = Example("001", "001", "You wait.", " It is night" + " and dark" * 8 + ".", True, 30)


def test_sound_chunks_pass_and_are_counted() -> None:
    for gate in (gates.not_empty, gates.no_duplicates):
        assert gate(SOUND).passed
        assert gate(SOUND).figures["chunks"] == 2
    assert gates.not_empty(SOUND).figures["words"] == 5


@pytest.mark.parametrize("text", ["", " \n "])
def test_empty_chunk_is_named(text: str) -> None:
    assert gates.not_empty([*SOUND, chunk("003", text)]).faults == ["chunk_003.txt: holds no words; remove it"]


def test_same_text_twice_is_named_though_space_and_case_differ() -> None:
    verdict = gates.no_duplicates([*SOUND, chunk("003", "YOU\n\nwait. ")])
    assert verdict.faults == ["chunk_001.txt and chunk_003.txt hold the same text; keep one"]
    assert verdict.figures["different_texts"] == 2


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_where_the_parts_join_to_the_chunk(texts: list[str]) -> None:
    whole = [chunk("015", "".join(texts))]
    assert gates.nothing_lost(whole, [("015", text) for text in texts]).passed


@pytest.mark.parametrize(
    "parts",
    [
        [("001", "You "), ("001", "wait")],
        [("001", "wait."), ("001", "You ")],
        [("001", "You wait. ")],
        [("001", "You wait."), ("001", "You wait.")],
    ],
    ids=["short", "order", "long", "twice"],
)
def test_loss_is_named(parts: list[tuple[str, str]]) -> None:
    verdict = gates.nothing_lost(SOUND, [*parts, ("002", "It is night.")])
    assert len(verdict.faults) == 1
    assert verdict.faults[0].startswith("chunk 001: its parts do not give the chunk back (")
    assert verdict.faults[0].endswith(" of 9); materialise split_chunks again")


def test_lost_and_strange_chunks_are_named() -> None:
    faults = gates.nothing_lost(SOUND, [("001", "You wait."), ("009", "x")]).faults
    assert [fault.split(":")[0] for fault in faults] == ["chunk 002", "chunk 009"]


def test_limit_itself_is_too_many_tokens() -> None:
    verdict = gates.within_budget(["001", "002"], [4095, 4096], 4096)
    assert verdict.faults == ["part 002: 4096 tokens, 4096 or more; lower manuscript.max_words"]
    assert verdict.figures["max_tokens"] == 4096


def test_examples_below_the_limit_pass_with_their_mean() -> None:
    verdict = gates.below_limit([EXAMPLE, replace(EXAMPLE, tokens=31)], 32)
    assert verdict.passed
    assert verdict.figures == {"parts": 2, "max_tokens": 31, "limit": 32, "mean_tokens": 30.5}
    assert not gates.below_limit([EXAMPLE], 30).passed


def test_prompt_that_is_too_long_or_too_short_is_named_with_its_share() -> None:
    assert gates.prompts_well_cut([EXAMPLE], 0.05, 0.10).passed
    (fault,) = gates.prompts_well_cut([EXAMPLE], 0.01, 0.05).faults
    assert fault == "example 001: the prompt is 9.5% of the words, not 1% to 5%"
    (fault,) = gates.prompts_well_cut([EXAMPLE], 0.10, 0.20).faults
    assert fault == "example 001: the prompt is 9.5% of the words, not 10% to 20%"


@pytest.mark.parametrize(("prompt", "shown"), [("You", "'...You'"), ("You wait. It", "x")])
def test_prompt_that_ends_inside_a_sentence_is_shown(prompt: str, shown: str) -> None:
    text = EXAMPLE.prompt + EXAMPLE.completion
    cut = replace(EXAMPLE, prompt=prompt, completion=text[len(prompt) :])
    (fault,) = gates.prompts_well_cut([cut], 0, 1).faults
    assert fault == f"example 001: the prompt ends inside a sentence: ...{prompt!r}"


def test_figures_of_no_examples_are_numbers() -> None:
    assert gates.prompts_well_cut([], 0.05, 0.10).figures == {"least_share": 0, "largest_share": 0}
    assert gates.below_limit([], 9).passed


@pytest.mark.parametrize(
    "roles", [["system", "user", "assistant"], ["user"], [], ["assistant", "user"], ["user", "assistant", "user"]]
)
def test_row_with_other_roles_is_named(roles: list[str]) -> None:
    row = {"id": "001", "messages": [{"role": role, "content": ""} for role in roles]}
    assert gates.no_system_message([row]).faults == [f"example 001: roles are {roles}, not user, assistant"]
    assert gates.no_system_message([EXAMPLE.as_row()]).passed


def test_chunk_on_both_sides_is_named() -> None:
    a, b = (replace(EXAMPLE, id=f"001{letter}") for letter in "ab")
    assert gates.sides_apart([a], [b]).faults == [
        "chunk 001 is in training and in validation; materialise the dataset again"
    ]
    assert gates.sides_apart([a], [replace(b, chunk="002")]).passed


def test_empty_side_is_named() -> None:
    assert gates.sides_apart([EXAMPLE], []).faults == ["the validation side is empty"]
    assert gates.sides_apart([], [EXAMPLE]).faults == ["the training side is empty"]
