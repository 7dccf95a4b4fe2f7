from dataclasses import replace

import pytest

from gaea_assets.release.decision import BlindReading, Evidence, GateResult, decide, find_alarm
from gaea_assets.release.pointer import Released

PASSING = GateResult("style_report", "transfer", True, figures={"score": 72.0, "low": 66.0, "high": 78.0, "target": 60})
FAILING = GateResult("style_report", "pov", False, "pov is 60.5, not above 80", "Narrate in your person.")
READING = BlindReading("proved", 71.0, 62.0, 79.0, 60.0, 80, 3, 8)
EVIDENCE = Evidence("pocket", "a" * 64, "c" * 64, None, (PASSING, replace(PASSING, name="vocabulary")), READING)
RELEASED = Released("pocket", "a" * 64, "record.json", "2026-11-21T10:00:00+00:00")


def test_all_gates_and_the_readers_release_a_model() -> None:
    decision = decide(EVIDENCE, "required")
    assert decision.outcome == "released"
    assert decision.reason == (
        "all 2 gates pass, and readers agree: preferred in 71 % (62.0 to 79.0 %; 80 votes of 3 readers; wanted > 60 %)"
    )
    assert decision.changes == ()


def test_one_failing_gate_is_enough_whatever_readers_say() -> None:
    decision = decide(replace(EVIDENCE, gates=(PASSING, FAILING)), "optional")
    assert decision.outcome == "not_released"
    assert decision.reason == "1 of 2 gates fail: pov is 60.5, not above 80"
    assert decision.changes == ("pov: Narrate in your person.",)


def test_an_obstacle_counts_even_where_every_gate_passes() -> None:
    decision = decide(replace(EVIDENCE, obstacle="the style report is of another model"), "optional")
    assert (decision.outcome, decision.reason) == ("not_released", "the style report is of another model")


def test_no_gate_at_all_releases_nothing() -> None:
    assert decide(replace(EVIDENCE, gates=()), "optional").outcome == "not_released"


def test_without_readers_it_waits_or_is_released_as_the_voice_says() -> None:
    unread = replace(EVIDENCE, blind=None)
    waiting = decide(unread, "required")
    assert waiting.outcome == "waiting"
    assert waiting.reason == "all 2 gates pass, but nobody has read this model blind"
    assert "gaea blind pocket" in waiting.changes[0]
    assert decide(unread, "optional").outcome == "released"


@pytest.mark.parametrize("blind", ["required", "optional"])
def test_readers_who_have_not_settled_it_are_waited_for(blind: str) -> None:
    open_one = replace(READING, verdict="not_yet_shown", low=52.0, more_votes=40)
    decision = decide(replace(EVIDENCE, blind=open_one), blind)  # type: ignore[arg-type]
    assert decision.outcome == "waiting"
    assert decision.changes == (
        "about 40 more votes would settle it: set blind.votes: 120 in the voice's file, `gaea blind pocket`, then "
        "materialise blind_evaluation",
    )


def test_further_readers_are_asked_for_where_they_are_needed() -> None:
    open_one = replace(READING, verdict="not_yet_shown", low=52.0, more_votes=40, more_readers=2)
    (change,) = decide(replace(EVIDENCE, blind=open_one), "required").changes
    assert change.startswith("about 40 more votes, of about 2 further readers, would settle it: set blind.votes: 120")


def test_a_reading_that_no_votes_would_settle_is_not_waited_for() -> None:
    hopeless = decide(replace(EVIDENCE, blind=replace(READING, verdict="not_yet_shown", low=52.0)), "required")
    assert hopeless.outcome == "not_released"
    assert "no number of votes in reach would show that readers prefer it" in hopeless.reason
    assert hopeless.changes == ("read the notes in the blind result, then try another recipe: `gaea remedy pocket`",)


def test_a_reading_that_only_more_prompts_would_settle_says_how_to_have_them() -> None:
    few = replace(READING, verdict="not_yet_shown", low=52.0, prompts_wanted=40, votes_wanted=400, readers_wanted=15)
    decision = decide(replace(EVIDENCE, blind=few), "required")
    assert decision.outcome == "not_released"  # readers alone would not change it
    assert "votes on 8 prompts alone would hardly show" in decision.reason
    assert decision.changes[0].startswith("let about 15 readers read it on about 40 prompts, with blind.votes: 400: ")
    assert "evaluation.passage_words" in decision.changes[0] and "dataset.validation_share" in decision.changes[0]
    assert "gaea remedy pocket" in decision.changes[1]


@pytest.mark.parametrize("blind", ["required", "optional"])
def test_a_blind_result_that_does_not_count_is_never_passed_over(blind: str) -> None:
    edited = replace(EVIDENCE, blind=None, blind_fault="its files have changed since it was made")
    decision = decide(edited, blind)  # type: ignore[arg-type]
    assert decision.outcome == "waiting"
    assert "the blind result does not count: its files have changed" in decision.reason


def test_a_model_taken_back_before_does_not_return_by_itself() -> None:
    decision = decide(replace(EVIDENCE, withdrawn="2026-11-21, as pocket: it recites"), "required")
    assert decision.outcome == "not_released"
    assert decision.reason.endswith("but it was taken back before (2026-11-21, as pocket: it recites)")
    assert decision.changes == ("a person may let it return: `gaea release pocket --again`",)
    failing = decide(replace(EVIDENCE, withdrawn="before", gates=(FAILING,)), "required")
    assert failing.reason == "1 of 1 gates fail: pov is 60.5, not above 80"


@pytest.mark.parametrize("blind", ["required", "optional"])
def test_readers_who_prefer_the_base_stop_it(blind: str) -> None:
    refused = replace(READING, verdict="not_preferred", win_rate=40.0, low=31.0, high=50.0)
    decision = decide(replace(EVIDENCE, blind=refused), blind)  # type: ignore[arg-type]
    assert decision.outcome == "not_released"
    assert "readers do not prefer it: preferred in 40 % (31.0 to 50.0 %" in decision.reason


def test_the_figure_of_a_gate_is_told_in_one_line() -> None:
    assert PASSING.figure == "72.0 (66.0 to 78.0), target > 60"
    assert GateResult("a", "b", True, figures={"longest_run": 6, "coverage_13": 0.00123}).figure == (
        "longest run 6, coverage 13 0.00123"
    )
    assert GateResult("a", "b", False, "missing").figure == "-"


def test_the_released_model_failing_raises_an_alarm() -> None:
    alarm = find_alarm(RELEASED, replace(EVIDENCE, gates=(PASSING, FAILING)))
    assert alarm is not None
    assert alarm.told == "the released model pocket (aaaaaaaaaaaa) no longer passes: pov is 60.5, not above 80"


def test_readers_turning_away_from_the_released_model_raise_an_alarm() -> None:
    alarm = find_alarm(RELEASED, replace(EVIDENCE, blind=replace(READING, verdict="not_preferred")))
    assert alarm is not None
    assert "readers do not prefer it" in alarm.told


@pytest.mark.parametrize(
    ("released", "evidence"),
    [
        (None, replace(EVIDENCE, gates=(FAILING,))),
        (RELEASED, EVIDENCE),
        (RELEASED, replace(EVIDENCE, model="b" * 64, gates=(FAILING,))),
        (RELEASED, replace(EVIDENCE, voice="other", gates=(FAILING,))),
        (RELEASED, replace(EVIDENCE, obstacle="the report is out of date", gates=(FAILING,))),
    ],
)
def test_what_says_nothing_of_the_released_model_raises_none(released: Released | None, evidence: Evidence) -> None:
    assert find_alarm(released, evidence) is None
