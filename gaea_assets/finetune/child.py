"""The entry of a child process: read the job, run it, tell the parent what went wrong in one line."""

import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

from dagster_pipes import PipesEnvVarParamsLoader, open_dagster_pipes

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.job import Job
from gaea_assets.store import write_whole

FAULT_EXIT = 3
"""Exit status when a user's fault was found; its line is in the job's fault file."""
STOPPED = "stopped; what is made stays: materialise again to go on"
_PR_SET_PDEATHSIG = 1

AJob = TypeVar("AJob", bound=Job)


def fault_file(job_file: Path) -> Path:
    """Where the child leaves the line that says what is wrong."""
    return job_file.with_suffix(".fault")


def run_child(kind: type[AJob], work: Callable[[AJob, Callable[[str], None]], None]) -> None:
    """Run `work` on the job that the first argument names; log through Dagster Pipes where it is open.

    Where several processes work on one job (`launch`), the first of them logs and holds the lock. A `GaeaError`, and a
    SIGINT where the work does not heed it, end the process with `FAULT_EXIT` and a line in the fault file, whichever
    of them has found it.
    """
    job_file = Path(sys.argv[1])
    first, several = os.environ.get("RANK", "0") == "0", int(os.environ.get("WORLD_SIZE", "1")) > 1
    die_with_parent()
    piped = first and PipesEnvVarParamsLoader().is_dagster_pipes_process()
    with open_dagster_pipes() if piped else nullcontext() as pipes:
        log = pipes.log.info if pipes else _print
        try:
            with only_one(job_file) if first else nullcontext():
                work(kind.load(job_file), log)
            return
        except (GaeaError, KeyboardInterrupt) as found:
            fault = found if isinstance(found, GaeaError) else GaeaError(STOPPED)
            leave_fault(job_file, fault)
            if not several:  # who has started them shows it once
                print(fault, file=sys.stderr)
    sys.exit(FAULT_EXIT)  # Pipes is closed by now: a user's fault is no exception to it


def leave_fault(job_file: Path, fault: GaeaError) -> None:
    """Write the fault's line for the parent: whole, whoever else of several processes writes one."""
    with suppress(OSError):  # the fault may be a full disk
        write_whole(fault_file(job_file), str(fault))


@contextmanager
def only_one(job_file: Path, name: str = ".lock") -> Iterator[None]:
    """Hold a lock beside the job file, so that two runs never write to the same checkpoints.

    Args:
        job_file: The job.
        name: Ending of the lock's file: a run and its child each hold one.

    Raises:
        GaeaError: Another process holds it.
    """
    with job_file.with_suffix(name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GaeaError(
                f"another run is at work on {job_file.stem.lstrip('.')}; wait for it, or cancel it in the Dagster UI"
            ) from None
        yield


def die_with_parent() -> None:
    """Ask Linux for a SIGINT when the parent dies, so that a killed Dagster run leaves no orphan training."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _print(line: str) -> None:
    print(line, flush=True)
