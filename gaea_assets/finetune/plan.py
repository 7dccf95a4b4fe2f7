"""What training a base model costs: floating-point operations, and the time they take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

UTILISATION = 0.4
"""Share of a device's peak that training reaches; 4-bit weights are dequantised beside the matrix products."""


@dataclass(frozen=True)
class MicroPlan:
    """How much is computed at once.

    Attributes:
        tokens: Most tokens of a micro-step; an example longer than that stands alone.
        checkpointing: Whether each decoder layer's activations are recomputed in the backward pass.
    """

    tokens: int
    checkpointing: bool


def ladder(longest: int, most_tokens: int, checkpointing: bool | Literal["auto"]) -> list[MicroPlan]:
    """The ways to compute the same steps, from the fastest to the smallest; the last holds the longest example alone.

    All without recomputing come before those with it: with frozen weights it adds half of the operations, while
    halving a micro-step only adds some per cent (the 4-bit weights are dequantised more often).

    Args:
        longest: Tokens of the longest example.
        most_tokens: Most tokens of a micro-step.
        checkpointing: Whether activations are recomputed; `auto` tries without first.
    """
    sizes = [most_tokens]
    while sizes[-1] > longest:
        sizes.append(max(longest, sizes[-1] // 2))
    choices = (False, True) if checkpointing == "auto" else (checkpointing,)
    return [MicroPlan(size, choice) for choice in choices for size in sizes]


@dataclass(frozen=True)
class Device:
    """What trains.

    Attributes:
        name: As a person calls it.
        peak: Floating-point operations a second, dense, in the precision trained in.
    """

    name: str
    peak: float


DEVICES = (
    Device("RTX 5090 (bf16, 209 TFLOP/s)", 209.5e12),
    Device("two processor cores (0.25 TFLOP/s)", 0.25e12),
)


def matrix_weights(config: Mapping[str, Any]) -> int:
    """Weights that each token is multiplied by: attention, feed-forward and output layers, no embedding.

    Args:
        config: `config.json` of a model of the Llama, Mistral or Qwen family.
    """
    width, heads = config["hidden_size"], config["num_attention_heads"]
    head = config.get("head_dim") or width // heads
    shared = config.get("num_key_value_heads") or heads
    attention = 2 * width * head * (heads + shared)
    layer = attention + 3 * width * config["intermediate_size"]
    return int(config["num_hidden_layers"] * layer + width * config["vocab_size"])


def training_flops(config: Mapping[str, Any], lengths: Sequence[int], *, checkpointing: bool) -> float:
    """Floating-point operations of one pass over the examples, the base's weights frozen.

    A product with a weight matrix takes 2 operations a weight and token forward, 2 backward (only to the activations:
    no gradient of a frozen weight is taken) and 2 where checkpointing recomputes it (Kaplan et al. 2020, section 2.1,
    without the third that frozen weights save). Causal attention adds its two products over half of the length.

    Args:
        config: `config.json` of the base.
        lengths: Tokens of each example.
        checkpointing: Whether activations are recomputed in the backward pass.
    """
    tokens, squares = sum(lengths), sum(length**2 for length in lengths)
    head = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    scores = 2 * config["num_hidden_layers"] * config["num_attention_heads"] * head * squares
    return float(2 * matrix_weights(config) * tokens * (2 + checkpointing) + scores * (3 + checkpointing))


def expected_seconds(flops: float) -> dict[str, float]:
    """Seconds that so many operations take, by device."""
    return {device.name: flops / (UTILISATION * device.peak) for device in DEVICES}
