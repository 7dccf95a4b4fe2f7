"""A child process with the ends that a training can have: `python -m gaea_assets_tests.finetune.children JOB`."""

import os
import signal
import sys
import time
from collections.abc import Callable

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.job import MergeJob


def work(job: MergeJob, log: Callable[[str], None]) -> None:
    """Do what the job's `adapter` says."""
    log(f"told to {job.adapter}")
    match job.adapter:
        case "find a fault":
            raise GaeaError("training.learning_rate: too high; lower it")
        case "be killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "break":
            sys.exit(7)
        case "wait":
            time.sleep(600)


if __name__ == "__main__":
    run_child(MergeJob, work)
