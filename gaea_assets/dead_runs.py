"""Runs whose process is gone: killed, or cut off with the power. Dagster lets them hold the accelerator for ever."""

import dagster as dg
import psutil

UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
WORKERS = {dg.DagsterEventType.RUN_START, dg.DagsterEventType.STEP_START}
"""Events that a run's own processes write, and no daemon or web server."""


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Report runs as failed whose processes no longer run on this machine, and free what they hold.

    Dagster knows a run's end from the process that launched it. Where that one is gone too, a run stays under way, and
    each later one waits for its slot in the pool.

    Args:
        instance: The instance of this machine; no other machine launches runs on it.

    Returns:
        Ids of the runs that were ended.
    """
    ended = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=UNDER_WAY)):
        workers = _workers(instance, run.run_id)
        if workers and not any(_runs(pid, since) for pid, since in workers):
            instance.report_run_failed(run, "its process was killed; what is made stays: materialise again")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            ended.append(run.run_id)
    return ended


def _workers(instance: dg.DagsterInstance, run_id: str) -> set[tuple[int, float]]:
    """Processes of a run, each with a time at which it ran, in seconds since the epoch."""
    events = instance.all_logs(run_id, of_type=WORKERS)
    return {(e.dagster_event.pid, e.timestamp) for e in events if e.dagster_event and e.dagster_event.pid}


def _runs(pid: int, since: float) -> bool:
    """Whether this very process runs: after a restart of the machine its number may be another's."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= since
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
