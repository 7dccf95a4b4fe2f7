import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.definitions import build_defs, defs
from gaea_assets.lineage import is_current
from gaea_assets.resources import Workspace
from gaea_assets.sensors import Seen, changed_manuscripts, fingerprint, load_cursor, next_look
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, put_chain, scene, write_chunks, write_voice

ANOTHER = "visions_of_gaea"
DATA = ("raw_chunks", "split_chunks", "prefix_completion_dataset")
REPOSITORY = defs.get_repository_def()


class Author:
    """Looks at a project again and again, as the daemon does, and keeps the cursor and the run keys."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.cursor: str | None = None
        self.keys: set[str] = set()
        self.logged: list[str] = []
        self.skipped: str | None = None

    def look(self) -> list[str]:
        """The voices that a run is started for."""
        with dg.build_sensor_context(
            cursor=self.cursor, resources={"workspace": self.workspace}, repository_def=REPOSITORY
        ) as context:
            handler = logging.Handler()
            handler.emit = lambda record: self.logged.append(record.getMessage())  # type: ignore[method-assign]
            context.log.addHandler(handler)
            data = changed_manuscripts.evaluate_tick(context)
        self.cursor, self.skipped = data.cursor, data.skip_message
        requests: list[Any] = [request for request in data.run_requests or [] if request.run_key not in self.keys]
        assert all(request.tags["dagster/retry_on_asset_or_op_failure"] == "false" for request in requests)
        self.keys |= {request.run_key for request in requests}
        return [request.partition_key for request in requests]

    def looks(self, times: int) -> list[list[str]]:
        return [self.look() for _ in range(times)]


@pytest.fixture
def author(workspace: Workspace) -> Author:
    """Looks at the project whose voice `pocket` is the only one that has a file."""
    return Author(workspace)


@pytest.fixture
def book(workspace: Workspace) -> Path:
    """The manuscript of the voice `pocket`."""
    return Path(workspace.data) / "raw" / "book"


def make(workspace: Workspace) -> None:
    put_chain(workspace, workspace.voice(VOICE), "raw_chunks")


def edit(path: Path, text: str = "\n\nA line more.") -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def settled(author: Author) -> Author:
    """The data is made and the sensor knows."""
    make(author.workspace)
    assert author.looks(2) == [[], []]
    return author


def test_a_manuscript_that_was_dropped_in_is_asked_for_once_when_it_rests(author: Author) -> None:
    assert author.look() == []
    assert author.skipped == "new or changed, but perhaps still being copied: pocket"
    assert author.looks(3) == [[VOICE], [], []]


def test_nothing_is_asked_for_where_the_data_was_made_from_these_files(author: Author) -> None:
    settled(author)
    assert author.skipped == "unchanged: pocket"
    assert author.logged == []


def edited(book: Path) -> None:
    edit(book / "chunk_002.txt")


def added(book: Path) -> None:
    (book / "chunk_006.txt").write_text(scene(6))


def removed(book: Path) -> None:
    (book / "chunk_005.txt").unlink()


def renumbered(book: Path) -> None:
    (book / "chunk_005.txt").rename(book / "chunk_009.txt")


def same_size(book: Path) -> None:
    path = book / "chunk_001.txt"
    path.write_text(path.read_text("utf-8").swapcase(), "utf-8")
    os.utime(path, (1, 1))


@pytest.mark.parametrize("change", [edited, added, removed, renumbered, same_size])
def test_a_change_is_asked_for_at_the_second_look_and_never_again(
    author: Author, book: Path, change: Callable[[Path], None]
) -> None:
    settled(author)
    change(book)
    assert author.looks(4) == [[], [VOICE], [], []]
    make(author.workspace)
    assert author.looks(2) == [[], []]


def touched(book: Path) -> None:
    for path in book.iterdir():
        os.utime(path, (1, 1))


def written_again(book: Path) -> None:
    path = book / "chunk_003.txt"
    text = path.read_bytes()
    path.unlink()
    path.write_bytes(text)


def beside(book: Path) -> None:
    (book / "backup").mkdir()
    (book / "backup" / "chunk_001.txt").write_text(scene(9))
    (book / "metadata.json").write_text("{}")
    (book / "whole_manuscript.docx").write_bytes(b"chunks lie beside it")


@pytest.mark.parametrize("change", [touched, written_again, beside])
def test_what_leaves_the_text_as_it_is_asks_for_nothing(
    author: Author, book: Path, change: Callable[[Path], None]
) -> None:
    settled(author)
    change(book)
    assert author.looks(3) == [[], [], []]


def test_nothing_is_asked_for_while_files_are_being_copied(author: Author, book: Path) -> None:
    settled(author)
    for n in range(6, 10):
        (book / f"chunk_00{n}.txt").write_text(scene(n))
        assert author.look() == []
    assert author.look() == [VOICE]


def test_an_edit_taken_back_is_asked_for_although_that_state_has_had_a_run(
    author: Author, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = (f"2026-11-21T03:{minute:02d}:00+00:00" for minute in range(60))
    monkeypatch.setattr("gaea_assets.store._now", lambda: next(minutes))
    chunk = book / "chunk_001.txt"
    first = chunk.read_text("utf-8")
    assert author.looks(2) == [[], [VOICE]]
    for text in (first + "\n\nMore.", first, first + "\n\nMore."):
        make(author.workspace)
        chunk.write_text(text, "utf-8")
        assert author.looks(3) == [[], [VOICE], []]


def test_an_edit_taken_back_before_anything_was_made_from_it_asks_for_nothing(author: Author, book: Path) -> None:
    settled(author)
    chunk = book / "chunk_001.txt"
    first = chunk.read_text("utf-8")
    edit(chunk)
    assert author.look() == []
    chunk.write_text(first, "utf-8")
    assert author.looks(3) == [[], [], []]


def test_a_run_that_failed_is_not_asked_for_again_even_when_the_cursor_is_lost(author: Author, book: Path) -> None:
    settled(author)
    edited(book)
    assert author.looks(2) == [[], [VOICE]]
    author.cursor = None
    assert author.looks(3) == [[], [], []]


@pytest.mark.parametrize("cursor", ["", "no JSON", "[1]", "3", '{"pocket": 1}', '{"pocket": {"mtime": 3}}'])
def test_a_cursor_that_is_not_ours_is_no_cursor(author: Author, book: Path, cursor: str) -> None:
    make(author.workspace)
    edited(book)
    author.cursor = cursor
    assert author.looks(3) == [[], [VOICE], []]


def test_the_cursor_holds_the_voices_and_no_history(author: Author, book: Path) -> None:
    author.cursor = json.dumps({"gone": {"fingerprint": "a", "read": True}})
    sizes = set()
    for n in range(12):
        edit(book / "chunk_001.txt", f" {n}")
        author.looks(2)
        assert author.cursor is not None
        sizes.add(len(author.cursor))
    assert len(sizes) == 1
    assert VOICE in json.loads(author.cursor or "")
    assert "gone" not in json.loads(author.cursor or "")


def test_a_broken_voice_leaves_the_others_alone_and_is_logged_once(author: Author, book: Path) -> None:
    settled(author)
    (author.workspace.voices / f"{ANOTHER}.yaml").write_text("manuscript: {folder: 3}\n", "utf-8")
    edited(book)
    assert author.looks(4) == [[], [VOICE], [], []]
    (line,) = author.logged
    assert line.startswith(f"the manuscript of the voice {ANOTHER} is passed over: ")
    assert "manuscript.folder: 3 given" in line
    assert "manuscript.folder: 3 given" in (author.skipped or "")


def test_a_voice_that_dagster_does_not_know_yet_is_named(author: Author, book: Path) -> None:
    settled(author)
    (author.workspace.voices / "newcomer.yaml").write_text("extends: pocket\n", "utf-8")
    edited(book)
    assert author.looks(2) == [[], [VOICE]]
    author.look()
    assert "newcomer.yaml: a new voice; reload the code location" in (author.skipped or "")


def test_where_there_is_no_voice_the_sensor_says_so(author: Author) -> None:
    (author.workspace.voices / f"{VOICE}.yaml").unlink()
    assert author.looks(2) == [[], []]
    assert author.skipped == "there are no voices"


def test_each_voice_has_its_own_manuscript(author: Author, book: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"  # an absolute path, outside data/raw
    elsewhere.mkdir()
    (elsewhere / "novel.txt").write_text(scene(1))
    settled(author)
    (author.workspace.voices / f"{ANOTHER}.yaml").write_text(
        f"extends: pocket\nmanuscript: {{folder: {elsewhere}}}\n", "utf-8"
    )
    assert author.looks(2) == [[], [ANOTHER]]
    edited(book)
    assert author.looks(2) == [[], [VOICE]]
    (elsewhere / "novel.txt").write_text(scene(2))
    assert author.looks(2) == [[], [ANOTHER]]


def test_two_voices_of_one_manuscript_are_both_asked_for(author: Author, book: Path) -> None:
    settled(author)
    (author.workspace.voices / f"{ANOTHER}.yaml").write_text("extends: pocket\n", "utf-8")
    edited(book)
    assert author.looks(3) == [[], [VOICE, ANOTHER], []]


def test_a_manuscript_that_was_deleted_asks_for_nothing_and_may_come_back(author: Author, book: Path) -> None:
    settled(author)
    there = {path.name: path.read_bytes() for path in book.iterdir()}
    write_chunks(author.workspace, {})
    assert author.looks(3) == [[], [], []]
    assert f"no manuscript in {book}" in (author.skipped or "")
    book.rmdir()
    assert author.looks(3) == [[], [], []]
    assert f"no folder {book}" in (author.skipped or "")
    write_chunks(author.workspace, there)
    assert author.looks(3) == [[], [], []]
    assert author.skipped == "unchanged: pocket"


def test_output_that_cannot_be_judged_is_read_again_at_the_next_look(author: Author, book: Path) -> None:
    settled(author)
    edited(book)
    provenance = author.workspace.place("raw_chunks", VOICE) / "provenance.json"
    whole = provenance.read_text("utf-8")
    provenance.write_text("{", "utf-8")
    assert author.looks(2) == [[], []]
    assert "not readable as provenance" in (author.skipped or "")
    assert "to be read again" in author.logged[-1]
    provenance.write_text(whole, "utf-8")
    assert author.looks(2) == [[VOICE], []]


def test_a_setting_alone_is_no_change_of_the_manuscript(author: Author, book: Path) -> None:
    write_chunks(author.workspace, {"novel.txt": scene(1)})
    settled(author)
    write_voice(author.workspace, manuscript={"max_words": 2000})
    touched(book)
    assert author.looks(3) == [[], [], []]


def test_the_run_that_is_asked_for_makes_the_data_current(author: Author, workspace: Workspace, book: Path) -> None:
    write_voice(workspace, **SMALL_RECIPE)
    job = build_defs({"workspace": workspace}).resolve_job_def(changed_manuscripts.job_name)
    for change in (edited, added):
        change(book)
        assert author.looks(2) == [[], [VOICE]]
        result = job.execute_in_process(
            partition_key=VOICE, run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
        )
        assert result.success, failures(result)
        voice = workspace.voice(VOICE)
        assert all(is_current(asset, workspace, voice) for asset in DATA)
        assert author.looks(3) == [[], [], []]


def test_the_sensor_is_stopped_until_a_person_starts_it_and_runs_the_data_job() -> None:
    assert changed_manuscripts.default_status is dg.DefaultSensorStatus.STOPPED
    assert changed_manuscripts.minimum_interval_seconds == 60
    assert changed_manuscripts.job_name == "data_assets"
    assert defs.resolve_sensor_def("changed_manuscripts") is changed_manuscripts


NAMES = st.sampled_from(["a", "b", "c"])
STATES = st.dictionaries(NAMES, st.sampled_from(["x", "y", "z"]))


@given(st.lists(STATES, max_size=20))
def test_a_state_is_read_once_and_only_at_its_second_look_in_a_row(history: list[dict[str, str]]) -> None:
    seen: dict[str, Seen] = {}
    rests: dict[str, int] = {}
    before: dict[str, str] = {}
    for now in history:
        seen, read = next_look(seen, now)
        rests = {name: rests.get(name, 0) + 1 if before.get(name) == now[name] else 0 for name in now}
        assert read == [name for name in now if rests[name] == 1]
        assert seen == {name: Seen(state, rests[name] > 0) for name, state in now.items()}
        before = now


@given(st.text() | st.none())
def test_any_cursor_can_be_loaded(cursor: str | None) -> None:
    assert all(isinstance(state, Seen) for state in load_cursor(cursor).values())


def test_the_fingerprint_tells_names_sizes_and_times(tmp_path: Path) -> None:
    first, other = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("one")
    os.utime(first, (1, 1))
    found = {fingerprint([first])}
    os.utime(first, (2, 2))
    found.add(fingerprint([first]))
    first.write_text("three")
    os.utime(first, (2, 2))
    found.add(fingerprint([first]))
    first.rename(other)
    found.add(fingerprint([other]))
    assert len(found) == 4
    assert fingerprint([other]) in found
