"""Which attention is used, and that FlashAttention's function is called as its documentation says.

The package itself runs on GPUs only: `varlen` below computes by its documentation, in plain PyTorch.
"""

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import MistralConfig, MistralForCausalLM

from gaea_assets.finetune import attention, flash
from gaea_assets.finetune.attention import _agrees, chosen
from gaea_assets_tests.finetune.test_loss import require_as_each_alone
from gaea_assets_tests.finetune.tiny_models import KINDS, SIZES

CONFIG = SimpleNamespace(num_attention_heads=4, num_key_value_heads=2, head_dim=16)


def varlen(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    cu_seqlens_q: torch.Tensor,
    cu_seqlens_k: torch.Tensor,
    max_seqlen_q: int,
    max_seqlen_k: int,
    softmax_scale: float | None = None,
    causal: bool = False,
    window_size: tuple[int, int] = (-1, -1),
) -> torch.Tensor:
    """`flash_attn.flash_attn_varlen_func`: (positions, heads, width) in and out."""
    assert cu_seqlens_q.dtype == cu_seqlens_k.dtype == torch.int32
    assert max_seqlen_q == max_seqlen_k == int(cu_seqlens_q.diff().max())
    groups, scale = q.shape[1] // k.shape[1], softmax_scale or q.shape[2] ** -0.5
    parts = []
    for start, end in pairwise(cu_seqlens_q.tolist()):
        own, keys = q[start:end], k[start:end].repeat_interleave(groups, 1)
        scores = torch.einsum("qhd,khd->hqk", own.float(), keys.float()) * scale
        back = torch.arange(end - start)[:, None] - torch.arange(end - start)[None, :]
        seen = (back >= 0) if causal else torch.ones_like(back, dtype=torch.bool)
        if window_size[0] >= 0:
            seen &= back <= window_size[0]
        weights = scores.masked_fill(~seen, -torch.inf).softmax(-1)
        values = v[start:end].repeat_interleave(groups, 1).float()
        parts.append(torch.einsum("hqk,khd->qhd", weights, values).to(q.dtype))
    return torch.cat(parts)


def forgetful(**forgotten: Any) -> Callable[..., torch.Tensor]:
    """The function with an argument that it does not heed."""
    return lambda *given, **named: varlen(*given, **(named | forgotten))


def in_one_row(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *_: Any, **named: Any) -> torch.Tensor:
    """The function without the bounds of examples."""
    whole = torch.tensor([0, len(q)], dtype=torch.int32)
    return varlen(q, k, v, whole, whole, len(q), len(q), **named)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_attended_in_one_call_has_the_loss_and_gradients_of_each_example_alone(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "chosen", lambda *_: varlen)
    require_as_each_alone(kind)


def masks_kept(lengths: Sequence[int], **settings: Any) -> list[torch.Tensor]:
    """The masks that the backward pass of a Mistral under autocast is kept for, each storage once."""
    torch.manual_seed(0)
    model = MistralForCausalLM(MistralConfig(vocab_size=120, **(SIZES | settings))).bfloat16()
    attention.attend_within_examples(model)
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.dim() == 4 and tensor.shape[-1] == tensor.shape[-2] and not tensor.requires_grad:
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    ids = torch.arange(sum(lengths))[None] % 120
    places = torch.cat([torch.arange(length) for length in lengths])[None]
    with torch.autocast("cpu", torch.bfloat16), torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept):
        model.base_model(ids, position_ids=places, example_lengths=lengths, use_cache=False)
    return list(kept.values())


def test_all_layers_and_examples_share_one_mask_of_the_window() -> None:
    (mask,) = masks_kept((61, 17, 40), sliding_window=24, num_hidden_layers=3)
    assert mask.dtype == torch.bfloat16
    assert mask.untyped_storage().nbytes() == 2 * 64 * 64  # of 61 positions, rounded up to 16 for CUDA


def test_examples_within_the_window_have_no_mask() -> None:
    assert masks_kept((24, 17, 20), sliding_window=24) == []


def test_under_autocast_the_package_is_given_what_it_can_compute() -> None:
    states = [torch.randn(1, heads, 9, 16) for heads in (4, 2, 2)]
    with torch.autocast("cpu", torch.bfloat16):
        assert flash.attend(varlen, *states, [4, 5], None, None).dtype == torch.bfloat16


def test_the_documented_function_agrees_with_pytorchs_kernels() -> None:
    assert _agrees(varlen, CONFIG, "cpu")


@pytest.mark.parametrize("wrong", [forgetful(causal=False), forgetful(window_size=(-1, -1)), in_one_row])
def test_a_function_that_lets_examples_see_more_does_not_agree(wrong: Callable[..., torch.Tensor]) -> None:
    assert not _agrees(wrong, CONFIG, "cpu")


def test_the_package_is_used_where_it_is_installed_and_agrees_on_a_gpu() -> None:
    log: list[str] = []
    assert chosen("cuda", varlen, lambda _: True, log.append) is varlen
    assert log == ["attention by the package flash_attn, which gives what PyTorch's kernels give"]


def fails(_: Any) -> bool:
    raise RuntimeError("FlashAttention only supports\nAmpere GPUs or newer.")


@pytest.mark.parametrize(
    ("agrees", "why"),
    [(lambda _: False, "which gives other values"), (fails, "FlashAttention only supports Ampere GPUs or newer.")],
)
def test_a_package_that_does_not_agree_or_fails_is_left_aside_and_that_is_said(agrees: Any, why: str) -> None:
    log: list[str] = []
    assert chosen("cuda", varlen, agrees, log.append) is None
    assert log == [f"attention by PyTorch's kernels, not by the installed package flash_attn ({why})"]


@pytest.mark.parametrize(("kind", "found"), [("cpu", varlen), ("cuda", None), ("cpu", None)])
def test_without_a_gpu_or_the_package_pytorchs_kernels_are_used(kind: str, found: Any) -> None:
    log: list[str] = []
    assert chosen(kind, found, lambda _: True, log.append) is None
    assert log == []


def test_a_package_that_is_not_there_or_broken_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flash_attn", None)
    assert flash.installed() is None
