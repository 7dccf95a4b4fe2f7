from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.serving.generator import Generation, Sampling
from gaea_assets.serving.vllm_client import VllmClient
from gaea_assets_tests.serving.servers import Quiet, free_port, server_that

SAMPLING = Sampling(max_new_tokens=48, temperature=0.8, top_p=0.95, seed=7)
LOG = "its log is /tmp/vllm_tuned.log"


def client(url: str) -> VllmClient:
    return VllmClient(url, "pocket-tuned", 2, LOG)


def completion(text: str, reason: str) -> dict:
    choice = {"index": 0, "text": text, "finish_reason": reason, "logprobs": None}
    return {"id": "1", "object": "text_completion", "created": 0, "model": "pocket-tuned", "choices": [choice]}


class Echo(Quiet):
    """Answers with the prompt it was given."""

    seen: ClassVar[list[dict]] = []

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        request = self.read_request()
        self.seen.append({**request, "path": self.path})
        self.answer(200, completion(f" said {request['prompt']}", "length" if request["prompt"][0] == 1 else "stop"))


class HangUp(Quiet):
    """Dies after it took the request."""

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        self.read_request()
        self.connection.close()


class HalfAnAnswer(Quiet):
    """Dies while it answers."""

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        self.read_request()
        self.answer(200, completion(" You walk", "stop"), promised=10_000)
        self.close_connection = True


class OtherModel(Quiet):
    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        self.read_request()
        self.answer(404, {"error": {"message": "The model `pocket-tuned` does\nnot exist.", "code": 404}})


class EngineDead(Quiet):
    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        self.read_request()
        self.answer(500, {"error": {"message": "EngineCore encountered an issue.", "code": 500}})


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_prompts_are_given_as_ids_and_continued_in_order(suffix: str) -> None:
    Echo.seen.clear()
    with server_that(Echo) as url:
        found = client(url + suffix).generate([[1, 5], [3, 4], [3, 9]], SAMPLING)
    assert found == [
        Generation(" said [1, 5]", ended=False),
        Generation(" said [3, 4]", ended=True),
        Generation(" said [3, 9]", ended=True),
    ]
    by_prompt = {tuple(request["prompt"]): request for request in Echo.seen}
    first, last = by_prompt[1, 5], by_prompt[3, 9]
    assert first["path"] == "/v1/completions"
    assert (first["model"], first["max_tokens"]) == ("pocket-tuned", 48)
    assert (first["temperature"], first["top_p"]) == (0.8, 0.95)
    assert (first["seed"], last["seed"]) == (7, 9)
    # The ids are complete, and generation ends where the training examples end.
    assert (first["add_special_tokens"], first["stop_token_ids"]) == (False, [2])


def test_a_server_without_likelihoods_is_one_line() -> None:
    with server_that(Echo) as url, pytest.raises(GaeaError, match="gives no prompt_logprobs, which vLLM does"):
        client(url).log_likelihoods([[1, 5]])


@pytest.mark.parametrize("death", [HangUp, HalfAnAnswer])
def test_a_server_that_dies_while_generating_is_one_line_that_names_its_log(
    death: type[BaseHTTPRequestHandler],
) -> None:
    with server_that(death) as url, pytest.raises(GaeaError) as fault:
        client(url).generate([[1]] * 8, SAMPLING)
    assert str(fault.value) == f"the model server at {url} stopped answering; {LOG}; materialise again once it is up"


def test_a_server_that_is_not_there_is_one_line() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(GaeaError, match=f"the model server at {url} stopped answering; {LOG}"):
        client(url).generate([[1]], SAMPLING)


def test_a_server_of_another_model_is_one_line_with_its_own_words() -> None:
    with server_that(OtherModel) as url, pytest.raises(GaeaError) as fault:
        client(url).generate([[1]], SAMPLING)
    line = str(fault.value)
    assert line.startswith(f"the model server at {url} refused the request (404): ")
    assert "The model `pocket-tuned` does" in line
    assert "\n" not in line


def test_an_engine_that_died_behind_its_server_names_the_log() -> None:
    with server_that(EngineDead) as url, pytest.raises(GaeaError) as fault:
        client(url).generate([[1]], SAMPLING)
    assert "EngineCore encountered an issue." in str(fault.value)
    assert LOG in str(fault.value)
