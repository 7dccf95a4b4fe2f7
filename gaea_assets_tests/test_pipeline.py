"""The whole way, run once: from the manuscript to the style report through Dagster."""

import json
from pathlib import Path

import dagster as dg
import pytest

from gaea_assets import demo
from gaea_assets.checks.gates import GATES
from gaea_assets.demo import stale_assets
from gaea_assets.lineage import UPSTREAM, is_current
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, run_job, write_voice

pytestmark = pytest.mark.slow


def stale(workspace: Workspace) -> list[str]:
    voice = workspace.voice(VOICE)
    return [asset for asset in UPSTREAM if not is_current(asset, workspace, voice)]


def events(made: Made) -> dict[str, dg.AssetMaterialization]:
    """The latest materialisation of each asset, as the instance has kept it."""
    found = {asset: made.instance.get_latest_materialization_event(dg.AssetKey(asset)) for asset in UPSTREAM}
    return {
        asset: event.asset_materialization for asset, event in found.items() if event and event.asset_materialization
    }


def figure(evaluation: dg.AssetCheckEvaluation, name: str) -> float:
    value = evaluation.metadata[name].value
    assert isinstance(value, int | float)
    return value


def test_all_seven_assets_are_materialised_for_the_voice(made: Made) -> None:
    assert list(events(made)) == list(UPSTREAM)
    assert {event.partition for event in events(made).values()} == {VOICE}


def test_every_gate_is_evaluated_and_shows_its_figures_whatever_the_outcome(made: Made) -> None:
    found = {(c.asset_key.to_user_string(), c.check_name): c for c in made.result.get_asset_check_evaluations()}
    assert found.pop(("style_report", "released_still_passes")).passed  # nothing is released
    assert set(found) == {(gate.asset, gate.name) for gate in GATES if gate.asset in UPSTREAM}
    for evaluation in found.values():
        assert evaluation.metadata["voice"].value == VOICE
        assert len(evaluation.metadata) > 1, evaluation.check_name
        assert evaluation.passed or "faults" in evaluation.metadata
    assert all(evaluation.passed for evaluation in found.values() if evaluation.blocking)
    assert figure(found["qlora_adapter", "heldout_loss_fell"], "heldout_loss") > 0
    assert 0 <= figure(found["merged_model", "logits_match"], "relative_rms") < 0.02


def test_a_style_gate_that_fails_leaves_the_run_green_and_the_report_there(made: Made) -> None:
    outcomes = {c.check_name: c for c in made.result.get_asset_check_evaluations()}
    report = json.loads((made.workspace.made("style_report", VOICE) / "report.json").read_text("utf-8"))
    assert {name: outcomes[name].passed for name in ("transfer", "vocabulary", "structure", "markers", "pov")} == {
        measure["name"]: measure["passed"] for measure in report["measures"]
    }
    assert {name: outcomes[name].passed for name in ("memorisation", "repetition", "abilities")} == {
        gate["name"]: gate["passed"] for gate in report["gates"]
    }


def test_general_abilities_are_measured_before_and_after(made: Made) -> None:
    report = json.loads((made.workspace.made("style_report", VOICE) / "report.json").read_text("utf-8"))
    figures = next(gate["figures"] for gate in report["gates"] if gate["name"] == "abilities")
    # General prose it was not trained on: worse than its own corpus, better than guessing bytes.
    assert 1.4 < figures["bits_per_byte_base"] < 3
    assert figures["bits_per_byte"] != figures["bits_per_byte_base"]
    assert "instructions" not in figures, "the pocket base follows none"


def test_the_report_is_a_page_with_the_samples_on_it(made: Made) -> None:
    folder = made.workspace.made("style_report", VOICE)
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert report["voice"] == VOICE
    page = (folder / "report.html").read_text("utf-8")
    assert "Style report: pocket" in page
    continuations = [json.loads(line) for line in (folder / "continuations.jsonl").read_text("utf-8").splitlines()]
    prompts = {continuation["prompt_id"] for continuation in continuations}
    assert len(continuations) == 2 * len(prompts)
    assert all(continuation["text"].strip() for continuation in continuations)


def test_the_oversized_chunk_is_split_and_its_parts_are_on_one_side(made: Made) -> None:
    table = made.workspace.table("split_chunks", VOICE)
    parts = table[table["part"] != table["chunk"]]
    assert list(parts["part"]) == ["002a", "002b"]
    dataset = made.workspace.made("prefix_completion_dataset", VOICE)
    sides = {
        side: {example.id for example in read_jsonl(dataset / f"{side}.jsonl")} for side in ("train", "validation")
    }
    assert sides["train"] | sides["validation"] == set(table["part"])
    assert any({"002a", "002b"} <= side for side in sides.values())


def test_data_versions_are_the_hashes_of_what_lies_there(made: Made) -> None:
    for asset, event in events(made).items():
        provenance = read_provenance(made.workspace.place(asset, VOICE))
        assert provenance is not None
        assert event.tags is not None
        assert event.tags["dagster/data_version"] == provenance.content, asset


