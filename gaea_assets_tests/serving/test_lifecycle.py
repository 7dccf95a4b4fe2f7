"""`gaea serve`, `gaea status`, `gaea stop` from outside, with a small program in vLLM's place."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import yaml

from gaea_assets import cli, resources
from gaea_assets.lineage import content
from gaea_assets.resources import Workspace
from gaea_assets.serving import vllm_server
from gaea_assets.store import new_folder
from gaea_assets_tests.projects import BASE, VOICE, workspace_class, write_voice
from gaea_assets_tests.serving.servers import free_port

pytestmark = pytest.mark.slow

# A package `vllm` that comes before the real one: it is found, and its server does what the test wants.
FAKE = """
import http.server, json, os, subprocess, sys, time
given = dict(part.lstrip("-").split("=", 1) for part in sys.argv[1:] if "=" in part)
class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        models = [{"id": given["served-model-name"], "max_model_len": 2048}]
        self.wfile.write(json.dumps({"data": models}).encode())
helper = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
print("pids", os.getpid(), helper.pid, flush=True)
print("environment", json.dumps(sorted(os.environ)), flush=True)
{do}
http.server.HTTPServer((given["host"], int(given["port"])), Server).serve_forever()
"""
# The command as installed, on another project than the checkout.
MAIN = """
import sys
from gaea_assets import cli, resources
class Here(resources.Workspace):
    project: str = {project!r}
    data: str = {data!r}
resources.Workspace = Here
sys.exit(cli.main(sys.argv[1:]))
"""


class Project:
    """A project of its own, and the commands on it."""

    def __init__(self, workspace: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.workspace, self._folder, self._capsys = workspace, folder, capsys
        self.port = free_port()
        write_voice(workspace, serving={"base_port": self.port, "start_timeout": 120})
        self.vllm("")

    def vllm(self, do: str) -> None:
        """Let the server do this before it answers."""
        package = self._folder / "vllm" / "entrypoints" / "openai"
        package.mkdir(parents=True, exist_ok=True)
        (package / "api_server.py").write_text(FAKE.replace("{do}", do))
        for folder in (package, package.parent, package.parent.parent):
            (folder / "__init__.py").touch()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A `gaea` command as a process of its own, which gets signals."""
        main = self._folder / "main.py"
        main.write_text(MAIN.format(project=self.workspace.project, data=self.workspace.data))
        command = [sys.executable, str(main), *arguments]
        return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Status, output and errors of a `gaea` command."""
        self._capsys.readouterr()
        status = cli.main(list(arguments))
        return status, *self._capsys.readouterr()

    @property
    def log(self) -> Path:
        return Path(self.workspace.data) / "logs" / "serving" / "pocket-base.log"

    def pids(self) -> list[int]:
        """The processes that the server says it consists of."""
        found = re.search(r"pids (\d+) (\d+)", self.log.read_text())
        assert found
        return [int(pid) for pid in found.groups()]

    def running(self) -> list[int]:
        """Those of them that still run; one that was killed takes a moment to end."""
        psutil.wait_procs([psutil.Process(pid) for pid in self.pids() if psutil.pid_exists(pid)], timeout=5)
        return [
            pid
            for pid in self.pids()
            if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        ]

    def status(self) -> list[str]:
        """The row that `gaea status` shows, or what it says where there is none."""
        status, out, _ = self.run("status")
        assert status == 0
        return re.split(r"\s{2,}", out.splitlines()[-1].strip())


@pytest.fixture
def project(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Project]:
    fake = tmp_path / "fake"
    monkeypatch.setenv("PYTHONPATH", f"{fake}{os.pathsep}{resources.PROJECT}")
    monkeypatch.delenv("GAEA_API_KEY", raising=False)
    monkeypatch.setattr(vllm_server, "find_spec", lambda name: object())
    monkeypatch.setattr(resources, "Workspace", workspace_class(workspace))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    made = Project(workspace, fake, capsys)
    yield made
    for number, handler in handlers.items():
        signal.signal(number, handler)
    if made.log.exists():
        for pid in made.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def until_it_says(process: subprocess.Popen[str], words: str) -> list[str]:
    """The lines up to one with these words."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if words in line:
            return lines
    pytest.fail(f"it ended and said: {lines} {process.stderr.read() if process.stderr else ''}")


