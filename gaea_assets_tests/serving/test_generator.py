from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gaea_assets.config import Serving
from gaea_assets.serving import generator, in_process, live, vllm_client, vllm_server
from gaea_assets.serving.generator import ModelPlace, open_generator, origin
from gaea_assets.serving.server_state import ServerState

PLACE = ModelPlace(Path("data/merged_model/pocket"), "pocket-tuned", 8002, Path("vllm_tuned.log"))


class SomeEncoder:
    end_id = 2


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is opened, in place of real engines."""
    seen: list[Any] = []

    @contextmanager
    def server(place: ModelPlace, serving: Serving, log: Callable[[str], None]) -> Iterator[str]:
        seen.append(("started", place.port))
        yield f"http://127.0.0.1:{place.port}"
        seen.append("stopped")

    monkeypatch.setattr(in_process, "InProcess", lambda folder, encoder, log: seen.append(("in process", folder)))
    monkeypatch.setattr(vllm_client, "VllmClient", lambda *given: seen.append(("client", *given)))
    monkeypatch.setattr(vllm_server, "running_server", server)
    return seen


def opened(serving: Serving) -> None:
    with open_generator(PLACE, SomeEncoder(), serving, lambda line: None):  # type: ignore[arg-type]
        pass


STARTED = [
    ("started", 8002),
    ("client", "http://127.0.0.1:8002", "pocket-tuned", 2, "its log is vllm_tuned.log"),
    "stopped",
]
IN_PROCESS = [("in process", PLACE.folder)]
AT_URL = [("client", "http://gpu:8002", "pocket-tuned", 2, "see the server's own log")]


@pytest.mark.parametrize(
    ("serving", "installed", "expected"),
    [
        (Serving(engine="auto"), True, STARTED),
        (Serving(engine="auto"), False, IN_PROCESS),
        (Serving(engine="auto", url="http://gpu:8002"), False, AT_URL),
        (Serving(engine="auto", url="http://gpu:8002"), True, AT_URL),
        (Serving(engine="vllm"), False, STARTED),
        (Serving(engine="vllm", url="http://gpu:8002"), True, AT_URL),
        (Serving(engine="transformers"), True, IN_PROCESS),
    ],
)
def test_the_engine_is_the_one_configured_and_auto_takes_vllm_where_it_is(
    events: list[Any], monkeypatch: pytest.MonkeyPatch, serving: Serving, installed: bool, expected: list[Any]
) -> None:
    monkeypatch.setattr(generator, "find_spec", lambda name: object() if installed else None)
    opened(serving)
    assert events == expected
    assert origin(serving, None).verified is (expected != AT_URL)  # whose weights a server elsewhere holds nobody knows


LIVE = ServerState("pocket-released", ("pocket-tuned",), "/kept", "127.0.0.1", 8002, 1, 0.0, "/log", 4096, "0123")


@pytest.mark.parametrize("serving", [Serving(engine="transformers"), Serving(engine="vllm", url="http://gpu:8002")])
def test_a_live_server_of_the_model_is_asked_whatever_the_engine(
    events: list[Any], monkeypatch: pytest.MonkeyPatch, serving: Serving
) -> None:
    monkeypatch.setattr(live, "require_still", lambda server: events.append(("looked at again", server)))
    monkeypatch.setattr(vllm_client, "VllmClient", lambda *given: events.append(("live", *given[:-1])))
    lines: list[str] = []
    with open_generator(PLACE, SomeEncoder(), serving, lines.append, LIVE):  # type: ignore[arg-type]
        pass
    assert events == [("live", "http://127.0.0.1:8002/v1", "pocket-tuned", 2), ("looked at again", LIVE)]
    assert lines == ["generating with the live server pocket-released at http://127.0.0.1:8002/v1"]
    assert origin(serving, LIVE).verified
