from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.watching.alarms import REMEMBERED, Alarm, Evaluation, Reference, judge, key, recent
from gaea_assets.watching.messages import LONGEST, FailedRun, Overdue, of_alarms


def report(number: int, score: float, half: float = 10.0, *, passed: bool = True, voice: str = "pocket") -> Evaluation:
    """An evaluation of a measure's gate with a symmetric interval."""
    figures = {"score": score, "low": score - half, "high": score + half, "target": 60.0}
    said = "" if passed else f"transfer is {score:.1f}, not above 60"
    at = f"2026-11-{number:02d}T03:00:00+00:00"
    return Evaluation(number, f"run{number}", at, voice, "style_report", "transfer", passed, "error", said, figures)


def fallen(*evaluations: Evaluation) -> list[tuple[int, str]]:
    """Which evaluations fell, and the run of the report each fell from."""
    _, alarms = judge({}, evaluations)
    return [(alarm.evaluation.id, alarm.before.run) for alarm in alarms if alarm.before]


def test_a_failed_gate_of_severity_error_is_an_alarm_and_others_are_not() -> None:
    failed = report(1, 50, passed=False)
    _, alarms = judge({}, [failed, replace(failed, id=2, severity="warn"), replace(failed, id=3, passed=True)])
    assert [alarm.evaluation.id for alarm in alarms] == [1]
    (message,) = of_alarms(alarms)
    assert message["text"] == "pocket: the gate transfer of style_report failed: transfer is 50.0, not above 60"
    assert message["reasons"] == ["failed_gate"]


def test_a_score_below_the_lower_bound_of_the_report_before_it_is_an_alarm_though_the_gate_passed() -> None:
    _, alarms = judge({}, [report(1, 80), report(2, 70.1), report(3, 60.0)])
    (alarm,) = alarms
    assert alarm.evaluation.id == 3
    (message,) = of_alarms(alarms)
    assert message["text"] == (
        "pocket: transfer fell to 60.0, below 70.0, the lower bound of the report of 2026-11-01 "
        "(80.0, interval 70.0 to 90.0)"
    )
    assert message["reasons"] == ["score_drop"]


def test_a_score_on_the_bound_has_not_fallen() -> None:
    assert fallen(report(1, 80), report(2, 70)) == []


def test_a_fall_is_told_once_and_not_again_while_the_score_stays_there() -> None:
    assert fallen(report(1, 80), report(2, 60), report(3, 60), report(4, 59), report(5, 61)) == [(2, "run1")]


def test_a_decline_in_small_steps_is_told_though_no_step_leaves_the_interval_before_it() -> None:
    steps = [report(n, 80 - 4 * n) for n in range(1, 8)]
    assert fallen(*steps) == [(4, "run1"), (7, "run4")]


def test_a_fall_from_a_higher_report_is_told_though_the_anchor_would_hold_it() -> None:
    assert fallen(report(1, 70), report(2, 79), report(3, 65)) == [(3, "run2")]


def test_after_a_rise_beyond_the_interval_the_higher_report_is_the_anchor() -> None:
    assert fallen(report(1, 60), report(2, 75), report(3, 68), report(4, 64)) == [(4, "run2")]


def test_voices_and_gates_are_held_against_themselves_only() -> None:
    other = replace(report(3, 20), check="markers")
    assert fallen(report(1, 80), report(2, 40, voice="another"), other) == []


def test_an_undefined_score_alarms_as_a_failure_and_leaves_the_reference() -> None:
    undefined = replace(report(2, 0, passed=False), figures={"base": 1.0})
    references, alarms = judge({}, [report(1, 80), undefined, report(3, 60)])
    assert [(alarm.evaluation.id, alarm.reasons) for alarm in alarms] == [
        (2, ["failed_gate"]),
        (3, ["score_drop"]),
    ]
    assert references["pocket/transfer//"].last.run == "run3"


def test_a_gate_that_failed_because_its_score_fell_is_one_message_with_both_reasons() -> None:
    _, alarms = judge({}, [report(1, 80), report(2, 50, passed=False)])
    (message,) = of_alarms(alarms)
    assert message["reasons"] == ["failed_gate", "score_drop"]
    assert (message["schema"], message["id"], message["voice"], message["run"]) == (
        2,
        "000000000002-run2",
        "pocket",
        "run2",
    )
    (entry,) = message["alarms"]
    assert entry["before"]["score"] == 80 and entry["before"]["run"] == "run1"
    assert (entry["asset"], entry["check"], entry["figures"]["target"]) == ("style_report", "transfer", 60)


def of_model(found: Evaluation, model: str, measured_with: str = "w") -> Evaluation:
    return replace(found, model=model, measured_with=measured_with)


