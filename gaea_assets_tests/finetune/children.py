"""A child process with the ends that a training can have: `python -m gaea_assets.finetune` runs it."""

import os
import signal
import sys
import threading
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
        case "raise":
            raise ValueError("a fault of ours")
        case "leave threads":
            threading.Thread(target=time.sleep, args=(600,)).start()


def main() -> None:
    run_child(MergeJob, work)
