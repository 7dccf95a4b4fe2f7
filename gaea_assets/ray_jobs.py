"""Child processes as jobs of a Ray cluster, through dagster-ray's Pipes client.

Imported where a recipe asks for Ray only: it is an extra, and takes seconds to load.
"""

import os
import secrets
import shlex
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
from dagster_ray import PipesRayJobClient
from ray.exceptions import AuthenticationError
from ray.util.state import StateApiClient
from ray.util.state.common import ListApiOptions, NodeState, StateResource

from gaea_assets import local_ray
from gaea_assets.errors import GaeaError

ADDRESSES = ("RAY_API_SERVER_ADDRESS", "RAY_ADDRESS")
"""Where Ray's own client looks for the cluster."""


def run_ray_job(
    context: dg.AssetExecutionContext,
    arguments: Sequence[str],
    processes: int,
    env: Mapping[str, str],
    seconds_to_save: float,
) -> int | str:
    """Run Python as a job of the cluster at RAY_ADDRESS, or of a Ray on this machine for as long as the job takes.

    Args:
        context: Of the asset; the job's lines are logged to it as they come.
        arguments: What Python is given.
        processes: How many GPUs the job needs, of one node, where the cluster has any.
        env: Environment variables of the job.
        seconds_to_save: How long a cancelled job may take to save its checkpoint.

    Returns:
        The job's exit status (a signal's number is negative), or why it has none.

    Raises:
        GaeaError: No cluster answers, or no node has so many GPUs.
    """
    with _cluster() as cluster:
        client = _SavingClient(cluster, seconds_to_save)
        resources = _resources(_nodes(client, cluster), processes)
        job_id = f"gaea-{uuid.uuid4().hex[:12]}"
        # Ray's own: SIGTERM, and SIGKILL three seconds later; SIGINT it blocks unless it is named here.
        stopping = {"RAY_JOB_STOP_SIGNAL": "SIGINT", "RAY_JOB_STOP_WAIT_TIME_S": str(int(seconds_to_save))}
        try:
            client.run(
                context=context,
                submit_job_params={
                    "entrypoint": shlex.join(["exec", cluster.python, *arguments]),
                    "submission_id": job_id,
                    "runtime_env": {"env_vars": {**env, **stopping}},
                    **resources,  # type: ignore[typeddict-item]
                },
            )
        except RuntimeError:  # dagster-ray's, with the end of the log as its message
            found = client.client.get_job_info(job_id)
            if found.driver_exit_code is not None:
                return int(found.driver_exit_code)
            return f"Ray job {job_id} {found.status}: {' '.join((found.message or '').split())[:300]}"
        return 0


@dataclass(frozen=True)
class _Cluster:
    """A Ray that takes jobs."""

    address: str | None = None
    """Of its dashboard; None: Ray's client finds it, and a token, in the environment."""
    python: str = "python"
    headers: dict[str, str] | None = None


class _SavingClient(PipesRayJobClient):
    """Waits for the end of a job that it stops: the job saves its checkpoint first."""

    def __init__(self, cluster: _Cluster, seconds_to_save: float) -> None:
        super().__init__(address=cluster.address, headers=cluster.headers)
        self._seconds_to_save = seconds_to_save

    def _terminate(self, context: dg.AssetExecutionContext, job_id: str) -> None:  # type: ignore[override]
        super()._terminate(context, job_id)
        given_up = time.monotonic() + self._seconds_to_save
        while not self.client.get_job_status(job_id).is_terminal() and time.monotonic() < given_up:
            time.sleep(self.poll_interval)


@contextmanager
def _cluster() -> Iterator[_Cluster]:
    """The cluster that the environment names, or one on this machine that ends with the context.

    Raises:
        GaeaError: No Ray could be started here.
    """
    if any(os.environ.get(name) for name in ADDRESSES):
        yield _Cluster()
        return
    token = secrets.token_hex(32)  # nobody else on this machine may send it jobs
    own = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token, "RAY_USAGE_STATS_ENABLED": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", local_ray.__name__],
        env={"RAY_DASHBOARD_STARTUP_TIMEOUT_S": "300", **os.environ, **own},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the job; Ray waits until it has saved its checkpoint
    ) as started:
        assert started.stdin and started.stdout  # noqa: S101 - they are pipes
        address = started.stdout.readline().strip()
        if not address:
            raise GaeaError(
                "training.trainer: ray: no Ray could be started on this machine; why is in the run's output, and in "
                "/tmp/ray/session_latest/logs"
            )
        try:
            yield _Cluster(address, sys.executable, {"Authorization": f"Bearer {token}"})
        finally:
            started.stdin.close()


def _nodes(client: PipesRayJobClient, cluster: _Cluster) -> list[Mapping[str, float]]:
    """The resources of each node that is up.

    Raises:
        GaeaError: Nothing answers there, or not to us.
    """
    given = next((f"{name}: {os.environ[name]}" for name in ADDRESSES if os.environ.get(name)), "this machine's Ray")
    try:
        address = client.client.get_address()
    except ConnectionError:
        raise GaeaError(
            f"{given}: no Ray cluster answers there; start it, name the address of its dashboard "
            f"(http://HOST:8265), or unset {given.split(':')[0]} to train on a Ray of this machine's own"
        ) from None
    except AuthenticationError:
        raise GaeaError(
            f"{given}: the Ray cluster wants a token; set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN (or "
            f"RAY_AUTH_TOKEN_PATH) in Dagster's environment"
        ) from None
    nodes = StateApiClient(address, headers=cluster.headers).list(
        StateResource.NODES, ListApiOptions(filters=[("state", "=", "ALIVE")]), raise_on_missing_output=False
    )
    return [node.resources_total for node in nodes if isinstance(node, NodeState)]


def _resources(nodes: Sequence[Mapping[str, float]], processes: int) -> dict[str, float]:
    """What the job asks the cluster for.

    Raises:
        GaeaError: No node has so many GPUs.
    """
    most = int(max((node.get("GPU", 0) for node in nodes), default=0))
    if most == 0:
        return {}
    if most < processes:
        raise GaeaError(
            f"training.processes: {processes} given, each on a GPU of its own, and no node of the Ray cluster has more "
            f"than {most}; set it to {most} or lower"
        )
    return {"entrypoint_num_gpus": processes}
