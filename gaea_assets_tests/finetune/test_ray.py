"""Training as a job of a Ray cluster, through the assets; Ray runs on this machine."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from gaea_assets.assets.common import faults_in_one_line
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.child import fault_file
from gaea_assets.finetune.job import TrainJob
from gaea_assets.resources import PROJECT, ChildProcess, Workspace
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.finetune import several_children
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, run_job, write_voice

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)  # where `python -m` finds the tests
    for name in ("RAY_ADDRESS", "RAY_API_SERVER_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Ray cluster of this machine whose `python` is that of the tests."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    env = {**os.environ, **own, "RAY_DASHBOARD_STARTUP_TIMEOUT_S": "300"}
    command = [sys.executable, "-m", "gaea_assets.local_ray"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as ray:
        assert ray.stdin and ray.stdout
        address = ray.stdout.readline().strip()
        assert address
        yield address
        ray.stdin.close()


def child_on_ray(what: str, folder: Path, instance: dg.DagsterInstance, processes: int) -> dg.ExecuteInProcessResult:
    """Run the children module as a Ray job from within an asset."""
    training = {"trainer": "ray", "processes": processes}
    job = TrainJob(what, "", "auto", "", str(folder / "out"), str(folder / "checkpoints"), training, "")

    @dg.asset
    def made_on_ray(context: dg.AssetExecutionContext, child: ChildProcess) -> dg.MaterializeResult:
        with faults_in_one_line():
            child.run(context, several_children.__name__, job, folder / ".pocket.job")
        return dg.MaterializeResult()

    return dg.materialize([made_on_ray], resources={"child": ChildProcess()}, instance=instance, raise_on_error=False)


def test_the_adapter_trained_on_a_local_ray_is_the_one_trained_here(
    made: Made, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    there = json.loads((made.workspace.made("qlora_adapter", VOICE) / "training_log.json").read_text("utf-8"))
    shutil.copytree(made.workspace.project, tmp_path, dirs_exist_ok=True)
    workspace = Workspace(project=str(tmp_path), data=str(tmp_path / "data"))
    shutil.rmtree(Path(workspace.data) / "qlora_adapter")  # its checkpoints too: else nothing is trained again
    write_voice(workspace, **{**SMALL_RECIPE, "training": {**SMALL_RECIPE["training"], "trainer": "ray"}})

    result = run_job(workspace, ["qlora_adapter"], instance)
    assert result.success, failures(result)

    here = json.loads((workspace.made("qlora_adapter", VOICE) / "training_log.json").read_text("utf-8"))
    assert [entry["loss"] for entry in here["history"]] == pytest.approx(
        [entry["loss"] for entry in there["history"]], rel=1e-3
    )
    assert [c["heldout_loss"] for c in here["checkpoints"]] == pytest.approx(
        [c["heldout_loss"] for c in there["checkpoints"]], rel=1e-4
    )
    lines = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert [line.split()[1] for line in lines if line.startswith("step ")] == [f"{n}/6" for n in range(1, 7)]


@pytest.mark.parametrize(
    ("what", "processes", "line"),
    [
        ("find a fault", 1, r"training\.learning_rate: too high; lower it"),
        ("find a fault", 2, r"training\.learning_rate: too high; lower it"),
        (
            "be killed",
            2,
            r"the several_children process was killed by signal 9 \(out of memory\?\); materialise again: .*",
        ),
        ("break", 1, r"the several_children process failed \(status 7\); its error is in the run's output"),
    ],
)
def test_a_ray_job_that_fails_is_explained_in_one_line(
    cluster: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    instance: dg.DagsterInstance,
    what: str,
    processes: int,
    line: str,
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", cluster)
    result = child_on_ray(what, tmp_path, instance, processes)
    assert not result.success
    assert re.fullmatch(line, failures(result)["made_on_ray"]), failures(result)
    said = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert f"process 0 of {processes} is told to {what}" in said


@pytest.mark.parametrize("processes", [1, 2])
def test_a_cancelled_run_lets_the_ray_job_save_its_checkpoint(
    cluster: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, instance: dg.DagsterInstance, processes: int
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", cluster)

    def cancel() -> None:
        while len([*tmp_path.glob("started-*")]) < processes:
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=cancel, daemon=True).start()
    result = child_on_ray("be stopped", tmp_path, instance, processes)
    assert not result.success
    assert len([*tmp_path.glob("stopped-*")]) == processes
    assert fault_file(tmp_path / ".pocket.job").read_text("utf-8") == "training was stopped"


def test_an_address_where_no_cluster_answers_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:1")
    line = failures(child_on_ray("do nothing", tmp_path, instance, 1))["made_on_ray"]
    assert line.startswith("RAY_ADDRESS: http://127.0.0.1:1: no Ray cluster answers there; start it, ")


def test_more_processes_than_a_node_of_the_cluster_has_gpus_are_refused() -> None:
    from gaea_assets.ray_jobs import _resources

    assert _resources([{"CPU": 2.0}], 2) == {}
    nodes = [{"CPU": 8.0, "GPU": gpus} for gpus in (1.0, 2.0)]
    assert _resources(nodes, 2) == {"entrypoint_num_gpus": 2}
    with pytest.raises(GaeaError, match=r"training\.processes: 3 given, .* no node of the Ray cluster has more than 2"):
        _resources(nodes, 3)
