"""FlashAttention's own package, where it is installed: one call for a row of several examples (Dao 2023)."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch  # noqa: TID253 - the training process

Varlen = Callable[..., torch.Tensor]
"""`flash_attn_varlen_func`: positions of all examples one after another, and where each example begins and ends."""


def installed() -> Varlen | None:
    """The package's function; None where the package is not there, or not for this build of PyTorch."""
    try:
        from flash_attn import flash_attn_varlen_func  # type: ignore[import-not-found]
    except (ImportError, OSError):
        return None
    return flash_attn_varlen_func


def attend(
    varlen: Varlen,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    sizes: Sequence[int],
    window: int | None,
    scaling: float | None,
) -> torch.Tensor:
    """Causal attention inside each example: (1, heads, positions, width) in, (1, positions, heads, width) out.

    Args:
        varlen: The package's function.
        query: Of all heads.
        key: Of the heads that share keys.
        value: Of the same.
        sizes: Positions of each example.
        window: How many positions each sees, itself among them; None: all before it.
        scaling: Of the scores; None: one over the square root of the width.
    """
    dtype = computed_in(query)  # autocast itself knows PyTorch's operations only
    states = [state[0].transpose(0, 1).to(dtype) for state in (query, key, value)]
    bounds, longest = _bounds(tuple(sizes), query.device), max(sizes)
    seen = (-1, -1) if window is None else (window - 1, 0)
    return varlen(
        *states, bounds, bounds, longest, longest, softmax_scale=scaling, causal=True, window_size=seen
    ).unsqueeze(0)


def computed_in(state: torch.Tensor) -> torch.dtype:
    """The precision that attention computes this state in: its own, or that of autocast."""
    kind = state.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else state.dtype


@lru_cache(maxsize=8)
def _bounds(sizes: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """Where the examples begin, and where the last one ends: the same in all layers."""
    starts = torch.tensor([0, *sizes]).cumsum(0)
    return starts.to(device=device, dtype=torch.int32)


def agrees(one: Callable[..., torch.Tensor], other: Callable[..., torch.Tensor], config: Any, device: str) -> bool:
    """Whether two ways to attend give the same values and gradients, within bfloat16's rounding, on a row of examples.

    Args:
        one: Takes query, key, value, sizes and window, as `attend` does.
        other: The same.
        config: Of the model: its heads and their width decide which kernel runs.
        device: Where it is tried.
    """
    heads, shared = config.num_attention_heads, config.num_key_value_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    draw = torch.Generator(device).manual_seed(0)  # the training's own random numbers stay as they are
    sizes = (70, 130, 1)

    def drawn(count: int) -> torch.Tensor:
        return torch.randn(1, count, sum(sizes), width, generator=draw, device=device, dtype=torch.bfloat16)

    states = [drawn(count).requires_grad_() for count in (heads, shared, shared)]
    weights = drawn(heads).transpose(1, 2)
    for window in (None, 24):
        results = []
        for way in (one, other):
            values = way(*states, sizes, window)
            results.append((values, *torch.autograd.grad((values * weights).sum(), states)))
        for found, wanted in zip(*results, strict=True):
            difference = (found.float() - wanted.float()).square().mean().sqrt()
            if not difference <= TOLERANCE * wanted.float().square().mean().sqrt():
                return False
    return True


TOLERANCE = 0.02
"""Root mean square difference over the size: bfloat16 gives below .01, a wrong mask above .1."""
