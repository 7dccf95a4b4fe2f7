"""The cost of training against counts that are known."""

import pytest

from gaea_assets.finetune.plan import MicroPlan, expected_seconds, ladder, matrix_weights, training_flops

LLAMA_8B = {
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 32,
    "vocab_size": 128256,
}


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


def test_time_is_told_for_every_device() -> None:
    one, two = expected_seconds(1e15), expected_seconds(2e15)
    assert {name: 2 * value for name, value in one.items()} == two


def test_ladder_goes_from_large_without_recomputing_to_the_longest_example_alone() -> None:
    assert ladder(3682, 8192, "auto") == [
        MicroPlan(8192, False),
        MicroPlan(4096, False),
        MicroPlan(3682, False),
        MicroPlan(8192, True),
        MicroPlan(4096, True),
        MicroPlan(3682, True),
    ]


@pytest.mark.parametrize("checkpointing", [False, True])
def test_ladder_keeps_to_the_wanted_checkpointing(checkpointing: bool) -> None:
    assert ladder(100, 150, checkpointing) == [MicroPlan(150, checkpointing), MicroPlan(100, checkpointing)]


def test_an_example_longer_than_a_micro_step_leaves_nothing_smaller() -> None:
    assert ladder(5000, 4096, "auto") == [MicroPlan(4096, False), MicroPlan(4096, True)]
