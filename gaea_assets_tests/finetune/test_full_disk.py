"""A disk that is full before a training, and one that gets full amid it: a small one, mounted for the test."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gaea_assets.finetune.child import FAULT_EXIT, fault_file
from gaea_assets.finetune.job import TrainJob
from gaea_assets.resources import PROJECT
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.finetune.tiny_project import Project, make_project
from gaea_assets_tests.projects import VOICE

MOUNT = 'mount -t tmpfs -o size=$1 gaea $2 && shift 2 && exec "$@"'
ENLARGED_AFTERWARDS = '"$@"; echo "status $?"; mount -o remount,size=20m "$0" && exec "$@"'
OWN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", MOUNT, "sh"]
# The look before the training is left out, as if something else had filled the disk since.
UNLOOKED = """
import gaea_assets.finetune.train as child
child.require_room_for_checkpoints = lambda *_: None
child.run_child(child.TrainJob, child.train)
"""

FULL_BEFORE_THE_JOB = """
import sys
from contextlib import suppress
from pathlib import Path
from gaea_assets_tests.test_resources import said
folder = Path(sys.argv[1])
with suppress(OSError):
    (folder / "rest").write_bytes(bytes(2**20))
print(said("nothing", folder / ".pocket.job"))
"""


def may_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*OWN_NAMESPACE, "1m", str(folder), "true"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "command", "line"),
    [
        ("100k", ["-m", "gaea_assets.finetune", "gaea_assets.finetune.train"], "GiB are needed on this disk and"),
        ("900k", ["-c", UNLOOKED], "the disk is full; make room, or set GAEA_DATA to another disk"),
    ],
)
def test_a_full_disk_is_one_line(made: Made, tmp_path: Path, size: str, command: list[str], line: str) -> None:
    if not may_mount(tmp_path):
        pytest.skip("no disk may be mounted here (user namespaces are off)")
    recipe = TrainJob.load(made.workspace.place("qlora_adapter", f".{VOICE}.job"))
    small = tmp_path / "small"
    small.mkdir()
    job = replace(recipe, output=str(tmp_path / "adapter"), checkpoints=str(small / "checkpoints"))
    job_file = job.save(tmp_path / "one.job")
    run = subprocess.run(
        [*OWN_NAMESPACE, size, str(small), sys.executable, *command, str(job_file)], capture_output=True, text=True
    )
    assert run.returncode == FAULT_EXIT, run.stderr
    assert line in fault_file(job_file).read_text("utf-8")
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "adapter").exists()


@pytest.mark.slow
def test_a_disk_that_has_not_room_for_the_job_itself_is_the_runs_line(tmp_path: Path) -> None:
    if not may_mount(tmp_path):
        pytest.skip("no disk may be mounted here (user namespaces are off)")
    command = [*OWN_NAMESPACE, "100k", str(tmp_path), sys.executable, "-c", FULL_BEFORE_THE_JOB, str(tmp_path)]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert f"{tmp_path}/.pocket.job: the disk is full; make room" in run.stdout, run.stderr


@pytest.mark.slow
def test_with_room_made_a_training_goes_on_from_what_was_complete(tmp_path: Path) -> None:
    if not may_mount(tmp_path):
        pytest.skip("no disk may be mounted here (user namespaces are off)")
    small = tmp_path / "small"
    small.mkdir()
    project = Project(make_project(tmp_path / "project"), small)
    job_file = replace(project.job(), output=str(tmp_path / "adapter")).save(tmp_path / "one.job")
    training = [sys.executable, "-c", UNLOOKED, str(job_file)]
    # Room for the first of three checkpoints and a part of the second; then for all.
    run = subprocess.run(
        [*OWN_NAMESPACE, "320k", str(small), "sh", "-c", ENLARGED_AFTERWARDS, str(small), *training],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    first, second = run.stdout.split(f"status {FAULT_EXIT}\n")
    assert "checkpoint at step 6: held-out loss" in first
    assert "checkpoint at step 12" not in first
    assert run.stderr.count("the disk is full; make room") == 1
    assert "Traceback" not in run.stderr
    assert "going on from the checkpoint at step 6\n" in second
    log = json.loads((tmp_path / "adapter" / "training_log.json").read_text("utf-8"))
    assert [entry["step"] for entry in log["history"]] == list(range(1, 18))
