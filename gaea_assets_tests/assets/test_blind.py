"""The asset `blind_evaluation` and its gate."""

import json
from pathlib import Path

import dagster as dg
import pytest

from gaea_assets.assets.blind import blind_evaluation
from gaea_assets.blind.cli_blind import prepare
from gaea_assets.blind.votes import save
from gaea_assets.checks.asset_checks import ASSET_CHECKS
from gaea_assets.config import VoiceConfig
from gaea_assets.lineage import AFTERWARDS, content, is_current, made_from, require_current
from gaea_assets.resources import Workspace
from gaea_assets_tests.blind.readings import (
    Taste,
    attentive,
    likes_the_base,
    likes_the_tuned,
    put_reading,
    side_of,
    votes_of,
)
from gaea_assets_tests.projects import VOICE, failures, put, write_voice

SECTIONS = {"evaluation": {"passage_words": 300, "prompt_words": 40, "samples_per_prompt": 5}}


@pytest.fixture
def voice(workspace: Workspace) -> VoiceConfig:
    made = write_voice(workspace, **SECTIONS)
    put_reading(workspace, made)
    return made


def vote(workspace: Workspace, voice: VoiceConfig, *readers: str, taste: Taste = likes_the_tuned) -> None:
    files, plan = prepare(workspace, voice)
    for reader in readers:
        for given in votes_of(plan, reader, taste=taste):
            save(given, files.votes, plan)


def materialise(workspace: Workspace) -> dg.ExecuteInProcessResult:
    checks = [check for check in ASSET_CHECKS if check.check_key.asset_key == blind_evaluation.key]
    assert len(checks) == 1
    return dg.materialize(
        [blind_evaluation, *checks], partition_key=VOICE, resources={"workspace": workspace}, raise_on_error=False
    )


def fault(workspace: Workspace) -> str:
    """Why the asset could not be made, in one line; nothing has been made then."""
    place = workspace.place("blind_evaluation", VOICE)
    before = place.exists()
    result = materialise(workspace)
    assert not result.success and place.exists() == before
    (line,) = failures(result).values()
    assert "\n" not in line
    return line


@pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec")
def test_enough_votes_give_the_result_and_pass_the_gate(workspace: Workspace, voice: VoiceConfig) -> None:
    vote(workspace, voice, "ana", "ben", "cleo")
    result = materialise(workspace)
    assert result.success
    place = workspace.place("blind_evaluation", VOICE)
    found = json.loads((place / "result.json").read_text("utf-8"))
    # What other parts read of it.
    assert found["schema"] == 1
    assert found["model"] == content("merged_model", workspace, VOICE)
    assert (found["voice"], found["target"], found["votes"], found["readers"]) == (VOICE, 60.0, 60, 2)
    assert (found["win_rate"], found["verdict"], found["more_votes"]) == (100.0, "proved", None)
    assert 60 < found["low"] < found["high"] <= 100
    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["win_rate"].value == 100.0
    assert "proved to be more than 60 %" in metadata["summary"].value
    (check,) = result.get_asset_check_evaluations()
    assert check.passed and check.check_name == "preferred"
    assert check.metadata["low"].value == found["low"]
    require_current("blind_evaluation", workspace, voice)
    assert AFTERWARDS["blind_evaluation"] == ("style_report", "baseline_metrics")


@pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec")
def test_a_gate_that_fails_leaves_the_run_green_and_says_what_readers_found(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    vote(workspace, voice, "ana", "ben", "cleo", taste=likes_the_base)
    result = materialise(workspace)
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.ERROR and not check.blocking
    assert check.description is not None and "less than 60 %, so not preferred" in check.description


@pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec")
def test_a_reading_that_has_not_shown_anything_yet_is_a_warning_and_no_failure(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    divided = attentive(lambda plan, item: side_of(plan, item, "base" if plan.items[item].pair % 3 == 0 else "tuned"))
    vote(workspace, voice, "ana", "ben", taste=divided)
    (check,) = materialise(workspace).get_asset_check_evaluations()
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert check.description is not None and "not yet shown to be more than 60 %" in check.description


def test_missing_votes_are_counted(workspace: Workspace, voice: VoiceConfig) -> None:
    assert "nobody has read the model" in fault(workspace)
    vote(workspace, voice, "ana")
    assert "28 of 60 votes are missing; run `gaea blind pocket`" in fault(workspace)


def test_votes_of_another_model_are_refused(workspace: Workspace, voice: VoiceConfig) -> None:
    vote(workspace, voice, "ana", "ben", "cleo")
    assert materialise(workspace).success
    old = content("merged_model", workspace, VOICE)
    put(workspace, "merged_model", {"made.txt": "trained again"}, made_from("merged_model", workspace, voice))
    assert "style_report" in fault(workspace)
    place = workspace.place("style_report", VOICE)
    report = {name: (place / name).read_text("utf-8") for name in ("continuations.jsonl", "report.json")}
    put(workspace, "style_report", report, made_from("style_report", workspace, voice))
    assert not is_current("blind_evaluation", workspace, voice)
    assert f"votes on other models or seeds do not count ({old[:12]}-0.votes.jsonl)" in fault(workspace)
    files, _ = prepare(workspace, voice)
    (files.folder / f"{old[:12]}-0.votes.jsonl").replace(files.votes)
    assert "line 1: a vote on another reading" in fault(workspace)


def test_a_torn_line_is_told_and_counts_nowhere(workspace: Workspace, voice: VoiceConfig) -> None:
    vote(workspace, voice, "ana", "ben", "cleo")
    files, _ = prepare(workspace, voice)
    with files.votes.open("ab") as file:
        file.write(b'{"plan": "torn')
    assert materialise(workspace).success
    found = json.loads((workspace.place("blind_evaluation", VOICE) / "result.json").read_text("utf-8"))
    assert found["votes"] == 60
    assert "line 124 is no vote" in found["faults"][0]


def test_votes_that_came_too_late_change_nothing_and_nothing_made_by_people_is_deleted(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    vote(workspace, voice, "ana", "ben", "cleo")
    assert materialise(workspace).success
    assert is_current("blind_evaluation", workspace, voice)
    before = {path.name: path.read_bytes() for path in _made_by_people(workspace)}
    vote(workspace, voice, "dan")
    assert is_current("blind_evaluation", workspace, voice)
    first = (workspace.place("blind_evaluation", VOICE) / "result.json").read_bytes()
    assert materialise(workspace).success
    # The first 60 votes are what was wanted: the result is the same.
    assert (workspace.place("blind_evaluation", VOICE) / "result.json").read_bytes() == first
    after = {path.name: path.read_bytes() for path in _made_by_people(workspace)}
    assert all(after[name].startswith(content) for name, content in before.items())
    (votes,) = (Path(workspace.data) / "blind" / VOICE).glob("*.votes.jsonl")
    votes.write_text("".join(votes.read_text().splitlines(keepends=True)[1:]))
    assert not is_current("blind_evaluation", workspace, voice)


def _made_by_people(workspace: Workspace) -> list[Path]:
    return sorted((Path(workspace.data) / "blind" / VOICE).glob("*.json*"))
