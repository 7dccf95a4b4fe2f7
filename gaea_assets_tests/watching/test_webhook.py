from http.server import BaseHTTPRequestHandler

import pytest

from gaea_assets.watching.webhook import Undelivered, fault_of, post, shown
from gaea_assets_tests.serving.servers import Quiet, free_port, server_that
from gaea_assets_tests.watching.hooks import SECRET, Dripping, Elsewhere, Endless, hook, message


class HangUp(Quiet):
    """Takes the message and says nothing."""

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        self.read_request()
        self.close_connection = True


def refusal(answer: type[BaseHTTPRequestHandler], seconds: float = 5) -> Undelivered:
    with server_that(answer) as url, pytest.raises(Undelivered) as fault:
        post(f"{url}/{SECRET}", message(1), seconds)
    assert SECRET not in str(fault.value)
    return fault.value


def test_a_message_is_posted_as_json_with_its_id_as_idempotency_key() -> None:
    taking = hook()
    with server_that(taking) as url:
        post(f"{url}/{SECRET}", message(1))
    assert taking.seen == [message(1)]


@pytest.mark.parametrize(
    "id_", ["unwatched-книга-2026-11-22", "dropped-über alles-3-2026-11-22T04:00:00+00:00", "a\r\nb"]
)
def test_a_voice_of_any_name_is_told_of(id_: str) -> None:
    taking = hook()
    with server_that(taking) as url:
        post(url, message(1) | {"id": id_})
    assert taking.seen == [message(1) | {"id": id_}]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_status_of_success_is_delivery(status: int) -> None:
    with server_that(hook(status)) as url:
        post(url, message(1))


@pytest.mark.parametrize(
    ("status", "refused"),
    [(400, True), (404, True), (410, True), (408, False), (429, False), (500, False), (503, False)],
)
def test_a_refused_message_is_told_from_a_webhook_in_trouble(status: int, refused: bool) -> None:
    fault = refusal(hook(status))
    assert (str(fault), fault.refused) == (f"it answered {status}", refused)


def test_a_redirect_is_no_delivery() -> None:
    # Followed, the POST would become a GET without the message, and be answered with 200.
    assert str(refusal(Elsewhere)) == "it answered 302"


@pytest.mark.parametrize("answer", [Dripping, HangUp])
def test_a_webhook_that_does_not_answer_whole_is_given_up(answer: type[BaseHTTPRequestHandler]) -> None:
    fault = refusal(answer, seconds=0.3)
    assert not fault.refused
    assert str(fault).startswith("no ")


def test_an_answer_without_end_is_not_read() -> None:
    with server_that(Endless) as url:
        post(url, message(1), seconds=5)


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_a_webhook_that_is_not_there_is_one_line(host: str) -> None:
    with pytest.raises(Undelivered, match=r"no connection \(") as fault:
        post(f"http://{host}:{free_port()}/{SECRET}", message(1))
    assert SECRET not in str(fault.value)


@pytest.mark.parametrize("url", ["https://hooks.example.com/T0/B0", "http://127.0.0.1:9/x?token=a", "https://[::1]:1/"])
def test_addresses_of_webhooks_are_taken(url: str) -> None:
    assert fault_of(url) is None


@pytest.mark.parametrize(
    "url",
    ["", "hunter2.example.com/x", "ftp://h/hunter2", "file:///hunter2", "http:///hunter2", "https://h:hunter2/x",
     "https://h/hunter2 b", "https://h/hunter2é", "https://h/a\nhunter2", "https://me:hunter2@h/x", "http://[h/hunter2"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_repeated(url: str) -> None:
    fault = fault_of(url)
    assert fault
    assert "hunter2" not in fault


def test_an_address_is_shown_without_what_makes_it_secret() -> None:
    assert shown(f"https://hooks.example.com:8443/{SECRET}?key=do-not-tell") == "https://hooks.example.com/..."


def test_a_webhook_on_this_machine_is_asked_directly_and_another_as_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy, taking = hook(503), hook()
    with server_that(proxy) as proxy_url, server_that(taking) as url:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy_url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        post(f"{url}/{SECRET}", message(1))
        with pytest.raises(Undelivered, match="it answered 503"):
            post(f"http://hooks.example/{SECRET}", message(2))
    assert (taking.seen, proxy.seen) == ([message(1)], [message(2)])
