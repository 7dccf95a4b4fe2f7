"""What a result says."""

import json
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from gaea_assets.blind.counting import count_votes
from gaea_assets.blind.plan import Plan, write_once
from gaea_assets.blind.result import as_markdown, told
from gaea_assets.blind.votes import Vote, save
from gaea_assets.config import Blind
from gaea_assets.errors import GaeaError
from gaea_assets_tests.blind.readings import (
    attentive,
    files_in,
    is_check,
    likes_the_base,
    reads_nothing,
    side_of,
    small_plan,
    votes_of,
)

SETTINGS = Blind(words=100)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan(count=8, samples=5)


def divided(plan: Plan, item: str) -> str:
    """Prefers the tuned model in two pairs of three."""
    writer = "base" if plan.items[item].pair % 3 == 0 else "tuned"
    return side_of(plan, item, writer)


def count(folder: Path, plan: Plan, votes: list[Vote], settings: Blind = SETTINGS) -> dict:
    files = files_in(folder, plan)
    write_once(plan, files)
    for vote in votes:
        save(vote, files.votes, plan)
    return count_votes(files, plan.voice, settings)


def test_a_model_that_is_always_preferred_is_proved(tmp_path: Path, plan: Plan) -> None:
    votes = [vote for reader in ("ana", "ben", "cleo") for vote in votes_of(plan, reader)]
    result = count(tmp_path, plan, votes)
    assert result["schema"] == 1
    assert (result["voice"], result["model"], result["target"]) == ("pocket", plan.model, 60)
    assert (result["votes"], result["readers"], result["prompts"]) == (60, 2, 8)
    assert (result["win_rate"], result["high"]) == (100, pytest.approx(100))
    assert result["verdict"] == "proved"
    assert 75 < result["low"] < 95
    assert result["more_votes"] is None
    assert result["better"]["win_rate"] == 100
    assert (
        told(result)
        == f"preferred in 100.0 % ({result['low']:.1f} to 100.0) of 60 votes by 2 readers: proved to be more than 60 %"
    )
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_a_model_that_is_never_preferred_is_not(tmp_path: Path, plan: Plan) -> None:
    votes = [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader, taste=likes_the_base)]
    result = count(tmp_path, plan, votes)
    assert (result["win_rate"], result["verdict"], result["more_votes"]) == (0, "not_preferred", None)
    assert "less than 60 %, so not preferred" in told(result)


def test_where_the_prompts_keep_it_undecided_more_of_them_are_asked_for(tmp_path: Path, plan: Plan) -> None:
    votes = [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader, taste=attentive(divided))]
    result = count(tmp_path, plan, votes)
    assert result["low"] < 60 < result["win_rate"] < 75
    assert result["verdict"] == "not_yet_shown"
    assert result["more_votes"] is None
    # All three judge each pair alike: 60 votes say little more than 8 prompts.
    assert result["closer"]["design_effect"] > 1
    assert result["low"] < result["closer"]["wilson_low"]
    assert result["agreement"]["closer"]["between_readers"]["alpha"] == pytest.approx(1)
    assert result["agreement"]["closer"]["within_readers"]["same"] == 100


def test_ties_are_half(tmp_path: Path, plan: Plan) -> None:
    votes = [v for r in ("ana", "ben", "cleo") for v in votes_of(plan, r, taste=attentive(lambda *_: "tie"))]
    result = count(tmp_path, plan, votes)
    assert result["win_rate"] == 50
    assert result["by_reader"][0]["preferred"] == 50


def test_a_reader_without_attention_is_named_and_counts_nowhere(tmp_path: Path, plan: Plan) -> None:
    votes = votes_of(plan, "zed", taste=reads_nothing)
    votes = [replace(v, note="by zed") for v in votes]
    votes += [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader)]
    result = count(tmp_path, plan, votes)
    assert (result["win_rate"], result["votes"], result["readers"]) == (100, 60, 2)
    out = {reader["reader"]: reader["left_out"] for reader in result["by_reader"]}
    assert out == {"ana": False, "ben": False, "zed": True}
    zed = result["by_reader"][-1]
    assert (zed["pairs"], zed["checks"], zed["preferred"]) == (32, 5, 50)
    assert zed["checks_right"] <= 40
    assert result["notes"] == []
    assert "| zed | 32 | 50 % |" in as_markdown(result)


