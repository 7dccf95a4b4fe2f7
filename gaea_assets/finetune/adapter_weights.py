"""A LoRA adapter as PEFT saves it: what it adds to which weight of its base."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 - only the merging process imports this module
from peft import LoraConfig  # noqa: TID253
from peft.tuners.tuners_utils import check_target_module_exists  # noqa: TID253

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.base_weights import OUTPUT_LAYER, BaseWeights, open_safetensors

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
OWNER = "qlora_adapter"
AGAIN = "materialise qlora_adapter again"
KEY = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")
USED = ("r", "lora_alpha", "use_rslora", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern")
"""Fields of `adapter_config.json` that say what is added, and to which weights."""
WITHOUT_EFFECT = (
    *("auto_mapping", "base_model_name_or_path", "inference_mode", "lora_dropout", "megatron_core", "peft_version"),
    *("qalora_group_size", "revision", "task_type"),
)
"""Fields that leave the merged weights as they are. All others but those of `WANTED` must be unset."""
UNSET: tuple[Any, ...] = (None, False, "none", [], {})
WANTED: dict[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",),
    # PiSSA, OLoRA and the like change the weights of the base.
    "init_lora_weights": (True, False, None, "gaussian", "orthogonal"),
}


@dataclass(frozen=True)
class LowRank:
    """scale * B A, which is added to a weight (Hu et al. 2021, section 4.1)."""

    a: torch.Tensor
    """(rank, inputs)"""
    b: torch.Tensor
    """(outputs, rank)"""
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """Outputs, inputs."""
        return self.b.shape[0], self.a.shape[1]

    def matrix(self, device: str) -> torch.Tensor:
        """The product, in float32."""
        return (self.b.to(device).float() @ self.a.to(device).float()).mul_(self.scale)


@dataclass(frozen=True)
class Adapter:
    """What an adapter adds to its base."""

    folder: Path
    config: LoraConfig
    updates: Mapping[str, LowRank]
    """By the name of the base's tensor."""

    def require_fit(self, base: BaseWeights) -> None:
        """Refuse a base that the adapter was not trained on, as far as names and shapes tell.

        Raises:
            GaeaError: A weight is missing on one side, differs in shape, or is not one of its own in the base.
        """
        misfit = f"{self.folder}: the adapter does not fit the base {base.folder}"
        found = base.tensors
        lonely = (self.updates.keys() - found.keys()) | (self._targets(found) - self.updates.keys())
        if lonely:
            raise GaeaError(f"{misfit}: one of them lacks {min(lonely)}; {AGAIN}")
        for name, update in self.updates.items():
            if update.shape != found[name]:
                raise GaeaError(f"{misfit}: {name} is {found[name]}, what is added to it {update.shape}; {AGAIN}")
        if base.config.get("tie_word_embeddings") and OUTPUT_LAYER in self.updates:
            raise GaeaError(f"{misfit}: it changes {OUTPUT_LAYER}, which this base shares with its embeddings; {AGAIN}")

    def _targets(self, tensors: Mapping[str, tuple[int, ...]]) -> set[str]:
        """Weights that the adapter says it changes, by the rule it was trained with."""
        modules = {name.removesuffix(".weight") for name, shape in tensors.items() if len(shape) == 2}
        return {f"{module}.weight" for module in modules if check_target_module_exists(self.config, module)}


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter that PEFT saved.

    Raises:
        GaeaError: A file is missing or damaged, or the adapter is more than low-rank updates of linear layers.
    """
    config = _read_config(folder / CONFIG)
    scale = config.lora_alpha / (math.sqrt(config.r) if config.use_rslora else config.r)
    sides = _read_sides(folder / WEIGHTS)
    updates = {}
    for module, side in sides.items():
        if side.keys() != {"A", "B"} or not side["A"].shape[0] == side["B"].shape[1] == config.r:
            shapes = ", ".join(f"lora_{name} {tuple(tensor.shape)}" for name, tensor in sorted(side.items()))
            raise GaeaError(
                f"{folder / WEIGHTS}: {module} has {shapes}; lora_A and lora_B of rank {config.r} are wanted; {AGAIN}"
            )
        updates[f"{module}.weight"] = LowRank(side["A"], side["B"], scale)
    return Adapter(folder, config, updates)


def _read_config(path: Path) -> LoraConfig:
    try:
        fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise GaeaError(f"{path}: not readable as JSON ({error}); {AGAIN}") from None
    free = {*USED, *WITHOUT_EFFECT, *WANTED}
    odd = {name: value for name, value in fields.items() if name not in free and value not in UNSET}
    odd |= {name: fields.get(name) for name, plain in WANTED.items() if fields.get(name) not in plain}
    if odd:
        name, value = min(odd.items())
        raise GaeaError(f"{path}: {name}: {json.dumps(value)} cannot be merged; train a plain LoRA adapter without it")
    return LoraConfig(**{name: fields[name] for name in USED if name in fields})


def _read_sides(path: Path) -> dict[str, dict[str, torch.Tensor]]:
    """The matrices by module and side."""
    sides: dict[str, dict[str, torch.Tensor]] = {}
    with open_safetensors(path, OWNER) as file:
        for key in file.keys():  # noqa: SIM118 - a file, not a mapping
            if not (known := KEY.fullmatch(key)):
                raise GaeaError(
                    f"{path}: {key} cannot be merged; only lora_A and lora_B of linear layers can: train a plain "
                    f"LoRA adapter"
                )
            tensor = file.get_tensor(key)
            if not tensor.isfinite().all():
                raise GaeaError(f"{path}: {key} is not finite; lower training.learning_rate and {AGAIN}")
            sides.setdefault(known["module"], {})[known["side"]] = tensor
    if not sides:
        raise GaeaError(f"{path}: there is no weight in it; {AGAIN}")
    return sides
