"""What an editor meets on a real vLLM server: the base with two adapters, behind a key, as `gaea serve` starts it."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import psutil
import pytest
from safetensors.numpy import save_file

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import base_identity, read_json
from gaea_assets.errors import GaeaError
from gaea_assets.resources import Workspace
from gaea_assets.serving import lifecycle, server_plan, vllm_server
from gaea_assets.serving.editor import suggestion_template
from gaea_assets.serving.server_state import ServerState, known_server, look_at
from gaea_assets.store import new_folder
from gaea_assets_tests.projects import BASE, VOICE, write_voice
from gaea_assets_tests.serving.servers import free_port
from gaea_assets_tests.serving.test_engines import require_vllm

pytestmark = pytest.mark.slow

SCENE = "You walk along the wall at night, and nobody has lit the lamps. You think of"
SYSTEM = "It is winter in the harbour."
KEY = "a-long-secret"
OTHER = "other"
STREAMS = 64


def make_adapter(workspace: Workspace, voice: str, seed: int) -> None:
    """An adapter that changes what the base says, by weights drawn at random."""
    import numpy as np

    config = read_json(BASE, "config.json")
    width, draw = config["hidden_size"], np.random.default_rng(seed)
    weights = {}
    for layer in range(config["num_hidden_layers"]):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        weights[f"{name}.lora_A.weight"] = draw.normal(0, 0.3, (4, width)).astype(np.float32)
        weights[f"{name}.lora_B.weight"] = draw.normal(0, 0.3, (width, 4)).astype(np.float32)
    made_from = {"base": base_identity(BASE, str(BASE)), "prompt_format": "plain"}
    with new_folder(workspace.place("qlora_adapter", voice), made_from) as folder:
        save_file(weights, folder / "adapter_model.safetensors", {"format": "pt"})
        told = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}
        (folder / "adapter_config.json").write_text(json.dumps(told))


class Served:
    """The server, and clients of it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.data = workspace, Path(workspace.data)
        # Greedy where a request names no temperature: the served defaults are the voice's.
        write_voice(
            workspace,
            serving={"tuned_port": free_port(), "max_model_len": "auto", "start_timeout": 3000},
            evaluation={"temperature": 0},
        )
        (workspace.voices / f"{OTHER}.yaml").write_text(f"extends: {VOICE}\n")
        for seed, voice in enumerate((VOICE, OTHER)):
            make_adapter(workspace, voice, seed)
        voices = [workspace.voice(VOICE), workspace.voice(OTHER)]
        lifecycle.serve(server_plan.adapted(workspace, voices), self.data, print, detach=True)
        self.server = self.state()
        self.encoder: Encoder = workspace.encoder(voices[0])
        self.given: dict[str, Any] = {"base_url": self.server.url, "api_key": KEY, "timeout": 600, "max_retries": 0}
        self.client = openai.OpenAI(**self.given)

    def state(self) -> ServerState:
        found = known_server(self.data, f"{VOICE}-adapters")
        assert found
        return found

    def chat(self, *messages: tuple[str, str], model: str = VOICE, **more: Any) -> Any:
        asked: Any = [{"role": role, "content": content} for role, content in messages]
        return self.client.chat.completions.create(model=model, messages=asked, max_tokens=24, **more)

    def continued(self, ids: list[int], model: str = VOICE) -> str:
        """What follows these ids, greedily."""
        answer = self.client.completions.create(model=model, prompt=ids, max_tokens=24, temperature=0)
        return answer.choices[0].text


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    require_vllm()
    root = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAEA_API_KEY", KEY)
        made = Served(Workspace(project=str(root), data=str(root / "data")))
    yield made
    lifecycle.stop_server(made.data, made.server)


def test_text_is_continued_from_the_ids_of_the_training_with_and_without_a_system_prompt(served: Served) -> None:
    ids = served.encoder.prompt_ids(SCENE)
    bare = served.chat(("user", SCENE), extra_body={"return_token_ids": True})
    assert bare.model_extra["prompt_token_ids"] == ids
    assert bare.choices[0].message.content == served.continued(ids)
    told = served.chat(("system", SYSTEM), ("user", SCENE), extra_body={"return_token_ids": True})
    assert told.model_extra["prompt_token_ids"] == served.encoder.prompt_ids(f"{SYSTEM}\n\n{SCENE}")
    assert told.choices[0].message.content != bare.choices[0].message.content


@pytest.mark.parametrize("before", [[], [("system", SYSTEM)]])
def test_a_stream_brings_the_same_words_piece_by_piece(served: Served, before: list[tuple[str, str]]) -> None:
    whole = served.chat(*before, ("user", SCENE)).choices[0]
    chunks = list(served.chat(*before, ("user", SCENE), stream=True))
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == whole.message.content
    assert sum(map(bool, pieces)) > 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason] == ["length"]