def test_a_reader_who_contradicts_themself_shows_in_the_repeats(tmp_path: Path, plan: Plan) -> None:
    always_a = attentive(lambda *_: "A")
    votes = [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader, taste=always_a)]
    result = count(tmp_path, plan, votes)
    within = result["agreement"]["closer"]["within_readers"]
    assert within["compared"] >= 6
    assert within["same"] == 0
    assert {reader["side_a"] for reader in result["by_reader"]} == {100}


def test_notes_are_kept_with_the_sides_they_speak_of(tmp_path: Path, plan: Plan) -> None:
    votes = [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader)]
    place = next(n for n, v in enumerate(votes) if not is_check(plan, v.item))
    votes[place] = replace(votes[place], note="B has the author's\nrhythm | and *more*")
    (note,) = count(tmp_path, plan, votes)["notes"]
    assert note["note"] == "B has the author's\nrhythm | and *more*"
    assert {note["a"], note["b"]} == {"base", "tuned"}
    assert note[note["closer"].lower()] == "tuned"


def test_a_note_is_shown_as_text(tmp_path: Path, plan: Plan) -> None:
    votes = [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader)]
    votes[0] = replace(votes[0], note="<script>alert(1)</script> & so")
    shown = as_markdown(count(tmp_path, plan, votes))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so" in shown
    assert "<script>" not in shown


def test_markdown_in_a_note_fetches_and_hides_nothing(tmp_path: Path, plan: Plan) -> None:
    note = "![x](https://example.com/x.png) *so* `y` [z](https://example.com) a_b | c \\"
    votes = [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader)]
    votes[0] = replace(votes[0], note=note)
    shown = (
        MarkdownIt("commonmark")
        .enable("strikethrough")
        .enable("table")
        .render(as_markdown(count(tmp_path, plan, votes)))
    )
    assert note in unescape(shown)
    assert "<img" not in shown and "<a " not in shown


@pytest.mark.parametrize("given", [0, 1, 59])
def test_before_the_number_is_reached_nothing_is_shown(tmp_path: Path, plan: Plan, given: int) -> None:
    votes = [v for r in ("ana", "ben", "cleo") for v in votes_of(plan, r) if not is_check(plan, v.item)]
    first = list({(v.reader, plan.items[v.item].pair): v for v in reversed(votes)}.values())[::-1][:given]
    with pytest.raises(GaeaError, match=rf"{60 - given} of 60 votes are missing; run `gaea blind pocket`"):
        count(tmp_path, plan, first)
    assert not files_in(tmp_path, plan).looks.exists()


def test_votes_of_readers_who_were_left_out_are_missing(tmp_path: Path, plan: Plan) -> None:
    votes = votes_of(plan, "ana", taste=reads_nothing) + votes_of(plan, "ben")
    with pytest.raises(GaeaError, match=r"28 of 60 votes are missing \(left out, .* checks: ana\)"):
        count(tmp_path, plan, votes)


def test_votes_on_another_model_do_not_count_and_are_named(tmp_path: Path, plan: Plan) -> None:
    count(tmp_path, plan, [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader)])
    new = small_plan(model="f" * 64)
    with pytest.raises(
        GaeaError, match=r"nobody has read the model ffffffffffff yet, .* \(0123456789ab-0.votes.jsonl\)"
    ):
        count_votes(files_in(tmp_path, new), "pocket", SETTINGS)


def test_raising_the_number_goes_on_from_the_votes_there_are_and_asks_for_more_certainty(
    tmp_path: Path, plan: Plan
) -> None:
    votes = [v for reader in ("ana", "ben", "cleo") for v in votes_of(plan, reader)]
    first = count(tmp_path, plan, votes)
    raised = Blind(words=100, votes=75)
    second = count(tmp_path, plan, [], raised)
    assert (first["look"], second["look"], second["votes"]) == (1, 2, 75)
    assert (first["closer"]["level"], second["closer"]["level"]) == (95, 97.5)
    assert count(tmp_path, plan, [], raised) == second
