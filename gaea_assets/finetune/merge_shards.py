"""Write base + adapter to the disk, one weight in memory at a time.

The files are laid out as the base's: the same names, the same tensors in each. A weight that the adapter leaves alone
goes from the base's file, mapped into memory, to the new one; safetensors' own writer would want all the weights of a
file, several gigabytes, in memory at once.
"""

import json
import math
import struct
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import torch  # noqa: TID253 - only the merging process imports this module
from bitsandbytes.functional import dequantize_4bit, quantize_4bit  # noqa: TID253

from gaea_assets.finetune.adapter_weights import LowRank
from gaea_assets.finetune.base_weights import BYTES_A_WEIGHT, BaseWeights, open_safetensors, write_index

ALIGNMENT = 8
"""Bytes; the data of a safetensors file begins at a multiple of it."""


def merge_shards(
    base: BaseWeights,
    updates: Mapping[str, LowRank],
    in_4_bit: Collection[str],
    folder: Path,
    device: str,
    log: Callable[[str], None],
) -> None:
    """Write the merged weights, in bfloat16, and their index into a folder.

    Args:
        base: The base model's files.
        updates: What is added, by the name of the weight.
        in_4_bit: Weights that the update is added to as 4-bit quantisation leaves them.
        folder: Where the files go.
        device: What computes; quantisation rounds a little differently on another one than the one trained on.
        log: Takes a line for each file.
    """
    for shard, shapes in base.shapes.items():
        with open_safetensors(base.folder / shard, "base.model") as source, (folder / shard).open("wb") as target:
            target.write(_header(shapes))
            for name in shapes:
                weight = _merged(source.get_tensor(name), updates.get(name), name in in_4_bit, device)
                target.write(weight.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
        log(f"merged {shard}")
    write_index(base, folder)


@torch.no_grad()
def _merged(weight: torch.Tensor, update: LowRank | None, in_4_bit: bool, device: str) -> torch.Tensor:
    """W + scale * B A, summed in float32 and rounded once."""
    held = as_in_4_bit(weight, device) if in_4_bit else weight
    if update is None:
        return held.to(torch.bfloat16)
    return update.matrix(device).add_(held.to(device)).to(torch.bfloat16)


def as_in_4_bit(weight: torch.Tensor, device: str) -> torch.Tensor:
    """What is left of a weight in NF4 with double quantisation (Dettmers et al. 2023), in bfloat16.

    The same steps as in a model that transformers loads in 4 bits: rounded to bfloat16, then quantised in blocks.
    """
    rounded = weight.to(torch.bfloat16).contiguous().to(device)
    return dequantize_4bit(*quantize_4bit(rounded, compress_statistics=True, quant_type="nf4"))


def _header(shapes: Mapping[str, tuple[int, ...]]) -> bytes:
    """The beginning of a safetensors file: the header's length, then where each tensor lies, in JSON."""
    entries: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        begin, end = end, end + BYTES_A_WEIGHT * math.prod(shape)
        entries[name] = {"dtype": "BF16", "shape": shape, "data_offsets": (begin, end)}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return struct.pack("<Q", len(text)) + text
