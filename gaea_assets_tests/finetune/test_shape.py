"""Sizes read from `config.json` against the published counts of the models."""

from typing import Any

import pytest
from transformers import AutoConfig

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.shape import Shape
from gaea_assets_tests.finetune.shapes import (
    LLAMA_8B,
    LLAMA_70B,
    MISTRAL_7B,
    QWEN3_8B,
    QWEN25_7B,
    QWEN25_HALF_B,
)


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        (LLAMA_8B, 8_030_261_248),
        (LLAMA_70B, 70_553_706_496),
        (MISTRAL_7B, 7_248_023_552),
        (QWEN25_7B, 7_615_616_512),
        (QWEN25_HALF_B, 494_032_768),
        (QWEN3_8B, 8_190_735_360),
    ],
    ids=["llama 8B", "llama 70B", "mistral 7B", "qwen2.5 7B", "qwen2.5 0.5B, tied", "qwen3 8B"],
)
def test_parameters_are_those_published(config: dict[str, Any], parameters: int) -> None:
    assert Shape.of(config).parameters == parameters


def test_adapter_of_rank_16_on_all_matrices_of_llama_8b() -> None:
    assert Shape.of(LLAMA_8B).adapter_weights(16) == 41_943_040
    assert Shape.of(LLAMA_8B).adapter_weights(32) == 2 * 41_943_040


def test_what_is_left_out_of_a_config_has_the_familys_default() -> None:
    without = {key: value for key, value in LLAMA_8B.items() if key not in ("num_key_value_heads", "model_type")}
    shape = Shape.of(without)
    assert shape.shared == shape.attention == 4096
    assert not shape.biased and not shape.normed


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({}, "hidden_size is missing"),
        ({key: value for key, value in LLAMA_8B.items() if key != "vocab_size"}, "vocab_size is missing"),
        (LLAMA_8B | {"num_local_experts": 8}, "it has experts"),
    ],
)
def test_another_family_is_a_fault_that_names_what_is_wrong(config: dict[str, Any], why: str) -> None:
    with pytest.raises(GaeaError, match=f"base.model: config.json: {why}"):
        Shape.of(config)


@pytest.mark.parametrize(
    ("config", "window", "windowed"),
    [
        (LLAMA_8B, None, 0),
        (MISTRAL_7B | {"sliding_window": None}, None, 0),
        (MISTRAL_7B | {"sliding_window": 1024}, 1024, 32),
        (MISTRAL_7B, 4096, 32),
        (QWEN25_7B | {"sliding_window": 131072, "use_sliding_window": False}, None, 0),
        (QWEN25_7B | {"sliding_window": 1024, "use_sliding_window": True, "max_window_layers": 21}, 1024, 7),
        (QWEN3_8B | {"sliding_window": 1024, "use_sliding_window": True}, 1024, 8),
        (
            QWEN3_8B
            | {
                "use_sliding_window": True,
                "layer_types": ["full_attention"] * 6 + ["sliding_attention"] * 30,
            },
            4096,
            30,
        ),
    ],
)
def test_the_layers_with_a_sliding_window_are_those_of_transformers(
    config: dict[str, Any], window: int | None, windowed: int
) -> None:
    found = Shape.of(config)
    assert (found.window, found.windowed) == (window, windowed)
    made = AutoConfig.for_model(**config)
    kinds = getattr(made, "layer_types", None) or ["sliding_attention"] * made.num_hidden_layers
    own = getattr(made, "sliding_window", None)
    assert windowed == (kinds.count("sliding_attention") if own else 0)
    assert window == (own if windowed else None)
