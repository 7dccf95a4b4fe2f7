import asyncio
from collections.abc import Callable

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.serving.bench import client as module
from gaea_assets.serving.bench.client import Answer, Ask, BenchClient, Served, find_model
from gaea_assets_tests.serving.bench.fake import Fake, serving
from gaea_assets_tests.serving.servers import free_port


def answers(fake: Fake, *asks: Ask, streams: int = 1) -> list[Answer]:
    async def ask_all(url: str) -> list[Answer]:
        return await BenchClient(await find_model(url, None, ""), "").all(asks, streams)

    with serving(fake) as url:
        return asyncio.run(ask_all(url))


def found(fake: Fake, model: str | None = None, key: str = "", suffix: str = "") -> Served:
    with serving(fake) as url:
        return asyncio.run(find_model(url + suffix, model, key))


def test_an_answer_is_heard_piece_by_piece_and_counted_by_the_server() -> None:
    fake = Fake(write=lambda _: [" You", " walk", " on"])
    (answer,) = answers(fake, Ask("x" * 50, 3))
    assert answer.error is None
    assert (answer.text, answer.prompt_tokens, answer.tokens) == (" You walk on", 10, 3)
    assert answer.sent <= answer.pieces[0] <= answer.pieces[1] <= answer.pieces[2] <= answer.done
    request = fake.seen[-1]
    assert (request["model"], request["max_tokens"], request["ignore_eos"]) == ("pocket-tuned", 3, True)


def test_where_the_server_does_not_count_the_pieces_are_counted() -> None:
    (answer,) = answers(Fake(usage=False), Ask("x", 7))
    assert (answer.prompt_tokens, answer.tokens) == (None, 7)


def in_tls(fake: Fake) -> Served:
    with serving(fake) as url:
        return asyncio.run(find_model(url.replace("http:", "https:"), None, ""))


@pytest.mark.parametrize(
    "usage",
    [
        "many",
        [7],
        {},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": "", "completion_tokens": 0},
    ],
)
def test_counts_that_are_none_are_not_taken_for_some(usage: object) -> None:
    (answer,) = answers(Fake(usage=usage), Ask("x", 7))
    assert (answer.error, answer.prompt_tokens, answer.tokens) == (None, None, 7)


def test_as_many_streams_are_under_way_as_wanted_and_no_more() -> None:
    fake = Fake(pause=0.002)
    found_all = answers(fake, *[Ask(f"{n}", 5) for n in range(12)], streams=4)
    assert [answer.error for answer in found_all] == [None] * 12
    assert fake.most_under_way == 4


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("refuse", "BadRequestError: Error code: 400"),
        ("drop", "Error"),
        ("error", "EngineCore encountered an issue."),
        ("cut", "the stream ended before the answer did"),
        ("silent", "an answer without text"),
    ],
)
def test_a_request_that_fails_is_one_line_and_leaves_the_others(fault: str, said: str) -> None:
    fake = Fake(breaks=lambda number: fault if number == 1 else "")
    first, second, third = answers(fake, *[Ask(f"{n}", 5) for n in range(3)])
    assert (first.error, third.error) == (None, None)
    assert second.error is not None
    assert said in second.error
    assert "\n" not in second.error


def test_a_server_that_is_too_slow_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 0.2)
    (answer,) = answers(Fake(pause=1), Ask("x", 5))
    assert answer.error is not None
    assert answer.error.startswith("no end within 0.2 s") or "Timeout" in answer.error


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_the_only_model_is_found_with_its_context(suffix: str) -> None:
    served = found(Fake(), suffix=suffix)
    assert (served.model, served.context) == ("pocket-tuned", 2048)
    assert served.url.endswith("/v1")


def test_an_adapter_has_the_context_of_its_base() -> None:
    models = [{"id": "pocket-base", "max_model_len": 512}, {"id": "pocket", "parent": "pocket-base"}]
    assert found(Fake(models=models), "pocket").context == 512


@pytest.mark.parametrize("context", [None, "2048", True, 0, -5, 2048.0, []])
def test_a_context_that_is_no_number_of_tokens_is_not_told(context: object) -> None:
    assert found(Fake(models=[{"id": "m", "max_model_len": context}, {"id": None}])).context is None


def test_a_server_that_does_not_tell_its_context_is_taken() -> None:
    assert found(Fake(models=[{"id": "m"}])).context is None


def test_the_key_is_shown() -> None:
    assert found(Fake(key="a-long-key"), key="a-long-key").model == "pocket-tuned"


TWO = Fake(models=[{"id": "a"}, {"id": "b"}])


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: found(TWO), "serves several models, or none: name one with --model; it serves: a, b"),
        (lambda: found(Fake(models=[])), "it serves: nothing"),
        (lambda: found(TWO, "c"), "it does not serve c; it serves: a, b"),
        (lambda: found(Fake(key="a-long-key")), "the server wants its API key: export GAEA_API_KEY=..."),
        (lambda: found(Fake(gone=True)), "no OpenAI-compatible server answers there"),
        (lambda: asyncio.run(find_model(f"http://127.0.0.1:{free_port()}", None, "")), "connection attempts failed"),
        (
            lambda: in_tls(Fake()),
            "no OpenAI-compatible server answers there (APIConnectionError: Connection error. [SSL",
        ),
        (lambda: asyncio.run(find_model("127.0.0.1:8002", None, "")), "no address of a server"),
        (lambda: asyncio.run(find_model("ftp://host/x", None, "")), "no address of a server"),
        (lambda: asyncio.run(find_model("http://[host", None, "")), "no address of a server"),
        (lambda: asyncio.run(find_model("http://host:port", None, "")), "no address of a server"),
    ],
)
def test_what_cannot_be_measured_is_one_line(ask: Callable[[], Served], said: str) -> None:
    with pytest.raises(GaeaError) as fault:
        ask()
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)
