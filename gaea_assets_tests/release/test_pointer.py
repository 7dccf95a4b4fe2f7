import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.release import pointer
from gaea_assets.release.pointer import (
    Past,
    Released,
    earlier,
    history,
    one_released_voice,
    point_to,
    point_to_none,
    released,
    released_voices,
    voices_with_history,
    withdrawn,
)

FIRST = Released("pocket", "a" * 64, "1.json", "2026-11-21T10:00:00+00:00")
SECOND = replace(FIRST, model="b" * 64, at="2026-11-22T10:00:00+00:00")
OTHER = replace(FIRST, voice="tales", model="c" * 64)


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


def test_nothing_is_released_at_first(tmp_path: Path) -> None:
    assert released(tmp_path, "pocket") is None
    assert history(tmp_path, "pocket") == []


def test_the_pointer_is_read_back_as_it_was_set(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    assert released(tmp_path, "pocket") == FIRST
    assert json.loads((tmp_path / "release" / "pocket" / "released.json").read_text())["model"] == "a" * 64


def test_the_one_before_goes_into_the_history_with_its_reason(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    point_to(tmp_path, SECOND, event="withdrawn", reason="it recites")
    assert released(tmp_path, "pocket") == SECOND
    (past,) = history(tmp_path, "pocket")
    assert (past.released, past.event, past.until, past.reason) == (FIRST, "withdrawn", SECOND.at, "it recites")


def test_pointing_to_what_is_released_changes_nothing(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    point_to(tmp_path, FIRST)
    assert history(tmp_path, "pocket") == []


def test_none_can_be_released_any_more_and_the_history_says_why(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    point_to(tmp_path, SECOND)
    gone = Past(SECOND, "withdrawn", "2026-11-23T10:00:00+00:00", "by hand")
    point_to_none(tmp_path, gone)
    assert released(tmp_path, "pocket") is None
    assert (released_voices(tmp_path), voices_with_history(tmp_path)) == ([], ["pocket"])
    assert history(tmp_path, "pocket")[1:] == [gone]
    assert withdrawn(tmp_path, "pocket", SECOND.model) == gone
    assert [past.released for past in earlier(tmp_path, "pocket", "replaced")] == [FIRST]


def test_a_kill_amid_releasing_none_leaves_the_pointer_and_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(tmp_path, FIRST)
    gone = Past(FIRST, "withdrawn", "2026-11-23T10:00:00+00:00", "by hand")

    unlink = Path.unlink

    def die(path: Path, missing_ok: bool = False) -> None:
        if path.name == pointer.RELEASED:
            raise Killed
        unlink(path, missing_ok)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "unlink", die)
        point_to_none(tmp_path, gone)
    assert released(tmp_path, "pocket") == FIRST
    assert history(tmp_path, "pocket") == []
    assert withdrawn(tmp_path, "pocket", FIRST.model) is None
    point_to_none(tmp_path, gone)
    assert history(tmp_path, "pocket") == [gone]


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
    assert released(tmp_path, "pocket") == FIRST
    assert history(tmp_path, "pocket") == []  # what is released is not past, whatever the history says
    point_to(tmp_path, SECOND)
    assert released(tmp_path, "pocket") == SECOND
    assert [past.released for past in history(tmp_path, "pocket")] == [FIRST]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"voice": "pocket"}', json.dumps(asdict(OTHER)), "\xff"])
def test_a_damaged_pointer_is_named_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "release" / "pocket" / "released.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(GaeaError, match=r"released\.json: does not say what is released; delete it and decide again"):
        released(tmp_path, "pocket")


@pytest.mark.parametrize("line", ["{", "[]", '{"event": "eaten"}'])
def test_a_damaged_line_of_the_history_is_named(tmp_path: Path, line: str) -> None:
    point_to(tmp_path, FIRST)
    (tmp_path / "release" / "pocket" / "history.jsonl").write_text(f"{line}\n")
    with pytest.raises(GaeaError, match=r"history\.jsonl: line 1 is not readable; delete that line"):
        history(tmp_path, "pocket")


def test_each_voice_has_a_pointer_of_its_own(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    point_to(tmp_path, OTHER)
    assert released_voices(tmp_path) == ["pocket", "tales"]
    assert (released(tmp_path, "pocket"), released(tmp_path, "tales")) == (FIRST, OTHER)
    assert history(tmp_path, "pocket") == history(tmp_path, "tales") == []


def test_a_voice_need_not_be_named_where_only_one_is_meant(tmp_path: Path) -> None:
    with pytest.raises(GaeaError, match=r"nothing is released in .*: decide with gaea release VOICE"):
        one_released_voice(tmp_path, None, "`x`")
    point_to(tmp_path, FIRST)
    assert one_released_voice(tmp_path, None, "`x`") == one_released_voice(tmp_path, "pocket", "`x`") == "pocket"
    with pytest.raises(GaeaError, match=r"no model of the voice tales is released in .* \(released: pocket\)"):
        one_released_voice(tmp_path, "tales", "`x`")
    point_to(tmp_path, OTHER)
    with pytest.raises(GaeaError, match=r"models of 2 voices are released \(pocket, tales\): name one, `x`"):
        one_released_voice(tmp_path, None, "`x`")


def test_the_last_entry_of_a_model_counts_whatever_the_clock_said(tmp_path: Path) -> None:
    third = replace(FIRST, model="d" * 64, at="2026-01-01T00:00:00+00:00")  # the clock was set back
    for event, pointer_ in (("replaced", FIRST), ("replaced", SECOND), ("replaced", third), ("withdrawn", SECOND)):
        point_to(tmp_path, pointer_, event=event)  # type: ignore[arg-type]
    assert [past.released.model for past in earlier(tmp_path, "pocket", "replaced")] == [FIRST.model]
    assert [past.released.model for past in earlier(tmp_path, "pocket", "withdrawn")] == [third.model]
    point_to(tmp_path, replace(third, at="2026-11-30T10:00:00+00:00"))
    assert [past.released.model for past in earlier(tmp_path, "pocket", "replaced")] == [SECOND.model, FIRST.model]


def test_what_was_taken_back_is_known_by_its_hash_in_every_voice(tmp_path: Path) -> None:
    point_to(tmp_path, FIRST)
    assert withdrawn(tmp_path, "pocket", FIRST.model) is None
    point_to(tmp_path, SECOND, event="withdrawn", reason="it recites")
    for voice in ("pocket", "tales"):
        past = withdrawn(tmp_path, voice, FIRST.model)
        assert past is not None
        assert past.reason == "it recites"
        assert withdrawn(tmp_path, voice, SECOND.model) is None
    point_to(tmp_path, replace(FIRST, at="2026-11-23T10:00:00+00:00"))  # a person let it return
    assert withdrawn(tmp_path, "pocket", FIRST.model) is None
