"""The cost of training against counts that are known."""

import pytest

from gaea_assets.config import Training
from gaea_assets.finetune.cost import loading_seconds, matrix_weights, micro_steps, seconds_an_epoch, training_flops
from gaea_assets.finetune.devices import Device, cores_of, named
from gaea_assets.finetune.micro import MicroPlan
from gaea_assets_tests.finetune.shapes import LLAMA_8B, LLAMA_70B

H200 = named("H200")


def test_weights_of_llama_8b_are_all_but_the_embedding_and_norms() -> None:
    total, embedding, norms = 8_030_261_248, 128256 * 4096, 4096 * 65
    assert matrix_weights(LLAMA_8B) == total - embedding - norms


def test_a_token_of_llama_8b_at_2048_takes_47_gflop() -> None:
    flops = training_flops(LLAMA_8B, [2048] * 10, checkpointing=True)
    assert flops / 20480 == pytest.approx(47.4e9, rel=0.01)


def test_cost_grows_with_tokens_and_recomputing() -> None:
    once = training_flops(LLAMA_8B, [1000], checkpointing=False)
    assert training_flops(LLAMA_8B, [1000, 1000], checkpointing=False) == 2 * once
    assert training_flops(LLAMA_8B, [2000], checkpointing=False) > 2 * once
    assert training_flops(LLAMA_8B, [1000], checkpointing=True) == pytest.approx(1.5 * once, rel=0.01)


def test_attention_may_be_narrower_or_wider_than_the_model() -> None:
    without = {key: value for key, value in LLAMA_8B.items() if key != "num_key_value_heads"}
    assert matrix_weights(without) > matrix_weights(LLAMA_8B)
    assert matrix_weights({**LLAMA_8B, "head_dim": 64}) < matrix_weights(LLAMA_8B)


def test_micro_steps_are_packed_within_each_optimiser_step() -> None:
    eight = Training(accumulation=8)
    assert micro_steps(eight, [1000] * 16, MicroPlan(8192, False)) == 2
    assert micro_steps(eight, [1000] * 16, MicroPlan(4096, False)) == 4
    assert micro_steps(Training(accumulation=1), [1000] * 16, MicroPlan(8192, False)) == 16
    assert micro_steps(eight, [5000, 100], MicroPlan(4096, False)) == 2


def test_small_micro_steps_lose_more_time_to_dequantising() -> None:
    lengths = [1024] * 64

    def lost(tokens: int) -> float:
        micro = MicroPlan(tokens, True)
        seconds = {m: seconds_an_epoch(LLAMA_8B, Training(method=m), lengths, micro, H200) for m in ("qlora", "lora")}
        assert seconds["qlora"] and seconds["lora"]
        return seconds["qlora"] / seconds["lora"] - 1

    assert lost(1024) == pytest.approx(8 * lost(8192))
    # 7 billion weights, three passes, 2.5 bytes each at 4.8 TB/s are 11 ms beside 121 ms.
    assert lost(1024) == pytest.approx(0.091, rel=0.03)


def test_time_of_a_device_of_unknown_speed_is_unknown() -> None:
    device = Device("a new one", 10**11, None, None)
    assert seconds_an_epoch(LLAMA_8B, Training(), [1000], MicroPlan(8192, False), device) is None


def test_two_gpus_take_half_of_the_time_of_one_and_two_processes_of_a_processor_all_of_it() -> None:
    def seconds(processes: int, device: Device) -> float:
        recipe = Training(method="lora", accumulation=8, processes=processes)
        found = seconds_an_epoch(LLAMA_8B, recipe, [1000] * 64, MicroPlan(1000, True), device)
        assert found is not None
        return found

    assert seconds(2, H200) == pytest.approx(seconds(1, H200) / 2)
    cpu = cores_of(4, 10**11)
    assert seconds(2, cpu) == pytest.approx(seconds(1, cpu))


def test_a_step_waits_for_the_process_with_the_most_to_do() -> None:
    def seconds(lengths: list[int], processes: int) -> float:
        recipe = Training(method="lora", accumulation=8, processes=processes)
        found = seconds_an_epoch(LLAMA_8B, recipe, lengths, MicroPlan(4000, True), H200)
        assert found is not None
        return found

    assert seconds([4000, 10], 2) == pytest.approx(seconds([4000], 1))


def test_a_larger_base_loads_longer() -> None:
    assert loading_seconds(LLAMA_70B) > 5 * loading_seconds(LLAMA_8B) / 2
