"""The loss on completions alone, without ever holding the logits of a whole row."""

from collections.abc import Callable
from typing import Any

import torch  # noqa: TID253 - the training and merging processes
from torch.autograd.function import FunctionCtx, once_differentiable  # noqa: TID253
from transformers import PreTrainedModel  # noqa: TID253

SLICE = 1024
"""Positions whose logits are held at a time: 0.5 GiB in float32 for a vocabulary of 128,256."""


def output_logits(hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """What the output layer makes of last hidden states, in float32: (positions, vocabulary).

    Args:
        hidden: (positions, width).
        weight: Of the output layer: (vocabulary, width).
        bias: Of the output layer, where it has one: (vocabulary).
    """
    return torch.nn.functional.linear(hidden.to(weight.dtype), weight, bias).float()


class SummedNll(torch.autograd.Function):
    """Negative log-likelihood of tokens under a frozen output layer, summed, in nats.

    The output layer is not trained, so all that the backward pass needs is the gradient of the hidden states: it is
    taken in the forward pass while a slice's logits are there, and nothing is computed twice (Hsu et al. 2024, Liger
    Kernel, section 3.2).
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, wanted: torch.Tensor
    ) -> torch.Tensor:
        """The sum over all positions.

        Args:
            ctx: Keeps the gradient.
            hidden: Last hidden states of the positions that predict a token: (positions, width).
            weight: Of the output layer: (vocabulary, width).
            bias: Of the output layer, where it has one: (vocabulary).
            wanted: The tokens: (positions).
        """
        gradient = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None  # type: ignore[attr-defined]
        total = torch.zeros((), device=hidden.device)
        for start in range(0, len(wanted), SLICE):
            part = slice(start, start + SLICE)
            targets = wanted[part, None]
            logits = output_logits(hidden[part], weight, bias)
            logits -= torch.logsumexp(logits, dim=-1, keepdim=True)
            total -= logits.gather(1, targets).sum()
            if gradient is not None:
                excess = logits.exp_()  # probabilities, less one where the wanted token is
                excess.scatter_add_(1, targets, excess.new_full(targets.shape, -1))
                gradient[part] = (excess.to(weight.dtype) @ weight).to(gradient.dtype)
                del excess
            del logits  # else they stand while the next slice's are made, and the peak is a quarter higher
        ctx.gradient = gradient  # type: ignore[attr-defined]
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, of_sum: torch.Tensor) -> tuple[torch.Tensor | None, None, None, None]:
        """The gradient of the hidden states; none of the output layer's."""
        return ctx.gradient * of_sum, None, None, None  # type: ignore[attr-defined]


def summed_nll(model: PreTrainedModel, labels: torch.Tensor, ignored: int, **inputs: Any) -> torch.Tensor:
    """Negative log-likelihood of the labels that are not `ignored`, summed, in nats.

    Args:
        model: A causal language model (not wrapped by PEFT).
        labels: (1, positions); each is predicted from the position before it.
        ignored: The label of positions that carry no loss.
        inputs: What the model's decoder takes.
    """
    hidden = model.base_model(use_cache=False, **inputs).last_hidden_state[0, :-1]
    wanted = labels[0, 1:]
    kept = (wanted != ignored).nonzero().squeeze(1)
    head = model.get_output_embeddings()
    return SummedNll.apply(hidden[kept], head.weight, getattr(head, "bias", None), wanted[kept])


def answer_with_loss(model: PreTrainedModel, ignored: int) -> None:
    """Let the model's forward return `summed_nll` where it is given labels, and what it did before elsewhere.

    The forward is what distributed training wraps, so the loss has to come out of it.
    """
    before: Callable[..., Any] = model.forward

    def forward(*args: Any, labels: torch.Tensor | None = None, **inputs: Any) -> Any:
        if labels is None:
            return before(*args, **inputs)
        inputs.pop("return_dict", None)
        return {"loss": summed_nll(model, labels, ignored, **inputs)}

    model.forward = forward
