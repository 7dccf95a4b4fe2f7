import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.serving.bench import prose
from gaea_assets.serving.bench.client import Answer
from gaea_assets.serving.bench.consistency import count_names
from gaea_assets.serving.bench.load import Scale
from gaea_assets.serving.bench.story import FIRST_NAMES, SURNAMES, Story, names_in, outcome, story

SCALE = Scale(4.0, 65_536)
FOUND = Story("context", "cue", "Oskar Tull", ("Mirela Vance", "Noor Quill", "Otto Pell"))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(400, 8_000))
def test_a_story_names_its_people_early_and_calls_for_one_of_them_late(seed: int, tokens: int) -> None:
    found = story(SCALE, tokens, seed)
    people = re.findall(r"The (\w+) was called (\w+ \w+)\.", found.text)
    assert len({role for role, _ in people}) == len({name for _, name in people}) == 4
    called = re.search(r'The (\w+) bent down and said, "My name is$', found.cue)
    assert called is not None
    assert dict(people)[called[1]] == found.called
    assert {name for _, name in people} == {found.called, *found.others}
    for name in (found.called, *found.others):
        for part in name.split():
            assert part not in found.cue
            assert found.text.rfind(part) < 900  # only where the people are introduced
    assert abs(len(found.text + found.cue) - 4 * tokens) < 40


def test_a_seed_gives_the_same_people_at_every_length_and_other_seeds_others() -> None:
    assert story(SCALE, 500, 1).called == story(SCALE, 5_000, 1).called
    assert story(SCALE, 500, 1).others == story(SCALE, 5_000, 1).others
    assert len({story(SCALE, 500, seed).called for seed in range(20)}) > 12


def test_the_prose_between_uses_none_of_the_names_that_can_be_drawn() -> None:
    free = [name for name in (FIRST_NAMES + SURNAMES).split() if name.lower() not in prose.words()]
    assert len(free) > 24
    text = prose.filler(60_000, 0)
    assert not [name for name in free if re.search(rf"\b{name}\b", text)]


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        (' Oskar Tull," he said.', "right"),
        (" Tull. Mirela heard it.", "right"),
        (" Oskar's, and nobody else's", "right"),
        (' Mirela," said the ferryman', "confused"),
        (" not what it was. Oskar Tull went home.", "none"),
        (" of no use to you", "none"),
        (" John", "invented"),
        ("", "none"),
        (" \n Oskar", "right"),
        (" what I make of it", "none"),
        (" Oskarina", "invented"),
        (" Captain Oskar Tull", "right"),
        (" John, the son of Mirela", "confused"),
    ],
)
def test_a_completion_is_judged_by_whom_its_first_sentence_names_first(completion: str, expected: str) -> None:
    assert outcome(FOUND, completion) == expected


def test_names_of_a_free_continuation_are_held_against_the_context() -> None:
    context = "Oskar Tull lived on the quay with Mirela."
    free = "They went down to Oskar, and Oskar's boat. He saw Mirela, then Belinda. Nobody spoke to Belinda."
    assert names_in(context, free) == (5, 3)
    assert names_in(context, "They went on in the rain and said nothing.") == (0, 0)
    assert names_in(context, "") == (0, 0)


def said(text: str, error: str | None = None) -> Answer:
    return Answer(0, 1, text, 10, 1, (0.5,), error)


def test_the_share_of_right_names_has_a_wilson_interval() -> None:
    called = [said(" Oskar")] * 8 + [said(" Mirela"), said(" nobody")]
    names = count_names(1024, [FOUND] * 10, called, [])
    assert (names.trials, names.right, names.confused, names.invented, names.none) == (10, 8, 1, 0, 1)
    # Wilson's interval of 8 in 10, as Brown, Cai and DasGupta (2001) define it.
    assert (names.share, names.low, names.high) == (
        0.8,
        pytest.approx(0.4902, abs=1e-4),
        pytest.approx(0.9433, abs=1e-4),
    )
    assert (names.free_names, names.free_share) == (0, None)


def test_failed_requests_are_no_trials() -> None:
    names = count_names(1024, [FOUND] * 3, [said(" Oskar"), said("", "refused"), said("", "cut")], [said("", "cut")])
    assert (names.trials, names.errors, names.right, names.share) == (1, 3, 1, 1.0)
    nothing = count_names(1024, [FOUND], [said("", "cut")], [])
    assert (nothing.trials, nothing.share, nothing.low, nothing.high) == (0, None, None, None)
