import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.child import FAULT_EXIT, fault_file, only_one
from gaea_assets.finetune.job import MergeJob, TrainJob
from gaea_assets.resources import PROJECT


@contextmanager
def child(folder: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """The child process of a job that says what to do, gone at the end."""
    job_file = MergeJob("", "", what, "", "", quantized=False).save(folder / ".pocket.job")
    command = [sys.executable, "-m", "gaea_assets.finetune", "gaea_assets_tests.finetune.children", str(job_file)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_job_is_read_as_it_was_saved(tmp_path: Path) -> None:
    job = TrainJob(
        "base", "name", "auto", "data", "out", "checkpoints", {"rank": 16, "epochs": 0.5}, "curves", {"base": "abc"}
    )
    assert TrainJob.load(job.save(tmp_path / "new" / ".pocket.job")) == job


def test_a_users_fault_ends_the_child_with_its_own_status_and_leaves_its_line(tmp_path: Path) -> None:
    with child(tmp_path, "find a fault") as process:
        shown, errors = process.communicate()
    assert process.returncode == FAULT_EXIT == 3
    assert shown == "told to find a fault\n"
    assert errors == "training.learning_rate: too high; lower it\n"
    assert fault_file(tmp_path / ".pocket.job").read_text("utf-8") == errors.strip()


def test_a_child_that_finds_no_fault_leaves_none(tmp_path: Path) -> None:
    with child(tmp_path, "do nothing") as process:
        assert process.wait() == 0
    assert not fault_file(tmp_path / ".pocket.job").exists()


def test_a_second_child_of_the_same_output_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with child(tmp_path, "wait") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "told to wait\n"
        with child(tmp_path, "do nothing") as second:
            _, errors = second.communicate()
        assert second.returncode == FAULT_EXIT
        assert errors.startswith("another run is at work on ")
        assert "pocket; wait for it, or cancel it in the Dagster UI" in errors
        first.send_signal(signal.SIGKILL)
        first.wait()
    with child(tmp_path, "do nothing") as third:
        assert third.wait() == 0


def test_the_lock_is_held_for_one_output_only(tmp_path: Path) -> None:
    with only_one(tmp_path / ".pocket.job"):
        with pytest.raises(GaeaError), only_one(tmp_path / ".pocket.job"):
            pass
        with only_one(tmp_path / ".other.job"):
            pass
    with only_one(tmp_path / ".pocket.job"):
        pass
