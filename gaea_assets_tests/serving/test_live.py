import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.serving.generator import Sampling
from gaea_assets.serving.live import live_server, require_still
from gaea_assets.serving.server_state import ServerState, remember
from gaea_assets.serving.vllm_client import VllmClient
from gaea_assets.serving.vllm_server import require_alone
from gaea_assets_tests.serving.servers import Quiet, server_that

NAME, MODEL = "pocket-tuned", "0123456789abcdef" * 4


class Well(Quiet):
    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.answer(200, {"data": []})


@pytest.fixture
def server() -> Iterator[ServerState]:
    """A server of this process that holds the model."""
    with server_that(Well) as url:
        port, started = urlsplit(url).port or 0, psutil.Process().create_time()
        yield ServerState("pocket-released", (NAME,), "/kept", "127.0.0.1", port, os.getpid(), started, "/l", 64, MODEL)


def test_a_server_that_was_started_with_these_weights_is_the_live_one(tmp_path: Path, server: ServerState) -> None:
    assert live_server(tmp_path, NAME, MODEL, print) is None
    remember(tmp_path, replace(server, name="a-base", content=None))
    remember(tmp_path, server)
    assert live_server(tmp_path, NAME, MODEL, print) == server
    require_still(server)


class Locked(Quiet):
    """Well, and answers nothing else without its key."""

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        open_to_all = self.path == "/health" or self.headers.get("Authorization") == "Bearer right"
        self.answer(200 if open_to_all else 401, {"data": []})


@pytest.mark.parametrize(
    ("key", "told"),
    [(None, "GAEA_API_KEY is not set for this process"), ("wrong", "GAEA_API_KEY is another one"), ("right", None)],
)
def test_a_server_whose_key_is_not_known_here_is_told_and_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ServerState, key: str | None, told: str | None
) -> None:
    monkeypatch.delenv("GAEA_API_KEY", raising=False)
    if key:
        monkeypatch.setenv("GAEA_API_KEY", key)
    lines: list[str] = []
    with server_that(Locked) as url:
        remember(tmp_path, replace(server, port=urlsplit(url).port or 0))
        live = live_server(tmp_path, NAME, MODEL, lines.append)
    if told is None:
        assert live is not None and not lines
    else:
        (line,) = lines
        assert live is None
        assert told in line and "pocket-released" in line


@pytest.mark.parametrize(
    "other",
    [
        {"content": "f" * 64},  # an earlier model in the same folder, or a later one
        {"content": None},  # a base, or a server of an earlier version
        {"models": ("tales-tuned",)},
        {"context": None},  # it is still loading
        {"started": 1.0},  # another process was given its id
    ],
)
def test_a_server_of_other_weights_is_never_asked(
    tmp_path: Path, server: ServerState, other: dict[str, object]
) -> None:
    remember(tmp_path, replace(server, **other))  # type: ignore[arg-type]
    assert live_server(tmp_path, NAME, MODEL, print) is None


def test_what_took_the_port_of_a_server_is_not_taken_for_it(tmp_path: Path, server: ServerState) -> None:
    child = psutil.Popen(["sleep", "600"], start_new_session=True)
    try:
        lives = replace(server, pid=child.pid, started=child.create_time())  # and this process answers on its port
        remember(tmp_path, lives)
        assert live_server(tmp_path, NAME, MODEL, print) is None
        with pytest.raises(GaeaError, match="ended or shared its port meanwhile; materialise again"):
            require_still(lives)
    finally:
        child.kill()
        child.wait()


@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="the system does not let two programs share a port")
def test_a_server_that_shares_its_port_is_not_asked(tmp_path: Path) -> None:
    listening = "import socket, sys, time\ns = socket.socket()\n"
    listening += "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
    listening += "s.bind(('127.0.0.1', int(sys.argv[1])))\ns.listen()\nprint('listens', flush=True)\ntime.sleep(600)"
    with socket.socket() as mine:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        mine.bind(("127.0.0.1", 0))
        mine.listen()
        port, started = mine.getsockname()[1], psutil.Process().create_time()
        shared = ServerState("s", (NAME,), "/kept", "127.0.0.1", port, os.getpid(), started, "/l", 64, MODEL)
        require_still(shared)
        command = [sys.executable, "-S", "-c", listening, str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as other:
            try:
                assert other.stdout and other.stdout.readline() == "listens\n"
                with pytest.raises(GaeaError, match="shared its port"):
                    require_still(shared)
                with pytest.raises(GaeaError, match=rf"another program \(process {other.pid}\) listens there too"):
                    require_alone(os.getpid(), "127.0.0.1", port)
            finally:
                other.kill()


def test_the_client_carries_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    carried: list[str | None] = []

    class Refusing(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - named by http.server
            self.read_request()
            carried.append(self.headers["Authorization"])
            self.answer(500, {"error": {"message": "EngineCore encountered an issue.", "code": 500}})

    monkeypatch.setenv("GAEA_API_KEY", "a-long-key")
    with server_that(Refusing) as url, pytest.raises(GaeaError, match="see `gaea status`"):
        VllmClient(url, "pocket-tuned", 2, "see `gaea status`").generate([[1]], Sampling(8, 0.8, 0.95, 0))
    assert carried == ["Bearer a-long-key"]
