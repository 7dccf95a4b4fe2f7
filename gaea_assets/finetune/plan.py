"""What a training takes before it starts: parameters, memory, steps, operations and time, and whether it fits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from gaea_assets.config import Training
from gaea_assets.finetune.cost import loading_seconds, micro_steps, seconds_an_epoch, training_flops
from gaea_assets.finetune.devices import GPUS, Device, cores_of, named
from gaea_assets.finetune.memory import Memory, memory
from gaea_assets.finetune.micro import MicroPlan, ladder
from gaea_assets.finetune.shape import Shape

TOKENS_A_MICRO_STEP = {"cuda": 8192, "cpu": 4096}
"""Where `training.tokens_a_micro_step` is unset."""
LEAST_RANK, LEAST_TOKENS = 8, 512
"""Where the search for a change that fits ends: less is of little use to a voice."""
CARD_CORES, CARD_MEMORY = 2, 32 << 30
"""The small computer of the dataset card: processor cores, and bytes of memory."""


@dataclass(frozen=True)
class Plan:
    """What a training takes on a device.

    Attributes:
        device: What trains; of several GPUs, the one with the least room.
        processes: How many train together, each on a GPU of its own or all on the processor.
        parameters: Weights of the base.
        trained: Weights of the adapter.
        ways: How much may be computed at once: those that fit, the fastest first; else the smallest there is.
        memory: Bytes by part in each process, computed the first way.
        micro_steps: In an epoch, of all processes, about: which examples meet in a step is drawn while training.
        steps: Optimiser steps in all.
        tokens_an_epoch: Tokens, prompts included.
        tokens: In all.
        flops: Floating-point operations in all.
        seconds: Of training and loading; without held-out losses. None: the device's speed is not known.
        change: Where it does not fit, what would make it fit.
    """

    device: Device
    processes: int
    parameters: int
    trained: int
    ways: tuple[MicroPlan, ...]
    memory: Memory
    micro_steps: int
    steps: int
    tokens_an_epoch: int
    tokens: int
    flops: float
    seconds: float | None
    change: str | None

    @property
    def micro(self) -> MicroPlan:
        """How much is computed at once."""
        return self.ways[0]

    @property
    def fits(self) -> bool:
        """Whether the device can train it, once its memory is free."""
        return self.change is None

    @property
    def can_start(self) -> bool:
        """Whether it fits beside what other processes hold now."""
        return self.fits and self.memory.total <= room(self.device, self.processes)

    @property
    def verdict(self) -> str:
        """Whether it fits, and where it does not, what to change; one line."""
        if not self.device.bfloat16:
            return f"{self.device.name} does not compute in bfloat16, which training needs: {self.change}"
        who = f"each of {self.processes} processes takes" if self.processes > 1 else "takes"
        takes = f"{who} about {self.memory.total / 1e9:.1f} GB of memory"
        has = f"{self.device.name} {'have' if self.device.name.endswith('s') else 'has'} "
        has += f"{self.device.memory / 1e9:.1f} GB"
        if self.device.held:
            has += f" ({self.device.held / 1e9:.1f} GB of them held by other processes now)"
        if not self.fits:
            return f"training {takes} at least, {has}: {self.change}"
        if not self.can_start:
            return f"training {takes} at least, {has}: end those (nvidia-smi lists them) before it starts"
        return f"it fits: {takes}, {has}"


def make_plan(
    config: Mapping[str, Any], training: Training, max_tokens: int, lengths: Sequence[int], device: Device
) -> Plan:
    """The plan of a training.

    Args:
        config: `config.json` of the base.
        training: The recipe.
        max_tokens: `dataset.max_tokens`: every example has fewer.
        lengths: Tokens of each training example.
        device: What trains; of several GPUs, the one with the least room.

    Raises:
        GaeaError: The base is not of the Llama, Mistral or Qwen family.
    """
    shape = Shape.of(config)
    change = _change(config, training, max_tokens, lengths, device)
    ways = _ways_that_fit(config, training, lengths, device)
    micro, parts = ways[0]
    steps_an_epoch = ceil(len(lengths) / (training.micro_batch * training.accumulation))
    epoch = seconds_an_epoch(config, training, lengths, micro, device)
    return Plan(
        device=device,
        processes=training.processes,
        parameters=shape.parameters,
        trained=shape.adapter_weights(training.rank),
        ways=tuple(way for way, _ in ways),
        memory=parts,
        micro_steps=micro_steps(training, lengths, micro),
        steps=ceil(training.epochs * steps_an_epoch),
        tokens_an_epoch=sum(lengths),
        tokens=round(training.epochs * sum(lengths)),
        flops=training.epochs * training_flops(config, lengths, checkpointing=micro.checkpointing),
        seconds=None if epoch is None else training.epochs * epoch + loading_seconds(config),
        change=change,
    )


def room(device: Device, processes: int, *, emptied: bool = False) -> int:
    """Bytes for each process: all that is free of a GPU, or its part of the machine's memory.

    Args:
        device: What trains.
        processes: How many train together.
        emptied: Whether what others hold now counts as free.
    """
    free = device.memory if emptied else device.room
    return free // processes if device.kind == "cpu" else free


def card_seconds(config: Mapping[str, Any], training: Training, lengths: Sequence[int]) -> dict[str, float]:
    """Expected seconds of one pass over the examples by device, on two that people have, for the dataset card.

    Args:
        config: `config.json` of the base.
        training: The recipe.
        lengths: Tokens of each training example.
    """
    found = {}
    alone = training.model_copy(update={"processes": 1})
    for device in (named("RTX 5090"), cores_of(CARD_CORES, CARD_MEMORY)):
        micro, _ = _ways_that_fit(config, alone, lengths, device)[0]
        seconds = seconds_an_epoch(config, alone, lengths, micro, device)
        assert seconds is not None and device.peak is not None  # noqa: S101 - the speed of both is known
        found[f"{device.name} ({device.peak / 1e12:.3g} TFLOP/s)"] = seconds
    return found


def _ways_that_fit(
    config: Mapping[str, Any], training: Training, lengths: Sequence[int], device: Device
) -> list[tuple[MicroPlan, Memory]]:
    """The ways to compute a step that fit what is free, the fastest first; the one that takes least where none does."""
    most = training.tokens_a_micro_step or TOKENS_A_MICRO_STEP[device.kind]
    ways = ladder(max(lengths), most, training.gradient_checkpointing)
    tried = [(way, memory(config, training, way, lengths, device.kind)) for way in ways]
    free = room(device, training.processes)
    return [pair for pair in tried if pair[1].total <= free] or [min(tried, key=lambda pair: pair[1].total)]


def _fits(config: Mapping[str, Any], training: Training, lengths: Sequence[int], device: Device) -> bool:
    least = _ways_that_fit(config, training, lengths, device)[-1][1].total
    return least <= room(device, training.processes, emptied=True)


def _change(
    config: Mapping[str, Any], training: Training, max_tokens: int, lengths: Sequence[int], device: Device
) -> str | None:
    """The first change that fits: each tried by itself, then with those before it; else what the job needs."""
    if not device.bfloat16:
        return (
            "take a GPU of compute capability 8.0 or above (from 2020 on: RTX 30 series, A10, A100 and newer; "
            "CUDA_VISIBLE_DEVICES names it where there are several), or set CUDA_VISIBLE_DEVICES=-1 to train on the "
            "processor"
        )
    if _fits(config, training, lengths, device):
        return None
    single = list(_changes(training, max_tokens, max(lengths), device))
    together = [dict(single[:count]) for count in range(2, len(single) + 1)]
    for change in [*({field: value} for field, value in single), *together]:
        if _fits(config, *_changed(training, lengths, change), device):
            return "set " + ", ".join(f"{field}: {value}" for field, value in change.items())
    recipe, shorter = _changed(training, lengths, together[-1] if together else dict(single))
    least = _ways_that_fit(config, recipe, shorter, device)[-1][1].total
    larger = [gpu for gpu in GPUS if _fits(config, training, lengths, gpu)]
    wanted = f"a device such as {min(larger, key=lambda gpu: gpu.memory).name}" if larger else "several GPUs"
    return f"take a smaller base (base.model; the least that this one takes is {least / 1e9:.1f} GB) or {wanted}"


def _changes(training: Training, max_tokens: int, longest: int, device: Device) -> Iterator[tuple[str, str | int]]:
    """Fields and values that take less memory, in the order of what they cost: time, precision, capacity, context."""
    if device.kind == "cpu" and training.processes > 1:
        yield "training.processes", 1
    if training.gradient_checkpointing is False:
        yield "training.gradient_checkpointing", "auto"
    if training.method == "lora":
        yield "training.method", "qlora"
    rank = training.rank
    while (rank := rank // 2) >= LEAST_RANK:
        yield "training.rank", rank
    while (max_tokens := max_tokens // 2) >= LEAST_TOKENS:
        if max_tokens < longest:
            yield "dataset.max_tokens", max_tokens


def _changed(
    training: Training, lengths: Sequence[int], change: Mapping[str, str | int]
) -> tuple[Training, Sequence[int]]:
    """The recipe, and the lengths of the examples: those beyond a new limit in equal parts below it."""
    recipe = training.model_copy(
        update={field.removeprefix("training."): value for field, value in change.items() if "training." in field}
    )
    limit = int(change.get("dataset.max_tokens", max(lengths) + 1)) - 1
    parts = [(length, ceil(length / limit)) for length in lengths]
    return recipe, [ceil(length / count) for length, count in parts for _ in range(count)]
