from collections.abc import Sequence
from typing import Any

import dagster as dg
import pytest

from gaea_assets.assets.common import VOICES
from gaea_assets.assets.comparison import voice_comparison
from gaea_assets.assets.release import release
from gaea_assets.checks.released import ALARMS
from gaea_assets.definitions import defs
from gaea_assets.lineage import UPSTREAM
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE, failures, write_voice
from gaea_assets_tests.release.voices import put_report, put_trained, report


def decide(workspace: Workspace) -> dict[str, dg.MetadataValue]:
    """Materialise the decision on the voice."""
    result = dg.materialize([release], partition_key=VOICE, resources={"workspace": workspace}, raise_on_error=False)
    assert result.success, failures(result)
    (made,) = result.asset_materializations_for_node("release")
    return dict(made.metadata)


def check_again(workspace: Workspace, found: dict[str, Any]) -> dg.AssetCheckEvaluation:
    """What the alarm says after a new report of the same model."""

    @dg.asset(name="style_report", partitions_def=VOICES)
    def evaluated_again() -> None:
        put_report(workspace, workspace.voice(VOICE), found)

    result = dg.materialize([evaluated_again, ALARMS[0]], partition_key=VOICE, resources={"workspace": workspace})
    (evaluation,) = result.get_asset_check_evaluations()
    return evaluation


def test_the_decision_is_on_the_assets_page(workspace: Workspace) -> None:
    voice = write_voice(workspace, release={"blind": "optional"})
    put_trained(workspace, voice)
    metadata = decide(workspace)
    assert metadata["outcome"].value == "released"
    assert metadata["gates_passed"].value == metadata["gates"].value == 12
    assert str(metadata["decision"].value).startswith("# pocket: released")
    put_report(workspace, voice, report({"transfer": 10.0}))
    assert decide(workspace)["outcome"].value == "not_released"


def test_a_fault_of_the_users_fails_the_step_in_one_line(workspace: Workspace) -> None:
    (workspace.voices / f"{VOICE}.yaml").write_text("release: {keep: 0}")
    result = dg.materialize([release], partition_key=VOICE, resources={"workspace": workspace}, raise_on_error=False)
    assert "release.keep: 0 given" in failures(result)["release"]


@pytest.mark.parametrize("switch_back", [True, False])
def test_the_released_model_failing_again_fails_its_check(workspace: Workspace, switch_back: bool) -> None:
    voice = write_voice(workspace, release={"blind": "optional", "switch_back": switch_back})
    for seed in range(2):
        put_trained(workspace, voice, seed=seed)
        decide(workspace)
    assert check_again(workspace, report()).passed
    alarm = check_again(workspace, report({"transfer": 30.0}))
    assert not alarm.passed
    assert alarm.severity is dg.AssetCheckSeverity.ERROR
    assert not alarm.blocking
    assert "no longer passes: transfer is 30.0, not above 60" in (alarm.description or "")
    assert alarm.metadata["switched_back"].value is switch_back
    assert ("released again: pocket" in (alarm.description or "")) is switch_back


def test_a_report_of_what_is_not_released_raises_no_alarm(workspace: Workspace) -> None:
    put_trained(workspace, write_voice(workspace))
    assert check_again(workspace, report({"transfer": 30.0})).passed


def test_the_comparison_is_one_table_over_all_voices(workspace: Workspace) -> None:
    put_trained(workspace, write_voice(workspace))
    result = dg.materialize([voice_comparison], resources={"workspace": workspace})
    (made,) = result.asset_materializations_for_node("voice_comparison")
    assert made.metadata["voices"].value == made.metadata["judged"].value == 1
    assert made.metadata["best"].value == VOICE
    assert "72.0 (66 to 78)" in str(made.metadata["comparison"].value)


def keys(names: Sequence[str]) -> set[dg.AssetKey]:
    return {dg.AssetKey(name) for name in names}


def test_the_comparison_stands_after_every_partition_of_what_it_compares() -> None:
    graph = defs.resolve_asset_graph()
    node = graph.get(dg.AssetKey("voice_comparison"))
    assert node.partitions_def is None
    assert node.parent_keys == keys(["style_report", "release"])
    assert all(isinstance(mapping, dg.AllPartitionMapping) for mapping in node.partition_mappings.values())
    assert graph.get(dg.AssetKey("release")).parent_keys == keys(["style_report", "blind_evaluation"])


def test_a_person_decides_and_no_pipeline() -> None:
    selected = {
        name: defs.resolve_job_def(name).asset_layer.selected_asset_keys for name in ("voice_pipeline", "decision")
    }
    assert selected == {"voice_pipeline": keys(list(UPSTREAM)), "decision": keys(["release"])}
