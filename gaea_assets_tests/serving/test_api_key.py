"""The key that a served model asks for, and what is open without it."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from gaea_assets.errors import GaeaError
from gaea_assets.serving.api_key import RequireKey, RequireOwnName, api_key


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("text")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("text")
    await socket.close()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("GAEA_API_KEY", "secret")
    paths = ("/health", "/v1/models", "/invocations", "/metrics")
    app = Starlette(routes=[*(Route(path, answer) for path in paths), WebSocketRoute("/v1/realtime", talk)])
    app.add_middleware(RequireKey)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/v1/models", "/invocations", "/metrics", "/nowhere"])
@pytest.mark.parametrize("header", [None, "secret", "Bearer", "Bearer other", "Basic secret", "Bearer secret\xe9"])
def test_all_but_health_is_refused_without_the_key(client: TestClient, path: str, header: str | None) -> None:
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    refused = client.get(path, headers=headers)
    assert refused.status_code == 401
    assert refused.json()["error"]["message"] == "the API key is missing or wrong"


def test_the_key_opens_and_health_needs_none(client: TestClient) -> None:
    assert client.get("/v1/models", headers={"Authorization": "Bearer secret"}).text == "text"
    assert client.get("/health").text == "text"


def test_a_host_header_that_imitates_the_open_path_opens_nothing(client: TestClient) -> None:
    assert client.get("/v1/models", headers={"Host": "a/health?b"}).status_code == 401


def test_a_socket_is_closed_without_the_key(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/v1/realtime"):
        pytest.fail("it must not open")
    with client.websocket_connect("/v1/realtime", headers={"Authorization": "Bearer secret"}) as socket:
        assert socket.receive_text() == "text"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_an_address_that_others_reach_needs_a_key(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.delenv("GAEA_API_KEY", raising=False)
    with pytest.raises(GaeaError, match=f"serving.host: {host} is reached from other machines, and no key is set: exp"):
        api_key(host)
    monkeypatch.setenv("GAEA_API_KEY", "")
    with pytest.raises(GaeaError):
        api_key(host)
    monkeypatch.setenv("GAEA_API_KEY", "secret")
    assert api_key(host) == "secret"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
def test_the_loopback_interface_needs_none_but_asks_for_one_that_is_set(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.delenv("GAEA_API_KEY", raising=False)
    assert api_key(host) is None
    monkeypatch.setenv("GAEA_API_KEY", "secret")
    assert api_key(host) == "secret"


@pytest.mark.parametrize("key", ["two words", "schlüssel", "line\nbreak"])
def test_a_key_that_no_header_can_carry_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("GAEA_API_KEY", key)
    with pytest.raises(GaeaError, match="GAEA_API_KEY: a key is sent in a header"):
        api_key("127.0.0.1")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8002", 200),
        ("127.0.0.2:8002", 200),
        ("localhost:9000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8002", 200),
        ("evil.example:8002", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example", 400),
        ("127.0.0.1@evil.example", 400),
        ("[evil.example]", 400),
        ("", 400),
    ],
)
def test_without_a_key_a_name_that_was_bound_anew_to_this_machine_is_refused(host: str, status: int) -> None:
    app = Starlette(routes=[Route("/v1/models", answer), WebSocketRoute("/v1/realtime", talk)])
    app.add_middleware(RequireOwnName)
    client = TestClient(app)
    assert client.get("/v1/models", headers={"Host": host}).status_code == status
    if status == 400:
        with pytest.raises(WebSocketDenialResponse), client.websocket_connect("/v1/realtime", headers={"Host": host}):
            pass
