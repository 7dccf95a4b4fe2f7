"""What `gaea status` goes by: is the process that was started still there, and does it answer."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.serving.server_state import (
    Look,
    ServerState,
    forget,
    is_alive,
    known_server,
    known_servers,
    look_at,
    may_have_left,
    note_stopping,
    remember,
)
from gaea_assets_tests.serving.servers import Quiet, free_port, server_that


class Well(Quiet):
    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.answer(200 if self.path == "/health" else 404, {})


class Unwell(Quiet):
    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.answer(503, {})


@pytest.fixture
def server() -> ServerState:
    """The state of a server whose process is this one."""
    started = psutil.Process().create_time()
    return ServerState("v-tuned", ("v-tuned",), "/m", "127.0.0.1", free_port(), os.getpid(), started, "/l", 4096)


@pytest.fixture
def child() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_states_come_back_and_only_their_own_is_forgotten(tmp_path: Path, server: ServerState) -> None:
    assert known_servers(tmp_path) == []
    other = replace(server, name="a-base", context=None)
    remember(tmp_path, server)
    remember(tmp_path, other)
    assert known_servers(tmp_path) == [other, server]
    forget(tmp_path, replace(other, pid=other.pid + 1))  # an earlier start under that name
    assert known_server(tmp_path, "a-base") == other
    forget(tmp_path, other)
    forget(tmp_path, other)
    assert known_servers(tmp_path) == [server]


def test_a_server_that_is_being_stopped_says_so_and_no_other_start_of_its_name_does(
    tmp_path: Path, server: ServerState
) -> None:
    remember(tmp_path, server)
    note_stopping(tmp_path, replace(server, pid=server.pid + 1))
    assert known_servers(tmp_path) == [server]
    note_stopping(tmp_path, server)
    (stopping,) = known_servers(tmp_path)
    assert look_at(stopping) == Look("stopping", "")
    forget(tmp_path, server)
    note_stopping(tmp_path, server)
    assert known_servers(tmp_path) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}'])
def test_a_damaged_state_is_named(tmp_path: Path, server: ServerState, text: str) -> None:
    remember(tmp_path, server)
    (tmp_path / "serving" / "v-tuned.json").write_text(text)
    with pytest.raises(GaeaError, match=r"v-tuned.json: not readable as the state of a server; delete it"):
        known_servers(tmp_path)


def test_a_process_that_has_ended_is_gone(server: ServerState, child: subprocess.Popen) -> None:
    mine = replace(server, pid=child.pid, started=psutil.Process(child.pid).create_time())
    assert is_alive(mine)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and still there as a zombie
    assert look_at(mine) == Look("gone", "")
    assert may_have_left(mine)
    child.wait()
    assert look_at(mine) == Look("gone", "")


LEADER = "import os, sys, time; time.sleep(600 if os.fork() == 0 else float(sys.argv[1]))"


@pytest.fixture
def left() -> Iterator[tuple[int, float]]:
    """A group whose first process has ended, and another of which goes on; its id, and when the first was started."""
    leader = subprocess.Popen([sys.executable, "-c", LEADER, "1"], start_new_session=True)
    started = psutil.Process(leader.pid).create_time()
    leader.wait()
    yield leader.pid, started
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)


def test_what_a_killed_server_left_is_told_from_a_strangers_group_that_was_given_its_id(
    server: ServerState, left: tuple[int, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, started = left
    mine = replace(server, pid=pid, started=started)
    assert not is_alive(mine)
    assert may_have_left(mine)
    later = replace(
        mine, started=started + 60
    )  # a process of the group is older than the server: it is not the server's
    assert not may_have_left(later)
    before_the_reboot = replace(mine, started=psutil.Process(1).create_time() - 60)
    assert not may_have_left(before_the_reboot)
    os.killpg(pid, signal.SIGKILL)
    psutil.wait_procs([p for p in psutil.process_iter() if _group(p.pid) == pid], timeout=10)
    assert not may_have_left(mine)


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return -1


def test_another_process_with_the_same_id_is_not_the_server(server: ServerState) -> None:
    assert is_alive(server)
    before = replace(server, started=server.started - 60)
    assert look_at(before) == Look("gone", "")
    assert not may_have_left(before)  # so `gaea stop` leaves the other process alone


def test_health_is_told_apart(server: ServerState) -> None:
    assert look_at(replace(server, context=None)) == Look("starting", "")
    assert look_at(server) == Look("running", "no answer")
    with server_that(Well) as url:
        here = replace(server, port=int(url.rpartition(":")[2]))
        assert look_at(here) == Look("running", "ok")
        assert look_at(replace(here, context=None)) == Look("running", "ok")
    with server_that(Unwell) as url:
        assert look_at(replace(server, port=int(url.rpartition(":")[2]))) == Look("running", "failing (503)")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8002/v1"),
        ("0.0.0.0", "http://127.0.0.1:8002/v1"),
        ("192.168.1.5", "http://192.168.1.5:8002/v1"),
        ("::", "http://[::1]:8002/v1"),
    ],
)
def test_the_address_is_one_that_a_client_here_reaches(server: ServerState, host: str, url: str) -> None:
    assert replace(server, host=host, port=8002).url == url
