"""The memory model: parts that are known exactly, how they grow, and against what training really takes."""

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest

from gaea_assets.config import Training
from gaea_assets.finetune.memory import Kind, Memory, largest_micro_step, memory
from gaea_assets.finetune.micro import MicroPlan
from gaea_assets.resources import PROJECT
from gaea_assets_tests.finetune.shapes import LLAMA_8B, MISTRAL_7B, QWEN3_8B, QWEN25_HALF_B

LENGTHS = [2303] * 32 + [3682] * 4


def parts(
    tokens: int = 4096,
    checkpointing: bool = True,
    kind: Kind = "cuda",
    config: dict[str, Any] = LLAMA_8B,
    **recipe: Any,
) -> Memory:
    return memory(config, Training(**recipe), MicroPlan(tokens, checkpointing), LENGTHS, kind)


def test_weights_take_4_or_16_bits() -> None:
    linear = 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14336)
    # A scale of 8 bits for 64 weights, one of 32 bits for 256 of those: 0.127 bits a weight (Dettmers 2023).
    assert parts().weights == pytest.approx(linear * (4 + 0.127) / 8, rel=1e-3)
    assert parts(method="lora").weights == 2 * (linear + 65 * 4096)


def test_tied_embeddings_count_once() -> None:
    assert parts().embeddings == 2 * 2 * 128256 * 4096
    assert parts(config=QWEN25_HALF_B).embeddings == 2 * 151936 * 896


def test_adapter_and_its_training_grow_with_the_rank() -> None:
    low, high = parts(rank=16), parts(rank=64)
    assert low.adapter == low.gradients == 4 * 41_943_040
    assert (high.adapter, high.gradients) == (4 * low.adapter, 4 * low.gradients)
    assert low.optimiser == pytest.approx(2 * 41_943_040, rel=0.04)
    assert parts(kind="cpu").optimiser == 8 * 41_943_040


def test_recomputing_keeps_the_input_of_each_layer_alone() -> None:
    kept = parts(checkpointing=True).activations
    assert kept == 4096 * (32 * 2 * 4096 + 2 * 2 * 128)
    assert parts(checkpointing=False).activations > 20 * kept


def test_dropout_keeps_masks_and_inputs_of_each_adapter() -> None:
    assert parts(checkpointing=False, dropout=0).activations < 0.8 * parts(checkpointing=False).activations


def test_normed_heads_take_more() -> None:
    plain = QWEN3_8B | {"model_type": "llama"}
    assert parts(config=QWEN3_8B).working > parts(config=plain).working


def test_logits_are_those_of_a_slice_whatever_the_length() -> None:
    short, long = (memory(LLAMA_8B, Training(), MicroPlan(n, True), [n], "cuda").logits for n in (2048, 8192))
    assert long - short < 0.5e9
    assert short > 1024 * 128256 * 8


WINDOWED = MISTRAL_7B | {"sliding_window": 2048}


def test_a_sliding_window_takes_one_mask_for_all_layers_and_keys_and_values_of_each_head() -> None:
    plain = MISTRAL_7B | {"sliding_window": None}
    repeated = 2 * 2 * (32 - 8) * 128 * 4096
    with_window, without = (parts(checkpointing=False, config=config) for config in (WINDOWED, plain))
    assert with_window.activations - without.activations == 2 * 3696**2 + 32 * repeated  # the longest: 3,682 tokens
    with_window, without = (parts(config=config) for config in (WINDOWED, plain))
    assert with_window.activations - without.activations == 2 * 3696**2
    assert with_window.working - without.working == repeated


def test_a_window_that_holds_the_longest_example_takes_nothing() -> None:
    wide, plain = (MISTRAL_7B | {"sliding_window": window} for window in (3682, None))
    assert parts(config=wide) == parts(config=plain)


def test_the_total_counts_what_stands_at_one_moment() -> None:
    found = parts()
    standing = found.weights + found.embeddings + found.adapter + found.gradients + found.optimiser
    assert found.allocated == standing + found.activations + max(found.working, found.logits)
    assert found.total == found.allocated + found.overhead


def test_on_a_processor_the_overhead_grows_with_what_comes_and_goes_and_not_with_the_weights() -> None:
    few, many = (parts(tokens, kind="cpu") for tokens in (4096, 8192))
    assert many.overhead - few.overhead == pytest.approx(
        0.9 * (many.activations + many.working - few.activations - few.working), abs=2
    )
    assert parts(kind="cpu", method="lora").overhead == pytest.approx(few.overhead, rel=0.02)


def test_8b_in_4_bits_at_4096_tokens_is_within_9_gb() -> None:
    assert parts().allocated < 9e9


def test_the_largest_micro_step_is_full_or_what_the_longest_examples_fill() -> None:
    assert largest_micro_step([1000] * 100, 8192, 8) == 8000
    assert largest_micro_step([1000] * 100, 4096, 8) == 4096
    assert largest_micro_step([5000, 10], 4096, 8) == 5000
    assert largest_micro_step([700], 8192, 8) == 700


def test_of_several_processes_each_holds_less_of_a_step_and_the_gradients_twice() -> None:
    one, two = parts(8192, accumulation=4), parts(8192, accumulation=4, processes=2)
    assert two.gradients == 2 * one.gradients
    assert two.activations < one.activations
    assert largest_micro_step([1000] * 100, 8192, 8, processes=4) == 2000
    assert largest_micro_step([5000, 10], 8192, 8, processes=4) == 5000


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_memory", PROJECT / "benchmarks" / "train_memory.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("method", ["qlora", "lora"])
@pytest.mark.parametrize("checkpointing", [False, True])
def test_predicted_is_within_10_per_cent_of_measured(
    benchmark: ModuleType, method: str, checkpointing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        benchmark.SIZES,
        "tiny",
        {"hidden_size": 128, "intermediate_size": 384, "num_hidden_layers": 4, "vocab_size": 2048},
    )
    lengths = (150, 250, 112)
    case = benchmark.Case("tiny", method, checkpointing, 0.05, lengths)
    kind: Kind = "cuda" if benchmark.device() == "cuda" else "cpu"
    predicted = memory(case.config, case.training, MicroPlan(sum(lengths), checkpointing), lengths, kind).allocated
    peak, _ = benchmark.measured(case)
    assert predicted == pytest.approx(peak, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("checkpointing", [False, True])
def test_predicted_is_as_measured_where_examples_are_longer_than_the_window_and_the_loss_has_several_slices(
    benchmark: ModuleType, checkpointing: bool
) -> None:
    lengths = (1500,)
    case = benchmark.Case("window", "lora", checkpointing, 0.0, lengths)
    kind: Kind = "cuda" if benchmark.device() == "cuda" else "cpu"
    predicted = memory(case.config, case.training, MicroPlan(sum(lengths), checkpointing), lengths, kind).allocated
    peak, _ = benchmark.measured(case)
    assert predicted == pytest.approx(peak, rel=0.05)
