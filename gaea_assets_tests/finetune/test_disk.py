import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.disk import full_disk_told, require_room_for_checkpoints, require_space


def test_more_than_is_free_is_refused_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(GaeaError, match=r"1048576\.00 GiB are needed .* GiB are free; make room"):
        require_space(tmp_path / "not" / "there" / "yet", 2**50, "training.keep_checkpoints")


def test_what_fits_is_not_refused(tmp_path: Path) -> None:
    require_space(tmp_path, 1, "training.keep_checkpoints")


def test_room_is_asked_for_what_is_not_there_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = 60 * 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(GaeaError, match=r"or lower training\.keep_checkpoints"):
        require_room_for_checkpoints(tmp_path, trained=1001, keep=2)  # five at 12 bytes a weight
    (tmp_path / "checkpoint-2").mkdir()
    (tmp_path / "checkpoint-2" / "optimizer.pt").write_bytes(bytes(60))
    require_room_for_checkpoints(tmp_path, trained=1001, keep=2)
    (tmp_path / "checkpoint-2" / "optimizer.pt").write_bytes(bytes(60_000))
    free = 12_000
    with pytest.raises(GaeaError, match="are needed"):  # the next one is always to be written
        require_room_for_checkpoints(tmp_path, trained=1001, keep=2)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc:820] . PytorchStreamWriter failed: file write failed"),
    ],
)
def test_a_full_disk_is_one_line(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(GaeaError, match="the disk is full"), full_disk_told(tmp_path):
        raise error


def test_another_error_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="something else"), full_disk_told(tmp_path):
        raise RuntimeError("something else")
