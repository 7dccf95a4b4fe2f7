"""A child of several (`gaea_assets.finetune.launch`) or alone, with the ends that a training can have."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.job import TrainJob


def work(job: TrainJob, log: Callable[[str], None]) -> None:
    """Do what the job's `base` says; all but the last process wait where the last one ends early."""
    rank, processes = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    stopped = []
    if job.base == "be stopped":
        signal.signal(signal.SIGINT, lambda *_: stopped.append(rank))
    if rank == 0:
        log(f"process {rank} of {processes} is told to {job.base}")
    Path(job.output).with_name(f"started-{rank}").touch()
    while not Path(job.output).with_name("started-0").exists():
        time.sleep(0.05)  # the others' ends would cut the first one's line off
    if job.base == "do nothing":
        return
    if job.base == "be stopped":
        while not stopped:
            time.sleep(0.05)
        Path(job.output).with_name(f"stopped-{rank}").touch()
        raise GaeaError("training was stopped")
    if rank < processes - 1:
        time.sleep(600)
    match job.base:
        case "find a fault":
            raise GaeaError("training.learning_rate: too high; lower it")
        case "be killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "break":
            sys.exit(7)


def main() -> None:
    run_child(TrainJob, work)
