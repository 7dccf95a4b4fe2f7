import os
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from gaea_assets.config import Serving
from gaea_assets.errors import GaeaError
from gaea_assets.serving import vllm_server
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.vllm_server import HOST, health, require_alone, require_free, running_server
from gaea_assets_tests.serving.servers import Quiet, free_port, server_that

pytestmark = pytest.mark.slow

HEALTHY = """
import http.server, os, subprocess, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
helper = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
print("pids", os.getpid(), helper.pid, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""

SHARES = "http.server.HTTPServer.allow_reuse_port = True\nhttp.server.HTTPServer("

Serve = Callable[[str], None]


@pytest.fixture
def place(tmp_path: Path) -> ModelPlace:
    return ModelPlace(tmp_path / "model", "pocket-base", free_port(), tmp_path / "logs" / "vllm_base.log")


@pytest.fixture
def serve_with(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Let a small program stand in for vLLM."""

    def use(program: str) -> None:
        monkeypatch.setattr(vllm_server, "find_spec", lambda name: object())
        monkeypatch.setattr(
            vllm_server, "command", lambda place, *_: [sys.executable, "-S", "-c", program, str(place.port)]
        )

    return use


def started(log_file: Path) -> list[int]:
    """The processes that the program says it consists of."""
    (line,) = (line for line in log_file.read_text("utf-8").splitlines() if line.startswith("pids"))
    return [int(pid) for pid in line.split()[1:]]


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_without_vllm_the_remedy_is_named(place: ModelPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vllm_server, "find_spec", lambda name: None)
    with (
        pytest.raises(GaeaError, match=r"serving.engine: vllm is not installed; pip install .* or set engine: tran"),
        running_server(place, Serving(), print),
    ):
        pytest.fail("no server can run")
    assert not place.log_file.exists()


def test_a_port_in_use_is_refused_before_anything_starts(place: ModelPlace, serve_with: Serve) -> None:
    serve_with("raise SystemExit('must not be started')")
    with socket.socket() as taken:
        taken.bind((HOST, place.port))
        taken.listen()
        with pytest.raises(GaeaError) as fault, running_server(place, Serving(), print):
            pytest.fail("no server can run")
    line = str(fault.value)
    assert f"port {place.port} is in use: stop what listens there" in line
    assert "serving.base_port or serving.tuned_port" in line
    assert "serving.url" not in line  # nobody knows which model listens there
    assert not place.log_file.exists()


def test_a_server_that_ends_at_start_is_explained_by_its_last_error(place: ModelPlace, serve_with: Serve) -> None:
    serve_with("import sys; print('loading'); print('ValueError: rank 1024 is too high'); print('bye'); sys.exit(5)")
    with pytest.raises(GaeaError) as fault, running_server(place, Serving(), print):
        pytest.fail("no server can run")
    assert str(fault.value) == (
        f"vLLM ended while starting (status 5): ValueError: rank 1024 is too high; the whole log is {place.log_file}"
    )


def test_a_server_that_ends_without_a_word_is_explained_too(place: ModelPlace, serve_with: Serve) -> None:
    serve_with("raise SystemExit(1)")
    with (
        pytest.raises(GaeaError, match=r"\(status 1\): it wrote nothing; the whole log is"),
        running_server(place, Serving(), print),
    ):
        pytest.fail("no server can run")


def test_a_server_that_never_answers_is_given_up_and_stopped(place: ModelPlace, serve_with: Serve) -> None:
    serve_with("import os, time; print('pids', os.getpid(), flush=True); time.sleep(600)")
    with (
        pytest.raises(GaeaError, match=rf"did not answer on port {place.port} within 2 s \(serving.start_timeout\)"),
        running_server(place, Serving(start_timeout=2), print),
    ):
        pytest.fail("no server can run")
    assert not any(map(is_running, started(place.log_file)))


def test_a_server_is_stopped_with_all_its_processes_and_frees_its_port(place: ModelPlace, serve_with: Serve) -> None:
    serve_with(HEALTHY)
    lines: list[str] = []
    with running_server(place, Serving(), lines.append) as url:
        assert url == f"http://127.0.0.1:{place.port}"
        running = started(place.log_file)
        assert len(running) == 2
        assert all(map(is_running, running))
    assert not any(map(is_running, running))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, place.port))
    assert lines == [f"starting vLLM on port {place.port} (log: {place.log_file})", "vLLM answers"]


def test_a_fault_while_generating_stops_the_server_and_comes_through(place: ModelPlace, serve_with: Serve) -> None:
    serve_with(HEALTHY)
    with pytest.raises(GaeaError, match="generation failed"), running_server(place, Serving(), print):
        raise GaeaError("generation failed")
    assert not any(map(is_running, started(place.log_file)))


def test_the_server_is_its_own_process_group(place: ModelPlace, serve_with: Serve) -> None:
    serve_with(HEALTHY)
    with running_server(place, Serving(), print):
        assert {os.getpgid(pid) for pid in started(place.log_file)} == {started(place.log_file)[0]}


def test_the_holder_of_a_port_is_named(place: ModelPlace) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, place.port))
        taken.listen()
        with pytest.raises(GaeaError, match=re.escape(f"({psutil.Process().name()}, process {os.getpid()})")):
            require_free(HOST, place.port)


def test_a_port_that_another_program_listens_on_too_is_refused(place: ModelPlace, serve_with: Serve) -> None:
    """As two vLLM servers do that are started at the same moment: the system deals the requests out to both."""
    serve_with(HEALTHY.replace("http.server.HTTPServer(", SHARES))
    with (
        pytest.raises(GaeaError, match=rf"another program \(process {os.getpid()}\) listens there too"),
        running_server(place, Serving(), print),
        socket.socket() as other,
    ):
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((HOST, place.port))
        other.listen()
        require_alone(started(place.log_file)[0], HOST, place.port)
    assert not any(map(is_running, started(place.log_file)))


def test_an_address_that_is_not_this_machines_is_named(place: ModelPlace) -> None:
    with pytest.raises(
        GaeaError, match=r"serving.host: 192.0.2.1: cannot listen there \(.*\); give an address of this"
    ):
        require_free("192.0.2.1", place.port)  # TEST-NET-1, RFC 5737: nobody's


def test_the_log_of_the_server_before_is_kept(place: ModelPlace, serve_with: Serve) -> None:
    serve_with("raise SystemExit('first')")
    for _ in range(2):
        with pytest.raises(GaeaError, match="first"), running_server(place, Serving(), print):
            pytest.fail("no server can run")
    assert place.log_file.with_name("vllm_base.log.before").read_text() == place.log_file.read_text() == "first\n"


class Silent(Quiet):
    """Answers with no HTTP."""

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.wfile.write(b"SSH-2.0\r\n")


def test_what_is_no_http_server_is_not_well() -> None:
    with server_that(Silent) as url:
        assert health(HOST, int(url.rpartition(":")[2])) == "no answer"
