"""Plans: what fits, how it is computed, and which change makes the rest fit."""

from dataclasses import replace
from typing import Any

import pytest

from gaea_assets.config import Training
from gaea_assets.finetune.devices import Device, cores_of, named
from gaea_assets.finetune.plan import Plan, card_seconds, make_plan
from gaea_assets_tests.finetune.shapes import LLAMA_8B, LLAMA_70B, QWEN25_HALF_B

LENGTHS = [2303] * 32 + [3682] * 4


def plan(device: str | Device, config: dict[str, Any] = LLAMA_8B, max_tokens: int = 4096, **recipe: Any) -> Plan:
    found = named(device) if isinstance(device, str) else device
    return make_plan(config, Training(**recipe), max_tokens, LENGTHS, found)


def gpu(gigabytes: float) -> Device:
    return Device("a GPU", int(gigabytes * 1e9), 1e14, 1e12)


def test_the_fastest_way_that_fits_is_chosen() -> None:
    large, small = plan("H200"), plan("RTX 5090")
    assert (large.micro.tokens, large.micro.checkpointing) == (8192, False)
    assert (small.micro.tokens, small.micro.checkpointing) == (8192, True)
    assert large.fits and small.fits


def test_steps_and_tokens_are_those_of_the_recipe() -> None:
    found = plan("RTX 5090", epochs=2.5, accumulation=8)
    assert found.steps == 13  # five an epoch, the last of four examples
    assert found.tokens_an_epoch == sum(LENGTHS)
    assert found.tokens == round(2.5 * sum(LENGTHS))
    assert found.parameters == 8_030_261_248
    assert found.trained == 41_943_040


def test_a_given_size_and_a_given_checkpointing_are_kept() -> None:
    found = plan("H200", tokens_a_micro_step=4000, gradient_checkpointing=True)
    assert (found.micro.tokens, found.micro.checkpointing) == (4000, True)


def test_16_bit_that_does_not_fit_is_told_of_4_bit() -> None:
    found = plan("RTX 4080", method="lora")
    assert not found.fits
    assert found.change == "set training.method: qlora"
    assert "RTX 4080 has 16.0 GB: set training.method: qlora" in found.verdict
    assert plan("RTX 4080", method="qlora").fits


def test_kept_activations_that_do_not_fit_are_told_of_auto() -> None:
    found = plan("RTX 5090", gradient_checkpointing=False)
    assert found.change == "set training.gradient_checkpointing: auto"
    assert plan("RTX 5090", gradient_checkpointing="auto").fits


def test_a_high_rank_is_told_of_the_highest_that_fits() -> None:
    memory = gpu(plan(gpu(1000), rank=128, gradient_checkpointing=True, tokens_a_micro_step=128).memory.total / 1e9)
    found = plan(memory, rank=512)
    assert found.change == "set training.rank: 128"
    assert plan(memory, rank=128).fits and not plan(memory, rank=256).fits


def test_long_examples_are_told_of_the_longest_limit_that_fits() -> None:
    least = plan(gpu(1000), rank=8, gradient_checkpointing=True, tokens_a_micro_step=128).memory.total
    memory = gpu(least / 1e9 - 0.1)
    found = plan(memory, rank=8)
    assert found.change is not None and found.change.startswith("set dataset.max_tokens: ")
    limit = int(found.change.rsplit(" ", 1)[1])
    assert make_plan(LLAMA_8B, Training(rank=8), limit, [limit - 1], memory).fits
    assert not make_plan(LLAMA_8B, Training(rank=8), 2 * limit, [min(3682, 2 * limit - 1)], memory).fits


def test_where_no_single_change_fits_several_are_told_and_they_fit() -> None:
    found = plan(gpu(10), method="lora", rank=512)
    assert found.change is not None and found.change.startswith("set training.method: qlora, training.rank: ")
    rank = int(found.change.split("training.rank: ")[1].split(",")[0])
    assert plan(gpu(10), method="qlora", rank=rank).fits