def test_a_detached_server_is_listed_and_stopped_with_all_its_processes(project: Project) -> None:
    assert project.status() == ["nothing is served"]
    status, out, err = project.run("serve", VOICE, "--base", "--detach")
    assert (status, err) == (0, "")
    assert f"pocket-base answers at http://127.0.0.1:{project.port}/v1" in out
    assert "models: pocket-base; context: 2,048 tokens" in out
    name, models, folder, weights, port, pid, state, health, log = project.status()
    assert (name, models, port, state, health) == ("pocket-base", "pocket-base", str(project.port), "running", "ok")
    assert (folder, weights) == (str(BASE), "-")
    assert (int(pid), log) == (project.pids()[0], str(project.log))
    assert len(project.running()) == 2

    status, _, err = project.run("serve", VOICE, "--base", "--detach")
    assert status == 1
    assert err.startswith("gaea: pocket-base is served already, at http://127.0.0.1:")
    status, _, err = project.run("stop", "other")
    assert (status, err) == (1, "gaea: other is not served; what is: pocket-base\n")

    assert project.run("stop", "pocket-base") == (0, "pocket-base: stopped\n", "")
    assert project.running() == []
    assert project.status() == ["nothing is served"]
    assert project.run("stop") == (0, "nothing is served\n", "")


def test_the_files_that_vllm_and_the_editor_read_lie_beside_the_state(project: Project) -> None:
    project.run("serve", VOICE, "--base", "--detach")
    folder = Path(project.workspace.data) / "serving" / "pocket-base"
    voice = project.workspace.voice(VOICE)
    assert (folder / "chat_template.jinja").read_text() == project.workspace.encoder(voice).marks.chat_template()
    generation = json.loads((folder / "generation_config.json").read_text())
    assert generation == {"do_sample": True, "eos_token_id": [1], "temperature": 0.8, "top_p": 0.95}
    editor = yaml.safe_load((folder / "continue.yaml").read_text())
    assert editor["models"][0]["defaultCompletionOptions"]["contextLength"] == 2048
    project.run("stop")


def test_a_server_of_the_model_before_is_told_from_the_one_wanted(project: Project) -> None:
    write_voice(project.workspace, serving={"tuned_port": project.port, "start_timeout": 120})
    hashes = []
    for number in range(2):
        with new_folder(project.workspace.place("merged_model", VOICE), {}) as folder:
            shutil.copyfile(BASE / "model.safetensors", folder / "model.safetensors")
            (folder / "config.json").write_text(json.dumps({"trained": number}))
        hashes.append(content("merged_model", project.workspace, VOICE)[:12])
        status, _, err = project.run("serve", VOICE, "--detach")
        assert status == number, err
    assert err.startswith(
        f"gaea: pocket-tuned is served already with another model ({hashes[0]}, wanted {hashes[1]}), at http://"
    )
    assert project.status()[2:4] == ["merged_model/pocket", hashes[0]]
    project.run("stop")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_in_the_foreground_ends_in_good_order(project: Project, number: signal.Signals) -> None:
    process = project.start("serve", VOICE, "--base")
    until_it_says(process, "Ctrl-C stops it")
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (0, "stopping pocket-base\n", "")
    assert project.running() == []
    assert project.status() == ["nothing is served"]


def test_ctrl_c_while_it_starts_leaves_nothing_behind(project: Project) -> None:
    project.vllm("time.sleep(600)")
    process = project.start("serve", VOICE, "--base", "--detach")
    until_it_says(process, "starting pocket-base")
    while not (project.log.exists() and "pids" in project.log.read_text()):
        assert process.poll() is None
    assert project.status()[6] == "starting"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (1, "gaea: pocket-base was stopped before it answered\n")
    assert project.running() == []
    assert project.status() == ["nothing is served"]


def test_a_server_that_ends_while_starting_is_explained_and_forgotten(project: Project) -> None:
    project.vllm(
        "print('max_model_len (4096) is greater than the derived max_model_len (x=2048.0 or')\n"
        "helper.kill()\nsys.exit(1)"
    )
    status, _, err = project.run("serve", VOICE, "--base")
    assert status == 1
    assert err == (
        "gaea: vLLM ended while starting (status 1): serving.max_model_len: 4,096 tokens wanted, and the model was "
        f"made for 2,048; set it to 2048, or to auto; the whole log is {project.log}\n"
    )
    assert project.status() == ["nothing is served"]


def test_a_server_that_is_killed_shows_as_gone_and_what_is_left_of_it_is_stopped(project: Project) -> None:
    project.run("serve", VOICE, "--base", "--detach")
    os.kill(project.pids()[0], signal.SIGKILL)
    os.waitid(os.P_PID, project.pids()[0], os.WEXITED | os.WNOWAIT)  # ended; nobody has taken note of it yet
    assert project.status()[4:] == [str(project.port), "gone", str(project.log)]
    assert project.run("stop")[1] == f"pocket-base: was gone already; its log is {project.log}\n"
    assert project.running() == []
    assert project.status() == ["nothing is served"]


