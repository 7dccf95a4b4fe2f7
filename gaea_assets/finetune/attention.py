"""Attention for several examples in one row, each seeing only itself: exact, and without a mask to hold."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any

import torch  # noqa: TID253 - the training process
from transformers import AttentionInterface, PreTrainedModel  # noqa: TID253
from transformers.integrations.sdpa_attention import sdpa_attention_forward  # noqa: TID253

from gaea_assets.finetune import flash
from gaea_assets.finetune.packing import mask_side

NAME = "by_example"
"""What a model's configuration calls it. transformers builds no mask for it, as it does for no name but its own."""


def attend_within_examples(model: PreTrainedModel, log: Callable[[str], None] = lambda line: None) -> None:
    """Let the model take `example_lengths` and keep the attention inside each example.

    Where FlashAttention's package is installed and agrees with PyTorch on this GPU, one call of it attends in the whole
    row; else PyTorch's fused kernels are used for each example by itself. A mask of all positions against all (64
    million entries at 8,192 tokens) is neither built nor read, but for examples longer than a model's sliding window.

    Args:
        model: Of the Llama, Mistral or Qwen family.
        log: Takes a line where the package is installed.
    """
    varlen = chosen(model.device.type, flash.installed(), partial(_agrees, config=model.config), log)
    AttentionInterface.register(NAME, partial(_flash_attention, varlen) if varlen else _attention)
    model.set_attn_implementation(NAME)


def chosen(
    kind: str, varlen: flash.Varlen | None, agrees: Callable[[flash.Varlen], bool], log: Callable[[str], None]
) -> flash.Varlen | None:
    """FlashAttention's function where it may be used; None: PyTorch's kernels.

    Args:
        kind: What the model computes on.
        varlen: The installed package's function.
        agrees: Whether it gives what PyTorch's kernels give; it may raise what it likes.
        log: Takes one line that says which is used and why.
    """
    if kind != "cuda" or varlen is None:
        return None
    why = "which gives other values"
    try:
        if agrees(varlen):
            log("attention by the package flash_attn, which gives what PyTorch's kernels give")
            return varlen
    except Exception as error:  # whatever a package built for another GPU or PyTorch raises
        why = " ".join(str(error).split())[:160]
    log(f"attention by PyTorch's kernels, not by the installed package flash_attn ({why})")
    return None


def _agrees(varlen: flash.Varlen, config: Any, device: str = "cuda") -> bool:
    heads = SimpleNamespace(
        num_key_value_groups=config.num_attention_heads // config.num_key_value_heads, is_causal=True
    )

    def by_sdpa(
        query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, sizes: Sequence[int], window: int | None
    ) -> torch.Tensor:
        return _attention(heads, query, key, value, None, sizes, window)[0]  # type: ignore[arg-type]

    return flash.agrees(partial(flash.attend, varlen, scaling=None), by_sdpa, config, device)


def _flash_attention(
    varlen: flash.Varlen,
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    example_lengths: Sequence[int] | None = None,
    sliding_window: int | None = None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    sizes = list(example_lengths or [query.shape[2]])
    return flash.attend(varlen, query, key, value, sizes, sliding_window, scaling), None


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
    masks = [_mask(query, length, max(sizes), sliding_window) for length in sizes]
    examples = zip(*(states.split(sizes, dim=2) for states in (query, key, value)), strict=True)
    attended = [
        sdpa_attention_forward(module, q, k, v, mask, **settings)[0]
        for (q, k, v), mask in zip(examples, masks, strict=True)
    ]
    return torch.cat(attended, dim=1), None


def _mask(query: torch.Tensor, length: int, longest: int, window: int | None) -> torch.Tensor | None:
    """The mask of an example of that length; None where its window leaves nothing out."""
    if window is None or length <= window:
        return None
    band = _band(mask_side(longest), window, query.device, flash.computed_in(query))
    return band[:length, :length].expand(1, 1, -1, -1)


@lru_cache(maxsize=1)
def _band(side: int, window: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """The mask of a row's longest example, the same in all layers; its upper left part is that of a shorter one.

    It is added to the scores, in their precision: from a mask of truth values PyTorch would make such a one in each
    layer, and keep it for the backward pass. CUDA's kernel would copy one whose rows are not of `mask_side`.
    """
    seen = torch.ones(side, side, dtype=torch.bool, device=device).tril_().triu_(1 - window)
    return torch.zeros(side, side, dtype=dtype, device=device).masked_fill_(seen.logical_not_(), -torch.inf)
