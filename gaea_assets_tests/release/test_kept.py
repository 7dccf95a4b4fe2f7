import errno
import os
from pathlib import Path

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.release import kept
from gaea_assets.release.kept import drop, folder_of, is_whole, keep_model, kept_models, kept_settings
from gaea_assets.store import folder_digest, new_folder

POCKET = VoiceConfig.model_validate(
    {
        "name": "pocket",
        "manuscript": {"folder": "book"},
        "base": {"model": "/a/base"},
        "evaluation": {"temperature": 0.5},
        "watching": {"webhook": "https://example.org/secret"},
    }
)
JUDGED_WITH = {"temperature": 0.6}


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    place = tmp_path / "merged_model" / "pocket"
    with new_folder(place, {"prompt_format": "plain"}) as folder:
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "config.json").write_text("{}")
        (folder / "sub").mkdir()
        (folder / "sub" / "tokens.txt").write_text("a b")
    return place


def keep(data: Path, merged: Path) -> Path:
    return keep_model(data, merged, POCKET, folder_digest(merged), JUDGED_WITH)


def test_a_kept_model_outlives_the_one_it_was_made_from(tmp_path: Path, merged: Path) -> None:
    model = folder_digest(merged)
    place = keep(tmp_path, merged)
    assert place == folder_of(tmp_path, "pocket", model) == tmp_path / "release" / "pocket" / "models" / model[:12]
    with new_folder(merged, {}) as folder:
        (folder / "model.safetensors").write_bytes(b"others")
    assert (place / "model.safetensors").read_bytes() == b"weights"
    assert (place / "sub" / "tokens.txt").read_text() == "a b"
    assert is_whole(place, model)
    (found,) = kept_models(tmp_path, "pocket")
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
    assert list((tmp_path / "release" / "pocket" / "models").iterdir()) == []


def test_a_model_that_changes_under_the_hand_is_refused(tmp_path: Path, merged: Path) -> None:
    model = folder_digest(merged)
    (merged / "config.json").write_text('{"another": true}')
    with pytest.raises(GaeaError, match="has changed while it was being kept"):
        keep_model(tmp_path, merged, POCKET, model, JUDGED_WITH)
    assert kept_models(tmp_path, "pocket") == []


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
        drop(kept_models(tmp_path, "pocket")[0])
    assert not place.exists()
    assert kept_models(tmp_path, "pocket") == []
    kept.sweep(tmp_path, "pocket")
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


def test_what_serving_needs_is_kept_with_the_model_and_no_secret(tmp_path: Path, merged: Path) -> None:
    place = keep(tmp_path, merged)
    settings, prompt_format = kept_settings(place)
    assert (settings.name, settings.serving) == ("pocket", POCKET.serving)
    assert settings.evaluation.temperature == 0.6  # as it was judged, not as the voice's file says by now
    assert prompt_format == "plain"
    assert "secret" not in (place / "provenance.json").read_text()


def test_settings_that_this_version_does_not_know_are_named(tmp_path: Path, merged: Path) -> None:
    place = keep(tmp_path, merged)
    provenance = place / "provenance.json"
    provenance.write_text(provenance.read_text().replace('"evaluation"', '"assessment"'))
    with pytest.raises(GaeaError, match=r"does not hold the voice's settings as this version knows them; release"):
        kept_settings(place)


def test_weights_behind_a_symbolic_link_are_kept_themselves(tmp_path: Path, merged: Path) -> None:
    elsewhere = tmp_path / "elsewhere.safetensors"
    (merged / "model.safetensors").rename(elsewhere)
    (merged / "model.safetensors").symlink_to(elsewhere)
    place = keep(tmp_path, merged)
    assert not (place / "model.safetensors").is_symlink()
    elsewhere.unlink()
    elsewhere.write_bytes(b"others")
    assert (place / "model.safetensors").read_bytes() == b"weights"


def test_a_model_judged_anew_with_other_sampling_is_kept_with_that(tmp_path: Path, merged: Path) -> None:
    place, model = keep(tmp_path, merged), folder_digest(merged)
    before = (place / "provenance.json").stat().st_ino
    keep(tmp_path, merged)
    assert (place / "provenance.json").stat().st_ino == before
    keep_model(tmp_path, merged, POCKET, model, {"temperature": 0.7})
    assert kept_settings(place)[0].evaluation.temperature == 0.7
    assert is_whole(place, model)
