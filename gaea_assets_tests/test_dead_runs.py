import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from gaea_assets.dead_runs import end_dead_runs
from gaea_assets.instance import prepare_instance

HOLDS = """
import sys, time
import dagster as dg

@dg.op(pool="accelerator")
def holds():
    print("holds", flush=True)
    time.sleep(600)

@dg.job(executor_def=dg.in_process_executor)
def training():
    holds()

with dg.DagsterInstance.get() as instance:
    quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    training.execute_in_process(instance=instance, run_config=quiet)
"""


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A process amid a run that holds the accelerator."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    prepare_instance()
    process = subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True)
    assert process.stdout and "holds\n" in iter(process.stdout.readline, "")
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_run_that_was_killed_is_ended_and_holds_nothing(held: subprocess.Popen[str]) -> None:
    with dg.DagsterInstance.get() as instance:
        assert end_dead_runs(instance) == []  # it is at work
        (run,) = instance.get_runs()
        held.kill()
        held.wait()
        assert end_dead_runs(instance) == [run.run_id]
        (run,) = instance.get_runs()
        assert run.status == dg.DagsterRunStatus.FAILURE
        assert instance.event_log_storage.get_concurrency_info("accelerator").active_slot_count == 0
        assert end_dead_runs(instance) == []


def test_another_process_with_its_number_is_not_taken_for_it(
    held: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held.kill()
    held.wait()
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
        monkeypatch.setattr("psutil.Process", lambda pid: Younger())
        assert end_dead_runs(instance) == [run.run_id]


class Younger:
    """A process that was started after the run."""

    def status(self) -> str:
        return "running"

    def create_time(self) -> float:
        return 4e9
