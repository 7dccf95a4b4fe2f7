"""A child process from its first moment to its last."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gaea_assets.finetune.child import FAULT_EXIT, fault_file
from gaea_assets.finetune.job import MergeJob
from gaea_assets.resources import PROJECT
from gaea_assets_tests.finetune import children


def start(module: str, what: str, folder: Path, *before: str) -> tuple[subprocess.Popen[str], Path]:
    job_file = MergeJob("", "", what, "", "", quantized=False).save(folder / ".pocket.job")
    command = [*before, sys.executable, "-m", "gaea_assets.finetune", module, str(job_file)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process, job_file


@pytest.mark.parametrize("before", [(), ("sh", "-c", 'trap "" INT; exec "$@"', "sh")], ids=["", "in the background"])
@pytest.mark.parametrize(("module", "says"), [("slow_library", "reading"), ("children", "told to wait")])
def test_a_stop_is_one_line_while_libraries_are_read_and_where_the_work_does_not_heed_it(
    tmp_path: Path, module: str, says: str, before: tuple[str, ...]
) -> None:
    process, job_file = start(f"gaea_assets_tests.finetune.{module}", "wait", tmp_path, *before)
    assert process.stdout and process.stdout.readline() == f"{says}\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == FAULT_EXIT
    assert "Traceback" not in err
    assert fault_file(job_file).read_text("utf-8") == "stopped; what is made stays: materialise again to go on"


@pytest.mark.parametrize(("what", "status"), [("nothing", 0), ("break", 7), ("leave threads", 0), ("raise", 1)])
def test_it_ends_with_the_status_of_its_work_whatever_threads_are_left(tmp_path: Path, what: str, status: int) -> None:
    process, _ = start(children.__name__, what, tmp_path)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert out == f"told to {what}\n"
    assert ("ValueError: a fault of ours" in err) == (what == "raise")
