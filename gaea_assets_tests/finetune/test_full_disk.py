"""A disk that is full before a training, and one that gets full amid it: a small one, mounted for the test."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gaea_assets.finetune.child import FAULT_EXIT, fault_file
from gaea_assets.finetune.job import TrainJob
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.projects import VOICE

MOUNT = 'mount -t tmpfs -o size=$1 gaea $2 && shift 2 && exec "$@"'
OWN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", MOUNT, "sh"]
# The look before the training is left out, as if something else had filled the disk since.
UNLOOKED = "import gaea_assets.finetune.train as t; t.require_space = lambda *_: None; t.run_child(t.TrainJob, t.train)"


def may_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*OWN_NAMESPACE, "1m", str(folder), "true"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "command", "line"),
    [
        ("100k", ["-m", "gaea_assets.finetune.train"], "GiB are needed on this disk and"),
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
