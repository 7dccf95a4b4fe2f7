"""vLLM on a running server against transformers in process, on the same prompt ids."""

import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Serving
from gaea_assets.errors import GaeaError
from gaea_assets.serving import vllm_server
from gaea_assets.serving.generator import Generation, ModelPlace, Sampling
from gaea_assets.serving.in_process import InProcess
from gaea_assets.serving.vllm_client import VllmClient
from gaea_assets.serving.vllm_server import HOST, running_server
from gaea_assets.style.abilities import general_prose
from gaea_assets_tests.projects import BASE, author_chunks
from gaea_assets_tests.serving.servers import free_port

pytestmark = pytest.mark.slow

SCENE = "You walk along the wall at night, and nobody has lit the lamps. You think of"
GREEDY = Sampling(max_new_tokens=48, temperature=0, top_p=1, seed=0)
ROUNDING = 2**-8
"""bfloat16 keeps 8 bits: logits nearer to each other than this share of their size are a tie."""


class Server:
    """A vLLM server on the pocket base, and the means to look at it from outside."""

    def __init__(self, folder: Path) -> None:
        self.place = ModelPlace(BASE, "pocket-base", free_port(), folder / "vllm_base.log")
        self._open = ExitStack()

    def start(self) -> None:
        """Start it as the assets do, and note its processes."""
        self.url = self._open.enter_context(running_server(self.place, Serving(max_model_len=2048), print))
        (self.leader,) = (
            child for child in psutil.Process().children() if f"--port={self.place.port}" in child.cmdline()
        )
        self.processes = [self.leader, *self.leader.children(recursive=True)]

    def stop(self) -> None:
        """Stop it as the assets do."""
        self._open.close()

    def left_over(self) -> list[psutil.Process]:
        """Its processes that still run; one that was killed takes a moment to end."""
        psutil.wait_procs(self.processes, timeout=30)
        return [
            process for process in self.processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        ]

    def requests_running(self) -> int:
        """What the server says it is generating now."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if line.startswith("vllm:num_requests_running"))


def require_vllm() -> None:
    if find_spec("vllm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("vLLM is not installed; CI is to run these tests")
        pytest.skip("vLLM is not installed; make test installs it")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(BASE, prompt_format(BASE))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave it running."""
    require_vllm()
    made = Server(tmp_path_factory.mktemp("vllm"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def client(server: Server, encoder: Encoder) -> VllmClient:
    return VllmClient(server.url, server.place.name, encoder.end_id, f"its log is {server.place.log_file}")


@pytest.fixture(scope="module")
def prompts(encoder: Encoder) -> list[str]:
    """Three openings whose greedy continuation is clearest: no choice in it is near to a toss-up."""
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32)

    def narrowest(prompt: str) -> float:
        ids = torch.tensor([encoder.prompt_ids(prompt)])
        output = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=GREEDY.max_new_tokens,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
            pad_token_id=encoder.end_id,
        )
        best = torch.cat(output.logits).topk(2).values
        return ((best[:, 0] - best[:, 1]) / best[:, 0].abs()).min().item()

    openings = [" ".join(text.split()[:30]) for text in author_chunks(24).values()]
    return sorted(openings, key=narrowest, reverse=True)[:3]


def differ_only_at_a_tie(encoder: Encoder, prompt: str, one: str, other: str) -> bool:
    """Whether the first token that differs is a toss-up for the model in float32."""
    import torch
    from transformers import AutoModelForCausalLM

    ids, others = (encoder.completion_ids(text, ends_scene=False) for text in (one, other))
    at = next((i for i, (a, b) in enumerate(zip(ids, others, strict=False)) if a != b), None)
    if at is None:
        return ids == others
    model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32)
    with torch.inference_mode():
        logits = model(torch.tensor([encoder.prompt_ids(prompt) + ids[:at]])).logits[0, -1]
    best = logits.max()
    return bool(best - min(logits[ids[at]], logits[others[at]]) <= 2 * ROUNDING * best.abs())


