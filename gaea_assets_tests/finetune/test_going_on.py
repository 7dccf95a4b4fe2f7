"""A training that was cut off anywhere ends as one that was not; what was trained is not trained again.

A tiny model of random weights, trained in this process: 11 steps an epoch, checkpoints at the steps 6, 12 and 17.
"""

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file
from torch.testing import assert_close

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import adapter, disk, progress
from gaea_assets.finetune import train as training
from gaea_assets.finetune.checkpoints import complete_checkpoints, folder_of
from gaea_assets_tests.finetune.tiny_project import Project, make_project

pytestmark = pytest.mark.slow

STEPS = [6, 12, 17]


class Killed(BaseException):
    """What SIGKILL is to a process."""


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def project(made_once: Path, tmp_path: Path) -> Project:
    return Project(made_once, tmp_path)


@pytest.fixture(scope="module")
def alone(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Trained in one go."""
    made = Project(made_once, tmp_path_factory.mktemp("alone"))
    made.train(keep_checkpoints=3)
    return made


def assert_as(alone: Project, here: Project) -> None:
    """The same adapter, and the same figures at every step and checkpoint."""
    there, log = alone.log, here.log
    assert [entry["step"] for entry in log["history"]] == list(range(1, STEPS[-1] + 1))
    for key in ("loss", "learning_rate", "grad_norm", "epoch"):
        expected = [entry[key] for entry in there["history"]]
        assert [entry[key] for entry in log["history"]] == pytest.approx(expected, rel=1e-5), key
    assert [c["step"] for c in log["checkpoints"]] == [c["step"] for c in there["checkpoints"]]
    for key in ("heldout_loss", "base_heldout_loss", "best_step", "adapter_step"):
        assert log[key] == pytest.approx(there[key], rel=1e-5), key
    assert_close(here.weights, alone.weights, rtol=1e-4, atol=1e-6)


def interrupted_at(step: int) -> Callable[[str], None]:
    return lambda line: os.kill(os.getpid(), signal.SIGINT) if line.startswith(f"step {step}/") else None


def test_an_interrupted_and_killed_training_has_the_same_curve_at_every_step(project: Project, alone: Project) -> None:
    with pytest.raises(GaeaError, match="training was stopped at step 9 of 17; its checkpoint is saved"):
        project.train(interrupted_at(8))  # a line is said after its step: the next one is the last
    assert [(c.step, c.scheduled) for c in complete_checkpoints(project.checkpoints)] == [(6, True), (9, False)]

    def killed(line: str) -> None:
        if line.startswith("step 14/"):
            raise Killed

    with pytest.raises(Killed):
        project.train(killed)
    assert "going on from the checkpoint at step 9" in project.said
    project.train()
    assert "going on from the checkpoint at step 12" in project.said
    assert_as(alone, project)
    assert [step for step, _ in project.drawn] == list(range(1, 18))
    assert [loss for _, loss in project.drawn] == pytest.approx([loss for _, loss in alone.drawn], rel=1e-5)
    assert project.log["seconds"] > 0


@pytest.mark.parametrize("moment", ["before its marker", "after its marker", "amid pruning"])
def test_a_kill_around_a_checkpoint_costs_at_most_half_an_epoch(
    project: Project, alone: Project, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    mark, prune = progress.mark_complete, progress.prune

    def marking(checkpoints: Path, checkpoint: Any) -> None:
        if moment == "before its marker" and checkpoint.step == 12:
            raise Killed
        mark(checkpoints, checkpoint)

    def pruning(checkpoints: Path, latest: int, step: int, named: int | None) -> None:
        if moment == "after its marker" and step == 12:
            raise Killed
        prune(checkpoints, latest, step, named)
        if moment == "amid pruning" and step == 12:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(progress, "mark_complete", marking)
        patch.setattr(progress, "prune", pruning)
        with pytest.raises(Killed):
            project.train(keep_checkpoints=1)
    project.train(keep_checkpoints=1)
    assert f"going on from the checkpoint at step {6 if moment == 'before its marker' else 12}" in project.said
    assert_as(alone, project)


@pytest.mark.parametrize("moment", ["write_figures", "publish", "new_folder"])
def test_a_kill_after_the_last_step_trains_nothing_again(
    project: Project, alone: Project, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(adapter if moment == "new_folder" else training, moment, killed)
        with pytest.raises(Killed):
            project.train()
    assert not (project.place / "adapter").exists()
    # 17 steps are one and a half epochs: going on from the last checkpoint would train an eighteenth.
    assert not [line for line in project.train() if line.startswith("step ")]
    assert_as(alone, project)


def harm(checkpoints: Path, step: int) -> None:
    """Cut a file that the marker vouches for, as a power cut does whose blocks had not reached the disk."""
    optimizer = folder_of(checkpoints, step) / "optimizer.pt"
    optimizer.write_bytes(optimizer.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("harmed", "start"), [([12], "going on from the checkpoint at step 6"), ([6, 12], "training from the beginning")]
)
def test_a_damaged_checkpoint_is_said_and_the_one_before_is_gone_on_from(
    project: Project, alone: Project, harmed: list[int], start: str
) -> None:
    def killed(line: str) -> None:
        if line.startswith("step 14/"):
            raise Killed

    with pytest.raises(Killed):
        project.train(killed)
    for step in harmed:
        harm(project.checkpoints, step)
    lines = project.train()
    told = [line for line in lines if "is damaged" in line]
    assert len(told) == len(harmed)
    for line, step in zip(told, harmed, strict=True):
        assert re.fullmatch(
            rf"the checkpoint at step {step} is damaged \(optimizer\.pt has 1,000 bytes instead of [\d,]+\); its files "
            rf"are deleted",
            line,
        )
    assert start in lines
    assert_as(alone, project)


def test_a_chosen_checkpoint_that_is_damaged_is_trained_again(project: Project, alone: Project) -> None:
    project.train()
    harm(project.checkpoints, 17)
    lines = project.train()
    assert "the files of the checkpoint at step 17, which is wanted, are gone: it is trained again" in lines
    assert "going on from the checkpoint at step 12" in lines
    assert_as(alone, project)


def test_another_checkpoint_of_the_same_training_is_taken_without_training(project: Project) -> None:
    project.train(keep_checkpoints=3)
    best = project.weights
    lines = project.train(keep_checkpoints=3, checkpoint=6, patience=2)
    assert lines == ["the adapter is the checkpoint at step 6"]
    log = project.log
    assert (log["adapter_step"], log["best_step"]) == (6, 17)
    assert log["heldout_loss"] == log["checkpoints"][0]["heldout_loss"]
    assert [checkpoint["step"] for checkpoint in log["checkpoints"]] == STEPS
    assert len(log["history"]) == 17
    kept = load_file(folder_of(project.checkpoints, 6) / "adapter_model.safetensors")
    assert_close(project.weights, kept, rtol=0, atol=0)
    assert any((project.weights[name] != best[name]).any() for name in best)
    assert project.train(checkpoint="last") == ["the adapter is the checkpoint at step 17"]


def test_a_checkpoint_that_is_no_longer_kept_is_trained_again_and_nothing_beyond(
    project: Project, alone: Project
) -> None:
    project.train(keep_checkpoints=1)
    lines = project.train(keep_checkpoints=1, checkpoint=6)
    assert "the files of the checkpoint at step 6, which is wanted, are gone: it is trained again" in lines
    assert [line.split()[1] for line in lines if line.startswith("step ")] == [f"{n}/17" for n in range(1, 7)]
    expected = load_file(folder_of(alone.checkpoints, 6) / "adapter_model.safetensors")
    assert_close(project.weights, expected, rtol=1e-4, atol=1e-6)
    assert len(project.log["history"]) == len(project.drawn) == 17
    assert project.train(keep_checkpoints=1) == ["the adapter is the checkpoint at step 17"]


def test_a_step_that_cannot_be_is_refused_before_anything_is_loaded(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(*_: object, **__: object) -> None:
        raise AssertionError("the base was loaded")

    monkeypatch.setattr(training, "load_base", loaded)
    with pytest.raises(
        GaeaError, match=r"training\.checkpoint: 7 is no step of a checkpoint; .* steps 6, 12, 17: name"
    ):
        project.train(checkpoint=7)


def test_a_training_of_a_single_step_has_its_loss_in_the_log(project: Project) -> None:
    project.train(epochs=0.04)
    assert [entry["step"] for entry in project.log["history"]] == [1]
    assert [checkpoint["step"] for checkpoint in project.log["checkpoints"]] == [1]


def test_every_step_is_in_the_log_where_lines_are_thinned(project: Project) -> None:
    lines = project.train(accumulation=1, epochs=1)
    assert [entry["step"] for entry in project.log["history"]] == list(range(1, 23))
    assert [step for step, _ in project.drawn] == list(range(1, 23))
    assert len([line for line in lines if line.startswith("step ")]) == 12


def test_checkpoints_of_another_state_of_the_dataset_are_not_gone_on_from(project: Project) -> None:
    own = replace(project, folder=project.place / "own")
    shutil.copytree(project.folder, own.folder)
    with pytest.raises(GaeaError, match="was stopped"):
        own.train(interrupted_at(8))
    examples = own.folder / "dataset" / "train.jsonl"
    examples.write_text(examples.read_text("utf-8").replace("sentinels", "wardens"), "utf-8")
    with pytest.raises(
        GaeaError, match=r"checkpoints: its checkpoints are of a training on another state of .*; bring"
    ):
        own.train()
    shutil.rmtree(own.checkpoints)
    own.train()
    assert len(own.log["history"]) == 17


def test_going_on_asks_only_for_the_room_of_what_is_not_there_yet(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(disk, "require_space", lambda place, needed, field: asked.append(needed))
    with pytest.raises(GaeaError, match="was stopped"):
        project.train(interrupted_at(8))
    there = sum(path.stat().st_size for path in project.checkpoints.rglob("*") if path.is_file())
    project.train()
    # The two latest, best, named, and the one being written; small files come and go between the two looks.
    assert asked[1] == pytest.approx(max(asked[0] - there, asked[0] // 5), rel=0.01)


def test_checkpoints_of_other_recipes_go_when_the_new_one_has_its_adapter(project: Project) -> None:
    other, foreign = project.place / "other", project.place / "foreign"
    for folder in (other, foreign):
        folder_of(folder, 3).mkdir(parents=True)
    job = replace(project.job(), superseded=[str(other)])

    def killed(line: str) -> None:
        if line.startswith("step 8/"):
            raise Killed

    with pytest.raises(Killed):
        training.train(job, killed)
    assert other.exists()  # going back to it would still be possible
    training.train(job, print)
    assert not other.exists()
    assert foreign.exists()
    assert [c.step for c in complete_checkpoints(project.checkpoints) if c.kept] == [12, 17]
