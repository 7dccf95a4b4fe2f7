from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.serving.generator import ModelPlace, Sampling
from gaea_assets.serving.live import live_server
from gaea_assets.serving.vllm_client import VllmClient
from gaea_assets_tests.serving.servers import Quiet, free_port, server_that

HOST = "127.0.0.1"


class Models(Quiet):
    """Lists what it is told to, to who has the key."""

    body: ClassVar[Any] = {}
    key: ClassVar[str] = ""

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        assert self.path == "/v1/models"
        wanted = f"Bearer {self.key}" if self.key else self.headers["Authorization"]
        allowed = self.headers["Authorization"] == wanted
        self.answer(200 if allowed else 401, self.body if allowed else {"error": {"message": "no key"}})


def listing(*models: tuple[str, str | None], key: str = "") -> type[BaseHTTPRequestHandler]:
    body = {"object": "list", "data": [{"id": name, "root": root} for name, root in models]}
    return type("TheseModels", (Models,), {"body": body, "key": key})


def saying(body: Any) -> type[BaseHTTPRequestHandler]:
    return type("ThisBody", (Models,), {"body": body})


class NotHttp(Quiet):
    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "release" / "models" / "pocket-0123456789ab"
    folder.mkdir(parents=True)
    return folder


def found(answer: type[BaseHTTPRequestHandler], released: Path | None) -> bool:
    """Whether the server counts as the released model's."""
    with server_that(answer) as url:
        place = ModelPlace(Path("merged"), "pocket-tuned", urlsplit(url).port or 0, Path("log"), released=released)
        answered = live_server(place, HOST)
    assert answered in (None, url)
    return answered is not None


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAEA_API_KEY", raising=False)


def test_a_server_of_the_name_and_the_folder_is_the_live_one(kept: Path) -> None:
    assert found(listing(("another", "/models/x"), ("pocket-tuned", str(kept))), kept)


def test_a_folder_named_in_another_way_is_the_same_folder(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(kept)
    assert found(listing(("pocket-tuned", f"{tmp_path}/link/../pocket-0123456789ab/")), kept)


def test_a_server_of_another_model_is_never_used(kept: Path, tmp_path: Path) -> None:
    for served in (
        ("pocket-tuned", str(tmp_path / "merged_model" / "pocket")),
        ("pocket-tuned", str(kept.with_name("pocket-ba9876543210"))),  # an earlier one of the voice
        ("pocket-tuned", None),
        ("pocket-tuned", ""),
        ("pocket-base", str(kept)),
    ):
        assert not found(listing(served), kept), served


def test_what_is_not_released_is_not_asked_for(kept: Path) -> None:
    assert not found(listing(("pocket-tuned", str(kept))), None)


@pytest.mark.parametrize(
    "answer", [saying({}), saying([]), saying({"data": [{}]}), saying({"data": 3}), saying(None), NotHttp]
)
def test_what_answers_otherwise_is_no_live_server(answer: type[BaseHTTPRequestHandler], kept: Path) -> None:
    assert not found(answer, kept)


def test_where_nothing_listens_there_is_no_live_server(kept: Path) -> None:
    assert (
        live_server(ModelPlace(Path("merged"), "pocket-tuned", free_port(), Path("log"), released=kept), HOST) is None
    )


def test_the_key_of_the_environment_is_shown(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_key = listing(("pocket-tuned", str(kept)), key="a-long-key")
    assert not found(with_key, kept)
    monkeypatch.setenv("GAEA_API_KEY", "a-long-key")
    assert found(with_key, kept)


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
