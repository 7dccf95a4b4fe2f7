"""How much of an optimiser step is computed at once."""

from dataclasses import dataclass
from typing import Literal


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
