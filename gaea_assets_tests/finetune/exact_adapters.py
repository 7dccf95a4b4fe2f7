"""Weights and adapters whose sum bfloat16 holds exactly, so that a merged model is to do the very same as the two."""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedModel

STEP = 1 / 64
RANK = 4


def on_a_grid(model: PreTrainedModel) -> PreTrainedModel:
    """The model with every weight a small multiple of 1/64, no bias zero and no norm all ones."""
    draws = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.copy_(parameter.round() + torch.randint(-8, 9, parameter.shape, generator=draws) * STEP)
            else:
                parameter.copy_((parameter / parameter.std() * 8).round().clamp(-16, 16) * STEP)
    return model


def save_adapter(model: PreTrainedModel, folder: Path, *, rslora: bool = False) -> Path:
    """An adapter of every linear layer, as PEFT saves it; scale * B A has multiples of 1/16 up to 1/2."""
    config = LoraConfig(r=RANK, lora_alpha=8, use_rslora=rslora, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = get_peft_model(model, config)
    draws = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                size = 1 / 4 if "lora_A" in name else 1 / 8
                parameter.copy_(torch.randint(-1, 2, parameter.shape, generator=draws) * size)
    adapted.save_pretrained(folder)
    adapted.unload()
    return folder
