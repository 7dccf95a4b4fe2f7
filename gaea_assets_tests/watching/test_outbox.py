import json
from pathlib import Path

import pytest

from gaea_assets.watching import outbox as module
from gaea_assets.watching.messages import SCHEMA
from gaea_assets.watching.outbox import LONGEST_WAIT, Outbox, Waiting
from gaea_assets_tests.watching.hooks import message


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "watching" / "outbox")


def ids(outbox: Outbox) -> list[str]:
    return [entry.message["id"] for entry in outbox.waiting()]


def test_messages_wait_in_order_in_one_file_each_and_outlive_the_process(outbox: Outbox, tmp_path: Path) -> None:
    assert outbox.waiting() == []
    for number in (3, 1, 2):
        outbox.put(message(number))
    again = Outbox(tmp_path / "watching" / "outbox")
    assert [entry.message for entry in again.waiting()] == [message(1), message(2), message(3)]
    assert len(list((tmp_path / "watching" / "outbox").iterdir())) == 3


def test_a_message_put_twice_waits_once(outbox: Outbox) -> None:
    outbox.put(message(1))
    outbox.put(message(1))
    assert ids(outbox) == ["000000000001-run"]


def test_the_wait_doubles_up_to_its_longest(outbox: Outbox) -> None:
    entry, waits = Waiting(message(1)), []
    for _ in range(2_000):
        entry = entry.failed(now=1000.0)
        waits.append(entry.not_before - 1000)
    assert waits[:4] == [60, 120, 240, 480]
    assert max(waits) == waits[-1] == LONGEST_WAIT
    assert entry.attempts == 2_000


def test_above_its_most_the_oldest_are_dropped_and_each_voice_is_told_of_its_own(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(1, 6):
        outbox.put(message(number, "a" if number % 2 else "b"))
    assert outbox.shrink("2026-11-21T03:00:00+00:00") == 2
    *kept, first, second = outbox.waiting()
    assert [entry.message["id"] for entry in kept] == [f"{n:012d}-run" for n in (3, 4, 5)]
    assert [(e.voice, e.message["dropped"], e.message["reasons"]) for e in (first, second)] == [
        ("a", 1, ["dropped"]),
        ("b", 1, ["dropped"]),
    ]
    assert first.message["text"].startswith("a: 1 messages were dropped undelivered: more than 3 waited")
    assert first.message["schema"] == SCHEMA


def test_what_is_dropped_later_is_added_to_what_was_not_told_yet(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    told = []
    for number in range(1, 5):
        outbox.put(message(number))
        outbox.shrink(f"2026-11-21T03:0{number}:00+00:00")
        told += [entry.message["dropped"] for entry in outbox.waiting() if "dropped" in entry.message]
    assert told == [1, 2, 3]
    assert len(outbox.waiting()) == 2
    assert outbox.shrink("2026-11-21T04:00:00+00:00") == 0


def test_a_file_that_is_not_readable_is_set_aside_and_the_others_go_on(outbox: Outbox, tmp_path: Path) -> None:
    outbox.put(message(1))
    folder = tmp_path / "watching" / "outbox"
    for name, text in {
        "half": '{"message": {"id"',
        "list": "[1]",
        "empty": json.dumps({"message": {}}),
        "renamed": json.dumps({"message": message(2)}),
        "type": json.dumps({"message": message(3), "attempts": "x"}),
    }.items():
        (folder / f"{name}.json").write_text(text)
    assert ids(outbox) == ["000000000001-run"]
    assert sorted(path.name for path in folder.glob("*.unreadable")) == [
        "empty.unreadable",
        "half.unreadable",
        "list.unreadable",
        "renamed.unreadable",
        "type.unreadable",
    ]


def test_a_voice_whose_name_is_no_file_name_is_told_too(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 0)
    outbox.put(message(1, "../a voice"))
    assert outbox.shrink("now") == 1
    (notice,) = outbox.waiting()
    outbox.taken(notice)
    assert outbox.waiting() == []