def test_a_second_look_finds_everything_current(made: Made) -> None:
    assert stale_assets(made.workspace, VOICE, made.instance) == []


def test_a_second_demo_run_makes_nothing_again(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", made.instance.root_directory)
    monkeypatch.setattr(demo, "Workspace", lambda: made.workspace)
    before = {asset: read_provenance(made.workspace.place(asset, VOICE)) for asset in UPSTREAM}
    demo.run_voice(VOICE)
    assert f"up to date, reused: {', '.join(UPSTREAM)}" in capsys.readouterr().out
    assert {asset: read_provenance(made.workspace.place(asset, VOICE)) for asset in UPSTREAM} == before


def test_training_was_logged_line_by_line(made: Made) -> None:
    records = made.instance.all_logs(made.result.run_id)
    lines = [record.user_message for record in records if record.step_key == "qlora_adapter"]
    steps = [line for line in lines if line.startswith("step ")]
    assert len(steps) == 6
    for part in ("/6  loss ", "learning rate ", "epoch ", "tokens/s", "s left"):
        assert all(part in line for line in steps)
    assert any("checkpoint at step 6: held-out loss" in line for line in lines)


def test_another_checkpoint_is_taken_without_training_another_recipe_replaces_them(
    copy: Workspace, instance: dg.DagsterInstance
) -> None:
    (checkpoints,) = copy.place("qlora_adapter", f".{VOICE}.checkpoints").iterdir()
    write_voice(copy, **{**SMALL_RECIPE, "training": {**SMALL_RECIPE["training"], "checkpoint": 4, "patience": 3}})
    assert stale(copy) == ["qlora_adapter"]
    result = run_job(copy, ["qlora_adapter"], instance)
    assert result.success, failures(result)
    lines = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert "the adapter is the checkpoint at step 4" in lines
    assert not [line for line in lines if line.startswith("step ")]
    log = json.loads((copy.made("qlora_adapter", VOICE) / "training_log.json").read_text("utf-8"))
    metadata = result.asset_materializations_for_node("qlora_adapter")[0].metadata
    assert metadata["adapter_step"].value == 4
    assert metadata["heldout_loss"].value == {c["step"]: c["heldout_loss"] for c in log["checkpoints"]}[4]

    write_voice(copy, **{**SMALL_RECIPE, "training": {**SMALL_RECIPE["training"], "epochs": 0.04}})
    result = run_job(copy, ["qlora_adapter"], instance)
    assert result.success, failures(result)
    (now,) = checkpoints.parent.iterdir()
    assert now != checkpoints


def test_an_edited_chunk_makes_exactly_what_comes_after_stale(copy: Workspace) -> None:
    chunk = Path(copy.data) / "raw" / "book" / "chunk_003.txt"
    chunk.write_text(chunk.read_text("utf-8") + "\n\nYou count them again.", "utf-8")
    assert stale(copy) == ["raw_chunks"]
    assert run_job(copy, ["raw_chunks"]).success
    assert stale(copy) == ["split_chunks"]
    assert run_job(copy, ["split_chunks", "prefix_completion_dataset"]).success
    assert stale(copy) == ["baseline_metrics", "qlora_adapter"]


def test_a_setting_of_the_evaluation_leaves_the_models_current(copy: Workspace) -> None:
    path = copy.voices / f"{VOICE}.yaml"
    path.write_text(path.read_text("utf-8").replace("samples_per_prompt: 2", "samples_per_prompt: 3"), "utf-8")
    assert stale(copy) == ["baseline_metrics", "style_report"]


def test_merging_refuses_a_dataset_that_was_tampered_with(copy: Workspace) -> None:
    train = copy.place("prefix_completion_dataset", VOICE) / "train.jsonl"
    train.write_text(train.read_text("utf-8").replace("you", "she"), "utf-8")
    merged = read_provenance(copy.place("merged_model", VOICE))
    line = failures(run_job(copy, ["merged_model"]))["merged_model"]
    assert line == (
        f"{train.parent}: its files have changed since it was made; "
        "materialise prefix_completion_dataset of the voice pocket again"
    )
    assert read_provenance(copy.place("merged_model", VOICE)) == merged


def test_merging_refuses_an_adapter_of_an_earlier_dataset(copy: Workspace) -> None:
    path = copy.voices / f"{VOICE}.yaml"
    path.write_text(path.read_text("utf-8").replace("dataset:\n", "dataset:\n  seed: 5\n"), "utf-8")
    assert run_job(copy, ["prefix_completion_dataset"]).success
    line = failures(run_job(copy, ["merged_model"]))["merged_model"]
    assert "changed: prefix_completion_dataset); materialise qlora_adapter of the voice pocket again" in line


def test_an_adapter_that_was_swapped_is_not_merged(copy: Workspace) -> None:
    weights = copy.place("qlora_adapter", VOICE) / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    line = failures(run_job(copy, ["merged_model"]))["merged_model"]
    assert "qlora_adapter/pocket: its files have changed since it was made" in line
