"""Tiny models of random weights, one for each architecture that is trained."""

from typing import Any

import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}
KINDS = {
    "llama": (LlamaForCausalLM, LlamaConfig, {"rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}),
    "llama-tied": (LlamaForCausalLM, LlamaConfig, {"tie_word_embeddings": True}),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config, {"tie_word_embeddings": True}),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config, {"head_dim": 32, "tie_word_embeddings": False}),
    "mistral": (MistralForCausalLM, MistralConfig, {"sliding_window": 24}),
}


def tiny_model(kind: str, vocabulary: int = 120, seed: int = 0) -> PreTrainedModel:
    """A model of that architecture in float32; Mistral attends within 24 positions."""
    torch.manual_seed(seed)
    model, config, own = KINDS[kind]
    return model(config(vocab_size=vocabulary, **(SIZES | own)))
