"""The base model's weights as they lie on the disk: which tensor is in which file, and how large it is."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from gaea_assets.base.files import read_json
from gaea_assets.errors import GaeaError

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
"""Where a model in several files says which tensor is in which."""
BYTES_A_WEIGHT = 2
"""In bfloat16."""
FLOATS = {"F64", "F32", "F16", "BF16"}
"""Precisions, as safetensors names them, that a model which is not quantised is saved in."""
EMBEDDINGS = "embed_tokens.weight"
OUTPUT_LAYER = "lm_head.weight"


@dataclass(frozen=True)
class BaseWeights:
    """The weights of a model folder, none of them read yet."""

    folder: Path
    config: Mapping[str, Any]
    """Its `config.json`."""
    shapes: Mapping[str, Mapping[str, tuple[int, ...]]]
    """By file, in the order of the files; within a file by tensor, in the order in which they lie there."""

    @property
    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The shape of each tensor, by name."""
        return {name: shape for shard in self.shapes.values() for name, shape in shard.items()}

    @property
    def bytes_in_16_bit(self) -> int:
        """What the weights take in bfloat16, whatever they are saved in."""
        return BYTES_A_WEIGHT * sum(map(math.prod, self.tensors.values()))

    @property
    def embedding_rows(self) -> int:
        """Ids that the model has embeddings for: the vocabulary, and padding where the model has it."""
        return next(shape[0] for name, shape in self.tensors.items() if name.endswith(EMBEDDINGS))


def read_base(folder: Path) -> BaseWeights:
    """What the headers of a model's safetensors files say; the weights themselves are not read.

    Raises:
        GaeaError: A file is missing, cut off or damaged; the weights are quantised already; or `config.json` tells of
            another number of embeddings than there are.
    """
    config = read_json(folder, "config.json")
    if config.get("quantization_config"):
        raise GaeaError(
            f"base.model: {folder / 'config.json'}: quantization_config says that the weights are quantised already; "
            f"name the model in 16 bit, method: qlora quantises it itself"
        )
    base = BaseWeights(folder, config, {name: _shapes(folder / name) for name in _files(folder)})
    _require_listed(base)
    _require_rows(base)
    return base


def read_index(folder: Path) -> dict[str, Any]:
    """The index of a model in several files; empty where it is in one (transformers looks for that one first).

    Raises:
        GaeaError: It is missing, or does not say which tensor is in which file.
    """
    if (folder / SINGLE).is_file():
        return {}
    shards = sorted(path.name for path in folder.glob("model-*-of-*.safetensors"))
    if shards and not (folder / INDEX).is_file():
        raise GaeaError(
            f"base.model: {folder / INDEX} is missing, which says what is in {shards[0]} and the others; copy or "
            f"download it from where they are from"
        )
    index = read_json(folder, INDEX)
    if (folder / INDEX).is_file() and not _is_map(index.get("weight_map")):
        raise GaeaError(
            f"base.model: {folder / INDEX}: weight_map: names of tensors, each with its file, are wanted; copy or "
            f"download it again"
        )
    return index


def _is_map(given: Any) -> bool:
    return isinstance(given, dict) and bool(given) and all(isinstance(file, str) for file in given.values())


def _files(folder: Path) -> list[str]:
    """The files of the model; others may lie beside them, such as `consolidated.safetensors` in another layout."""
    if index := read_index(folder):
        return sorted(set(index["weight_map"].values()))
    return [SINGLE]


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    with open_safetensors(path, "base.model") as file:
        slices = {name: file.get_slice(name) for name in file.offset_keys()}
        for name, part in slices.items():
            if part.get_dtype() not in FLOATS:
                raise GaeaError(
                    f"base.model: {path}: {name} is in {part.get_dtype()}; a model in {', '.join(sorted(FLOATS))} "
                    f"is wanted, one that is not quantised"
                )
        return {name: tuple(part.get_shape()) for name, part in slices.items()}


def open_safetensors(path: Path, owner: str) -> safe_open:
    """A safetensors file, mapped into memory: what is read of it stays in the page cache.

    Args:
        path: The file.
        owner: What the user is to mend if it does not open: a field, or an asset.

    Raises:
        GaeaError: It is missing, or cut off or damaged (its header is held against its length).
    """
    try:
        return safe_open(path, framework="pt")
    except FileNotFoundError:
        raise GaeaError(f"{owner}: {path} is missing; a complete folder with *.safetensors is wanted") from None
    except (SafetensorError, OSError) as error:
        reason = " ".join(str(error).split())
        raise GaeaError(f"{owner}: {path} does not load ({reason}); copy or make it again") from None


def _require_listed(base: BaseWeights) -> None:
    for name, shard in read_index(base.folder).get("weight_map", {}).items():
        if name not in base.shapes[shard]:
            raise GaeaError(
                f"base.model: {base.folder / shard} lacks {name}, which {INDEX} says is there; copy the model again"
            )


def _require_rows(base: BaseWeights) -> None:
    wanted = base.config.get("vocab_size")
    for name, shape in base.tensors.items():
        if name.endswith((EMBEDDINGS, OUTPUT_LAYER)) and shape[0] != wanted:
            raise GaeaError(
                f"base.model: {base.folder / 'config.json'}: vocab_size: {wanted} given, but {name} has {shape[0]} "
                f"rows; use the config.json that the weights were saved with"
            )
    if not any(name.endswith(EMBEDDINGS) for name in base.tensors):
        raise GaeaError(f"base.model: {base.folder}: no tensor *.{EMBEDDINGS}; a Llama, Mistral or Qwen is wanted")


def write_index(base: BaseWeights, folder: Path) -> None:
    """Write the index of a model laid out as the base, in bfloat16, into `folder`; none where the base has none."""
    if index := read_index(base.folder):
        index["metadata"] = {**index.get("metadata", {}), "total_size": base.bytes_in_16_bit}
        (folder / INDEX).write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", "utf-8")
