"""What Dagster shows as out of date: data versions come from content, so an edit reaches exactly what it changes."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver  # what the UI asks; not exported
from dagster._core.loader import LoadingContextForTest

from gaea_assets.definitions import defs
from gaea_assets.lineage import CODE_VERSION, UPSTREAM
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, run_job, scene, write_chunks, write_voice

DATA = ["raw_chunks", "split_chunks", "prefix_completion_dataset"]


@pytest.fixture
def book(workspace: Workspace) -> Path:
    """A manuscript beside which other files lie."""
    write_voice(workspace, **SMALL_RECIPE)
    folder = write_chunks(workspace, {f"chunk_00{n}.txt": scene(n) for n in range(1, 6)})
    (folder / "backup").mkdir()
    (folder / "backup" / "chunk_001.txt").write_text(scene(9))
    return folder


@pytest.fixture
def before(workspace: Workspace, instance: dg.DagsterInstance, book: Path) -> dict[str, str]:
    """Data versions of a voice of which everything is made, the models only in Dagster's eyes."""
    versions = make(workspace, instance, *DATA)
    for asset in UPSTREAM.keys() - set(DATA):
        versions[asset] = f"version of {asset}"
    for asset in UPSTREAM:
        if asset not in DATA:
            report(instance, asset, versions)
    assert shown_as_stale(instance) == []
    return versions


def report(instance: dg.DagsterInstance, asset: str, versions: dict[str, str]) -> None:
    """A materialisation as a run would have recorded it, without training."""
    tags = {"dagster/data_version": versions[asset], "dagster/code_version": CODE_VERSION[asset]}
    for name in UPSTREAM[asset]:
        tags[f"dagster/input_data_version/{name}"] = versions[name]
        record = instance.get_latest_data_version_record(dg.AssetKey(name), partition_key=VOICE)
        assert record is not None
        tags[f"dagster/input_event_pointer/{name}"] = str(record.storage_id)
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=VOICE, tags=tags))


def make(workspace: Workspace, instance: dg.DagsterInstance, *assets: str) -> dict[str, str]:
    """Materialise assets; the data versions they then have."""
    result = run_job(workspace, list(assets), instance)
    assert result.success, failures(result)
    found = {}
    for asset in assets:
        (event,) = result.asset_materializations_for_node(asset)
        found[asset] = (event.tags or {})["dagster/data_version"]
    return found


def shown_as_stale(instance: dg.DagsterInstance) -> list[str]:
    """Assets with the mark of one whose inputs have changed."""
    statuses = CachingStaleStatusResolver(instance, defs.resolve_asset_graph(), LoadingContextForTest(instance))
    found = {asset: statuses.get_status(dg.AssetKey(asset), VOICE).value for asset in UPSTREAM}
    assert set(found.values()) <= {"STALE", "FRESH"}
    return [asset for asset, status in found.items() if status == "STALE"]


def test_an_edited_chunk_marks_what_comes_after_step_by_step_and_nothing_else(
    workspace: Workspace, instance: dg.DagsterInstance, book: Path, before: dict[str, str]
) -> None:
    chunk = book / "chunk_003.txt"
    chunk.write_text(chunk.read_text("utf-8") + "\n\nYou count them again.", "utf-8")
    after = make(workspace, instance, "raw_chunks")
    assert after["raw_chunks"] != before["raw_chunks"]
    assert shown_as_stale(instance) == ["split_chunks"]
    after |= make(workspace, instance, "split_chunks")
    assert shown_as_stale(instance) == ["prefix_completion_dataset"]
    after |= make(workspace, instance, "prefix_completion_dataset")
    assert all(after[asset] != before[asset] for asset in DATA)
    assert shown_as_stale(instance) == ["baseline_metrics", "qlora_adapter"]


def test_a_file_beside_the_manuscript_changes_no_data_version(
    workspace: Workspace, instance: dg.DagsterInstance, book: Path, before: dict[str, str]
) -> None:
    (book / "backup" / "chunk_001.txt").write_text(scene(10))
    (book / "metadata.json").write_text("{}")
    assert make(workspace, instance, "raw_chunks") == {"raw_chunks": before["raw_chunks"]}
    assert shown_as_stale(instance) == []


def test_an_edit_that_leaves_the_text_the_same_marks_nothing(
    workspace: Workspace, instance: dg.DagsterInstance, book: Path, before: dict[str, str]
) -> None:
    chunk = book / "chunk_003.txt"
    chunk.write_bytes(chunk.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert make(workspace, instance, "raw_chunks") == {"raw_chunks": before["raw_chunks"]}
    assert shown_as_stale(instance) == []
