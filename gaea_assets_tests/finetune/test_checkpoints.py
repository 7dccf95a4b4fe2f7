"""Checkpoints count only when they are complete."""

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.finetune.checkpoints import (
    MARKER,
    Checkpoint,
    best_of,
    complete_checkpoints,
    damage,
    folder_of,
    mark_complete,
    prune,
    tidy,
    without_gain,
)


def write(
    checkpoints: Path, step: int, loss: float | None = None, marker: str | None = None, scheduled: bool = True
) -> None:
    folder = folder_of(checkpoints, step)
    (folder / "parts").mkdir(parents=True)
    (folder / "weights").write_text("...")
    (folder / "parts" / "optimizer").write_text("....")
    if loss is not None:
        mark_complete(checkpoints, Checkpoint(step, loss, scheduled=scheduled))
    if marker is not None:
        (folder / MARKER).write_text(marker)


def test_complete_checkpoints_come_oldest_first_by_number(tmp_path: Path) -> None:
    for step in (100, 9, 20):
        write(tmp_path, step, loss=step / 7)
    assert complete_checkpoints(tmp_path) == [Checkpoint(9, 9 / 7), Checkpoint(20, 20 / 7), Checkpoint(100, 100 / 7)]


@pytest.mark.parametrize(
    "marker", [None, "", '{"step": 4, "heldo', "[]", "null", "4", '{"step": 4}', '{"checkpoint": 4, "files": {}}']
)
def test_checkpoint_that_was_cut_off_does_not_count_and_is_dropped(tmp_path: Path, marker: str | None) -> None:
    write(tmp_path, 2, loss=1.5)
    write(tmp_path, 4, marker=marker)
    assert complete_checkpoints(tmp_path) == [Checkpoint(2, 1.5)]
    tidy(tmp_path, print)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]
    assert (folder_of(tmp_path, 2) / "weights").exists()


def test_what_lies_beside_the_checkpoints_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "trainer_log.json").write_text("{}")
    tidy(tmp_path, print)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs", "trainer_log.json"]


def test_no_folder_has_no_checkpoints(tmp_path: Path) -> None:
    assert complete_checkpoints(tmp_path / "none") == []
    tidy(tmp_path / "none", print)


def test_best_has_the_lowest_loss_and_is_the_earliest_among_equals() -> None:
    assert best_of([Checkpoint(6, 1.0), Checkpoint(4, 1.0), Checkpoint(2, 2.0)]) == Checkpoint(4, 1.0)


@given(st.permutations([Checkpoint(2, math.nan), Checkpoint(4, 1.0), Checkpoint(6, math.inf), Checkpoint(8, 2.0)]))
@settings(max_examples=60, deadline=None)
def test_loss_that_is_no_number_is_never_the_best(found: list[Checkpoint]) -> None:
    assert best_of(found) == Checkpoint(4, 1.0)


def test_pruning_keeps_the_latest_the_best_and_the_named_and_every_record(tmp_path: Path) -> None:
    losses = {1: 4.0, 2: 3.0, 3: 3.5, 4: 3.6, 5: 3.7, 6: 3.8}
    for step, loss in losses.items():
        write(tmp_path, step, loss)
    prune(tmp_path, latest=2, step=6, named=3)
    found = complete_checkpoints(tmp_path)
    assert {c.step: c.heldout_loss for c in found} == losses
    assert [c.step for c in found if c.kept] == [2, 3, 5, 6]
    assert [(folder_of(tmp_path, step) / "weights").exists() for step in losses] == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]
    assert best_of(found).step == 2


def test_pruning_where_nothing_is_scheduled_yet_keeps_what_is_there(tmp_path: Path) -> None:
    write(tmp_path, 1, 4.0, scheduled=False)
    prune(tmp_path, latest=1, step=1)
    assert (folder_of(tmp_path, 1) / "weights").exists()


def test_a_checkpoint_of_an_interruption_is_never_the_best_and_goes_with_the_next(tmp_path: Path) -> None:
    write(tmp_path, 2, 3.0)
    write(tmp_path, 3, 1.0, scheduled=False)
    prune(tmp_path, latest=1, step=3)
    assert [(c.step, c.kept, c.scheduled) for c in complete_checkpoints(tmp_path)] == [
        (2, True, True),
        (3, True, False),
    ]
    write(tmp_path, 4, 3.5)
    prune(tmp_path, latest=1, step=4)
    assert [(c.step, c.kept) for c in complete_checkpoints(tmp_path)] == [(2, True), (4, True)]
    assert not folder_of(tmp_path, 3).exists()


