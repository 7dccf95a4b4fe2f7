"""The memory that training takes, part by part, from what each module keeps for its backward pass.

Nothing here is fitted to a measurement: bytes are counted from the operations of transformers' decoder layers, PEFT's
LoRA layers and bitsandbytes' 4-bit product under bfloat16 autocast. `benchmarks/train_memory.py` holds the sums against
measured peaks.

Two things differ by device and method. PEFT casts the input of an adapter to float32, except for 4-bit layers on CUDA
(it asks `torch.is_autocast_enabled()`, which speaks for CUDA only). Dropout keeps a mask of one byte an element on
CUDA, and a noise tensor of its input's type on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import ceil
from typing import Any, Literal

from gaea_assets.config import Training
from gaea_assets.finetune.devices import CUDA_CONTEXT
from gaea_assets.finetune.micro import MicroPlan
from gaea_assets.finetune.packing import mask_side, most_at_once
from gaea_assets.finetune.shape import Shape

Kind = Literal["cuda", "cpu"]

HALF, FULL = 2, 4
"""Bytes of bfloat16 and of float32."""
BLOCK, NESTED = 64, 256
"""Weights that share a 4-bit scale, and scales that share a scale of their own (Dettmers 2023, section 3)."""
CODES = (16 + 256 + 1) * FULL
"""Bytes a 4-bit matrix keeps besides: the values of 4 bits, those of its scales, their mean."""
SMALL_STATE, STATE_BLOCK = 4096, 256
"""bitsandbytes keeps the optimiser's state of smaller tensors in 32 bit; states that share a scale in 8 bit."""
LOSS_SLICE, LOGIT_BYTES = 1024, 2 * FULL
"""Positions whose logits are held at a time (`finetune.loss`), in float32, once more inside of logsumexp."""
CONTEXT: Mapping[Kind, int] = {"cuda": CUDA_CONTEXT, "cpu": 1200 << 20}
"""Not derived: CUDA's context, assumed; Python with its libraries on a CPU, as measured."""
CUDA_SLACK = 0.05
"""Assumed: share of its memory that PyTorch's CUDA allocator can't use, since it is in pieces."""
HEAP_SLACK = 0.9
"""Measured on three trainings of the pocket base (glibc 2.36): what the C library keeps for later of memory that comes
and goes, over the most of it that stands at once."""


@dataclass(frozen=True)
class Memory:
    """Bytes by part, at the moment that takes most.

    Attributes:
        weights: Matrices, norms and biases of the decoder layers.
        embeddings: Embedding and output layer.
        adapter: The trained weights, in float32.
        gradients: Of the adapter; with several processes once more, where they are exchanged.
        optimiser: AdamW's two moments.
        activations: What stands from the forward to the backward pass; with checkpointing the input of each layer. Also
            the mask of the longest example, where it is longer than the model's sliding window.
        working: What the largest layer takes for a moment, beside: with checkpointing all it recomputes, dequantised
            weights, gradients of activations.
        logits: What the loss takes for a moment; it and `working` follow one another, so the larger counts.
        overhead: Context and slack; not seen by PyTorch's own count.
    """

    weights: int
    embeddings: int
    adapter: int
    gradients: int
    optimiser: int
    activations: int
    working: int
    logits: int
    overhead: int

    @property
    def allocated(self) -> int:
        """Peak as PyTorch counts it (`torch.cuda.max_memory_allocated`)."""
        counted = sum(getattr(self, part.name) for part in fields(self))
        return counted - self.overhead - min(self.working, self.logits)

    @property
    def total(self) -> int:
        """Peak that the device must hold."""
        return self.allocated + self.overhead


def memory(
    config: Mapping[str, Any], training: Training, micro: MicroPlan, lengths: Sequence[int], kind: Kind
) -> Memory:
    """What training on these examples takes in each process, part by part.

    Args:
        config: `config.json` of the base.
        training: The recipe.
        micro: How much is computed at once.
        lengths: Tokens of each example.
        kind: What trains.

    Raises:
        GaeaError: The base is not of a known family.
    """
    batch, several = training.micro_batch * training.accumulation, training.processes > 1
    tokens = largest_micro_step(lengths, micro.tokens, batch, training.processes)
    shape = Shape.of(config)
    layer = _Layer(shape, training, tokens, kind)
    trained = shape.adapter_weights(training.rank)
    # Every adapter matrix once more, in bfloat16: autocast keeps its casts until the forward pass ends.
    casts, angles, hidden = HALF * trained, 2 * HALF * shape.head * tokens, HALF * shape.width * tokens
    final_norm = FULL * shape.width * tokens
    ends = hidden + final_norm
    mask, repeated = layer.window(max(lengths))
    slices = LOGIT_BYTES * shape.vocabulary * min(LOSS_SLICE, tokens) + 2 * hidden
    if micro.checkpointing:
        activations = angles + mask + shape.layers * hidden
        working = layer.kept + repeated + layer.passing + 2 * hidden
        logits = casts + ends + slices
    else:
        activations = angles + mask + casts + shape.layers * layer.kept - layer.unneeded_in_the_first
        activations += shape.windowed * repeated
        working = max(layer.passing, final_norm + _NORM_BACKWARD * shape.width * tokens)
        logits = ends + slices
    parts = {
        "weights": _weights(shape, training.method),
        "embeddings": HALF * shape.embedding_weights,
        "adapter": FULL * trained,
        "gradients": FULL * trained * (1 + several),
        "optimiser": _optimiser(shape, training.rank, kind),
        "activations": activations,
        "working": working,
        "logits": logits,
    }
    peak = sum(parts.values()) - min(working, logits)
    slack = CUDA_SLACK * peak if kind == "cuda" else HEAP_SLACK * (activations + max(working, logits))
    return Memory(**parts, overhead=CONTEXT[kind] + int(slack))


