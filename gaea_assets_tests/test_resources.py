import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gaea_assets.assets.common import faults_in_one_line
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import Checkpoint, folder_of, mark_complete
from gaea_assets.finetune.child import FAULT_EXIT, fault_file, only_one
from gaea_assets.finetune.job import Job, MergeJob, TrainJob
from gaea_assets.resources import PROJECT, ChildProcess, Workspace, _explain
from gaea_assets_tests.finetune import children, several_children
from gaea_assets_tests.projects import VOICE, failures, put, write_voice


def run_child(job: Job, job_file: Path, module: str = children.__name__) -> dg.ExecuteInProcessResult:
    """Run a module of children on a job from within an asset."""

    @dg.asset
    def made_by_a_child(context: dg.AssetExecutionContext, child: ChildProcess) -> dg.MaterializeResult:
        with faults_in_one_line():
            child.run(context, module, job, job_file)
        return dg.MaterializeResult()

    return dg.materialize([made_by_a_child], resources={"child": ChildProcess()}, raise_on_error=False)


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)  # where `python -m` finds the tests


def said(what: str, job_file: Path) -> str:
    result = run_child(MergeJob("", "", what, "", "", quantized=False), job_file)
    assert not result.success
    return failures(result)["made_by_a_child"]


def test_a_child_that_does_its_work_lets_the_run_succeed(tmp_path: Path) -> None:
    assert run_child(MergeJob("", "", "nothing", "", "", quantized=False), tmp_path / ".pocket.job").success


def test_a_fault_that_a_child_found_is_the_runs_line(tmp_path: Path) -> None:
    assert said("find a fault", tmp_path / ".pocket.job") == "training.learning_rate: too high; lower it"
    # It would be taken for the fault of a run that is still at work.
    assert not fault_file(tmp_path / ".pocket.job").exists()


def test_a_killed_child_is_explained(tmp_path: Path) -> None:
    line = said("be killed", tmp_path / ".pocket.job")
    assert line == (
        "the children process was killed by signal 9 (out of memory?); materialise again: it starts from the beginning"
    )


def test_the_fault_of_an_earlier_run_explains_nothing(tmp_path: Path) -> None:
    fault_file(tmp_path / ".pocket.job").write_text("another run is at work on pocket")
    assert "was killed by signal 9" in said("be killed", tmp_path / ".pocket.job")


def test_a_run_beside_another_one_is_refused_and_leaves_its_files_as_they_are(tmp_path: Path) -> None:
    job_file = tmp_path / ".pocket.job"
    MergeJob("", "", "the first run's", "", "", quantized=False).save(job_file)
    fault_file(job_file).write_text("the first run's fault")
    with only_one(job_file):
        assert said("nothing", job_file).startswith("another run is at work on pocket; wait for it, or cancel it")
    assert MergeJob.load(job_file).adapter == "the first run's"
    assert fault_file(job_file).read_text() == "the first run's fault"


def test_a_run_is_refused_while_the_child_of_another_one_has_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_file, second = tmp_path / ".pocket.job", []

    def starting(*_: object) -> int:
        second.append(said("the second run's", job_file))
        return 0

    monkeypatch.setattr(ChildProcess, "_run_here", starting)
    assert run_child(MergeJob("", "", "the first run's", "", "", quantized=False), job_file).success
    assert second[0].startswith("another run is at work on pocket; wait for it, or cancel it")
    assert MergeJob.load(job_file).adapter == "the first run's"


def test_a_disk_without_room_for_the_job_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job_file = tmp_path / ".pocket.job"
    MergeJob("", "", "an earlier run's", "", "", quantized=False).save(job_file)
    opened = Path.open

    def on_a_full_disk(path: Path, mode: str = "r", **settings: Any) -> Any:
        return opened(Path("/dev/full") if mode == "w" and ".new-" in path.name else path, mode, **settings)

    monkeypatch.setattr(Path, "open", on_a_full_disk)
    assert said("nothing", job_file).startswith(f"{job_file}: the disk is full; make room, or set GAEA_DATA")
    assert MergeJob.load(job_file).adapter == "an earlier run's"


