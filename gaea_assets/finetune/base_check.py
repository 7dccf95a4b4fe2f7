"""Whether a base can be trained and merged, told from the headers of its files before any of it is loaded."""

from collections.abc import Mapping
from pathlib import Path

import torch  # noqa: TID253 - only the training and merging processes import this module
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel  # noqa: TID253

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.base_weights import BaseWeights, read_base
from gaea_assets.finetune.shape import Shape

ITS_OWN_CONFIG = "use the config.json that the weights were saved with"
WITHOUT_EFFECT = "rotary_emb.inv_freq"
"""Ends the name of a tensor that older models were saved with; it is computed from the configuration now."""


def checked_base(folder: Path) -> BaseWeights:
    """The weights of a base that is whole, and that `config.json` and tokenizer belong to; none of them read yet.

    transformers itself trains a weight that the files lack from random numbers, and leaves out one that `config.json`
    has no place for.

    Raises:
        GaeaError: A file is missing, cut off or damaged; the weights are quantised already; they are not those that
            `config.json` tells of; the model has experts; or the tokenizer has more entries than there are embeddings.
    """
    base = read_base(folder)
    model = _empty_model(folder)
    Shape.of(base.config)  # else experts, which transformers names otherwise than files do, would count as missing
    _require_weights_of(model, base)
    _require_fitting_tokenizer(base)
    return base


def _empty_model(folder: Path) -> PreTrainedModel:
    """What transformers makes of the configuration, without memory for its weights."""
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except Exception as error:  # each field of the configuration has faults and exceptions of its own
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise GaeaError(
            f"base.model: {folder / 'config.json'}: transformers makes no model of it ({reason}); {ITS_OWN_CONFIG}"
        ) from None


def _require_weights_of(model: PreTrainedModel, base: BaseWeights) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    tied, found, config = model.all_tied_weights_keys, base.tensors, base.folder / "config.json"
    for name, shape in wanted.items():
        if name in found and found[name] != shape:
            raise GaeaError(
                f"base.model: {config} tells of {name} as {shape}, but {_file_of(name, base)} has it as {found[name]}; "
                f"{ITS_OWN_CONFIG}"
            )
    if lacks := [name for name in wanted if name not in found and name not in tied]:
        raise GaeaError(
            f"base.model: {base.folder}: {_told(lacks)} missing in its *.safetensors, but config.json tells of "
            f"{'it' if len(lacks) == 1 else 'them'}; copy or download the model again, or {ITS_OWN_CONFIG}"
        )
    if odd := [name for name in found if name not in wanted and not name.endswith(WITHOUT_EFFECT)]:
        raise GaeaError(
            f"base.model: {config} has no place for {odd[0]}, which is in {_file_of(odd[0], base)}; {ITS_OWN_CONFIG}"
        )


def _told(names: list[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more are"


def _file_of(name: str, base: BaseWeights) -> Path:
    return base.folder / next(shard for shard, shapes in base.shapes.items() if name in shapes)


def _require_fitting_tokenizer(base: BaseWeights) -> None:
    vocabulary: Mapping[str, int] = AutoTokenizer.from_pretrained(base.folder).get_vocab()
    ids, rows = max(vocabulary.values()) + 1, base.embedding_rows
    if ids > rows:
        raise GaeaError(
            f"base.model: {base.folder}: the tokenizer has {ids} entries but the model only {rows} embeddings; "
            f"use the tokenizer the model was trained with"
        )
