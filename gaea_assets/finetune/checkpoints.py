"""Checkpoints that count only when they are complete."""

import json
import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

MARKER = "complete.json"
"""Written last: a checkpoint without it was cut off while being written."""


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint."""

    step: int
    heldout_loss: float
    """Nats a completion token, over the validation side."""


def folder_of(checkpoints: Path, step: int) -> Path:
    """Where the trainer writes the checkpoint of a step."""
    return checkpoints / f"checkpoint-{step}"


def mark_complete(checkpoints: Path, checkpoint: Checkpoint) -> None:
    """Declare the checkpoint of a step complete."""
    (folder_of(checkpoints, checkpoint.step) / MARKER).write_text(json.dumps(asdict(checkpoint)), "utf-8")


def complete_checkpoints(checkpoints: Path) -> list[Checkpoint]:
    """The complete checkpoints, oldest first."""
    found = [_read(folder) for folder in checkpoints.glob("checkpoint-*")]
    return sorted((checkpoint for checkpoint in found if checkpoint), key=lambda c: c.step)


def drop_incomplete(checkpoints: Path) -> None:
    """Delete what a killed training left half-written."""
    for folder in checkpoints.glob("checkpoint-*"):
        if _read(folder) is None:
            shutil.rmtree(folder)


def best_of(found: list[Checkpoint]) -> Checkpoint:
    """The checkpoint with the lowest held-out loss; the earliest among equals, NaN last."""
    return min(found, key=lambda c: (math.isnan(c.heldout_loss), c.heldout_loss, c.step))


def _read(folder: Path) -> Checkpoint | None:
    try:
        return Checkpoint(**json.loads((folder / MARKER).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
