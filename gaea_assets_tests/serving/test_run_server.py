"""The server that an asset starts for itself, with a small program in vLLM's place."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from gaea_assets.config import Serving
from gaea_assets.serving import vllm_server
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.run_server import server_of_a_run
from gaea_assets.serving.server_state import known_servers, look_at
from gaea_assets_tests.serving.servers import free_port
from gaea_assets_tests.serving.test_lifecycle import FAKE

pytestmark = pytest.mark.slow

RUN = """
import sys
from pathlib import Path
from gaea_assets.config import Serving
from gaea_assets.serving import vllm_server
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.run_server import server_of_a_run
vllm_server.find_spec = lambda name: object()
data = Path(sys.argv[1])
with server_of_a_run(ModelPlace(data, "pocket-tuned", int(sys.argv[2]), data / "log"), Serving(), data, print):
    print("answers", flush=True)
    input()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelPlace]:
    package = tmp_path / "fake" / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    (package / "api_server.py").write_text(FAKE.replace("{do}", ""))
    for folder in (package, package.parent, package.parent.parent):
        (folder / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'fake'}:{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setattr(vllm_server, "find_spec", lambda name: object())
    yield ModelPlace(tmp_path, "pocket-tuned", free_port(), tmp_path / "log")


def test_while_a_run_needs_it_it_is_known_and_then_it_is_not(place: ModelPlace, tmp_path: Path) -> None:
    with server_of_a_run(place, Serving(), tmp_path, print) as url:
        (server,) = known_servers(tmp_path)
        assert (server.name, server.url, look_at(server).health) == ("pocket-tuned-run", f"{url}/v1", "ok")
    assert known_servers(tmp_path) == []
    assert not psutil.pid_exists(server.pid)


def test_where_its_port_is_held_it_takes_another(place: ModelPlace, tmp_path: Path) -> None:
    said: list[str] = []
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", place.port))
        holder.listen()
        with server_of_a_run(place, Serving(), tmp_path, said.append) as url:
            (server,) = known_servers(tmp_path)
            assert url.endswith(f":{server.port}") and server.port != place.port
            assert look_at(server).health == "ok"
    assert said[0] == f"port {place.port} is held by another program: taking {server.port}"


def test_what_a_killed_run_left_is_ended_by_the_next(place: ModelPlace, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(tmp_path), str(place.port)]
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout and run.stdin
    assert "answers\n" in iter(run.stdout.readline, "")
    run.kill()
    run.wait()
    (left,) = known_servers(tmp_path)
    assert look_at(left).health == "ok"  # it goes on, and `gaea status` shows it
    said: list[str] = []
    with server_of_a_run(place, Serving(), tmp_path, said.append):
        assert said[0] == "ending pocket-tuned-run, which a run that was killed has left behind"
        assert not psutil.pid_exists(left.pid) or psutil.Process(left.pid).status() == psutil.STATUS_ZOMBIE
        (server,) = known_servers(tmp_path)
        assert server.port == place.port
    run.stdin.close()
    run.stdout.close()
    for pid in (left.pid, server.pid):
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            os.kill(pid, signal.SIGKILL)
            pytest.fail(f"process {pid} is left")
