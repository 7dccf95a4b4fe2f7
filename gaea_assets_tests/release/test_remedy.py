import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.release import recipe_steps as step
from gaea_assets.release.loss_curve import LossCurve, read_curve
from gaea_assets.release.problems import Findings
from gaea_assets.release.remedy import Proposal, propose, recipe_hash
from gaea_assets_tests.release.voices import FALLING, RISING, gate, log

FLAT = (2.6, 2.5, 2.51)
LOW = {"transfer": (41.0, 60.0), "vocabulary": (50.0, 70.0)}
LOOPS = gate("repetition", False, {"distinct-2": 0.5, "word order": 1.4, "known_words": 0.97}, **{"word order": 0.9})
SALAD = gate("repetition", False, {"distinct-2": 0.9, "word order": 0.5, "known_words": 0.97}, **{"word order": 0.9})
RECITES = gate("memorisation", False)


def voice_with(**sections: Mapping[str, Any]) -> VoiceConfig:
    return VoiceConfig.model_validate(
        {"name": "book", "manuscript": {"folder": "book"}, "base": {"model": "some/base"}, **sections}
    )


def curve(heldout: Sequence[float], base: float = 3.2) -> LossCurve:
    return read_curve(log(heldout, base), epochs=3)


def forgets(figure: str) -> dict[str, Any]:
    limits = {"bits_rise": 5.0, "instructions_fall": 10.0, "loops_rise": 5.0, "unfinished_rise": 10.0}
    return gate("abilities", False, dict.fromkeys(limits, 0.0) | {figure: 40.0}, **limits)


def changed(proposal: Proposal | None) -> dict[str, Any]:
    assert proposal is not None
    return {change.field: change.after for change in proposal.changes}


C5 = {"training.epochs": 5, "training.rank": 32, "training.alpha": 64}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (Findings(curve(FALLING), low=LOW), C5),
        (Findings(curve(FLAT), low=LOW), C5),
        (Findings(curve(RISING), low=LOW), {"training.epochs": 2, "training.learning_rate": 1e-4}),
        (Findings(curve((3.19, 3.18, 3.17)), low=LOW), {"training.learning_rate": 3e-4}),
        (Findings(curve((3.3, 3.6, 3.9)), low=LOW), {"training.learning_rate": 1e-4}),
        (Findings(curve((2.9, math.nan, math.nan))), {"training.learning_rate": 1e-4}),
        (
            Findings(curve(FALLING), low={"structure": (50.0, 65.0)}),
            {"dataset.prompt_share_max": 0.08, "training.epochs": 5},
        ),
        (Findings(curve(FALLING), low={"vocabulary": (50.0, 70.0)}), {"training.rank": 32, "training.alpha": 64}),
        (Findings(curve(FALLING), low={"pov": (50.0, 80.0)}), {"training.epochs": 5}),
        (
            Findings(curve(FALLING), gates={"memorisation": RECITES}),
            {"training.epochs": 2, "training.rank": 8, "training.alpha": 16, "training.dropout": 0.1},
        ),
        (Findings(curve(FALLING), gates={"repetition": LOOPS}), {"evaluation.temperature": 0.9}),
        (Findings(curve(RISING), gates={"repetition": LOOPS}), {"training.epochs": 2}),
        (Findings(curve(FALLING), gates={"repetition": SALAD}), {"evaluation.temperature": 0.7}),
        (Findings(curve(FALLING), gates={"abilities": forgets("bits_rise")}), {"training.learning_rate": 1e-4}),
        (Findings(curve(FALLING), gates={"abilities": forgets("instructions_fall")}), {"training.learning_rate": 1e-4}),
        (Findings(curve(FALLING), gates={"abilities": forgets("loops_rise")}), {"evaluation.temperature": 0.9}),
        (
            Findings(curve(FALLING), undefined={"pov": "8 of 9 windows are undecided"}),
            {"evaluation.max_new_tokens": 1350},
        ),
        (
            Findings(curve(FALLING), undefined={"transfer": "too little text: 300 words"}),
            {"evaluation.samples_per_prompt": 8},
        ),
        (Findings(curve(FALLING), not_preferred=True), C5),
        (Findings(out_of_memory=True), {"dataset.max_tokens": 3072}),
    ],
)
def test_what_is_wrong_decides_what_is_changed(found: Findings, wanted: Mapping[str, Any]) -> None:
    assert changed(propose(voice_with(), found, [])) == wanted


def test_where_nothing_is_wrong_nothing_is_proposed() -> None:
    assert propose(voice_with(), Findings(curve(RISING)), []) is None


