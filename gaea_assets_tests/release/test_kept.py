import errno
import os
from pathlib import Path

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.release import kept
from gaea_assets.release.kept import drop, is_whole, keep_model, kept_models
from gaea_assets.store import folder_digest, new_folder


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    place = tmp_path / "merged_model" / "pocket"
    with new_folder(place, {}) as folder:
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "config.json").write_text("{}")
        (folder / "sub").mkdir()
        (folder / "sub" / "tokens.txt").write_text("a b")
    return place


def keep(data: Path, merged: Path) -> Path:
    return keep_model(data, merged, "pocket", folder_digest(merged))


def test_a_kept_model_outlives_the_one_it_was_made_from(tmp_path: Path, merged: Path) -> None:
    model = folder_digest(merged)
    place = keep(tmp_path, merged)
    assert place == tmp_path / "release" / "models" / f"pocket-{model[:12]}"
    with new_folder(merged, {}) as folder:
        (folder / "model.safetensors").write_bytes(b"others")
    assert (place / "model.safetensors").read_bytes() == b"weights"
    assert (place / "sub" / "tokens.txt").read_text() == "a b"
    assert is_whole(place, model)
    (found,) = kept_models(tmp_path)
    assert (found.folder, found.voice, found.model) == (place, "pocket", model)


def test_weights_take_no_room_and_configurations_are_apart(tmp_path: Path, merged: Path) -> None:
    place = keep(tmp_path, merged)
    assert (place / "model.safetensors").samefile(merged / "model.safetensors")
    (merged / "config.json").write_text('{"edited": true}')
    assert (place / "config.json").read_text() == "{}"


def test_without_hard_links_the_weights_are_copied(
    tmp_path: Path, merged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(os, "link", refused)
    place = keep(tmp_path, merged)
    assert is_whole(place, folder_digest(merged))
    assert not (place / "model.safetensors").samefile(merged / "model.safetensors")


def test_a_disk_that_is_full_is_one_line_and_leaves_nothing(
    tmp_path: Path, merged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept.shutil, "copy2", full)
    with pytest.raises(GaeaError, match=r"cannot be kept \(No space left on device\); nothing was released"):
        keep(tmp_path, merged)
    assert list((tmp_path / "release" / "models").iterdir()) == []


def test_a_model_that_changes_under_the_hand_is_refused(tmp_path: Path, merged: Path) -> None:
    model = folder_digest(merged)
    (merged / "config.json").write_text('{"another": true}')
    with pytest.raises(GaeaError, match="has changed while it was being kept"):
        keep_model(tmp_path, merged, "pocket", model)
    assert kept_models(tmp_path) == []


def test_a_damaged_kept_model_is_made_whole_again(tmp_path: Path, merged: Path) -> None:
    place = keep(tmp_path, merged)
    (place / "config.json").write_text("{ half")
    assert not is_whole(place, folder_digest(merged))
    assert keep(tmp_path, merged) == place
    assert is_whole(place, folder_digest(merged))


def test_a_kill_while_deleting_leaves_no_half_model(
    tmp_path: Path, merged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = keep(tmp_path, merged)

    def killed(path: Path, ignore_errors: bool = False) -> None:
        if path.exists():
            (path / "config.json").unlink()
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(kept.shutil, "rmtree", killed)
        drop(kept_models(tmp_path)[0])
    assert not place.exists()
    assert kept_models(tmp_path) == []
    kept.sweep(tmp_path)
    assert list(place.parent.iterdir()) == []


def test_a_file_that_is_there_is_never_replaced_by_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("new")
    target.write_text("old")
    with pytest.raises(FileExistsError):
        kept.link_or_copy(source, target)

    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    with pytest.raises(FileExistsError):
        kept.link_or_copy(source, target)
    assert target.read_text() == "old"
