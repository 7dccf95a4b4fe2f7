"""What training costs: floating-point operations, and the time they take."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gaea_assets.config import Training
from gaea_assets.finetune.devices import Device
from gaea_assets.finetune.micro import MicroPlan
from gaea_assets.finetune.packing import step_shares
from gaea_assets.finetune.shape import Shape

UTILISATION = 0.4
"""Assumed: share of a device's peak that training reaches beside dequantisation. LLM Foundry's tables (MosaicML 2023)
have 40 to 60 % for 7B models on A100 and H100; small models and unfused LoRA layers reach less."""
DEQUANTISED_BYTES = 0.5 + 1 / 64 + 2
"""Bytes read and written to turn a 4-bit weight into bfloat16."""
DISK_BANDWIDTH = 1e9
"""Bytes a second, assumed: a base read from a solid-state disk and put on the device."""
START_SECONDS = 20.0
"""Assumed: a process that imports its libraries."""


def training_flops(config: Mapping[str, Any], lengths: Sequence[int], *, checkpointing: bool) -> float:
    """Floating-point operations of one pass over the examples, the base's weights frozen.

    A product with a weight matrix takes 2 operations a weight and token forward, 2 backward (only to the activations:
    no gradient of a frozen weight is taken) and 2 where checkpointing recomputes it (Kaplan et al. 2020, section 2.1,
    without the third that frozen weights save). Causal attention adds its two products over half of the length. The
    adapter's own (below 1 % at rank 16) are left out.

    Args:
        config: `config.json` of the base.
        lengths: Tokens of each example.
        checkpointing: Whether activations are recomputed in the backward pass.
    """
    shape = Shape.of(config)
    tokens, squares = sum(lengths), sum(length**2 for length in lengths)
    scores = 2 * shape.layers * shape.attention * squares
    return float(2 * matrix_weights(config) * tokens * (2 + checkpointing) + scores * (3 + checkpointing))


def matrix_weights(config: Mapping[str, Any]) -> int:
    """Weights that each token is multiplied by: attention, feed-forward and output layers, no embedding.

    Args:
        config: `config.json` of the base.
    """
    shape = Shape.of(config)
    return shape.linear_weights + shape.vocabulary * shape.width


def micro_steps(training: Training, lengths: Sequence[int], micro: MicroPlan) -> int:
    """Micro-steps of an epoch, of all processes, in one drawn order; training draws its own.

    Args:
        training: The recipe.
        lengths: Tokens of each example.
        micro: How much is computed at once.
    """
    return sum(len(share) for step in _steps(training, lengths, micro) for share in step)


def seconds_an_epoch(
    config: Mapping[str, Any], training: Training, lengths: Sequence[int], micro: MicroPlan, device: Device
) -> float | None:
    """Expected seconds of one pass over the examples; None where the device's speed is not known.

    Operations at a share of the peak; beside them, in each micro-step, the 4-bit weights are dequantised once for each
    pass over them, as fast as memory is read and written. Of several processes a step waits for the one with the most
    to do; each has a GPU of its own, or its part of the one processor. Their exchange of gradients is left out.

    Args:
        config: `config.json` of the base.
        training: The recipe.
        lengths: Tokens of each training example.
        micro: How much is computed at once.
        device: What trains; of several GPUs one.
    """
    if device.peak is None or device.bandwidth is None:
        return None
    one_of = training.processes if device.kind == "cpu" else 1
    rate = UTILISATION * device.peak / one_of
    dequantising = 0.0
    if training.method == "qlora":
        passes = 2 + micro.checkpointing
        dequantising = passes * Shape.of(config).linear_weights * DEQUANTISED_BYTES * one_of / device.bandwidth

    def seconds(share: list[list[int]]) -> float:
        own = [length for group in share for length in group]
        return training_flops(config, own, checkpointing=micro.checkpointing) / rate + len(share) * dequantising

    return sum(max(map(seconds, step)) for step in _steps(training, lengths, micro))


def _steps(training: Training, lengths: Sequence[int], micro: MicroPlan) -> Iterator[list[list[list[int]]]]:
    """Each optimiser step of an epoch as lengths: of its processes, of their groups, of the examples in a group."""
    batch = training.micro_batch * training.accumulation
    order = random.Random(training.seed).sample(list(lengths), len(lengths))  # noqa: S311 - no secret
    for start in range(0, len(order), batch):
        step = order[start : start + batch]
        dealt = step_shares(step, micro.tokens, training.processes)
        yield [[[step[i] for i in group] for group in share] for share in dealt]


def loading_seconds(config: Mapping[str, Any]) -> float:
    """Expected seconds until the first step: imports, and the base in 16 bit from disk.

    Args:
        config: `config.json` of the base.
    """
    return START_SECONDS + 2 * Shape.of(config).parameters / DISK_BANDWIDTH