def test_pruning_of_a_training_that_went_back_keeps_what_it_just_wrote(tmp_path: Path) -> None:
    for step, loss in {2: 4.0, 4: 3.9, 6: 3.0, 8: 3.1, 10: 3.2}.items():
        write(tmp_path, step, loss)
    prune(tmp_path, latest=1, step=4)
    assert [c.step for c in complete_checkpoints(tmp_path) if c.kept] == [4, 6]


def test_files_are_on_the_disk_before_the_marker_says_that_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, move = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda file: (done.append(Path(f"/proc/self/fd/{file}").readlink().name), sync(file))
    )
    monkeypatch.setattr(os, "replace", lambda old, new: (done.append(f"now {Path(new).name}"), move(old, new)))
    write(tmp_path, 2, 3.0)
    marked = done.index(f"now {MARKER}")
    assert {"weights", "optimizer", "parts", "checkpoint-2", tmp_path.name} <= set(done[:marked])
    assert done[marked + 1 :] == ["checkpoint-2"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def turn_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (cut, "parts/optimizer has 3 bytes instead of 4"),
        (turn_a_bit, "parts/optimizer is not what was written"),
        (Path.unlink, "parts/optimizer: No such file or directory"),
    ],
)
def test_a_damaged_checkpoint_is_told_and_only_its_record_stays(
    tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    for step in (2, 4):
        write(tmp_path, step, loss=step / 7)
    assert damage(tmp_path, 4) is None
    harm(folder_of(tmp_path, 4) / "parts" / "optimizer")
    assert damage(tmp_path, 4) == said
    lines: list[str] = []
    tidy(tmp_path, lines.append)
    assert lines == [f"the checkpoint at step 4 is damaged ({said}); its files are deleted"]
    assert complete_checkpoints(tmp_path) == [Checkpoint(2, 2 / 7), Checkpoint(4, 4 / 7, kept=False)]
    assert [path.name for path in folder_of(tmp_path, 4).iterdir()] == [MARKER]
    tidy(tmp_path, lines.append)
    assert len(lines) == 1


def test_a_marker_that_is_gone_is_damage(tmp_path: Path) -> None:
    write(tmp_path, 2, 3.0)
    (folder_of(tmp_path, 2) / MARKER).unlink()
    assert damage(tmp_path, 2) == f"{MARKER} is missing or not readable"


class Killed(BaseException):
    """What SIGKILL is to a process."""


@pytest.mark.parametrize("survives", range(5))
def test_a_kill_while_old_checkpoints_are_deleted_leaves_what_can_be_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    for step, loss in {2: 4.0, 4: 3.0, 6: 3.5}.items():
        write(tmp_path, step, loss, scheduled=step != 2)
    write(tmp_path, 1, 5.0)
    deeds = 0

    def killed(work: Callable[..., object]) -> Callable[..., object]:
        def deed(*given: object, **named: object) -> object:
            nonlocal deeds
            deeds += 1
            if deeds > survives:
                raise Killed
            return work(*given, **named)

        return deed

    with monkeypatch.context() as patch:
        for owner, name in ((Path, "unlink"), (shutil, "rmtree"), (os, "replace")):
            patch.setattr(owner, name, killed(getattr(owner, name)))
        with pytest.raises(Killed):
            prune(tmp_path, latest=1, step=6)
    tidy(tmp_path, print)
    kept = {c.step for c in complete_checkpoints(tmp_path) if c.kept}
    assert {4, 6} <= kept
    assert all(damage(tmp_path, step) is None for step in kept)
    prune(tmp_path, latest=1, step=6)
    assert [(c.step, c.kept) for c in complete_checkpoints(tmp_path)] == [(1, False), (4, True), (6, True)]
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == sorted(
        [MARKER] * 3 + ["weights", "optimizer"] * 2
    )


def test_checkpoints_without_gain_are_those_since_the_best() -> None:
    assert without_gain([Checkpoint(n, loss) for n, loss in enumerate([4.0, 3.0, 3.5, 3.0])]) == 2
    assert without_gain([Checkpoint(1, 4.0)]) == 0