def test_where_nothing_fits_a_smaller_base_or_a_larger_device_is_told() -> None:
    found = plan("RTX 5090", config=LLAMA_70B)
    assert found.change is not None
    assert found.change.startswith("take a smaller base (base.model")
    larger = found.change.rsplit("such as ", 1)[1]
    assert plan(larger, config=LLAMA_70B).fits
    many = plan("RTX 5090", config=LLAMA_70B | {"num_hidden_layers": 800})
    assert many.change is not None and many.change.endswith("several GPUs")


def test_one_short_example_has_a_plan() -> None:
    found = make_plan(LLAMA_8B, Training(), 4096, [50], named("RTX 5090"))
    assert (found.steps, found.micro_steps, found.fits) == (3, 1, True)


def test_time_is_told_where_the_speed_is_known() -> None:
    fast, slow = plan("H200").seconds, plan("RTX 4080").seconds
    assert fast is not None and slow is not None and fast < slow
    assert plan(Device("new", 10**11, None, None)).seconds is None


def test_what_others_hold_of_a_gpu_is_not_planned_with() -> None:
    free, shared = plan("H200"), plan(replace(named("H200"), held=110 * 10**9))
    assert shared.can_start
    assert shared.memory.total <= shared.device.room < free.memory.total
    assert "141.0 GB (110.0 GB of them held by other processes now)" in shared.verdict


def test_a_gpu_that_others_fill_would_fit_but_cannot_start() -> None:
    filled = plan(replace(named("RTX 5090"), held=30 * 10**9))
    assert filled.fits and not filled.can_start
    assert filled.verdict.endswith("held by other processes now): end those (nvidia-smi lists them) before it starts")


@pytest.mark.parametrize("device", ["T4", "V100", "RTX 2080 Ti"])
def test_a_gpu_without_bfloat16_is_refused_in_one_line(device: str) -> None:
    found = plan(device)
    assert not found.fits and not found.can_start
    assert found.verdict.startswith(f"{device} does not compute in bfloat16, which training needs: take a GPU of ")
    assert "\n" not in found.verdict


def test_two_gpus_are_planned_with_the_memory_of_one_and_half_of_the_time() -> None:
    one, two = (plan("RTX 4090", processes=processes, accumulation=16) for processes in (1, 2))
    assert one.seconds is not None and two.seconds is not None
    assert two.seconds < 0.7 * one.seconds
    assert two.memory.weights == one.memory.weights
    assert "it fits: each of 2 processes takes about" in two.verdict


def test_processes_that_share_a_machine_share_its_memory() -> None:
    smallest = {"gradient_checkpointing": True, "tokens_a_micro_step": 128}
    machine = cores_of(4, plan(cores_of(4, 10**12), config=QWEN25_HALF_B, **smallest).memory.total + 10**8)
    assert plan(machine, config=QWEN25_HALF_B).fits
    found = plan(machine, config=QWEN25_HALF_B, processes=4)
    assert found.change == "set training.processes: 1"
    assert "training each of 4 processes takes about" in found.verdict


def test_out_of_memory_goes_down_the_ways_of_the_plan() -> None:
    found = plan("RTX 5090")
    assert found.ways[0] == found.micro
    assert [way.tokens for way in found.ways] == [8192, 4096, 3682]
    assert all(way.checkpointing for way in found.ways)


def test_the_cards_time_is_that_of_one_device() -> None:
    assert card_seconds(LLAMA_8B, Training(processes=4), LENGTHS) == card_seconds(LLAMA_8B, Training(), LENGTHS)


def test_the_cards_time_is_that_of_an_epoch_of_the_plan() -> None:
    told = card_seconds(LLAMA_8B, Training(), LENGTHS)
    assert list(told) == ["RTX 5090 (210 TFLOP/s)", "2 processor cores (0.25 TFLOP/s)"]
    epoch, whole = told["RTX 5090 (210 TFLOP/s)"], plan("RTX 5090").seconds
    assert whole is not None
    assert 3 * epoch == pytest.approx(whole, abs=60)  # loading is not in the card's
    assert 3 * epoch < whole
