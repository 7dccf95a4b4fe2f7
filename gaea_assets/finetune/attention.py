"""Attention for several examples in one row, each seeing only itself: exact, and without a mask to hold."""

from collections.abc import Sequence
from typing import Any

import torch  # noqa: TID253 - the training process
from transformers import AttentionInterface, PreTrainedModel  # noqa: TID253
from transformers.integrations.sdpa_attention import sdpa_attention_forward  # noqa: TID253

NAME = "sdpa_by_example"
"""What a model's configuration calls it. transformers builds no mask for it, as it does for no name but its own."""


def attend_within_examples(model: PreTrainedModel) -> None:
    """Let the model take `example_lengths` and keep the attention inside each example.

    PyTorch's fused kernels are used for each example by itself: no flash-attention package is needed, a mask of all
    positions against all (64 million entries at 8,192 tokens) is neither built nor read.
    """
    AttentionInterface.register(NAME, _attention)
    model.set_attn_implementation(NAME)


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    example_lengths: Sequence[int] | None = None,
    sliding_window: int | None = None,
    **settings: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers' models call it: (1, heads, positions, width) in, (1, positions, heads, width) out."""
    sizes = list(example_lengths or [query.shape[2]])
    examples = zip(*(states.split(sizes, dim=2) for states in (query, key, value)), strict=True)
    attended = [
        sdpa_attention_forward(module, q, k, v, _band(q, sliding_window), **settings)[0] for q, k, v in examples
    ]
    return torch.cat(attended, dim=1), None


def _band(query: torch.Tensor, window: int | None) -> torch.Tensor | None:
    """The mask of an example longer than the window that its model attends in; None where none is needed."""
    length = query.shape[2]
    if window is None or length <= window:
        return None
    ahead = torch.arange(length, device=query.device)
    back = ahead[:, None] - ahead[None, :]
    return ((back >= 0) & (back < window))[None, None]