def test_scores_of_different_models_or_measured_otherwise_are_not_compared() -> None:
    of_a = of_model(report(1, 80), "a")
    assert fallen(of_a, of_model(report(2, 40), "b"), of_model(report(3, 39), "b")) == []
    assert fallen(of_a, of_model(report(2, 40), "a", "other prompts")) == []
    assert fallen(of_a, of_model(report(2, 40), "a")) == [(2, "run1")]


def test_a_model_is_held_against_itself_whichever_report_measured_it_and_whatever_came_between() -> None:
    of_a = of_model(report(1, 85), "a")
    by_the_other_report = replace(of_model(report(2, 62), "a"), asset="released_report")
    assert fallen(of_a, by_the_other_report) == [(2, "run1")]
    of_b = of_model(report(3, 70), "b")
    assert fallen(of_a, of_b, of_model(report(4, 62), "a")) == [(4, "run1")]
    assert fallen(of_a, of_b, of_model(report(4, 86), "a"), of_model(report(5, 62), "a")) == [(5, "run4")]


def test_released_models_are_remembered_and_of_the_others_the_last_few() -> None:
    names = ["released", *(f"candidate{n}" for n in range(6))]
    references, _ = judge({}, [of_model(report(n, 80), name) for n, name in enumerate(names, start=1)])
    kept = [found.last.model for found in recent(references, {"released"}).values()]
    assert kept == ["released", *names[-REMEMBERED:]]
    again, _ = judge(references, [of_model(report(9, 80), "candidate0")])
    assert [found.last.model for found in recent(again, {"released"}).values()][-1] == "candidate0"


def test_what_one_run_found_is_one_message_and_nothing_is_told_twice() -> None:
    first = report(5, 50, passed=False)
    copied = "memorisation: 3 passages"
    run = [
        first,
        replace(first, id=6, check="markers", description="markers is 40.0, not above 50"),
        replace(first, id=7, check="memorisation", figures={}, description=copied),
        replace(first, id=8, voice="another"),
        replace(
            first,
            id=9,
            check="released_still_passes",
            figures={},
            description="the released model pocket (0123) no longer passes: transfer is 50.0, markers is 40.0, "
            "memorisation: 3 passages; released again: pocket (4567)",
        ),
    ]
    _, alarms = judge(judge({}, [report(1, 80)])[0], run)
    message, other = of_alarms(alarms)
    assert (message["voice"], other["voice"]) == ("pocket", "another")
    assert message["text"].count(copied) == message["text"].count("transfer is 50.0") == 1
    assert "released again: pocket (4567); transfer fell to 50.0" in message["text"]
    assert [entry["check"] for entry in message["alarms"]] == [
        "transfer",
        "markers",
        "memorisation",
        "released_still_passes",
    ]
    assert message["reasons"] == ["failed_gate", "score_drop"]


def test_a_long_description_is_cut_and_set_in_one_line() -> None:
    wordy = replace(report(1, 50, passed=False), description="a line\n" * 5_000)
    (message,) = of_alarms([Alarm(wordy, None)])
    assert len(message["text"]) <= LONGEST + 4
    assert "\n" not in message["text"]


def test_a_failed_run_and_a_missing_evaluation_are_told_in_one_line_each() -> None:
    failed = FailedRun(7, "run7", "2026-11-16T03:00:00+00:00", "pocket", "port 8002 is in use:\nstop it").message()
    assert failed["text"] == "pocket: the run that was to evaluate it again failed: port 8002 is in use: stop it"
    assert (failed["id"], failed["reasons"]) == ("000000000007-run7", ["failed_run"])
    late = Overdue("pocket", "0123456789abcdef", "2026-11-01T03:00:00+00:00", 9, "2026-11-10T03:00:00+00:00").message()
    assert late["text"].startswith(
        "pocket: the released model 0123456789ab has not been evaluated for 9 days, since 2026-11-01: "
    )
    assert (late["reasons"], late["model"]) == (["not_evaluated"], "0123456789abcdef")


SCORES = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.floats(0, 100)), max_size=30)


@settings(max_examples=40, deadline=None)
@given(SCORES, st.integers(0, 30))
def test_what_is_told_does_not_depend_on_how_the_evaluations_are_divided_into_ticks(
    scores: list[tuple[str, float]], cut: int
) -> None:
    found = [report(1, score, voice=voice) for voice, score in scores]
    whole, at_once = judge({}, found)
    between, first = judge({}, found[:cut])
    after, rest = judge(between, found[cut:])
    assert (after, [*first, *rest]) == (whole, at_once)


@settings(max_examples=40, deadline=None)
@given(SCORES)
def test_every_score_below_the_bound_of_the_report_before_it_is_told(scores: list[tuple[str, float]]) -> None:
    references: dict[str, Reference] = {}
    for voice, score in scores:
        found = report(1, score, voice=voice)
        before = references.get(key(found))
        references, alarms = judge(references, [found])
        if before and score < before.last.low:
            assert alarms
        if before and score >= max(before.last.low, before.anchor.low):
            assert not alarms