def test_harm_comes_before_a_low_score_which_is_named_for_the_next_time() -> None:
    proposal = propose(voice_with(), Findings(curve(FALLING), low=LOW, gates={"memorisation": RECITES}), [])
    assert proposal is not None
    assert changed(proposal)["training.epochs"] == 2
    assert proposal.problem == "the model recites: memorisation found something"
    assert len(proposal.others) == 1
    assert "transfer 41.0 (> 60)" in proposal.others[0]


def test_every_line_says_what_it_was_and_why() -> None:
    proposal = propose(voice_with(), Findings(curve(FALLING), low=LOW), [])
    assert proposal is not None
    assert proposal.problem == (
        "too low: transfer 41.0 (> 60), vocabulary 50.0 (> 70); the held-out loss was still falling at the last "
        "checkpoint (2.400 at epoch 3)"
    )
    epochs = proposal.changes[0]
    assert (epochs.before, epochs.after) == (3, 5)
    assert epochs.why == "scores too low, loss still falling at the end: train longer"


def test_the_changes_are_relative_to_the_recipe_that_was_tried() -> None:
    voice = voice_with(training={"epochs": 5, "rank": 32, "alpha": 16, "learning_rate": 1e-3})
    assert changed(propose(voice, Findings(curve(FALLING), low=LOW), [])) == {
        "training.epochs": 8, "training.rank": 64, "training.alpha": 32,
    }  # fmt: skip
    assert changed(propose(voice, Findings(curve((3.3, 3.6, 3.9))), [])) == {"training.learning_rate": 5e-4}


def test_a_recipe_that_was_tried_is_not_proposed_again() -> None:
    found, tried, seen = Findings(curve(FALLING), low=LOW), [], set()
    for number in range(20):
        try:
            proposal = propose(voice_with(), found, tried)
        except GaeaError as error:
            assert "there is no recipe to propose that has not been tried" in str(error)
            assert "tried_0" in str(error)
            assert "vocabulary: Words that the model never saw it cannot use" in str(error)
            break
        assert proposal is not None
        fields: dict[str, dict[str, Any]] = {}
        for field, value in changed(proposal).items():
            section, name = field.split(".")
            fields.setdefault(section, {})[name] = value
        tried.append(replace_name(voice_with(**fields), f"tried_{number}"))
        assert recipe_hash(tried[-1]) not in seen
        seen.add(recipe_hash(tried[-1]))
    assert len(tried) >= 4


def test_where_a_gate_found_harm_no_recipe_trains_more() -> None:
    found, tried = Findings(curve(FALLING), low=LOW, gates={"memorisation": RECITES}), [voice_with()]
    with pytest.raises(GaeaError, match=r"the model recites: .* there is no recipe to propose that has not been tried"):
        for number in range(20):
            proposal = propose(voice_with(), found, tried)
            assert changed(proposal).get("training.epochs", 3) <= 3
            assert changed(proposal).get("training.rank", 16) <= 16
            fields = {field.split(".")[1]: value for field, value in changed(proposal).items()}
            tried.append(replace_name(voice_with(training=fields), f"tried_{number}"))


def replace_name(voice: VoiceConfig, name: str) -> VoiceConfig:
    return voice.model_copy(update={"name": name})


def test_a_sibling_with_the_likeliest_recipe_is_passed_over_and_named() -> None:
    sibling = replace_name(voice_with(training={"epochs": 5, "rank": 32, "alpha": 64}), "sibling")
    proposal = propose(voice_with(), Findings(curve(FALLING), low=LOW), [sibling])
    assert proposal is not None
    assert proposal.passed_over == ("sibling",)
    assert changed(proposal) == {"training.epochs": 5}


def test_a_voice_of_another_manuscript_has_tried_nothing_of_this_one() -> None:
    other = voice_with(manuscript={"folder": "elsewhere"}, training={"epochs": 5, "rank": 32, "alpha": 64})
    assert changed(propose(voice_with(), Findings(curve(FALLING), low=LOW), [other])) == C5


def test_recipes_differ_by_what_decides_the_text_only() -> None:
    voice = voice_with()
    assert recipe_hash(voice) == recipe_hash(voice_with(gates={"transfer": 10}, release={"keep": 9}))
    assert recipe_hash(voice) != recipe_hash(voice_with(evaluation={"temperature": 0.5}))