def largest_micro_step(lengths: Sequence[int], most: int, batch: int, processes: int = 1) -> int:
    """Tokens of the largest micro-step there can be: full, or as large as the longest examples of a step make it.

    Args:
        lengths: Tokens of each example.
        most: Most tokens of a micro-step; a longer example stands alone.
        batch: Examples of an optimiser step.
        processes: How many share a step.
    """
    longest = sorted(lengths)[-batch:]
    return max(longest[-1], most_at_once(longest, most, processes))


_NORM_BACKWARD = 5 * FULL + HALF
"""Bytes an element: float32 gradients of both factors, of the power and its two temporaries, the bfloat16 gradient."""


@dataclass(frozen=True)
class _Layer:
    """One decoder layer on so many tokens; all figures in bytes."""

    shape: Shape
    training: Training
    tokens: int
    kind: Kind

    @property
    def _widened(self) -> bool:
        """Whether PEFT casts the adapters' inputs to float32."""
        return self.training.method == "lora" or self.kind == "cpu"

    @property
    def _mask(self) -> int:
        """Bytes an element that dropout keeps."""
        if not self.training.dropout:
            return 0
        return 1 if self.kind == "cuda" else FULL

    @property
    def kept(self) -> int:
        """What stands until the layer's backward pass.

        Norms keep their input in float32 and its inverse root mean square. The attention keeps queries, keys, values,
        its output (all after the rotation, which keeps only the angles) and a log-sum a head. The gate keeps its
        input, its output and the factor. A frozen matrix keeps nothing; its adapter keeps its input, dropped out, in
        bfloat16, the mask, and the product with A. Without dropout or cast the same input serves several adapters.
        """
        shape = self.shape
        norms = 2 * (FULL * shape.width + FULL)
        if shape.normed:
            norms += FULL * (shape.attention + shape.shared) + FULL * (shape.attention + shape.shared) // shape.head
        attention = 2 * HALF * (shape.attention + shape.shared) + FULL * shape.heads
        gate = 3 * HALF * shape.inner
        own_inputs = self._widened or self.training.dropout > 0
        inputs = sum(rows for rows, _ in shape.linears.values()) if own_inputs else self._distinct_inputs
        adapters = HALF * inputs + self._mask * sum(rows for rows, _ in shape.linears.values())
        ranks = HALF * self.training.rank * len(shape.linears)
        return self.tokens * (norms + attention + gate + adapters + ranks)

    def window(self, longest: int) -> tuple[int, int]:
        """What a sliding window takes beside: a mask for all layers, and in each that has one keys and values repeated.

        PyTorch's kernels let heads share keys and values only where there is no mask. FlashAttention's package needs
        neither; whether it is used is not known here.

        Args:
            longest: Tokens of the longest example; within the window there is no mask.
        """
        shape = self.shape
        if shape.window is None or longest <= shape.window:
            return 0, 0
        return HALF * mask_side(longest) ** 2, 2 * HALF * (shape.attention - shape.shared) * self.tokens

    @property
    def _distinct_inputs(self) -> int:
        """Width of what goes into q, k and v, into o, into gate and up, and into down."""
        return 2 * self.shape.width + self.shape.attention + self.shape.inner

    @property
    def unneeded_in_the_first(self) -> int:
        """What the first layer need not keep, since nothing before it is trained: its norm, and the first masks."""
        norm = FULL * self.shape.width + FULL
        return self.tokens * (norm + 3 * self._mask * self.shape.width)

    @property
    def passing(self) -> int:
        """The most that stands for a moment beside what is kept: around the matrix that leaves the wide inner state.

        Forward, where its input is cast: the input itself, in float32, and dropped out in float32. Backward: gradients
        of the input through the adapter and through the frozen matrix and their sum, less what has been let go; or the
        dequantised matrix with its scales and two of them. Always: the residual, the layer's input, the
        feed-forward's input and its output.
        """
        inner, dropout = self.shape.inner, self.training.dropout > 0
        matrix = 0.0
        if self.training.method == "qlora":
            matrix = inner * self.shape.width * (HALF + FULL / BLOCK)
        backward = max((4 - self._mask) * inner * self.tokens, (2 - self._mask) * inner * self.tokens + matrix)
        forward = (HALF + FULL + FULL * dropout) * inner * self.tokens if self._widened else HALF * inner * self.tokens
        return int(max(forward, backward)) + 4 * HALF * self.shape.width * self.tokens


def _weights(shape: Shape, method: str) -> int:
    if method == "lora":
        return HALF * (shape.linear_weights + shape.small_weights)
    matrices = 0
    for rows, columns in shape.linears.values():
        scales = ceil(rows * columns / BLOCK)
        matrices += ceil(rows * columns / 2) + scales + FULL * ceil(scales / NESTED) + CODES
    return shape.layers * matrices + HALF * shape.small_weights


def _optimiser(shape: Shape, rank: int, kind: Kind) -> int:
    sizes = [rank * side for matrix in shape.linears.values() for side in matrix]
    if kind == "cpu":
        return shape.layers * sum(2 * FULL * size for size in sizes)
    return shape.layers * sum(_eight_bit_state(size) for size in sizes)


def _eight_bit_state(size: int) -> int:
    """Two states of bitsandbytes' blockwise 8-bit AdamW (Dettmers et al. 2022, section 2)."""
    return 2 * FULL * size if size < SMALL_STATE else 2 * (size + FULL * ceil(size / STATE_BLOCK))
