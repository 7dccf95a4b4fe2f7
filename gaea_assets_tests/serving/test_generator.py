from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaea_assets.config import Serving
from gaea_assets.serving import generator, in_process, live, vllm_client, vllm_server
from gaea_assets.serving.generator import ModelPlace, open_generator

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


KEPT = Path("data/release/models/pocket-0123456789ab")


@pytest.mark.parametrize("serving", [Serving(engine="transformers"), Serving(engine="vllm", url="http://gpu:8002")])
def test_a_live_server_of_the_released_model_is_asked_whatever_the_engine(
    events: list[Any], monkeypatch: pytest.MonkeyPatch, serving: Serving
) -> None:
    monkeypatch.setattr(live, "live_server", lambda place, host: f"http://{host}:{place.port}")
    monkeypatch.setattr(vllm_client, "VllmClient", lambda *given: events.append(("live", *given[:-1])))
    lines: list[str] = []
    with open_generator(replace(PLACE, released=KEPT), SomeEncoder(), serving, lines.append):  # type: ignore[arg-type]
        pass
    assert events == [("live", "http://127.0.0.1:8002", "pocket-tuned", 2)]
    assert lines == ["generating with the live server of the released model at http://127.0.0.1:8002"]


def test_without_a_live_server_the_released_model_is_generated_with_as_any_other(
    events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "live_server", lambda place, host: None)
    place = replace(PLACE, released=KEPT)
    with open_generator(place, SomeEncoder(), Serving(engine="vllm"), print):  # type: ignore[arg-type]
        pass
    assert events == STARTED
