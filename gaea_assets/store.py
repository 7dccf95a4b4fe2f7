"""Output folders that appear whole or not at all, and say what they were made from."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from glob import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError

PROVENANCE = "provenance.json"
LIBRARIES = ("gaea-assets", "torch", "transformers", "peft", "trl", "bitsandbytes", "tiktoken")


@dataclass(frozen=True)
class Provenance:
    """What an output folder holds and what it was made from."""

    content: str
    """SHA-256 over the folder's files."""
    made_from: dict[str, Any]
    """Content hashes of the inputs, and every setting that decides the content."""
    libraries: dict[str, str]
    made_at: str


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, independent of key order."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def folder_digest(folder: Path) -> str:
    """SHA-256 over the relative paths and contents of the files in `folder`, its provenance left out."""
    return files_digest(folder, [path for path in folder.rglob("*") if path.is_file() and path.name != PROVENANCE])


def files_digest(folder: Path, paths: Iterable[Path]) -> str:
    """SHA-256 over the paths, relative to `folder`, and the contents of files."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{content}\0".encode())
    return whole.hexdigest()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process works in the folder, made if need be; a kill gives the lock back."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all."""
    beside = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # a power cut must not leave the new name with nothing in it
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def new_folder(place: Path, made_from: Mapping[str, Any]) -> Iterator[Path]:
    """Fill a folder beside `place`; on success it takes that place, on failure it goes.

    Whatever stood at `place` stays until the new folder is whole.

    Args:
        place: Where the finished folder will be.
        made_from: JSON values written into its provenance.

    Yields:
        The folder to fill.
    """
    beside = place.with_name(f".{place.name}.new-{os.getpid()}")
    _sweep(place)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        yield beside
        provenance = Provenance(folder_digest(beside), dict(made_from), _libraries(), _now())
        (beside / PROVENANCE).write_text(json.dumps(asdict(provenance), indent=1) + "\n", "utf-8")
        _take_place(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Delete what killed runs of this place left: a merged model has many gigabytes."""
    for left in place.parent.glob(f".{escape(place.name)}.new-*"):
        if not _runs(int(left.name.rpartition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _take_place(beside: Path, place: Path) -> None:
    # A folder cannot be renamed onto a full one. Between the two renames a kill leaves `before`,
    # which `read_provenance` moves back.
    before = _before(place)
    if place.exists():
        shutil.rmtree(before, ignore_errors=True)
        place.rename(before)
    beside.rename(place)
    shutil.rmtree(before, ignore_errors=True)


def _before(place: Path) -> Path:
    return place.with_name(f".{place.name}.before")


def read_provenance(place: Path) -> Provenance | None:
    """The provenance of a finished output folder, or None where there is none."""
    if not place.exists() and _before(place).exists():
        _before(place).rename(place)
    path = place / PROVENANCE
    if not path.is_file():
        return None
    try:
        return Provenance(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError):
        raise GaeaError(f"{path}: not readable as provenance; delete {place} and materialise it again") from None


def _libraries() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
