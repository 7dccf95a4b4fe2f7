"""Whether a model's weights are all there, told from their headers before minutes are spent on loading them."""

import json
import struct
from pathlib import Path

from gaea_assets.errors import GaeaError

INDEX = "model.safetensors.index.json"


def require_whole(folder: Path, remedy: str) -> None:
    """Refuse a model folder whose weights are missing or cut off.

    Args:
        folder: Files of a model or of an adapter.
        remedy: What makes it whole, said at the end of the fault.

    Raises:
        GaeaError: A file is missing, shorter than its header says, or no safetensors file.
    """
    for name in _weights(folder, remedy):
        path = folder / name
        if not path.is_file():
            raise GaeaError(f"{folder}: {name} is missing; {remedy}")
        wanted, found = _bytes_wanted(path), path.stat().st_size
        if wanted is None:
            raise GaeaError(f"{path}: not readable as safetensors; {remedy}")
        if found < wanted:
            raise GaeaError(f"{path}: cut off: {found:,} of {wanted:,} bytes; {remedy}")


def _weights(folder: Path, remedy: str) -> list[str]:
    """Names of the files that hold the weights: those that the index names, else what is there."""
    if (folder / INDEX).is_file():
        try:
            return sorted(set(json.loads((folder / INDEX).read_text("utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise GaeaError(f"{folder / INDEX}: not readable as JSON; {remedy}") from None
    found = sorted(path.name for path in folder.glob("*.safetensors"))
    if not found:
        raise GaeaError(f"{folder}: no *.safetensors there; {remedy}")
    return found


def _bytes_wanted(path: Path) -> int | None:
    """The length that the header tells of (https://huggingface.co/docs/safetensors); None where there is no header."""
    with path.open("rb") as file:
        start = file.read(8)
        if len(start) < 8:
            return None
        (length,) = struct.unpack("<Q", start)
        if length > path.stat().st_size:
            return None
        try:
            header = json.loads(file.read(length))
            ends = [value["data_offsets"][1] for name, value in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            return None
    return 8 + length + max(ends, default=0)
