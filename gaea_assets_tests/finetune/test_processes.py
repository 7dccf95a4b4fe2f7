"""Several processes at work on one job: how they end, and that they learn what one process does."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import complete_checkpoints
from gaea_assets.finetune.child import FAULT_EXIT, fault_file
from gaea_assets.finetune.devices import require_gpus
from gaea_assets.finetune.job import TrainJob
from gaea_assets.resources import PROJECT
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.finetune import several_children, sharing_children
from gaea_assets_tests.projects import VOICE

pytestmark = pytest.mark.slow
TRAIN = "gaea_assets.finetune.train"
STOPPED = r"training was stopped at step \d of 4; its checkpoint is saved: materialise qlora_adapter again to go on"


@contextmanager
def launched(job_file: Path, module: str, processes: int = 2) -> Iterator[subprocess.Popen[str]]:
    """The launcher at work on a job; what it and its processes print goes to a file beside the job."""
    command = [sys.executable, "-m", "gaea_assets.finetune.launch", str(processes), module, str(job_file)]
    with job_file.with_suffix(".log").open("w") as log:
        launcher = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT, text=True)
    try:
        yield launcher
    finally:
        left = psutil.Process(launcher.pid).children(recursive=True) if launcher.poll() is None else []
        for process in (launcher, *left):
            process.kill()
        launcher.wait()


def shown(job_file: Path) -> str:
    return job_file.with_suffix(".log").read_text("utf-8")


def wait_until(launcher: subprocess.Popen[str], holds: Callable[[], object], job_file: Path) -> None:
    while not holds():
        assert launcher.poll() is None, shown(job_file)
        time.sleep(0.02)


def told_to(what: str, folder: Path) -> Path:
    job = TrainJob(what, "", "auto", "", str(folder / "out"), str(folder / "checkpoints"), {"processes": 2}, "")
    return job.save(folder / ".pocket.job")


@pytest.mark.parametrize(("what", "status"), [("do nothing", 0), ("be killed", -signal.SIGKILL), ("break", 7)])
def test_the_launcher_ends_as_the_process_that_ended_it(tmp_path: Path, what: str, status: int) -> None:
    job_file = told_to(what, tmp_path)
    with launched(job_file, several_children.__name__) as launcher:
        assert launcher.wait() == status, shown(job_file)
    assert {path.name for path in tmp_path.glob("started-*")} == {"started-0", "started-1"}
    assert not fault_file(job_file).exists()


def test_a_fault_that_any_process_found_is_told_once(tmp_path: Path) -> None:
    job_file = told_to("find a fault", tmp_path)
    with launched(job_file, several_children.__name__) as launcher:
        assert launcher.wait() == FAULT_EXIT, shown(job_file)
    assert fault_file(job_file).read_text("utf-8") == "training.learning_rate: too high; lower it"
    assert shown(job_file).count("training.learning_rate: too high; lower it") == 1
    assert "Traceback" not in shown(job_file)


def test_a_signal_reaches_all_processes_and_two_launchers_do_not_collide(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    with ExitStack() as stack:
        launchers = {}
        for folder in folders:
            folder.mkdir()
            job_file = told_to("be stopped", folder)
            launchers[job_file] = stack.enter_context(launched(job_file, several_children.__name__))
        for job_file, launcher in launchers.items():
            wait_until(launcher, lambda f=job_file: len([*f.parent.glob("started-*")]) == 2, job_file)
        for job_file, launcher in launchers.items():
            launcher.send_signal(signal.SIGINT)
            assert launcher.wait() == FAULT_EXIT, shown(job_file)
            assert len([*job_file.parent.glob("stopped-*")]) == 2
            assert shown(job_file).count("training was stopped") == 1


@pytest.mark.parametrize(("found", "processes"), [(0, 2), (2, 2), (4, 2)])
def test_as_many_processes_as_gpus_or_no_gpu_at_all_are_let_through(found: int, processes: int) -> None:
    require_gpus(processes, found)


def test_more_processes_than_gpus_are_refused() -> None:
    with pytest.raises(GaeaError, match=r"training\.processes: 4 given, .* this machine has 2; set it to 2 or lower"):
        require_gpus(4, 2)


@dataclass(frozen=True)
class Failure:
    """What the launcher knows of a process that has ended."""

    exitcode: int
    timestamp: int


@pytest.mark.parametrize(
    ("ends", "explains"),
    [
        ([(1, 10), (-9, 10)], -9),  # killed; the other one lost its connection to it
        ([(1, 10), (-15, 10)], 1),  # the launcher has ended the other one
        ([(1, 10), (-9, 40)], 1),  # ... which did not heed it
        ([(1, 10), (FAULT_EXIT, 11)], FAULT_EXIT),
        ([(-15, 10), (-15, 10)], -15),
    ],
)
def test_the_end_that_explains_the_others_is_found(ends: list[tuple[int, int]], explains: int) -> None:
    from gaea_assets.finetune.launch import first_to_end

    assert first_to_end({rank: Failure(*end) for rank, end in enumerate(ends)}) == explains  # type: ignore[misc]


@pytest.fixture(scope="module")
def recipe(made: Made) -> TrainJob:
    """The pipeline's job; of its six examples five make a step, so every second step has one, for two processes."""
    job = TrainJob.load(made.workspace.place("qlora_adapter", f".{VOICE}.job"))
    return replace(job, training={**job.training, "dropout": 0.0, "accumulation": 5, "tokens_a_micro_step": 700})


