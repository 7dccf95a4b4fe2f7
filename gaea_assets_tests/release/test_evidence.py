from pathlib import Path
from typing import Any

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.release.decision import find_alarm
from gaea_assets.release.evidence import gather, why_not_released
from gaea_assets.release.pointer import Released
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder
from gaea_assets_tests.projects import VOICE, write_voice
from gaea_assets_tests.release.voices import (
    KNOWN,
    gate,
    log,
    put_asset,
    put_blind,
    put_report,
    put_trained,
    report,
    write,
)


def test_every_error_gate_of_the_model_is_judged(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    found = gather(workspace, voice)
    assert found.obstacle is None
    assert found.model == model
    assert {gate.name for gate in found.gates} == {
        "heldout_loss_fell", "logits_match", "complete_files", "size",
        "transfer", "vocabulary", "structure", "markers", "pov", "memorisation", "repetition", "abilities",
    }  # fmt: skip
    assert found.failing == ()


def test_what_fails_has_its_figures_and_what_to_change(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, report({"transfer": 41.0, "pov": None}, [gate("memorisation", False)]))
    failing = {found.name: found for found in gather(workspace, voice).failing}
    assert set(failing) == {"transfer", "pov", "memorisation"}
    assert failing["transfer"].fault == "transfer is 41.0, not above 60"
    assert failing["transfer"].figure == "41.0 (35.0 to 47.0), target > 60"
    assert failing["transfer"].change == "Where there are few chunks, add more manuscript."
    assert failing["pov"].fault == "pov is undefined: too little text: 300 words"
    assert "6,000 words and 8 prompts" in failing["pov"].change
    assert failing["memorisation"].fault == "memorisation: memorisation found something"


def test_a_gate_that_the_report_lacks_has_not_passed(workspace: Workspace, voice: VoiceConfig) -> None:
    older = report()
    older["gates"] = [entry for entry in older["gates"] if entry["name"] != "abilities"]
    put_trained(workspace, voice, older)
    (missing,) = gather(workspace, voice).failing
    assert missing.name == "abilities"
    assert "abilities is missing in" in missing.fault
    assert "materialise style_report again" in missing.fault


@pytest.mark.parametrize("asset", ["qlora_adapter", "merged_model", "style_report"])
def test_whatever_is_missing_is_an_obstacle(workspace: Workspace, voice: VoiceConfig, asset: str) -> None:
    put_trained(workspace, voice)
    place = workspace.place(asset, VOICE)
    place.rename(place.with_name("gone"))
    found = gather(workspace, voice)
    assert found.obstacle is not None
    assert f"materialise {asset}" in found.obstacle
    assert found.gates == ()


def test_a_report_of_another_model_is_an_obstacle(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    inputs = {"merged_model": "f" * 64}
    with new_folder(workspace.place("style_report", VOICE), inputs) as folder:
        write(folder, {"report.json": report()})
    found = gather(workspace, voice)
    assert found.obstacle is not None
    assert (
        f"was made from another merged_model (ffffffffffff) than the one that lies there ({model[:12]})"
        in found.obstacle
    )


def test_a_model_of_another_adapter_than_lies_there_is_an_obstacle(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    put_asset(workspace, voice, "qlora_adapter", {"training_log.json": log(), "trained": "again"})
    obstacle = gather(workspace, voice).obstacle
    assert obstacle is not None
    assert "merged_model/pocket was made from another qlora_adapter" in obstacle


@pytest.mark.parametrize("arm", ["base", "tuned"])
@pytest.mark.parametrize("writer", [{"by": "the server at http://gpu:8002 (serving.url)", "verified": False}, {}, None])
def test_texts_of_unknown_weights_are_an_obstacle_and_raise_no_alarm(
    workspace: Workspace, voice: VoiceConfig, arm: str, writer: dict[str, object] | None
) -> None:
    model = put_trained(workspace, voice, report({"transfer": 41.0}) | {"generated_by": {**KNOWN, arm: writer}})
    found = gather(workspace, voice)
    assert found.obstacle is not None
    assert f"nobody knows which weights wrote the {arm} model's texts" in found.obstacle
    assert "take serving.url out of the voice's file" in found.obstacle
    assert find_alarm(Released(VOICE, model, "record.json", "2026-11-21T10:00:00+00:00"), found) is None


def test_a_report_that_does_not_say_who_wrote_its_texts_is_an_obstacle(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    put_trained(workspace, voice, {key: value for key, value in report().items() if key != "generated_by"})
    assert "(by: not written down)" in (gather(workspace, voice).obstacle or "")


@pytest.mark.parametrize("asset", ["qlora_adapter", "merged_model", "style_report"])
def test_whatever_was_edited_is_an_obstacle(workspace: Workspace, voice: VoiceConfig, asset: str) -> None:
    put_trained(workspace, voice)
    path = next(path for path in workspace.place(asset, VOICE).glob("*.json") if path.name != "provenance.json")
    path.write_text(path.read_text() + " ")
    obstacle = gather(workspace, voice).obstacle
    assert obstacle is not None
    assert f"{asset}/pocket: its files have changed since it was made" in obstacle


def test_another_target_makes_the_report_out_of_date(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    stricter = write_voice(workspace, gates={"transfer": 90})
    obstacle = gather(workspace, stricter).obstacle
    assert obstacle is not None
    assert "judged by other targets than the voice's file has now (changed: gates)" in obstacle


def test_weights_edited_after_the_report_are_an_obstacle(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    (workspace.place("merged_model", VOICE) / "model.safetensors").write_bytes(b"else")
    obstacle = gather(workspace, voice).obstacle
    assert obstacle is not None
    assert "its files have changed since it was made" in obstacle


def test_a_voice_that_was_never_made_has_an_obstacle_and_no_model(workspace: Workspace, voice: VoiceConfig) -> None:
    found = gather(workspace, voice)
    assert found.model is None
    assert "materialise qlora_adapter" in (found.obstacle or "")


def test_readers_of_another_model_do_not_count(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    put_blind(workspace, VOICE, "e" * 64, "proved")
    assert gather(workspace, voice).blind is None
    put_blind(workspace, VOICE, model, "proved")
    reading = gather(workspace, voice).blind
    assert reading is not None
    assert (reading.verdict, reading.votes, reading.win_rate) == ("proved", 80, 71.0)


@pytest.mark.parametrize(
    "fields",
    [{"schema": 2}, {"voice": "tales"}, {"low": None}, {"win_rate": None}, {"votes": "many"}, {"target": {}}],
)
def test_a_blind_result_of_another_kind_does_not_count(
    workspace: Workspace, voice: VoiceConfig, fields: dict[str, object]
) -> None:
    model = put_trained(workspace, voice)
    put_blind(workspace, VOICE, model, "proved", **fields)
    found = gather(workspace, voice)
    assert found.blind is None
    assert "result.json: not a blind result of schema 1; materialise blind_evaluation" in (found.blind_fault or "")


def blind_fault(workspace: Workspace) -> str:
    """Why the blind result does not count."""
    found = gather(workspace, workspace.voice(VOICE))
    assert found.blind is None
    assert found.blind_fault is not None
    return found.blind_fault


def test_an_edited_blind_result_does_not_count(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    put_blind(workspace, VOICE, model, "not_preferred")
    path = workspace.place("blind_evaluation", VOICE) / "result.json"
    for edited in (path.read_text().replace("50.0", "90.0"), path.read_text().replace(model, "e" * 64)):
        path.write_text(edited)
        assert "blind_evaluation/pocket: its files have changed since it was made" in blind_fault(workspace)


def test_a_blind_result_of_other_votes_does_not_count(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    put_blind(workspace, VOICE, model, "proved")
    votes = Path(workspace.data) / "blind" / VOICE / f"{model[:12]}-0.votes.jsonl"
    lines = votes.read_text().splitlines(keepends=True)
    votes.write_text("".join([*lines, *lines[-1:], "cut off"]))  # what comes after those that count changes nothing
    found = gather(workspace, voice)
    assert found.blind_fault is None
    assert found.blind and found.blind.verdict == "proved"
    votes.write_text("".join(lines[1:]))
    assert f"counted from other votes than lie in {votes} now" in blind_fault(workspace)
    votes.unlink()
    assert "counted from other votes" in blind_fault(workspace)


def test_a_blind_result_of_another_seed_does_not_count(workspace: Workspace, voice: VoiceConfig) -> None:
    put_blind(workspace, VOICE, put_trained(workspace, voice), "proved")
    write_voice(workspace, blind={"seed": 1})
    assert "of the reading with blind.seed: 0, and the voice's file has 1" in blind_fault(workspace)


@pytest.mark.parametrize(
    ("blind", "fields", "verdict", "more_votes"),
    [
        ({}, {"verdict": "proved", "low": 55.0}, "not_yet_shown", None),  # whatever the result says of itself
        ({"target": 65}, {}, "not_yet_shown", None),
        ({"target": 80}, {}, "not_preferred", None),
        ({"target": 40}, {"low": 55.0}, "not_yet_shown", None),  # a target lowered after the votes
        ({"votes": 100}, {}, "not_yet_shown", 20),
    ],
)
def test_the_verdict_is_todays(
    workspace: Workspace, blind: dict[str, int], fields: dict[str, Any], verdict: str, more_votes: int | None
) -> None:
    voice = write_voice(workspace, blind=blind)
    put_blind(workspace, VOICE, put_trained(workspace, voice), "proved", **fields)
    reading = gather(workspace, voice).blind
    assert reading is not None
    assert (reading.verdict, reading.more_votes) == (verdict, more_votes)


def test_what_is_read_in_vain_is_told_before(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    assert why_not_released(workspace, voice) is None
    put_report(workspace, voice, report({"structure": 12.0}))
    assert why_not_released(workspace, voice) == "structure is 12.0, not above 65"
    put_asset(workspace, voice, "merged_model", {"config.json": {"trained": "again"}})
    assert "was made from another merged_model" in (why_not_released(workspace, voice) or "")


def test_a_report_evaluated_again_is_judged_anew(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    put_report(workspace, voice, report({"structure": 12.0}))
    assert [found.name for found in gather(workspace, voice).failing] == ["structure"]
