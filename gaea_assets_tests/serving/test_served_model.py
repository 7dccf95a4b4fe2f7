"""What needs a real vLLM server: it is recognised as the live one, and measured."""

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from gaea_assets import cli
from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Serving
from gaea_assets.serving import vllm_server
from gaea_assets.serving.generator import ModelPlace, Sampling, open_generator
from gaea_assets.serving.live import live_server
from gaea_assets.serving.server_state import ServerState, remember
from gaea_assets.serving.vllm_server import running_server
from gaea_assets_tests.projects import BASE
from gaea_assets_tests.serving.servers import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelPlace]:
    """The pocket base, served under the name of a tuned model."""
    if find_spec("vllm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("vLLM is not installed; CI is to run these tests")
        pytest.skip("vLLM is not installed; make test installs it")
    log = tmp_path_factory.mktemp("vllm") / "vllm.log"
    served = ModelPlace(BASE, "pocket-tuned", free_port(), log)
    command = vllm_server.command
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vllm_server, "command", lambda *given: [*command(*given), "--enforce-eager"])  # starts sooner
        with running_server(served, Serving(max_model_len=1024), print):
            yield served


def live_one(place: ModelPlace) -> ServerState:
    """The server's state, as `gaea serve` writes it down."""
    (pid,) = {
        c.pid for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr.port == place.port
    }
    started = psutil.Process(pid).create_time()
    return ServerState("live", (place.name,), str(BASE), "127.0.0.1", place.port, pid, started, "/l", 1024, "0123")


def test_the_live_server_of_the_model_is_asked_instead_of_starting_another(place: ModelPlace, tmp_path: Path) -> None:
    encoder = Encoder(BASE, prompt_format(BASE))
    lines: list[str] = []
    remember(tmp_path, live_one(place))
    assert live_server(tmp_path, place.name, "4567", print) is None
    live = live_server(tmp_path, place.name, "0123", print)
    # The engine alone would generate in process; a second server could not be started on this port.
    serving = Serving(engine="transformers", tuned_port=place.port, max_model_len=1024)
    with open_generator(place, encoder, serving, lines.append, live) as generator:
        (generation,) = generator.generate([encoder.prompt_ids("You walk along the wall.")], Sampling(8, 0.8, 0.95, 0))
        (likelihood,) = generator.log_likelihoods([encoder.passage_ids("You walk along the wall.")])
    assert lines == [f"generating with the live server live at http://127.0.0.1:{place.port}/v1"]
    assert generation.text
    assert likelihood < 0


def test_a_vllm_server_is_measured(place: ModelPlace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bench.json"
    assert cli.main(["bench", f"http://127.0.0.1:{place.port}", "--concurrency", "2", "--out", str(out)]) == 0
    found = json.loads(out.read_text("utf-8"))
    assert found["context"] == 1024
    assert found["counted_by"] == "server"
    assert not found["errors"]
    levels = found["throughput"]
    assert [level["concurrency"] for level in levels] == [1, 2]
    for level in levels:  # vLLM's `ignore_eos` makes every answer of one length
        assert level["tokens"] == level["requests"] * 128
        assert 0 < level["first_token"]["median"] <= level["first_token"]["p95"] < level["seconds"]
    (length,) = found["context_scaling"]
    assert length["prompt_tokens"] == pytest.approx(1024 * 0.92 - 128, rel=0.1)
    (names,) = found["names"]
    assert names["trials"] == names["right"] + names["confused"] + names["invented"] + names["none"] == 20
    assert names["low"] <= names["share"] <= names["high"]
    print(capsys.readouterr().out)


@pytest.mark.parametrize("path", ["/v1/models", "/invocations", "/health"])
def test_a_name_that_was_bound_anew_to_this_machine_is_refused(place: ModelPlace, path: str) -> None:
    for host, refused in ((f"evil.example:{place.port}", True), (f"localhost:{place.port}", False)):
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=60)
        with closing(connection):
            connection.request("GET", path, headers={"Host": host})
            assert (connection.getresponse().status == 400) is refused
