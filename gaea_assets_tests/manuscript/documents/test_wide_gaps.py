"""A rare wider gap above a line that could have been a title, but is none, is a scene break all the same."""

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, text

SCENE = "\n\n".join(STORY * 3)


@pytest.mark.parametrize("line", ["Nothing", "Later that night"])
def test_a_gap_above_a_short_line_is_a_scene_break(tmp_path: Path, line: str) -> None:
    found = text(tmp_path, f"{SCENE}\n\n\n\n{line}\n\n{SCENE}")
    assert found == f"{SCENE}\n\n* * *\n\n{line}\n\n{SCENE}"


def test_a_sign_between_gaps_stays_in_its_scene(tmp_path: Path) -> None:
    found = text(tmp_path, f"{SCENE}\n\n\n\nKeep out\n\n\n\n{SCENE}")
    assert found == f"{SCENE}\n\nKeep out\n\n{SCENE}"
