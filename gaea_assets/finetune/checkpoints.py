"""Checkpoints that count only when they are complete."""

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gaea_assets.store import write_whole

MARKER = "complete.json"
"""Written last: a checkpoint without it was cut off while being written."""


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint."""

    step: int
    heldout_loss: float
    """Nats a completion token, over the validation side."""
    kept: bool = True
    """Whether its files are still there; of an old one only this record is."""


def folder_of(checkpoints: Path, step: int) -> Path:
    """Where the trainer writes the checkpoint of a step."""
    return checkpoints / f"checkpoint-{step}"


def mark_complete(checkpoints: Path, checkpoint: Checkpoint) -> None:
    """Declare the checkpoint of a step complete."""
    marker = folder_of(checkpoints, checkpoint.step) / MARKER
    write_whole(marker, json.dumps(asdict(checkpoint)))


def complete_checkpoints(checkpoints: Path) -> list[Checkpoint]:
    """The complete checkpoints, oldest first, with those of which only the record is left."""
    found = [_read(folder) for folder in checkpoints.glob("checkpoint-*")]
    return sorted((checkpoint for checkpoint in found if checkpoint), key=lambda c: c.step)


def drop_incomplete(checkpoints: Path) -> None:
    """Delete what a killed training left half-written."""
    for folder in checkpoints.glob("checkpoint-*"):
        if _read(folder) is None:
            shutil.rmtree(folder)


def prune(checkpoints: Path, latest: int, named: int | None = None) -> None:
    """Delete the files of old checkpoints; their records stay.

    Args:
        checkpoints: Where they lie.
        latest: How many of the latest to keep; the best stays too.
        named: The step of one more to keep.
    """
    found = complete_checkpoints(checkpoints)
    wanted = {checkpoint.step for checkpoint in found[-latest:]} | {best_of(found).step, named}
    for checkpoint in found:
        if checkpoint.step in wanted:
            continue
        mark_complete(checkpoints, Checkpoint(checkpoint.step, checkpoint.heldout_loss, kept=False))
        for path in folder_of(checkpoints, checkpoint.step).iterdir():
            if path.name != MARKER:
                path.unlink()


def best_of(found: Sequence[Checkpoint]) -> Checkpoint:
    """The checkpoint with the lowest held-out loss; the earliest among equals, NaN last."""
    return min(found, key=lambda c: (math.isnan(c.heldout_loss), c.heldout_loss, c.step))


def without_gain(found: Sequence[Checkpoint]) -> int:
    """How many checkpoints have come since the best."""
    return sum(checkpoint.step > best_of(found).step for checkpoint in found)


def _read(folder: Path) -> Checkpoint | None:
    try:
        return Checkpoint(**json.loads((folder / MARKER).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
