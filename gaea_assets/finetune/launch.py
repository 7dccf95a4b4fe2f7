"""Run a child process's job in several processes of this machine, each on a GPU of its own.

    python -m gaea_assets.finetune.launch PROCESSES MODULE JOB.json

It ends as the process that ended it did: with its exit status, or by the signal that killed it.
"""

import os
import signal
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch  # noqa: TID253 - a process of its own, as those that it starts
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException  # noqa: TID253
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure  # noqa: TID253
from torch.distributed.launcher.api import LaunchConfig, elastic_launch  # noqa: TID253

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.child import FAULT_EXIT, die_with_parent, fault_file, leave_fault
from gaea_assets.finetune.devices import require_gpus

CHILD = "gaea_assets.finetune"
SECONDS_TO_SAVE = 600
"""How long stopped processes may take to save their checkpoint before they are killed."""


def main() -> None:
    """Start the processes, wait for them, and show the fault that one of them has found."""
    processes, module, job_file = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    die_with_parent()
    fault_file(job_file).unlink(missing_ok=True)
    try:
        require_gpus(processes, torch.cuda.device_count())
        status = launch(processes, module, job_file)
    except GaeaError as error:
        leave_fault(job_file, error)
        status = FAULT_EXIT
    if fault_file(job_file).exists():
        print(fault_file(job_file).read_text("utf-8"), file=sys.stderr, flush=True)
        status = FAULT_EXIT
    if status < 0:
        with suppress(OSError):  # SIGKILL has no handler to be reset
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


def launch(processes: int, module: str, job_file: Path) -> int:
    """The exit status of the processes: 0, or that of the one that ended first; a signal's number is negative.

    Where one ends with another status than 0, the others are ended too: with SIGTERM, and 30 seconds later with
    SIGKILL, since they may wait for it for ever. SIGINT and SIGTERM are handed on to all.

    Args:
        processes: How many to start.
        module: What each runs, as `python -m gaea_assets.finetune`.
        job_file: Its argument.
    """
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",  # a free port, chosen by the system while it is being bound: no two runs share it
        local_addr="127.0.0.1",
        max_restarts=0,
        logs_specs=DefaultLogsSpecs(log_dir=os.devnull),
        shutdown_timeout=SECONDS_TO_SAVE,
    )
    try:
        elastic_launch(config, sys.executable)("-m", CHILD, module, str(job_file))
    except ChildFailedError as error:
        return first_to_end(error.failures)
    except SignalException as error:
        return -int(error.sigval)
    return 0


def first_to_end(failures: Mapping[int, ProcessFailure]) -> int:
    """The exit status that explains the others.

    A process that found a user's fault explains all; then one that was killed, whose end breaks the others'
    connections within the same second. SIGTERM is how the launcher itself ends those that are left.

    Args:
        failures: Processes that ended with another status than 0, by rank.
    """
    statuses = [failure.exitcode for failure in failures.values()]
    if FAULT_EXIT in statuses:
        return FAULT_EXIT
    first = min(failure.timestamp for failure in failures.values())
    by_themselves = (
        failure.exitcode
        for failure in failures.values()
        if failure.timestamp == first and failure.exitcode != -signal.SIGTERM
    )
    return min(by_themselves, default=-signal.SIGTERM)


if __name__ == "__main__":
    main()
