from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gaea_assets.automation import weekly_reevaluation
from gaea_assets.definitions import defs
from gaea_assets.release.pointer import Released, point_to
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder, read_provenance

MONDAY = datetime(2026, 11, 16, 3, tzinfo=UTC)


def tick(workspace: Workspace, when: datetime = MONDAY) -> Any:
    """What the schedule wants at a time."""
    with dg.build_schedule_context(
        scheduled_execution_time=when, resources={"workspace": workspace}, repository_def=defs.get_repository_def()
    ) as context:
        return weekly_reevaluation.evaluate_tick(context)


def merged(workspace: Workspace, *voices: str) -> None:
    for voice in voices:
        with new_folder(workspace.place("merged_model", voice), {}):
            pass


def test_without_a_merged_model_the_schedule_skips_and_says_why(workspace: Workspace) -> None:
    data = tick(workspace)
    assert data.run_requests == []
    assert data.skip_message == "no voice has a merged model yet; materialise merged_model first"


def test_each_voice_with_a_merged_model_is_evaluated_again(workspace: Workspace) -> None:
    merged(workspace, "pocket", "visions_of_gaea_lora")
    workspace.place("merged_model", "visions_of_gaea").mkdir()  # a folder that was never finished
    requests = tick(workspace).run_requests
    assert [(request.partition_key, request.run_key) for request in requests] == [
        ("pocket", "pocket:2026-11-16"),
        ("visions_of_gaea_lora", "visions_of_gaea_lora:2026-11-16"),
    ]
    assert all(request.tags["dagster/retry_on_asset_or_op_failure"] == "false" for request in requests)


def test_a_tick_seen_twice_asks_for_one_run_and_next_week_for_another(workspace: Workspace) -> None:
    merged(workspace, "pocket")
    keys = [tick(workspace, when).run_requests[0].run_key for when in (MONDAY, MONDAY, MONDAY.replace(day=23))]
    assert keys[0] == keys[1] != keys[2]


def test_the_schedule_runs_the_report_on_mondays_once_a_person_has_started_it() -> None:
    assert weekly_reevaluation.cron_schedule == "0 3 * * 1"
    assert weekly_reevaluation.job_name == "reevaluation"
    assert weekly_reevaluation.default_status is dg.DefaultScheduleStatus.STOPPED


@pytest.mark.parametrize("name", ["voice_pipeline", "data_assets", "reevaluation"])
def test_the_jobs_are_partitioned_by_voice(name: str) -> None:
    partitions = defs.resolve_job_def(name).partitions_def
    assert partitions is not None
    assert "pocket" in partitions.get_partition_keys()


def release(workspace: Workspace, voice: str, model: str | None = None) -> None:
    found = read_provenance(workspace.place("merged_model", voice))
    made = found.content if found else ""
    point_to(Path(workspace.data), Released(voice, model or made, "decision.json", "2026-11-01T00:00:00"))


def test_once_a_voice_is_released_it_alone_is_evaluated_again(workspace: Workspace) -> None:
    merged(workspace, "pocket", "visions_of_gaea_lora")
    release(workspace, "visions_of_gaea_lora")
    requests = tick(workspace).run_requests
    assert [(request.partition_key, request.run_key) for request in requests] == [
        ("visions_of_gaea_lora", "visions_of_gaea_lora:2026-11-16")
    ]


def test_a_released_model_that_is_no_longer_the_merged_one_is_evaluated_from_its_kept_folder(
    workspace: Workspace,
) -> None:
    release(workspace, "pocket", model="0123456789abcdef")  # taken back to, or the voice was trained again since
    for _ in range(2):
        (request,) = tick(workspace).run_requests
        assert (request.partition_key, request.run_key) == ("pocket", "pocket:2026-11-16")
        assert request.asset_selection == [dg.AssetKey("released_report")]
        merged(workspace, "pocket")
    release(workspace, "pocket")
    (request,) = tick(workspace).run_requests
    assert request.asset_selection == [dg.AssetKey("style_report")]


def test_every_released_voice_is_evaluated_again(workspace: Workspace) -> None:
    merged(workspace, "pocket", "visions_of_gaea", "visions_of_gaea_lora")
    release(workspace, "visions_of_gaea_lora")
    release(workspace, "pocket", model="0123456789abcdef")
    assert [(request.partition_key, request.asset_selection) for request in tick(workspace).run_requests] == [
        ("pocket", [dg.AssetKey("released_report")]),
        ("visions_of_gaea_lora", [dg.AssetKey("style_report")]),
    ]


def unreadable(workspace: Workspace, voice: str) -> None:
    (Path(workspace.data) / "release" / voice / "released.json").write_text("{")


@pytest.mark.parametrize("fault", ["no voice file", "unreadable pointer"])
def test_a_released_voice_that_cannot_be_evaluated_does_not_stop_the_others(
    workspace: Workspace, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    merged(workspace, "pocket", "visions_of_gaea")
    for voice in ("pocket", "gone" if fault == "no voice file" else "visions_of_gaea"):
        release(workspace, voice)
    if fault == "unreadable pointer":
        unreadable(workspace, "visions_of_gaea")
    assert [request.partition_key for request in tick(workspace).run_requests] == ["pocket"]
    told = capfd.readouterr().err
    assert "is not evaluated again: " in told
    assert {
        "no voice file": "there was no voice file gone.yaml; put the file back",
        "unreadable pointer": "visions_of_gaea/released.json: does not say what is released",
    }[fault] in told


def test_a_released_model_is_measured_though_the_merged_one_is_damaged(workspace: Workspace) -> None:
    merged(workspace, "pocket")
    release(workspace, "pocket")
    (workspace.place("merged_model", "pocket") / "provenance.json").write_text("{")
    (request,) = tick(workspace).run_requests
    assert request.asset_selection == [dg.AssetKey("released_report")]


def test_before_a_first_release_a_damaged_model_does_not_stop_the_others(workspace: Workspace) -> None:
    merged(workspace, "pocket", "visions_of_gaea")
    (workspace.place("merged_model", "visions_of_gaea") / "provenance.json").write_text("{")
    assert [request.partition_key for request in tick(workspace).run_requests] == ["pocket"]


def test_a_pointer_that_cannot_be_read_is_named(workspace: Workspace) -> None:
    merged(workspace, "pocket")
    release(workspace, "pocket")
    (Path(workspace.data) / "release" / "pocket" / "released.json").write_text("{")
    data = tick(workspace)
    assert data.run_requests == []
    assert "released.json: does not say what is released" in data.skip_message
