import math
from collections.abc import Mapping

import dagster as dg
import pytest

from gaea_assets.assets.common import VOICES
from gaea_assets.checks.asset_checks import ASSET_CHECKS, as_asset_check
from gaea_assets.checks.gates import GATES, Find, Gate
from gaea_assets.errors import GaeaError
from gaea_assets.resources import Workspace
from gaea_assets.verdict import Verdict
from gaea_assets_tests.projects import VOICE, failures, run_job, scene, write_chunks

TEXT_ASSETS = ["raw_chunks", "split_chunks", "prefix_completion_dataset"]


def evaluations(result: dg.ExecuteInProcessResult) -> Mapping[str, dg.AssetCheckEvaluation]:
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


def run_check(find: Find, workspace: Workspace) -> dg.ExecuteInProcessResult:
    """Materialise an asset that is nothing but its gate."""

    @dg.asset(name="raw_chunks", partitions_def=VOICES)
    def nothing() -> None: ...

    check = as_asset_check(Gate("raw_chunks", "some_gate", "Something holds.", find))
    return dg.materialize(
        [nothing, check], partition_key=VOICE, resources={"workspace": workspace}, raise_on_error=False
    )


def test_gates_that_pass_show_their_figures(workspace: Workspace) -> None:
    result = run_job(workspace, TEXT_ASSETS)
    found = evaluations(result)
    assert result.success
    assert set(found) == {gate.name for gate in GATES if gate.asset in TEXT_ASSETS}
    for evaluation in found.values():
        assert evaluation.passed or evaluation.check_name in ("chunk_sizes", "scene_balance")
        assert evaluation.metadata["voice"].value == "pocket"
        assert evaluation.description
    assert found["not_empty"].metadata["words"].value == sum(len(scene(n).split()) for n in range(1, 6))
    assert found["below_token_limit"].metadata["limit"].value == 4096
    longest = found["below_token_limit"].metadata["max_tokens"].value
    assert isinstance(longest, int)
    assert 0 < longest < 4096


def test_a_blocking_gate_that_fails_shows_figures_and_faults_and_stops_what_comes_after(workspace: Workspace) -> None:
    write_chunks(workspace, {"chunk_001.txt": scene(1), "chunk_002.txt": scene(2), "chunk_003.txt": scene(1)})
    result = run_job(workspace, TEXT_ASSETS)
    found = evaluations(result)
    assert not result.success
    assert set(found) == {gate.name for gate in GATES if gate.asset == "raw_chunks"}
    failed = found["no_duplicates"]
    assert not failed.passed
    assert failed.description == "chunk_001.txt and chunk_003.txt hold the same text; keep one"
    assert failed.metadata["different_texts"].value == 2
    assert failed.metadata["faults"].value == f"- {failed.description}"
    assert found["readable"].passed
    assert workspace.place("raw_chunks", VOICE).is_dir()
    assert not workspace.place("split_chunks", VOICE).exists()


def test_a_run_after_a_failed_gate_passes_once_the_file_is_mended(workspace: Workspace) -> None:
    write_chunks(workspace, {"chunk_001.txt": scene(1), "chunk_002.txt": scene(1)})
    assert not run_job(workspace, TEXT_ASSETS).success
    write_chunks(workspace, {"chunk_001.txt": scene(1), "chunk_002.txt": scene(2)})
    assert run_job(workspace, TEXT_ASSETS).success


@pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec")
def test_a_gate_that_cannot_look_fails_in_one_line(workspace: Workspace) -> None:
    def find(*_: object) -> Verdict:
        raise GaeaError("data/x: not made yet; materialise x first")

    assert failures(run_check(find, workspace)) == {"raw_chunks_some_gate": "data/x: not made yet; materialise x first"}


@pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec")
def test_only_figures_that_a_page_can_show_become_metadata(workspace: Workspace) -> None:
    figures = {"share": 0.5, "name": "x", "whole": True, "loss": math.nan, "nested": {"a": 1}}
    verdict = Verdict([f"fault {n}" for n in range(7)], figures)
    result = evaluations(run_check(lambda *_: verdict, workspace))["some_gate"]
    assert not result.passed
    assert result.description == "fault 0; fault 1; fault 2; fault 3; fault 4; and 2 more"
    metadata = {key: value.value for key, value in result.metadata.items()}
    assert str(metadata.pop("faults")).count("- fault") == 7
    # JSON has no NaN: the page of a check would not load.
    assert metadata == {"voice": "pocket", "share": 0.5, "name": "x", "whole": True, "loss": "nan"}


def test_there_is_a_check_for_each_gate() -> None:
    keys = [spec.key for check in ASSET_CHECKS for spec in check.check_specs]
    assert len(keys) == len(set(keys)) == len(GATES)


def test_what_fiction_may_do_on_purpose_warns_and_stops_nothing(workspace: Workspace) -> None:
    write_chunks(workspace, {"chunk_001.txt": scene(1), "chunk_002.txt": scene(2)})
    result = run_job(workspace, TEXT_ASSETS)
    sizes = evaluations(result)["chunk_sizes"]
    assert result.success and not sizes.passed
    assert sizes.severity == dg.AssetCheckSeverity.WARN and not sizes.blocking
    assert "a fragment, below 800" in str(sizes.description)


def test_an_editing_note_stops_what_comes_after_and_is_named(workspace: Workspace) -> None:
    write_chunks(workspace, {"chunk_001.txt": scene(1), "chunk_002.txt": f"{scene(2)}\n\nTODO: mend this scene.\n"})
    result = run_job(workspace, TEXT_ASSETS)
    assert not result.success and not workspace.place("split_chunks", VOICE).exists()
    description = str(evaluations(result)["no_editing_notes"].description)
    assert "chunk_002.txt: line 17" in description and "TODO" in description


def test_a_job_that_met_a_fault_names_the_step(workspace: Workspace) -> None:
    write_chunks(workspace, {"notes.pdf": "no chunk"})
    assert list(failures(run_job(workspace, TEXT_ASSETS))) == ["raw_chunks"]
