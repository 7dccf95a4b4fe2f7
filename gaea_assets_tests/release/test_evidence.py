import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import UPSTREAM
from gaea_assets.release.evidence import gather
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder
from gaea_assets_tests.projects import VOICE, write_voice
from gaea_assets_tests.release.voices import gate, put_blind, put_report, put_trained, report, write


def test_every_error_gate_of_the_model_is_judged(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    found = gather(workspace, voice)
    assert found.obstacle is None
    assert found.model == model
    assert {gate.name for gate in found.gates} == {
        "heldout_loss_fell", "made_from_this_dataset", "logits_match", "complete_files", "size",
        "transfer", "vocabulary", "structure", "markers", "pov", "memorisation", "repetition", "abilities",
    }  # fmt: skip
    assert found.failing == ()


def test_what_fails_has_its_figures_and_what_to_change(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, report({"transfer": 41.0, "pov": None}, [gate("memorisation", False)]))
    failing = {found.name: found for found in gather(workspace, voice).failing}
    assert set(failing) == {"transfer", "pov", "memorisation"}
    assert failing["transfer"].fault == "transfer is 41.0, not above 60"
    assert failing["transfer"].figure == "41.0 (35.0 to 47.0), target > 60"
    assert failing["transfer"].change.startswith("Train longer and wider")
    assert failing["pov"].fault == "pov is undefined: too little text: 300 words"
    assert "samples_per_prompt" in failing["pov"].change
    assert failing["memorisation"].fault == "memorisation: memorisation found something"


def test_a_gate_that_the_report_lacks_has_not_passed(workspace: Workspace, voice: VoiceConfig) -> None:
    older = report()
    older["gates"] = [entry for entry in older["gates"] if entry["name"] != "abilities"]
    put_trained(workspace, voice, older)
    (missing,) = gather(workspace, voice).failing
    assert missing.name == "abilities"
    assert "abilities is missing in" in missing.fault
    assert "materialise style_report again" in missing.fault


@pytest.mark.parametrize("asset", ["split_chunks", "qlora_adapter", "merged_model", "style_report"])
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
        f"the style report is of another model (ffffffffffff) than the merged model that lies there ({model[:12]})"
        in (found.obstacle)
    )


def test_another_target_makes_the_report_out_of_date(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    stricter = write_voice(workspace, gates={"transfer": 90})
    obstacle = gather(workspace, stricter).obstacle
    assert obstacle is not None
    assert "changed: gates" in obstacle


def test_weights_edited_after_the_report_are_an_obstacle(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    (workspace.place("merged_model", VOICE) / "model.safetensors").write_bytes(b"else")
    obstacle = gather(workspace, voice).obstacle
    assert obstacle is not None
    assert "its files have changed since it was made" in obstacle


def test_a_voice_that_was_never_made_has_an_obstacle_and_no_model(workspace: Workspace, voice: VoiceConfig) -> None:
    found = gather(workspace, voice)
    assert found.model is None
    assert f"materialise {next(iter(UPSTREAM))}" in (found.obstacle or "")


def test_readers_of_another_model_do_not_count(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    put_blind(workspace, VOICE, "e" * 64, "proved")
    assert gather(workspace, voice).blind is None
    put_blind(workspace, VOICE, model, "proved")
    reading = gather(workspace, voice).blind
    assert reading is not None
    assert (reading.verdict, reading.votes, reading.win_rate) == ("proved", 80, 71.0)


@pytest.mark.parametrize(
    "fields", [{"schema": 2}, {"verdict": "splendid"}, {"win_rate": None}, {"votes": "many"}, {"target": {}}]
)
def test_a_blind_result_of_another_kind_is_refused(
    workspace: Workspace, voice: VoiceConfig, fields: dict[str, object]
) -> None:
    model = put_trained(workspace, voice)
    put_blind(workspace, VOICE, model, **{"verdict": "proved", **fields})  # type: ignore[arg-type]
    with pytest.raises(GaeaError, match=r"result\.json: not a blind result of schema 1; materialise blind_evaluation"):
        gather(workspace, voice)


def test_a_report_evaluated_again_is_judged_anew(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice)
    put_report(workspace, voice, report({"structure": 12.0}))
    assert [found.name for found in gather(workspace, voice).failing] == ["structure"]
