"""Load the base model, and measure its loss on examples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch  # noqa: TID253 - only the training, merging and generating processes import this module
from bitsandbytes.nn import Linear4bit  # noqa: TID253
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel  # noqa: TID253
from transformers.utils import logging as transformers_logging  # noqa: TID253

from gaea_assets.base.encoder import Encoder
from gaea_assets.manuscript.examples import Example

IGNORED = -100
"""Label of positions that carry no loss (PyTorch's `ignore_index`)."""
SLICE = 512
"""Positions whose logits are held in float32 at a time."""


@dataclass(frozen=True)
class Encoded:
    """An example as ids, with where its completion begins."""

    input_ids: list[int]
    completion_start: int

    @property
    def labels(self) -> list[int]:
        """The ids, with those of the prompt ignored by the loss."""
        return [IGNORED] * self.completion_start + self.input_ids[self.completion_start :]


def encode(examples: Iterable[Example], encoder: Encoder) -> list[Encoded]:
    """Prompt and completion tokenised separately and joined as ids."""
    encoded = []
    for example in examples:
        prompt = encoder.prompt_ids(example.prompt)
        completion = encoder.completion_ids(example.completion, ends_scene=example.ends_scene)
        encoded.append(Encoded(prompt + completion, len(prompt)))
    return encoded


def device() -> str:
    """The accelerator of this process, or the CPU."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def load_base(folder: Path, *, quantized: bool) -> PreTrainedModel:
    """The base model in bfloat16, its linear layers in 4-bit NF4 where `quantized` (Dettmers 2023)."""
    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    transformers_logging.disable_progress_bar()  # a file of the disk is loaded before a bar is read
    return AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.bfloat16,
        quantization_config=quantization if quantized else None,
        device_map={"": device()},
    )


@torch.no_grad()
def heldout_loss(model: torch.nn.Module, examples: Sequence[Encoded]) -> float:
    """Loss on the completions, weighted by token, not by example.

    Args:
        model: A causal language model.
        examples: The held-out examples.

    Returns:
        Nats a completion token.
    """
    was_training = model.training
    _without_dropout(model)
    total, tokens = 0.0, 0
    for example in examples:
        ids = torch.tensor([example.input_ids], device=next(model.parameters()).device)
        # As in training; without autocast bfloat16 attention on a CPU takes five times as long.
        with torch.autocast(ids.device.type, torch.bfloat16):
            logits = model(input_ids=ids, use_cache=False).logits[0, example.completion_start - 1 : -1]
        targets = ids[0, example.completion_start :]
        for part, wanted in zip(logits.split(SLICE), targets.split(SLICE), strict=True):
            total += torch.nn.functional.cross_entropy(part.float(), wanted, reduction="sum").item()
        tokens += len(targets)
    model.train(was_training)
    return total / tokens


def _without_dropout(model: torch.nn.Module) -> None:
    """Evaluation mode for all but the 4-bit layers, whose forward is the same in both modes.

    On CPUs with AVX512-BF16, bitsandbytes repacks a 4-bit layer for good at its first forward in
    evaluation mode; the packed kernel has no gradient, and training would go on with wrong ones.
    """
    model.eval()
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.training = True
