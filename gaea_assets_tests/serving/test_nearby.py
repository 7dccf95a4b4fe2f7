"""Servers on this machine are asked directly."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.serving.bench.client import find_model
from gaea_assets.serving.generator import Sampling
from gaea_assets.serving.nearby import get, is_nearby, models
from gaea_assets.serving.vllm_client import VllmClient
from gaea_assets.serving.vllm_server import health
from gaea_assets_tests.serving.servers import Quiet, server_that

KEY = "a-long-secret"
through_the_proxy: list[str] = []


class Proxy(Quiet):
    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        through_the_proxy.append(f"{self.path} {self.headers.get('Authorization')}")
        self.answer(503, {})

    do_POST = do_GET  # noqa: N815


class Server(Quiet):
    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.answer(200, {"object": "list", "data": [{"id": "m", "object": "model", "max_model_len": 64}]})

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        choice = {"index": 0, "text": " and on", "finish_reason": "length"}
        self.answer(200, {"id": "1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]})


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A proxy that the environment names for everything."""
    through_the_proxy.clear()
    with server_that(Proxy) as url:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GAEA_API_KEY", KEY)
        yield url


def test_no_proxy_sees_what_a_server_of_this_machine_is_asked(proxy: str) -> None:
    with server_that(Server) as url:
        assert health("127.0.0.1", urlsplit(url).port or 0) == "ok"
        with get(f"{url}/v1/models", 5, KEY) as answer:
            assert answer.status == 200
        (written,) = VllmClient(url, "m", 2, "its log").generate([[1]], Sampling(4, 0.0, 1.0, 0))
        assert written.text == " and on"
        assert asyncio.run(find_model(url, None, KEY)).model == "m"
    assert through_the_proxy == []


def test_a_server_elsewhere_is_reached_as_the_environment_says(proxy: str) -> None:
    with pytest.raises(GaeaError, match="refused the request"):
        VllmClient("http://models.example:8000", "m", 2, "its log").generate([[1]], Sampling(4, 0.0, 1.0, 0))
    with pytest.raises(GaeaError, match="no OpenAI-compatible server answers there"):
        asyncio.run(find_model("http://models.example:8000", None, KEY))
    asked = [f"http://models.example:8000/v1/{path} Bearer {KEY}" for path in ("completions", "models")]
    assert through_the_proxy == asked


def test_a_server_tells_its_models() -> None:
    with server_that(Server) as url:
        assert [model["max_model_len"] for model in models(f"{url}/v1", KEY)] == [64]


@pytest.mark.parametrize("told", [{}, {"data": None}, {"data": ["m"]}, [], "m"])
def test_what_is_no_list_of_models_is_refused(told: object) -> None:
    class Other(Quiet):
        def do_GET(self) -> None:  # noqa: N802 - named by http.server
            self.answer(200, told)

    with server_that(Other) as url, pytest.raises(ValueError, match="no list of models"):
        models(f"{url}/v1", None)


@pytest.mark.parametrize(
    ("url", "nearby"),
    [
        ("http://127.0.0.1:8002/v1", True),
        ("http://127.8.8.8:8002", True),
        ("http://localhost:8002", True),
        ("http://[::1]:8002", True),
        ("http://192.0.2.7:8002", False),
        ("http://models.example", False),
        ("http://", False),
    ],
)
def test_which_addresses_are_this_machines(url: str, nearby: bool) -> None:
    assert is_nearby(url) is nearby