def test_what_a_killed_server_left_is_ended_by_the_next_start_of_any(project: Project) -> None:
    project.run("serve", VOICE, "--base", "--detach")
    server, helper = project.pids()
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)  # as if another process had started it: nobody remembers its children but its state
    assert psutil.pid_exists(helper)
    assert project.status()[5] == "gone"
    assert project.run("serve", VOICE, "--base", "--detach")[0] == 0
    psutil.wait_procs([psutil.Process(helper)] if psutil.pid_exists(helper) else [], timeout=10)
    assert not psutil.pid_exists(helper) or psutil.Process(helper).status() == psutil.STATUS_ZOMBIE
    project.run("stop")


def test_a_server_killed_in_the_foreground_is_told_and_its_name_can_be_used_again(project: Project) -> None:
    process = project.start("serve", VOICE, "--base")
    until_it_says(process, "Ctrl-C stops it")
    os.kill(project.pids()[0], signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.startswith("gaea: pocket-base ended by itself (status -9): ")
    assert project.running() == []
    assert project.status()[5] == "gone"
    before = project.log.read_text()
    assert project.run("serve", VOICE, "--base", "--detach")[0] == 0
    assert project.status()[6:8] == ["running", "ok"]
    assert project.log.with_name("pocket-base.log.before").read_text() == before
    project.run("stop")


def test_stop_in_another_terminal_ends_the_one_in_the_foreground(project: Project) -> None:
    process = project.start("serve", VOICE, "--base")
    until_it_says(process, "Ctrl-C stops it")
    assert project.run("stop")[1] == "pocket-base: stopped\n"
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (0, "pocket-base was stopped\n", "")


def test_a_stop_that_is_killed_leaves_the_server_on_the_list(project: Project) -> None:
    project.vllm("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)")
    project.run("serve", VOICE, "--base", "--detach")
    first = project.start("stop")
    while project.status()[6] != "stopping":
        assert first.poll() is None
    status, _, err = project.run("serve", VOICE, "--base", "--detach")
    assert status == 1
    assert err.startswith(f"gaea: pocket-base on port {project.port} is being stopped: start again when gaea status")
    first.kill()
    first.communicate()
    assert project.status()[6] == "stopping"
    second = project.start("stop")
    while project.pids()[1] in project.running():  # its helper ends at once, so the second stop has begun
        assert second.poll() is None
    second.send_signal(signal.SIGINT)  # does not wait as long as a server may take
    assert second.communicate(timeout=120)[0] == "pocket-base: stopped\n"
    assert project.running() == []
    assert project.status() == ["nothing is served"]


def test_a_key_reaches_the_server_by_its_environment_only_where_it_is_wanted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VLLM_API_KEY", "stray")
    project.run("serve", VOICE, "--base", "--detach")
    told = re.search(r"environment (.*)", project.log.read_text())
    assert told and not {"VLLM_API_KEY", "GAEA_API_KEY"} & set(json.loads(told[1]))
    project.run("stop")
    monkeypatch.setenv("GAEA_API_KEY", "verysecret")
    assert project.run("serve", VOICE, "--base", "--detach")[0] == 0
    told = re.search(r"environment (.*)", project.log.read_text())
    assert told and "GAEA_API_KEY" in json.loads(told[1])
    assert "verysecret" not in " ".join(psutil.Process(project.pids()[0]).cmdline())
    for path in (Path(project.workspace.data) / "serving").rglob("*"):
        assert path.is_dir() or "verysecret" not in path.read_text()
    project.run("stop")


def test_another_address_without_a_key_is_refused_before_anything_starts(project: Project) -> None:
    write_voice(project.workspace, serving={"base_port": project.port, "host": "0.0.0.0"})
    status, _, err = project.run("serve", VOICE, "--base")
    assert status == 1
    assert err.startswith("gaea: serving.host: 0.0.0.0 is reached from other machines, and no key is set")
    assert not project.log.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name a VOICE to serve, or --released"),
        ((VOICE, "other", "--released"), "one server holds one released model: name one VOICE"),
        ((VOICE, "--released"), "no model of the voice pocket is released in"),
        (("--released",), "nothing is released in"),
        ((VOICE,), "not made yet; materialise merged_model of the voice pocket first"),
        (("nobody",), "nobody.yaml: no such voice"),
    ],
)
def test_what_cannot_be_served_is_one_line(project: Project, arguments: tuple[str, ...], told: str) -> None:
    status, out, err = project.run("serve", *arguments)
    assert (status, out) == (1, "")
    assert err.startswith("gaea: ") and told in err and err.count("\n") == 1