def test_both_engines_go_on_with_the_same_greedy_words(
    client: VllmClient, encoder: Encoder, prompts: list[str]
) -> None:
    ids = [encoder.prompt_ids(prompt) for prompt in prompts]
    served = client.generate(ids, GREEDY)
    in_process = InProcess(BASE, encoder, print).generate(ids, GREEDY)
    same = [a == b for a, b in zip(served, in_process, strict=True)]
    assert any(same), (served, in_process)
    for prompt, a, b in zip(prompts, served, in_process, strict=True):
        assert a == b or differ_only_at_a_tie(encoder, prompt, a.text, b.text), (a, b)
    assert len({generation.text for generation in served}) == len(prompts)


def test_both_engines_give_a_passage_the_same_likelihood(client: VllmClient, encoder: Encoder) -> None:
    passages = [encoder.passage_ids(passage) for passage in general_prose()[:3]]
    ours = InProcess(BASE, encoder, lambda _: None).log_likelihoods(passages)
    assert client.log_likelihoods(passages) == pytest.approx(ours, rel=1e-4)
    assert all(likelihood < -len(passage) for likelihood, passage in zip(ours, passages, strict=True))


def test_both_engines_stop_at_the_end_mark_and_leave_it_out(client: VllmClient, encoder: Encoder) -> None:
    sampling = Sampling(max_new_tokens=1, temperature=0, top_p=1, seed=0)
    prompt = encoder.prompt_ids(SCENE)
    cut = [client.generate([prompt], sampling), InProcess(BASE, encoder, print).generate([prompt], sampling)]
    assert cut[0] == cut[1]
    assert not cut[0][0].ended
    assert encoder.decode([encoder.end_id]) == ""


def test_the_server_draws_the_same_continuation_for_the_same_seed(client: VllmClient, encoder: Encoder) -> None:
    def drawn(seed: int) -> list[Generation]:
        return client.generate([encoder.prompt_ids(SCENE)], Sampling(24, 0.8, 0.95, seed))

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_model_name_that_is_not_served_is_one_line(server: Server, encoder: Encoder) -> None:
    other = VllmClient(server.url, "another", encoder.end_id, "its log")
    with pytest.raises(GaeaError, match=r"refused the request \(404\): .*another"):
        other.generate([encoder.prompt_ids("You walk.")], GREEDY)


def test_a_second_server_on_the_port_is_refused(server: Server) -> None:
    with (
        pytest.raises(GaeaError, match=f"port {server.place.port} is in use"),
        running_server(server.place, Serving(), print),
    ):
        pytest.fail("there is a server already")


def test_a_stopped_server_leaves_no_process_and_frees_its_port(server: Server) -> None:
    # The last test on the shared server: it stops it.
    assert len(server.processes) > 1
    server.stop()
    assert server.left_over() == []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, server.place.port))


def test_a_server_killed_while_generating_is_one_line_that_names_its_log(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_vllm()
    command = vllm_server.command
    monkeypatch.setattr(vllm_server, "command", lambda *given: [*command(*given), "--enforce-eager"])  # starts sooner
    server = Server(tmp_path)
    server.start()
    try:
        client = VllmClient(server.url, server.place.name, encoder.end_id, f"its log is {server.place.log_file}")
        faults: list[BaseException] = []

        def generate() -> None:
            try:
                client.generate([encoder.prompt_ids(SCENE)] * 64, Sampling(1900, 1.0, 1.0, 0))
            except BaseException as fault:
                faults.append(fault)

        thread = threading.Thread(target=generate)
        thread.start()
        while not server.requests_running():
            assert thread.is_alive(), faults
            time.sleep(0.05)
        os.killpg(server.leader.pid, signal.SIGKILL)
        thread.join()
    finally:
        with pytest.raises(GaeaError, match="no longer listens there"):  # who asked nothing more is told at the end
            server.stop()
    (fault,) = faults
    assert isinstance(fault, GaeaError)
    assert str(fault) == (
        f"the model server at {server.url} stopped answering; its log is {server.place.log_file}; "
        f"materialise again once it is up"
    )
    assert server.left_over() == []
