"""Output folders appear whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets import store
from gaea_assets.errors import GaeaError
from gaea_assets.store import digest, folder_digest, new_folder, read_provenance, write_whole

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def make(place: Path, text: str, **made_from: object) -> Path:
    with new_folder(place, made_from) as folder:
        (folder / "text").write_text(text)
    return place


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_finished_folder_takes_its_place_and_says_what_it_was_made_from(tmp_path: Path) -> None:
    place = make(tmp_path / "deep" / "voice", "new", seed=3)
    found = read_provenance(place)
    assert found is not None
    assert found.made_from == {"seed": 3}
    assert found.content == folder_digest(place)
    assert "transformers" in found.libraries
    assert names(place.parent) == ["voice"]


def test_new_folder_replaces_the_old_one_entirely(tmp_path: Path) -> None:
    place = tmp_path / "voice"
    with new_folder(place, {}) as folder:
        (folder / "only_old").write_text("")
    make(place, "new")
    assert names(place) == ["provenance.json", "text"]
    assert names(tmp_path) == ["voice"]


def test_old_folder_stands_while_the_new_one_is_filled(tmp_path: Path) -> None:
    place = make(tmp_path / "voice", "old")
    with new_folder(place, {}):
        assert (place / "text").read_text() == "old"


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_failure_leaves_the_old_folder_and_no_rubbish(tmp_path: Path, fault: type[BaseException]) -> None:
    place = make(tmp_path / "voice", "old")
    with pytest.raises(fault), new_folder(place, {}) as folder:
        (folder / "text").write_text("half")
        raise fault
    assert (place / "text").read_text() == "old"
    assert names(tmp_path) == ["voice"]


def test_settings_that_are_no_json_leave_the_old_folder(tmp_path: Path) -> None:
    place = make(tmp_path / "voice", "old")
    with pytest.raises(TypeError):
        make(place, "new", path=tmp_path)
    assert (place / "text").read_text() == "old"
    assert names(tmp_path) == ["voice"]


def test_killed_run_leaves_the_old_folder_and_the_next_one_goes_through(tmp_path: Path) -> None:
    place = make(tmp_path / "voice", "old")
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom gaea_assets.store import new_folder\n"
        "with new_folder(Path(sys.argv[1]), {}) as folder:\n"
        "    (folder / 'text').write_text('half')\n    print('filling', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(place)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"filling\n"
        child.send_signal(signal.SIGKILL)
    assert (place / "text").read_text() == "old"
    assert read_provenance(place) is not None
    make(place, "new")
    assert (place / "text").read_text() == "new"
    assert names(tmp_path) == ["voice"]


@pytest.fixture
def renames_until(monkeypatch: pytest.MonkeyPatch):
    """Let the process die, as it were, at the n-th rename: nothing after it happens, no clean-up either."""
    real = Path.rename

    def until(last: int) -> None:
        done = 0

        def rename(self: Path, target: Path) -> Path:
            nonlocal done
            done += 1
            if done == last:
                raise SystemExit
            return real(self, target)

        monkeypatch.setattr(Path, "rename", rename)

    yield until


def test_kill_between_the_two_renames_loses_nothing(tmp_path: Path, renames_until, monkeypatch) -> None:
    place = make(tmp_path / "voice", "old")
    with monkeypatch.context():
        renames_until(2)
        with pytest.raises(SystemExit):
            make(place, "new")
    assert not place.exists()
    monkeypatch.undo()
    assert read_provenance(place) is not None
    assert (place / "text").read_text() == "old"


def test_kill_between_the_renames_of_two_runs_in_a_row_loses_nothing(
    tmp_path: Path, renames_until, monkeypatch
) -> None:
    place = make(tmp_path / "voice", "old")
    renames_until(2)
    with pytest.raises(SystemExit):
        make(place, "new")
    monkeypatch.undo()
    renames_until(1)
    with pytest.raises(SystemExit):
        make(place, "newer")
    monkeypatch.undo()
    assert read_provenance(place) is not None
    assert (place / "text").read_text() == "old"


def test_no_folder_has_no_provenance(tmp_path: Path) -> None:
    assert read_provenance(tmp_path / "voice") is None
    (tmp_path / "voice").mkdir()
    assert read_provenance(tmp_path / "voice") is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"content": "x"}', b"\xff"])
def test_damaged_provenance_names_the_file_and_the_remedy(tmp_path: Path, damage: bytes) -> None:
    place = make(tmp_path / "voice", "old")
    (place / store.PROVENANCE).write_bytes(damage)
    with pytest.raises(GaeaError) as error:
        read_provenance(place)
    assert str(error.value) == (
        f"{place}/provenance.json: not readable as provenance; delete {place} and materialise it again"
    )


def test_rubbish_of_a_killed_run_is_swept_away_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    (tmp_path / f".voice.new-{dead.pid}").mkdir()
    running = tmp_path / f".voice.new-{os.getppid()}"
    running.mkdir()
    make(tmp_path / "voice", "new")
    assert names(tmp_path) == [running.name, "voice"]


@given(st.dictionaries(st.text(), JSON, max_size=4))
@settings(max_examples=60, deadline=None)
def test_digest_is_independent_of_the_order_of_keys(value: dict) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


@given(JSON, JSON)
@settings(max_examples=60, deadline=None)
def test_digests_differ_where_values_do(one: object, other: object) -> None:
    import json

    assert (digest(one) == digest(other)) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def test_folder_digest_sees_names_contents_and_depth(tmp_path: Path) -> None:
    seen = {folder_digest(tmp_path)}
    (tmp_path / "a").write_text("1")
    seen.add(folder_digest(tmp_path))
    (tmp_path / "a").write_text("2")
    seen.add(folder_digest(tmp_path))
    (tmp_path / "a").rename(tmp_path / "b")
    seen.add(folder_digest(tmp_path))
    (tmp_path / "sub").mkdir()
    (tmp_path / "b").rename(tmp_path / "sub" / "b")
    seen.add(folder_digest(tmp_path))
    assert len(seen) == 5


def test_folder_digest_ignores_provenance_and_times(tmp_path: Path) -> None:
    one, other = make(tmp_path / "one", "same", seed=1), make(tmp_path / "other", "same", seed=2)
    os.utime(one / "text", (time.time() - 100, 0))
    assert folder_digest(one) == folder_digest(other)


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
