"""How often a result was taken of a model."""

from pathlib import Path

import pytest

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.looks import ERROR, level, take_look
from gaea_assets_tests.blind.readings import files_in, small_plan


def test_the_first_result_has_the_usual_level_and_all_together_keep_the_error() -> None:
    assert level(1) == pytest.approx(0.95)
    assert level(2) == pytest.approx(0.975)
    # Above an interval lies half of what it leaves out.
    assert sum((1 - level(look)) / 2 for look in range(1, 60)) <= ERROR + 1e-12


def test_the_same_result_again_is_no_new_look_and_more_votes_or_another_seed_are(tmp_path: Path) -> None:
    plan, other = small_plan(), small_plan(seed=1)
    files = files_in(tmp_path, plan)
    assert [take_look(files, plan, 60), take_look(files, plan, 60)] == [1, 1]
    assert take_look(files, plan, 90) == 2
    assert take_look(files_in(tmp_path, other), other, 60) == 3
    assert take_look(files, plan, 60) == 1
    assert len(files.looks.read_text("utf-8").splitlines()) == 3


def test_another_model_starts_anew(tmp_path: Path) -> None:
    plan = small_plan()
    take_look(files_in(tmp_path, plan), plan, 60)
    new = small_plan(model="f" * 64)
    assert take_look(ReadingFiles.of(tmp_path, "pocket", new.model, 0), new, 60) == 1
