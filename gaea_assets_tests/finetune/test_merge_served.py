"""The merged model and the adapter by itself, each served by vLLM, go on as base + adapter do in transformers."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Serving
from gaea_assets.finetune import merge as merging
from gaea_assets.finetune.job import MergeJob
from gaea_assets.manuscript.examples import Example, write_jsonl
from gaea_assets.serving import vllm_server
from gaea_assets.serving.generator import ModelPlace, Sampling
from gaea_assets.serving.vllm_client import VllmClient
from gaea_assets.serving.vllm_command import Extras, command
from gaea_assets_tests.finetune.exact_adapters import RANK, on_a_grid, save_adapter
from gaea_assets_tests.projects import BASE, scene
from gaea_assets_tests.serving.servers import free_port
from gaea_assets_tests.serving.test_engines import require_vllm

pytestmark = pytest.mark.slow

GREEDY = Sampling(max_new_tokens=32, temperature=0, top_p=1, seed=0)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> MergeJob:
    """A merge that is done, of a base with the pocket base's shape and vocabulary."""
    root = tmp_path_factory.mktemp("served")
    model = on_a_grid(AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16))
    model.save_pretrained(root / "base", max_shard_size="5MB")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(BASE / name, root / "base" / name)
    save_adapter(model, root / "adapter")
    (root / "dataset").mkdir()
    text = scene(1)
    write_jsonl([Example("1", "1", text[:90], text[90:], True, 400)], root / "dataset" / "validation.jsonl")
    made = MergeJob(
        base=str(root / "base"),
        prompt_format="auto",
        adapter=str(root / "adapter"),
        dataset=str(root / "dataset"),
        output=str(root / "merged"),
        quantized=False,
    )
    merging.merge(made, print)
    return made


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(BASE, prompt_format(BASE))


@pytest.fixture(scope="module")
def prompts(encoder: Encoder) -> list[list[int]]:
    return [encoder.prompt_ids(scene(number)[:120]) for number in (2, 3)]


@pytest.fixture(scope="module")
def unmerged(job: MergeJob, encoder: Encoder, prompts: list[list[int]]) -> list[str]:
    """The greedy text of base + adapter in transformers; that of the base alone is another."""
    base = AutoModelForCausalLM.from_pretrained(job.base, dtype=torch.float32)
    alone = [greedy(base, ids, encoder) for ids in prompts]
    model = PeftModel.from_pretrained(base, job.adapter)
    both = [greedy(model, ids, encoder) for ids in prompts]
    assert all(one != other for one, other in zip(alone, both, strict=True))
    return both


def greedy(model: Any, ids: list[int], encoder: Encoder) -> str:
    given = torch.tensor([ids])
    written = model.generate(
        input_ids=given,
        attention_mask=torch.ones_like(given),
        max_new_tokens=GREEDY.max_new_tokens,
        do_sample=False,
        eos_token_id=encoder.end_id,
    )
    return encoder.decode(written[0, len(ids) :].tolist())


def test_transformers(job: MergeJob, encoder: Encoder, prompts: list[list[int]], unmerged: list[str]) -> None:
    model = AutoModelForCausalLM.from_pretrained(job.output, dtype=torch.float32)
    assert [greedy(model, ids, encoder) for ids in prompts] == unmerged


@pytest.mark.parametrize("which", ["merged model", "adapter by itself"])
def test_vllm(
    which: str,
    job: MergeJob,
    encoder: Encoder,
    prompts: list[list[int]],
    unmerged: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_vllm()
    # Compiling takes longer than what is generated here.
    monkeypatch.setattr(vllm_server, "command", lambda *given: [*command(*given), "--enforce-eager"])
    port, log_file, serving = free_port(), tmp_path / "vllm.log", Serving(max_model_len=512)
    if which == "merged model":
        place, extras = ModelPlace(Path(job.output), "voice", port, log_file), Extras()
    else:
        place = ModelPlace(Path(job.base), "base", port, log_file)
        extras = Extras(adapters={"voice": Path(job.adapter)}, rank=RANK)
    server = vllm_server.start(place, serving, extras)
    try:
        vllm_server.await_health(server, place, serving, extras.host, print)
        client = VllmClient(vllm_server.address(extras.host, port), "voice", encoder.end_id, f"its log is {log_file}")
        assert [generation.text for generation in client.generate(prompts, GREEDY)] == unmerged
    finally:
        vllm_server.stop(server.pid)
