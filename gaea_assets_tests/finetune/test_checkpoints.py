"""Checkpoints count only when they are complete."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.finetune.checkpoints import (
    MARKER,
    Checkpoint,
    best_of,
    complete_checkpoints,
    drop_incomplete,
    folder_of,
    mark_complete,
    prune,
    without_gain,
)


def write(checkpoints: Path, step: int, loss: float | None = None, marker: str | None = None) -> None:
    folder = folder_of(checkpoints, step)
    folder.mkdir(parents=True)
    (folder / "weights").write_text("...")
    if loss is not None:
        mark_complete(checkpoints, Checkpoint(step, loss))
    if marker is not None:
        (folder / MARKER).write_text(marker)


def test_complete_checkpoints_come_oldest_first_by_number(tmp_path: Path) -> None:
    for step in (100, 9, 20):
        write(tmp_path, step, loss=step / 7)
    assert complete_checkpoints(tmp_path) == [Checkpoint(9, 9 / 7), Checkpoint(20, 20 / 7), Checkpoint(100, 100 / 7)]


@pytest.mark.parametrize("marker", [None, "", '{"step": 4, "heldo', "[]", "null", "4", '{"step": 4}'])
def test_checkpoint_that_was_cut_off_does_not_count_and_is_dropped(tmp_path: Path, marker: str | None) -> None:
    write(tmp_path, 2, loss=1.5)
    write(tmp_path, 4, marker=marker)
    assert complete_checkpoints(tmp_path) == [Checkpoint(2, 1.5)]
    drop_incomplete(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]
    assert (folder_of(tmp_path, 2) / "weights").exists()


def test_what_lies_beside_the_checkpoints_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "trainer_log.json").write_text("{}")
    drop_incomplete(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs", "trainer_log.json"]


def test_no_folder_has_no_checkpoints(tmp_path: Path) -> None:
    assert complete_checkpoints(tmp_path / "none") == []
    drop_incomplete(tmp_path / "none")


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
    prune(tmp_path, latest=2, named=3)
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


def test_checkpoints_without_gain_are_those_since_the_best() -> None:
    assert without_gain([Checkpoint(n, loss) for n, loss in enumerate([4.0, 3.0, 3.5, 3.0])]) == 2
    assert without_gain([Checkpoint(1, 4.0)]) == 0