def job_in(folder: Path, job: TrainJob) -> Path:
    moved = replace(
        job, output=str(folder / VOICE), checkpoints=str(folder / "checkpoints"), curves=str(folder / "curves")
    )
    return moved.save(folder / ".pocket.job")


def log_of(job_file: Path) -> dict:
    return json.loads((job_file.parent / VOICE / "training_log.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def alone(recipe: TrainJob, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job that one process has done."""
    job_file = job_in(tmp_path_factory.mktemp("alone"), recipe)
    subprocess.run([sys.executable, "-m", "gaea_assets.finetune", TRAIN, str(job_file)], check=True, cwd=PROJECT)
    return job_file


@pytest.fixture(scope="module")
def together(recipe: TrainJob, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job that two processes have done."""
    job_file = job_in(tmp_path_factory.mktemp("together"), recipe)
    with launched(job_file, TRAIN) as launcher:
        assert launcher.wait() == 0, shown(job_file)
    return job_file


@pytest.fixture(scope="module")
def broken_off(recipe: TrainJob, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job of two processes, one of which was killed; of two that were interrupted; and ended by one."""
    job_file = job_in(tmp_path_factory.mktemp("broken_off"), recipe)
    checkpoints = job_file.parent / "checkpoints"
    with launched(job_file, TRAIN) as launcher:
        wait_until(launcher, lambda: complete_checkpoints(checkpoints), job_file)
        ranks = psutil.Process(launcher.pid).children()
        next(rank for rank in ranks if rank.environ()["RANK"] == "1").kill()
        assert launcher.wait() == -signal.SIGKILL, shown(job_file)
    assert not fault_file(job_file).exists()
    with launched(job_file, TRAIN) as launcher:
        wait_until(launcher, lambda: "\nstep " in shown(job_file), job_file)
        launcher.send_signal(signal.SIGINT)
        assert launcher.wait() == FAULT_EXIT, shown(job_file)
    subprocess.run([sys.executable, "-m", "gaea_assets.finetune", TRAIN, str(job_file)], check=True, cwd=PROJECT)
    return job_file


def test_two_processes_learn_what_one_does(alone: Path, together: Path) -> None:
    there, here = log_of(alone), log_of(together)
    assert (there["processes"], here["processes"]) == (1, 2)
    assert_same_training(alone, together)


def test_a_training_of_several_processes_that_was_broken_off_ends_where_it_would_have(
    alone: Path, broken_off: Path
) -> None:
    assert_same_training(alone, broken_off)
    checkpoints = complete_checkpoints(broken_off.parent / "checkpoints")
    assert [checkpoint.scheduled for checkpoint in checkpoints] == [True] * len(log_of(broken_off)["checkpoints"])


def test_an_interrupted_training_of_several_processes_says_once_where_it_stopped(broken_off: Path) -> None:
    assert len(re.findall(STOPPED, shown(broken_off))) == 1
    assert "Traceback" not in shown(broken_off)


def assert_same_training(one: Path, other: Path) -> None:
    from safetensors.torch import load_file
    from torch.testing import assert_close

    there, here = log_of(one), log_of(other)
    assert [entry["step"] for entry in here["history"]] == [1, 2, 3, 4]
    for key in ("loss", "learning_rate", "grad_norm"):
        expected = [entry[key] for entry in there["history"]]
        assert [entry[key] for entry in here["history"]] == pytest.approx(expected, rel=1e-3), key
    for mine, theirs in zip(here["checkpoints"], there["checkpoints"], strict=True):
        assert mine["step"] == theirs["step"]
        assert mine["heldout_loss"] == pytest.approx(theirs["heldout_loss"], rel=1e-4)
    there_weights, here_weights = (
        load_file(job_file.parent / VOICE / "adapter_model.safetensors") for job_file in (one, other)
    )
    assert_close(here_weights, there_weights, rtol=1e-3, atol=1e-4)


def shared(folder: Path, processes: int, most_tokens: int | None = None) -> tuple[int, Path]:
    """The exit status of a tiny model's training by so many processes, and its job file."""
    job = TrainJob("", "", "auto", "", str(folder), str(folder / "checkpoints"), {"most_tokens": most_tokens}, "")
    job_file = job.save(folder / ".tiny.job")
    with launched(job_file, sharing_children.__name__, processes) as launcher:
        return launcher.wait(), job_file


def found_by(job_file: Path, rank: int) -> tuple[dict, dict]:
    """What a process has found, and the adapter that it ended with."""
    from safetensors.torch import load_file

    folder = job_file.parent
    return json.loads((folder / f"found-{rank}.json").read_text()), load_file(folder / f"adapter-{rank}.safetensors")


@pytest.fixture(scope="module")
def by_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    status, job_file = shared(tmp_path_factory.mktemp("by_one"), 1)
    assert status == 0, shown(job_file)
    return job_file


def test_where_one_of_two_processes_runs_out_of_memory_both_compute_the_step_again(
    by_one: Path, tmp_path: Path
) -> None:
    from torch.testing import assert_close

    status, job_file = shared(tmp_path, 2, most_tokens=70)
    assert status == 0, shown(job_file)
    there, weights = found_by(by_one, 0)
    for rank in (0, 1):
        here, learnt = found_by(job_file, rank)
        assert here["way"] == 70
        assert [line.split(",")[0] for line in here["log"]] == [
            "out of memory with 400 tokens at once",
            "out of memory with 130 tokens at once",
        ]
        assert here["losses"] == pytest.approx(there["losses"], rel=1e-4)
        assert_close(learnt, weights, rtol=1e-3, atol=1e-5)


def test_where_the_smallest_part_does_not_fit_one_of_two_processes_the_run_ends_in_one_line(tmp_path: Path) -> None:
    status, job_file = shared(tmp_path, 2, most_tokens=10)
    assert status == FAULT_EXIT, shown(job_file)
    assert fault_file(job_file).read_text("utf-8").startswith("out of memory while computing step 1 with 70 tokens")
    assert "Traceback" not in shown(job_file)


def test_two_processes_measure_half_of_the_held_out_examples_each_and_find_what_one_does(
    by_one: Path, tmp_path: Path
) -> None:
    status, job_file = shared(tmp_path, 2)
    assert status == 0, shown(job_file)
    there, _ = found_by(by_one, 0)
    both = [found_by(job_file, rank)[0] for rank in (0, 1)]
    assert (there["measured"], [here["measured"] for here in both]) == (6, [3, 3])
    assert both[0]["heldout_loss"] == both[1]["heldout_loss"] == pytest.approx(there["heldout_loss"], rel=1e-5)