def test_a_suggestion_at_the_cursor_continues_the_same_way(served: Served) -> None:
    prompt = suggestion_template(served.encoder).replace("{{{prefix}}}", SCENE)
    chunks = served.client.completions.create(model=VOICE, prompt=prompt, max_tokens=24, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == served.continued(served.encoder.prompt_ids(SCENE))


def test_one_server_holds_several_voices_by_name(served: Served) -> None:
    assert [model.id for model in served.client.models.list()] == ["pocket-base", VOICE, OTHER]
    texts = {model: served.continued(served.encoder.prompt_ids(SCENE), model) for model in served.server.models}
    assert len(set(texts.values())) == 3, texts
    assert served.server.context == 4096
    with pytest.raises(openai.NotFoundError, match="nobody"):
        served.chat(("user", SCENE), model="nobody")


def test_all_streams_that_are_open_at_once_come_to_their_end(served: Served) -> None:
    async def one(client: openai.AsyncOpenAI, number: int, all_open: asyncio.Barrier) -> int:
        prompt = served.encoder.prompt_ids(f"You wait for boat number {number}.")
        stream = await client.completions.create(
            model=served.server.models[number % 3],
            prompt=prompt,
            max_tokens=6,
            stream=True,
            extra_body={"ignore_eos": True},
            stream_options={"include_usage": True},
        )
        answered, tokens = False, 0
        async for chunk in stream:
            if not answered:
                answered = True
                await all_open.wait()  # nobody goes on before everybody has got something
            tokens = chunk.usage.completion_tokens if chunk.usage else tokens
        return tokens

    async def all_at_once() -> list[int]:
        limits = httpx.Limits(max_connections=None)
        async with openai.AsyncOpenAI(**served.given, http_client=httpx.AsyncClient(limits=limits)) as client:
            all_open = asyncio.Barrier(STREAMS)
            return await asyncio.gather(*(one(client, number, all_open) for number in range(STREAMS)))

    assert asyncio.run(all_at_once()) == [6] * STREAMS


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", {400, 422}),
        (b"\xff\xfe", {400, 422}),
        (b"[]", {400, 422}),
        (b'{"model": "pocket"}', {400, 422}),
        (b'{"model": "pocket", "prompt": "You", "max_tokens": -5}', {400, 422}),
        (b'{"model": "../pocket", "prompt": "You"}', {404}),
        (json.dumps({"model": VOICE, "prompt": [5] * 5000}).encode(), {400}),
        (json.dumps({"model": VOICE, "prompt": [10**9]}).encode(), {400}),
    ],
)
def test_a_malformed_request_is_refused_and_leaves_no_trace(served: Served, body: bytes, status: set[int]) -> None:
    def data() -> dict[Path, bytes]:
        files = [path for path in served.data.rglob("*") if path.is_file() and path.suffix != ".log"]
        return {path: path.read_bytes() for path in files}

    before = data()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    refused = httpx.post(f"{served.server.url}/completions", content=body, headers=headers, timeout=600)
    assert refused.status_code in status, refused.text
    assert look_at(served.server).health == "ok"
    assert data() == before


@pytest.mark.parametrize("path", ["/v1/models", "/v1/completions", "/invocations", "/tokenize", "/metrics", "/docs"])
def test_nothing_but_health_is_open_without_the_key(served: Served, path: str) -> None:
    root = served.server.url.removesuffix("/v1")
    body = {"model": VOICE, "prompt": SCENE, "max_tokens": 2}
    assert httpx.post(root + path, json=body, timeout=600).status_code == 401
    assert httpx.get(root + path, timeout=600).status_code == 401
    assert httpx.get(f"{root}/health", timeout=600).status_code == 200


def test_a_page_in_the_browser_is_not_let_in(served: Served) -> None:
    asked = {"Origin": "http://example.org", "Access-Control-Request-Method": "POST"}
    answer = httpx.options(f"{served.server.url}/completions", headers=asked, timeout=600)
    assert "access-control-allow-origin" not in answer.headers


def test_it_listens_on_the_loopback_interface_only(served: Served) -> None:
    leader = psutil.Process(served.server.pid)
    open_at = [
        connection.laddr
        for process in (leader, *leader.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert served.server.port in {address.port for address in open_at}
    assert {address.ip for address in open_at} <= {"127.0.0.1", "::1"}


def test_a_server_killed_amid_a_stream_is_an_error_for_the_client_and_told_as_gone(served: Served) -> None:
    # The last test on the shared server: it kills it.
    processes = psutil.Process(served.server.pid).children(recursive=True)
    assert len(processes) > 1
    stream = served.client.completions.create(
        model=VOICE,
        prompt=served.encoder.prompt_ids(SCENE),
        max_tokens=3000,
        stream=True,
        extra_body={"ignore_eos": True},
    )
    with pytest.raises((openai.APIError, httpx.TransportError)):
        for number, _ in enumerate(stream):
            if number == 3:
                os.kill(served.server.pid, signal.SIGKILL)
    while look_at(served.server).state != "gone":
        time.sleep(0.1)
    assert not lifecycle.stop_server(served.data, served.server)
    psutil.wait_procs(processes, timeout=60)
    assert [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    assert known_server(served.data, served.server.name) is None


def test_a_context_that_does_not_fit_names_the_one_that_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_vllm()
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
    command = vllm_server.command
    monkeypatch.setattr(vllm_server, "command", lambda *given: [*command(*given), "--enforce-eager"])  # ends sooner
    base = tmp_path / "base"
    base.mkdir()
    for path in BASE.glob("*.*"):
        (base / path.name).symlink_to(path)
    (base / "config.json").unlink()
    # 12 KiB a token: 1 GiB holds 87,381 of them.
    config = read_json(BASE, "config.json") | {"max_position_embeddings": 131072}
    (base / "config.json").write_text(json.dumps(config))
    workspace = Workspace(project=str(tmp_path), data=str(tmp_path / "data"))
    voice = write_voice(
        workspace,
        base={"model": str(base)},
        serving={"base_port": free_port(), "max_model_len": 131072, "start_timeout": 3000},
    )
    with pytest.raises(GaeaError) as fault:
        lifecycle.serve(server_plan.base(workspace, voice), tmp_path / "data", print, detach=True)
    told = str(fault.value)
    assert "serving.max_model_len: 131,072 tokens of context take 1.5 GiB, and 1.0 GiB are left for them: 87," in told
    assert "or to auto" in told
    assert known_server(tmp_path / "data", "pocket-base") is None
