"""What is being served: a small file for each server, and whether its process still is the one that was started."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import psutil
from pydantic import TypeAdapter

from gaea_assets.errors import GaeaError
from gaea_assets.serving.vllm_server import address, health
from gaea_assets.store import write_whole

CLOCK = 1.0
"""Seconds by which two readings of one process's start time may differ: a process that has since been given the
same id started much later."""

OF_A_RUN = "-run"
"""How the name of a server ends that a run has started for itself, and ends."""


@dataclass(frozen=True)
class ServerState:
    """A server that was started and has not been stopped by `gaea stop` or Ctrl-C."""

    name: str
    models: tuple[str, ...]
    """Names that the models are reached under."""
    folder: str
    """The model's files."""
    host: str
    port: int
    pid: int
    """The server's process, which leads the group of its processes."""
    started: float
    """When that process started, in seconds since 1970: tells it from another that was given the same id."""
    log: str
    context: int | None = None
    """Tokens that prompt and answer may have together; None until the server has answered once."""
    content: str | None = None
    """Hash of the merged model that it loaded; None for a base, which may have adapters."""
    stopping: bool = False
    """Whether somebody has asked it to end, which may take half a minute."""

    @property
    def url(self) -> str:
        """Address for an OpenAI client on this machine."""
        return f"{address(self.host, self.port)}/v1"


_STATE = TypeAdapter(ServerState)


@dataclass(frozen=True)
class Look:
    """How a server is found."""

    state: Literal["starting", "running", "stopping", "gone"]
    health: str
    """`ok`, `failing (status)`, `no answer`, or empty where nothing can be expected."""


def look_at(server: ServerState) -> Look:
    """How the server is now."""
    if not is_alive(server):
        return Look("gone", "")
    if server.stopping:
        return Look("stopping", "")
    found = health(server.host, server.port)
    if server.context is None and found != "ok":
        return Look("starting", "")
    return Look("running", found)


def is_alive(server: ServerState) -> bool:
    """Whether the process that was started still runs: not another with its id, nor one that has ended."""
    try:
        process = psutil.Process(server.pid)
        return _is_it(process, server) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_of_a_run(server: ServerState) -> bool:
    """Whether a run started the server for itself."""
    return server.name.endswith(OF_A_RUN)


def may_have_left(server: ServerState) -> bool:
    """Whether processes of the server still run: those that a server killed alone leaves behind hold its GPU memory.

    Not where another process has its id, which is also that of their group; nor where the group is a stranger's: after
    a reboot (of the machine, or of the container) ids are given anew, and a daemon's first process ends at once too.
    """
    try:
        return _is_it(psutil.Process(server.pid), server)
    except psutil.NoSuchProcess:
        left = [process for process in psutil.process_iter() if _has_group(process, server.pid)]
        is_ours = _began() < server.started and all(_created(process) > server.started - CLOCK for process in left)
        return bool(left) and is_ours


def _is_it(process: psutil.Process, server: ServerState) -> bool:
    return bool(abs(process.create_time() - server.started) < CLOCK)


def _has_group(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == os.getsid(process.pid) == group
    except (ProcessLookupError, PermissionError):
        return False


def _began() -> float:
    """When the first process of all started, in seconds since 1970: with the machine, or with the container."""
    try:
        return float(psutil.Process(1).create_time())
    except psutil.Error:  # hidden from this user
        return float(psutil.boot_time())


def _created(process: psutil.Process) -> float:
    """When a process started, in seconds since 1970; for one that has ended meanwhile, never."""
    try:
        return float(process.create_time())
    except psutil.Error:
        return float("inf")


def place_of(data: Path) -> Path:
    """The folder that states lie in.

    Args:
        data: The project's data folder.
    """
    return data / "serving"


def known_servers(data: Path) -> list[ServerState]:
    """All servers that have a state, by name.

    Raises:
        GaeaError: A state cannot be read.
    """
    found = [_read(path) for path in sorted(place_of(data).glob("[!.]*.json"))]
    return [server for server in found if server is not None]  # one may have been stopped since it was listed


def known_server(data: Path, name: str) -> ServerState | None:
    """The server of that name, or None.

    Raises:
        GaeaError: Its state cannot be read.
    """
    return _read(_path(data, name))


def remember(data: Path, server: ServerState) -> None:
    """Write a server's state, whole or not at all."""
    place_of(data).mkdir(parents=True, exist_ok=True)
    write_whole(_path(data, server.name), json.dumps(asdict(server), indent=1) + "\n")


def note_stopping(data: Path, server: ServerState) -> None:
    """Write down that a server is being stopped; nothing happens where it has no state, or another start has."""
    if _has_state(data, server):
        remember(data, replace(server, stopping=True))


def forget(data: Path, server: ServerState) -> None:
    """Delete a server's state; nothing happens where there is none, or that of another start."""
    if _has_state(data, server):
        _path(data, server.name).unlink(missing_ok=True)


def _has_state(data: Path, server: ServerState) -> bool:
    known = known_server(data, server.name)
    return known is not None and known.pid == server.pid


def _path(data: Path, name: str) -> Path:
    return place_of(data) / f"{name}.json"


def _read(path: Path) -> ServerState | None:
    try:
        return _STATE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise GaeaError(
            f"{path}: not readable as the state of a server; delete it, and end its process by hand if it still runs"
        ) from None
