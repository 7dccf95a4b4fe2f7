"""Checkpoints that count only when they are complete and undamaged."""

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError
from gaea_assets.store import files_digest, write_whole

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
    scheduled: bool = True
    """Whether it belongs to the training; one written at an interruption is there to go on from only."""
    seconds: float = 0.0
    """Time that it took to come here, that of interrupted runs included."""


def folder_of(checkpoints: Path, step: int) -> Path:
    """Where the trainer writes the checkpoint of a step."""
    return checkpoints / f"checkpoint-{step}"


def mark_complete(checkpoints: Path, checkpoint: Checkpoint) -> None:
    """Declare the checkpoint of a step complete, once its files are on the disk, with their sizes and hashes."""
    folder = folder_of(checkpoints, checkpoint.step)
    for path in (*_files(folder), *(path for path in folder.rglob("*") if path.is_dir()), folder, checkpoints):
        _flush(path)
    files = {path.relative_to(folder).as_posix(): [path.stat().st_size, _sha256(path)] for path in _files(folder)}
    write_whole(folder / MARKER, json.dumps({"checkpoint": asdict(checkpoint), "files": files}))
    _flush(folder)


def complete_checkpoints(checkpoints: Path) -> list[Checkpoint]:
    """The complete checkpoints, oldest first, with those of which only the record is left."""
    found = [read[0] for folder in checkpoints.glob("checkpoint-*") if (read := _read(folder))]
    return sorted(found, key=lambda checkpoint: checkpoint.step)


def tidy(checkpoints: Path, log: Callable[[str], None]) -> None:
    """Delete what a killed training left half-written, and the files of checkpoints that are damaged.

    Of a damaged one the record stays, since its loss was measured before.

    Args:
        checkpoints: Where they lie.
        log: Takes a line for each that is damaged.
    """
    for folder in checkpoints.glob("checkpoint-*"):
        if _read(folder) is None:
            shutil.rmtree(folder)
    for checkpoint in complete_checkpoints(checkpoints):
        if not checkpoint.kept:
            _keep_record_only(checkpoints, checkpoint)  # a kill may have come between the record and the files
        elif fault := damage(checkpoints, checkpoint.step):
            log(f"the checkpoint at step {checkpoint.step} is damaged ({fault}); its files are deleted")
            _keep_record_only(checkpoints, checkpoint)


def require_same_dataset(checkpoints: Path, files: Sequence[Path]) -> None:
    """Refuse to go on from checkpoints of another dataset; where there are none, note of which they will be.

    Args:
        checkpoints: Where they lie, or will.
        files: The dataset's, all in one folder.

    Raises:
        GaeaError: The dataset has been changed since.
    """
    now, noted = files_digest(files[0].parent, files), checkpoints / "dataset.sha256"
    if complete_checkpoints(checkpoints) and noted.exists() and noted.read_text("utf-8") != now:
        raise GaeaError(
            f"{checkpoints}: its checkpoints are of a training on another state of {files[0].parent}; bring that back, "
            f"or delete the checkpoints to train from the beginning"
        )
    checkpoints.mkdir(parents=True, exist_ok=True)
    write_whole(noted, now)


def damage(checkpoints: Path, step: int) -> str | None:
    """What is wrong with the files of a complete checkpoint, or None where they are as they were written."""
    folder = folder_of(checkpoints, step)
    read = _read(folder)
    if read is None:
        return f"{MARKER} is missing or not readable"
    for name, (size, sha256) in read[1].items():
        try:
            found = (folder / name).stat().st_size
            if found != size:
                return f"{name} has {found:,} bytes instead of {size:,}"
            if _sha256(folder / name) != sha256:
                return f"{name} is not what was written"
        except OSError as error:
            return f"{name}: {error.strerror}"
    return None


def prune(checkpoints: Path, latest: int, step: int, named: int | None = None) -> None:
    """Delete the files of old checkpoints; their records stay, but for those written at an interruption.

    Args:
        checkpoints: Where they lie.
        latest: How many to keep of the latest up to `step`; the best stays too.
        step: Where the training is.
        named: The step of one more to keep.
    """
    found = complete_checkpoints(checkpoints)
    recent = [c.step for c in found if c.kept and c.step <= step and (c.scheduled or c.step == step)]
    scheduled = [checkpoint for checkpoint in found if checkpoint.scheduled]
    wanted = {*recent[-latest:], named}
    if scheduled:
        wanted.add(best_of(scheduled).step)
    for checkpoint in found:
        if checkpoint.step in wanted:
            continue
        if checkpoint.scheduled:
            _keep_record_only(checkpoints, checkpoint)
        else:
            (folder_of(checkpoints, checkpoint.step) / MARKER).unlink()
            shutil.rmtree(folder_of(checkpoints, checkpoint.step))


def best_of(found: Sequence[Checkpoint]) -> Checkpoint:
    """The checkpoint with the lowest held-out loss; the earliest among equals, NaN last."""
    return min(found, key=lambda c: (math.isnan(c.heldout_loss), c.heldout_loss, c.step))


def without_gain(found: Sequence[Checkpoint]) -> int:
    """How many checkpoints have come since the best."""
    return sum(checkpoint.step > best_of(found).step for checkpoint in found)


def _keep_record_only(checkpoints: Path, checkpoint: Checkpoint) -> None:
    folder = folder_of(checkpoints, checkpoint.step)
    if checkpoint.kept:
        write_whole(folder / MARKER, json.dumps({"checkpoint": asdict(replace(checkpoint, kept=False)), "files": {}}))
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != MARKER:
            path.unlink()


def _read(folder: Path) -> tuple[Checkpoint, dict[str, tuple[int, str]]] | None:
    """A checkpoint's record with the sizes and hashes of its files; None where it is not complete."""
    try:
        marker: dict[str, Any] = json.loads((folder / MARKER).read_text("utf-8"))
        return Checkpoint(**marker["checkpoint"]), {
            name: (size, sum_) for name, (size, sum_) in marker["files"].items()
        }
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / MARKER)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Have a file's content, or a folder's entries, on the disk: a power cut must not leave less than is declared."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
