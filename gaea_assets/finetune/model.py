"""Load the base model, and measure its loss on examples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch  # noqa: TID253 - only the training, merging and generating processes import this module
from accelerate import PartialState
from accelerate.utils import reduce
from bitsandbytes.nn import Linear4bit  # noqa: TID253
from peft import PeftModel  # noqa: TID253
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel  # noqa: TID253
from transformers.utils import logging as transformers_logging  # noqa: TID253

from gaea_assets.base.encoder import Encoder
from gaea_assets.finetune.loss import summed_nll
from gaea_assets.finetune.shortage import SMALLER_BASE, shortage_told
from gaea_assets.manuscript.examples import Example

IGNORED = -100
"""Label of positions that carry no loss (PyTorch's `ignore_index`)."""


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
    """The base model in bfloat16, its linear layers in 4-bit NF4 where `quantized` (Dettmers 2023).

    Args:
        folder: A model that is whole (`base_check`).
        quantized: Whether in 4 bits.

    Raises:
        GaeaError: The memory does not hold the model.
    """
    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    transformers_logging.disable_progress_bar()  # a file of the disk is loaded before a bar is read
    bits = "4 bits" if quantized else "16 bits"
    with shortage_told(f"loading the base {folder} in {bits} on {PartialState().device}", SMALLER_BASE):
        return AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=torch.bfloat16,
            quantization_config=quantization if quantized else None,
            device_map={"": PartialState().device},  # each process of several has a GPU of its own
        )


@torch.no_grad()
def heldout_loss(model: PreTrainedModel | PeftModel, examples: Sequence[Encoded]) -> float:
    """Loss on the completions, weighted by token, not by example.

    Several processes each take a part of the examples: all of them have to call it, and all get the same.

    Args:
        model: A causal language model, with an adapter or without.
        examples: The held-out examples.

    Returns:
        Nats a completion token.
    """
    was_training = model.training
    without_dropout(model)
    base = cast(PreTrainedModel, model.get_base_model()) if isinstance(model, PeftModel) else model
    state = PartialState()
    longest_first = sorted(examples, key=lambda example: -len(example.input_ids))
    total, tokens = 0.0, sum(len(example.input_ids) - example.completion_start for example in examples)
    for example in longest_first[state.process_index :: state.num_processes]:
        ids, labels = (torch.tensor([row], device=base.device) for row in (example.input_ids, example.labels))
        # As in training; without autocast bfloat16 attention on a CPU takes five times as long.
        with torch.autocast(ids.device.type, torch.bfloat16):
            total += summed_nll(base, labels, IGNORED, input_ids=ids).item()
    model.train(was_training)
    return reduce(torch.tensor(total, dtype=torch.float64, device=base.device), "sum").item() / tokens


def without_dropout(model: torch.nn.Module) -> None:
    """Evaluation mode for all but the 4-bit layers, whose forward is the same in both modes.

    On CPUs with AVX512-BF16, bitsandbytes repacks a 4-bit layer for good at its first forward in
    evaluation mode; the packed kernel has no gradient, and training would go on with wrong ones.
    """
    model.eval()
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.training = True
