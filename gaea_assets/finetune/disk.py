"""Room on the disk: looked at before, and told in one line when it ends all the same."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gaea_assets.errors import GaeaError

SAID_OF_A_FULL_DISK = ("No space left on device", "os error 28", "file write failed", "unexpected pos")
"""What safetensors and torch.save, which raise errors of their own, say of one."""


def require_space(place: Path, needed: int, field: str) -> None:
    """Refuse to begin what cannot be written.

    Args:
        place: Where it will lie; it need not be there yet.
        needed: Bytes.
        field: What could be changed.

    Raises:
        GaeaError: Fewer bytes are free.
    """
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise GaeaError(
            f"{place}: {needed / 2**30:.2f} GiB are needed on this disk and {free / 2**30:.2f} GiB are free; make "
            f"room, set GAEA_DATA to another disk, or lower {field}"
        )


def require_room_for_checkpoints(place: Path, trained: int, keep: int) -> None:
    """Refuse to begin a training whose checkpoints cannot be written, beyond those that are there.

    Each has the adapter in float32 and the optimiser's two moments, at most in float32 as well. At once there are the
    latest, the best, the named one and the one that is being written.

    Args:
        place: The folder of checkpoints.
        trained: Weights of the adapter.
        keep: How many of the latest are kept.

    Raises:
        GaeaError: Fewer bytes are free.
    """
    one = 12 * trained
    there = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    require_space(place, max(one, one * (keep + 3) - there), "training.keep_checkpoints")


@contextmanager
def full_disk_told(place: Path) -> Iterator[None]:
    """Turn the error of a disk that is full while something is written into one line.

    Raises:
        GaeaError: The disk is full.
    """
    try:
        yield
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or any(said in str(error) for said in SAID_OF_A_FULL_DISK):
            raise GaeaError(
                f"{place}: the disk is full; make room, or set GAEA_DATA to another disk, then materialise again: what "
                f"is complete stays"
            ) from None
        raise