@pytest.mark.parametrize(
    ("found", "sections"),
    [
        (Findings(curve(FALLING), gates={"memorisation": RECITES}), {"training": {"epochs": 0.5, "rank": 4}}),
        (Findings(curve(FALLING), low=LOW), {"training": {"epochs": 20, "rank": 128}}),
        (Findings(out_of_memory=True), {"dataset": {"max_tokens": 1024}, "training": {"rank": 4}}),
        (Findings(curve(FALLING), gates={"repetition": LOOPS}), {"evaluation": {"temperature": 1.2}}),
    ],
)
def test_at_the_limits_another_move_is_proposed_or_none(
    found: Findings, sections: Mapping[str, Mapping[str, Any]]
) -> None:
    voice = voice_with(**sections)
    try:
        proposal = propose(voice, found, [])
    except GaeaError as error:
        assert "there is no recipe to propose" in str(error)
        return
    assert proposal is not None
    for field, value in changed(proposal).items():
        section, name = field.split(".")
        assert value != sections.get(section, {}).get(name)


def test_an_undefined_measure_that_no_recipe_mends_is_explained() -> None:
    found = replace(Findings(), undefined={"markers": "the author uses no marker that the base lacks"})
    with pytest.raises(
        GaeaError, match=r"no recipe to propose\. markers: The base model already has the author's rates"
    ):
        propose(voice_with(), found, [])


DIVERGED = Findings(curve((math.nan, math.nan, math.nan)))


@pytest.mark.parametrize(
    ("found", "sections", "wanted"),
    [
        (
            Findings(curve(FALLING), low=LOW),
            {"training": {"epochs": 30}},
            {"training.rank": 32, "training.alpha": 64},
        ),
        (Findings(curve(FALLING), low=LOW), {"training": {"rank": 300, "alpha": 32}}, {"training.epochs": 5}),
        (
            Findings(curve(FALLING), low={"vocabulary": (50.0, 70.0)}),
            {"training": {"rank": 100, "alpha": 50}},
            {"training.rank": 128, "training.alpha": 64},
        ),
        (DIVERGED, {"training": {"learning_rate": 0.05}}, {"training.learning_rate": 5e-3}),
        (DIVERGED, {"training": {"learning_rate": 4e-3}}, {"training.learning_rate": 2e-3}),
        (DIVERGED, {"training": {"learning_rate": 1e-7, "epochs": 0.2, "rank": 2}}, {}),
        (
            Findings(curve((3.19, 3.18, 3.17))),
            {"training": {"learning_rate": 1e-7}},
            {"training.learning_rate": 1e-6},
        ),
        (
            Findings(curve(FALLING), gates={"repetition": SALAD}),
            {"evaluation": {"temperature": 1.4}},
            {"evaluation.temperature": 1.2},
        ),
        (
            Findings(curve(FALLING), gates={"repetition": LOOPS}),
            {"evaluation": {"temperature": 0}},
            {"evaluation.temperature": 0.5},
        ),
        (
            Findings(curve(FALLING), gates={"repetition": LOOPS}),
            {"evaluation": {"temperature": 1.4}},
            {"training.epochs": 2},
        ),
    ],
)
def test_from_beyond_the_limits_a_move_goes_its_own_way_or_not_at_all(
    found: Findings, sections: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, Any]
) -> None:
    try:
        assert changed(propose(voice_with(**sections), found, [])) == wanted
    except GaeaError:
        assert wanted == {}


UP = {step.LONGER, step.WIDER, step.FASTER, step.WARMER, step.MORE_DROPOUT, step.MORE_SAMPLES, step.LONGER_TEXTS}
UP |= {step.HOLD_OUT_MORE}
DOWN = {step.SHORTER, step.TO_BEST, step.NARROWER, step.GENTLER, step.COOLER, step.SHORTER_PROMPTS}
DOWN |= {step.SHORTER_EXAMPLES}


@settings(max_examples=200, deadline=None)
@given(
    move=st.sampled_from([vars(step)[name] for name in sorted(vars(step)) if isinstance(vars(step)[name], step.Step)]),
    epochs=st.floats(0.1, 100),
    rank=st.integers(1, 512),
    rate=st.floats(1e-9, 0.1),
    dropout=st.floats(0, 0.9),
    temperature=st.floats(0, 2),
    share=st.floats(1e-3, 0.5),
    tokens=st.integers(128, 3900),
)
def test_no_move_goes_against_its_direction_or_out_of_what_a_voice_file_allows(
    move: step.Step,
    epochs: float,
    rank: int,
    rate: float,
    dropout: float,
    temperature: float,
    share: float,
    tokens: int,
) -> None:
    voice = voice_with(
        training={"epochs": epochs, "rank": rank, "learning_rate": rate, "dropout": dropout},
        evaluation={"temperature": temperature, "max_new_tokens": tokens},
        dataset={"validation_share": share, "max_tokens": tokens},
    )
    fields = voice.model_dump()
    for field, value in move.values(voice, curve(RISING)).items():
        section, name = field.split(".")
        now = fields[section][name]
        assert value >= now if move in UP else value <= now
        fields[section][name] = value
    assert move in UP | DOWN
    VoiceConfig.model_validate(fields)
