import json
from dataclasses import replace
from pathlib import Path

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.release import pointer
from gaea_assets.release.pointer import Released, history, point_to, released

FIRST = Released("pocket", "a" * 64, "/models/pocket-aaaaaaaaaaaa", "/release/1.json", "2026-11-21T10:00:00+00:00")
SECOND = replace(FIRST, model="b" * 64, folder="/models/pocket-bbbbbbbbbbbb", at="2026-11-22T10:00:00+00:00")


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


def test_nothing_is_released_at_first(tmp_path: Path) -> None:
    assert released(tmp_path) is None
    assert history(tmp_path) == []


def test_the_pointer_is_read_back_as_it_was_set(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    assert released(tmp_path) == FIRST
    assert json.loads((tmp_path / "release" / "released.json").read_text())["model"] == "a" * 64


def test_the_one_before_goes_into_the_history_with_its_reason(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    point_to(tmp_path, SECOND, event="withdrawn", reason="it recites")
    assert released(tmp_path) == SECOND
    (past,) = history(tmp_path)
    assert (past.released, past.event, past.until, past.reason) == (FIRST, "withdrawn", SECOND.at, "it recites")


def test_pointing_to_what_is_released_changes_nothing(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    point_to(tmp_path, FIRST)
    assert history(tmp_path) == []


@pytest.mark.parametrize("dies_at", [1, 2])
def test_a_kill_between_the_steps_leaves_the_old_pointer_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    point_to(tmp_path, FIRST)
    calls, write_whole = [], pointer.write_whole

    def dying(path: Path, text: str) -> None:
        calls.append(path.name)
        if len(calls) == dies_at:
            raise Killed
        write_whole(path, text)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(pointer, "write_whole", dying)
        point_to(tmp_path, SECOND)
    assert calls == ["history.jsonl", "released.json"][:dies_at]
    assert released(tmp_path) == FIRST
    assert history(tmp_path) == []  # what is released is not past, whatever the history says
    point_to(tmp_path, SECOND)
    assert released(tmp_path) == SECOND
    assert [past.released for past in history(tmp_path)] == [FIRST]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"voice": "pocket"}', "\xff"])
def test_a_damaged_pointer_is_named_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "release" / "released.json"
    path.parent.mkdir()
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(GaeaError, match=r"released\.json: does not say what is released; delete it and decide again"):
        released(tmp_path)


@pytest.mark.parametrize("line", ["{", "[]", '{"event": "eaten"}'])
def test_a_damaged_line_of_the_history_is_named(tmp_path: Path, line: str) -> None:
    point_to(tmp_path, FIRST)
    (tmp_path / "release" / "history.jsonl").write_text(f"{line}\n")
    with pytest.raises(GaeaError, match=r"history\.jsonl: line 1 is not readable; delete that line"):
        history(tmp_path)
