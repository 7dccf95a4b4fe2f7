"""The benchmark's arithmetic: what it counts, and against which bound."""

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch

from gaea_assets.finetune.cost import training_flops
from gaea_assets.finetune.devices import Device, named
from gaea_assets.resources import PROJECT
from gaea_assets_tests.finetune.shapes import LLAMA_8B


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_throughput", PROJECT / "benchmarks" / "train_throughput.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_attention_is_counted_by_each_examples_own_length(benchmark: ModuleType) -> None:
    unlike, alike = (benchmark.rates(LLAMA_8B, lengths, 2.0) for lengths in ([500, 3500], [2000, 2000]))
    assert unlike["rate"] == alike["rate"] == 2000
    assert unlike["flops"] == training_flops(LLAMA_8B, [500, 3500], checkpointing=False) / 2 > alike["flops"]


def test_the_bound_is_that_of_47_gflop_a_token(benchmark: ModuleType) -> None:
    device = named("H200")
    assert device.peak is not None
    tokens_a_second = 0.7 * device.peak / 47.4e9
    found = benchmark.rates(LLAMA_8B, [2048] * 4, 4 * 2048 / tokens_a_second)
    assert benchmark.share(found["recomputed_flops"], device) == "70 %"
    assert benchmark.share(found["flops"], device) == "47 %"
    assert benchmark.share(found["flops"], Device("new", 10**11, None, None)) == "?"


def test_examples_are_counted_in_what_either_trainer_computes(benchmark: ModuleType) -> None:
    ours = {"examples": [SimpleNamespace(input_ids=[1] * 5), SimpleNamespace(input_ids=[1] * 3)]}
    padded = {"input_ids": torch.ones(2, 5), "attention_mask": torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])}
    assert benchmark.lengths_of(ours) == benchmark.lengths_of(padded) == [5, 3]
    assert benchmark.lengths_of({"input_ids": torch.ones(1, 7)}) == [7]


@pytest.mark.slow
@pytest.mark.parametrize("which", ["ours", "plain"])
def test_either_trainer_takes_its_steps(benchmark: ModuleType, tmp_path: Path, which: str) -> None:
    made = [(list(range(10, 50 + 10 * n)), 5) for n in range(benchmark.BATCH)]
    trainer = getattr(benchmark, which)(benchmark.POCKET, made, tmp_path)
    trainer.train()
    assert trainer.state.global_step == 1