def test_a_fault_whose_line_could_not_be_written_points_to_the_runs_output(tmp_path: Path) -> None:
    job = MergeJob("", "", "", "", "", quantized=False)
    line = _explain(FAULT_EXIT, "gaea_assets.finetune.merge", job, tmp_path / ".pocket.job")
    assert line.startswith(f"the merge process found a fault whose line it could not write to {tmp_path}/.pocket.fault")
    assert line.endswith("the line is in the run's output")


def test_a_child_that_broke_points_to_its_error(tmp_path: Path) -> None:
    line = said("break", tmp_path / ".pocket.job")
    assert "the children process failed (status 7" in line
    assert "its error is in the run's output" in line


@pytest.mark.parametrize(
    ("complete", "resume"), [((3, 12), "it goes on from step 12"), ((), "it starts from the beginning")]
)
def test_a_killed_training_says_where_it_will_go_on(tmp_path: Path, complete: tuple[int, ...], resume: str) -> None:
    for step in (*complete, 15):
        folder_of(tmp_path, step).mkdir()
    for step in complete:
        mark_complete(tmp_path, Checkpoint(step, 2.5))
    job = TrainJob("", "", "auto", "", "", str(tmp_path), {}, "")
    line = _explain(-9, "gaea_assets.finetune.train", job, tmp_path / ".pocket.job")
    assert line == f"the train process was killed by signal 9 (out of memory?); materialise again: {resume}"


def run_training(training: dict[str, object], folder: Path) -> str:
    """What a run says whose training fails: the last of its processes is killed."""
    job = TrainJob("be killed", "", "auto", "", str(folder / "out"), str(folder / "checkpoints"), training, "")
    result = run_child(job, folder / ".pocket.job", several_children.__name__)
    assert not result.success
    return failures(result)["made_by_a_child"]


@pytest.mark.slow
def test_a_training_runs_in_as_many_processes_as_its_recipe_says(tmp_path: Path) -> None:
    line = run_training({"processes": 2}, tmp_path)
    assert line.startswith("the several_children process was killed by signal 9 (out of memory?); materialise again")
    assert sorted(path.name for path in tmp_path.glob("started-*")) == ["started-0", "started-1"]


@pytest.mark.parametrize("module", ["ray", "dagster_ray"])
def test_a_missing_ray_is_told_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == module or name == "gaea_assets.ray_jobs"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)  # importing it raises ModuleNotFoundError
    line = run_training({"trainer": "ray"}, tmp_path)
    assert line == (
        f"training.trainer: ray: the module {module} is not installed; run: pip install -c requirements.lock "
        f"-e '.[ray]', or set training.trainer: local"
    )


def test_loading_the_definitions_does_not_load_ray() -> None:
    program = "import sys, gaea_assets.definitions; print(sorted({'ray', 'dagster_ray'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_an_output_counts_as_made_only_when_it_is_finished(workspace: Workspace) -> None:
    workspace.place("merged_model", VOICE).mkdir(parents=True)
    with pytest.raises(GaeaError, match="merged_model/pocket: not made yet; materialise merged_model of the voice"):
        workspace.made("merged_model", VOICE)
    place = put(workspace, "merged_model", {"config.json": {}})
    assert workspace.made("merged_model", VOICE) == place


def test_the_manuscript_may_lie_in_the_data_folder_the_project_or_anywhere(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert workspace.manuscripts(workspace.voice(VOICE)) == {"book": tmp_path / "data" / "raw" / "book"}
    elsewhere = Workspace(project=workspace.project, data=str(tmp_path / "other"))
    assert elsewhere.manuscripts(workspace.voice(VOICE)) == {"book": tmp_path / "data" / "raw" / "book"}
    (tmp_path / "desk").mkdir()
    voice = write_voice(workspace, manuscript={"folder": "book", "others": {str(tmp_path / "desk"): 2}})
    assert workspace.manuscripts(voice) == {"book": tmp_path / "data" / "raw" / "book", "desk": tmp_path / "desk"}
    assert voice.manuscript.weights == {"book": 1, "desk": 2}
