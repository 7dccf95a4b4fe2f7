"""Where a reading lies, and lines that survive a crash once they are written.

`data/blind/<voice>/` is made by people: no materialisation deletes anything there.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError


@dataclass(frozen=True)
class ReadingFiles:
    """The files of one reading: of one model's texts, planned from one seed."""

    folder: Path
    model: str
    """Hash of the merged model."""
    seed: int

    @classmethod
    def of(cls, data: Path, voice: str, model: str, seed: int) -> "ReadingFiles":
        """The files of a reading under the data root."""
        return cls(data / "blind" / voice, model, seed)

    @property
    def key(self) -> Path:
        """What is shown, and which side is which; closed until the votes are in."""
        return self.folder / f"{self.model[:12]}-{self.seed}.key.json"

    @property
    def votes(self) -> Path:
        """One vote a line."""
        return self.folder / f"{self.model[:12]}-{self.seed}.votes.jsonl"

    @property
    def looks(self) -> Path:
        """One line for each number of votes at which a result of this model was taken, whatever the seed."""
        return self.folder / f"{self.model[:12]}.looks.jsonl"


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold a file, made if need be, against every other thread and process; they wait.

    Yields:
        Its descriptor, open for reading and appending.

    Raises:
        GaeaError: It cannot be opened or made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise GaeaError(f"{path}: cannot be written ({error.strerror}); see to the folder's rights") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)  # gives the lock back, as does a kill


def append_line(descriptor: int, path: Path, record: Mapping[str, Any]) -> None:
    """Write a record as one JSON line; on return it is on the disk, its file's name too.

    A line that a kill had cut off before stays as it is, on a line of its own.

    Args:
        descriptor: The file, held with `locked`.
        path: The same file.
        record: JSON values.

    Raises:
        GaeaError: There is no room for it; the file is as it was.
    """
    size = os.fstat(descriptor).st_size
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    line = ("\n" * torn + json.dumps(record, ensure_ascii=False) + "\n").encode()
    try:
        if os.write(descriptor, line) < len(line):
            raise OSError("the line is cut off")
        os.fsync(descriptor)
    except OSError as error:
        os.ftruncate(descriptor, size)
        raise GaeaError(f"{path}: not saved ({error.strerror or error}); make room on the disk") from None
    if size == 0:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Number and value of each line of a file of JSON lines; `None` for a line that is not JSON.

    A file that is not there has no lines.

    Raises:
        GaeaError: It is there, and cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise GaeaError(f"{path}: cannot be read ({error.strerror}); see to its rights") from None
    # Not splitlines(): it also splits at U+2028, which a JSON string may hold.
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except ValueError:  # UnicodeDecodeError is one
            yield number, None
