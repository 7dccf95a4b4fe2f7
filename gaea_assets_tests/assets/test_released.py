"""The released model evaluated again when the voice has gone on: from its kept folder, as it was measured before."""

import json
from pathlib import Path

import dagster as dg
import pytest

from gaea_assets.checks.asset_checks import ASSET_CHECKS, measured
from gaea_assets.definitions import build_defs
from gaea_assets.lineage import content
from gaea_assets.release.kept import folder_of, keep_model
from gaea_assets.release.pointer import Released, point_to
from gaea_assets.resources import Workspace
from gaea_assets.store import folder_digest
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, put, write_voice

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec"),
]


def release(workspace: Workspace) -> str:
    """Release the merged model that lies there; its hash."""
    data, model = Path(workspace.data).resolve(), content("merged_model", workspace, VOICE)
    voice = workspace.voice(VOICE)
    keep_model(data, workspace.made("merged_model", VOICE), voice, model, voice.evaluation.model_dump(mode="json"))
    point_to(data, Released(VOICE, model, "decision.json", "2026-11-21T12:00:00+00:00"))
    return model


def evaluate(workspace: Workspace, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    defs = build_defs({"workspace": workspace})
    return defs.resolve_job_def("reevaluation").execute_in_process(
        instance=instance,
        partition_key=VOICE,
        asset_selection=[dg.AssetKey("released_report")],
        run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        raise_on_error=False,
    )


def go_on(workspace: Workspace) -> None:
    """The author has written on, and the voice was trained again."""
    for asset in ("prefix_completion_dataset", "baseline_metrics", "merged_model", "style_report"):
        put(workspace, asset, {"made.txt": "anew"})
    write_voice(workspace, **{**SMALL_RECIPE, "evaluation": {**SMALL_RECIPE["evaluation"], "samples_per_prompt": 1}})


def test_the_released_model_is_measured_from_its_kept_folder_as_it_was_measured_before(
    made: Made, copy: Workspace, instance: dg.DagsterInstance
) -> None:
    before = json.loads((copy.place("style_report", VOICE) / "report.json").read_text("utf-8"))
    way = measured(copy, "style_report", VOICE)["measured_with"]
    model = release(copy)
    go_on(copy)
    theirs = folder_digest(copy.place("style_report", VOICE))
    result = evaluate(copy, instance)
    assert result.success, failures(result)
    found = json.loads((copy.place("released_report", VOICE) / "report.json").read_text("utf-8"))
    assert found["model"] == model
    # The same weights in process, the same prompts and seeds: the same text, so the same figures.
    assert found["measures"] == before["measures"]
    assert folder_digest(copy.place("style_report", VOICE)) == theirs
    evaluations = {found.check_name: found for found in result.get_asset_check_evaluations()}
    # The pocket-sized recipe does not pass, so the alarm is raised; there is nothing to go back to.
    alarm = evaluations.pop("released_still_passes")
    assert not alarm.passed
    assert alarm.metadata["switched_back"].value is False
    assert f"the released model pocket ({model[:12]}) no longer passes: " in (alarm.description or "")
    assert evaluations.keys() == {
        check.check_key.name for check in ASSET_CHECKS if check.check_key.asset_key == dg.AssetKey("released_report")
    }
    assert len(evaluations) == 8
    assert {e.metadata["model"].value for e in evaluations.values()} == {model}
    # So that its scores are held against those of its style_report.
    assert {e.metadata["measured_with"].value for e in evaluations.values()} == {way}


def test_what_cannot_be_measured_is_one_line_that_says_what_to_do(
    made: Made, copy: Workspace, instance: dg.DagsterInstance
) -> None:
    def fault() -> str:
        (line,) = failures(evaluate(copy, instance)).values()
        return line

    assert fault() == "nothing of the voice pocket is released; decide with `gaea release pocket`"
    model = release(copy)
    material = Path(copy.data) / "release" / VOICE / "measured_with" / model[:12]
    material.rename(material.with_name("elsewhere"))
    assert "was measured with was not kept, or was changed, so it cannot be measured again" in fault()
    material.with_name("elsewhere").rename(material)
    kept = folder_of(Path(copy.data), VOICE, model)
    (kept / "config.json").write_text("{}")
    assert f"the released model {model[:12]} is gone or was changed; go back with" in fault()
