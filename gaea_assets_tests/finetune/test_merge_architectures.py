"""Every architecture that is trained, tied and untied, in one file and in several: merged is base + adapter."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit
from bitsandbytes.nn import Linear4bit
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from gaea_assets.finetune import merge
from gaea_assets.finetune.adapter_weights import read_adapter
from gaea_assets.finetune.base_weights import INDEX, read_base
from gaea_assets.finetune.merge_shards import merge_shards
from gaea_assets.finetune.model import Encoded, heldout_loss, load_base
from gaea_assets_tests.finetune.exact_adapters import on_a_grid, save_adapter
from gaea_assets_tests.finetune.tiny_models import KINDS, tiny_model

pytestmark = pytest.mark.slow

SEVERAL_FILES = "100KB"
"""A tiny model takes two to four of them."""


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return {name: tensor for path in sorted(folder.glob("*.safetensors")) for name, tensor in load_file(path).items()}


def files(folder: Path) -> dict[str, set[str]]:
    return {path.name: set(load_file(path)) for path in folder.glob("*.safetensors")}


def greedy(model: Any) -> list[int]:
    ids = torch.tensor([[3, 14, 15, 92, 65, 35]])
    return model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=40, do_sample=False)[0].tolist()


def merged(base: Path, adapter: Path, folder: Path, in_4_bit: frozenset[str] = frozenset()) -> Path:
    folder.mkdir()
    read, added = read_base(base), read_adapter(adapter)
    added.require_fit(read)
    merge_shards(read, added.updates, in_4_bit, folder, "cpu", print)
    for name in ("config.json", "generation_config.json"):
        (folder / name).write_bytes((base / name).read_bytes())
    return folder


@pytest.mark.parametrize("several_files", [False, True], ids=["one file", "several files, rsLoRA"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_on_with_the_same_greedy_text_as_base_and_adapter(
    kind: str, several_files: bool, tmp_path: Path
) -> None:
    model = on_a_grid(tiny_model(kind))
    base = tmp_path / "base"
    model.to(torch.bfloat16).save_pretrained(base, max_shard_size=SEVERAL_FILES if several_files else "5GB")
    adapter = save_adapter(model, tmp_path / "adapter", rslora=several_files)
    folder = merged(base, adapter, tmp_path / "merged")

    alone = greedy(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32))
    both = greedy(
        PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), str(adapter))
    )
    assert alone != both
    assert greedy(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)) == both
    # Laid out as the base: what reads the one reads the other.
    assert len(files(base)) > 1 if several_files else list(files(base)) == ["model.safetensors"]
    assert files(folder) == files(base)
    assert {tensor.dtype for tensor in weights(folder).values()} == {torch.bfloat16}
    if several_files:
        assert json.loads((folder / INDEX).read_text()) == json.loads((base / INDEX).read_text())


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_update_is_added_to_is_to_the_bit_what_bitsandbytes_holds(
    kind: str, precision: torch.dtype, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    model = tiny_model(kind).to(precision)
    model.save_pretrained(base)
    adapter = save_adapter(model, tmp_path / "adapter")
    loaded = load_base(base, quantized=True)
    held = {
        f"{name}.weight": dequantize_4bit(module.weight.data, module.weight.quant_state)
        for name, module in loaded.named_modules()
        if isinstance(module, Linear4bit)
    }
    assert held.keys() == read_adapter(adapter).updates.keys()

    found = weights(merged(base, adapter, tmp_path / "merged", frozenset(held)))
    adapted = PeftModel.from_pretrained(loaded, str(adapter))
    for name, weight in weights(base).items():
        if name in held:
            layer = adapted.get_submodule(f"base_model.model.{name.removesuffix('.weight')}")
            expected = (held[name].float() + layer.get_delta_weight("default").float()).to(torch.bfloat16)
            assert not torch.equal(held[name], weight.to(torch.bfloat16))
        else:
            expected = weight.to(torch.bfloat16)
        assert torch.equal(found[name], expected), name
    assert found.keys() == weights(base).keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_4_bit_base_is_measured_with_the_forward_pass_it_is_trained_with(kind: str, tmp_path: Path) -> None:
    # Inner width 96: on CPUs with AVX512-BF16, bitsandbytes' other forward pass needs a multiple of 64.
    tiny_model(kind).to(torch.bfloat16).save_pretrained(tmp_path)
    example = Encoded(list(range(3, 60)), 5)
    loaded = load_base(tmp_path, quantized=True).train()  # as in training; the models have no dropout of their own
    with torch.no_grad():
        trained_on = loaded(input_ids=torch.tensor([example.input_ids]), use_cache=False).logits[0].float()
    loaded.eval()
    heldout_loss(loaded, [example])
    assert torch.equal(merge._logits(loaded, example), trained_on)
