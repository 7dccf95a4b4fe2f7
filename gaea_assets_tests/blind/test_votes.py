"""Votes are kept, once each, whatever happens to those who write them."""

import json
import multiprocessing
import os
import signal
import threading
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from gaea_assets.blind.order import order
from gaea_assets.blind.plan import Plan
from gaea_assets.blind.votes import Vote, cast, read_votes, reader_name, save
from gaea_assets.errors import GaeaError
from gaea_assets_tests.blind.readings import disk_with_room_for, small_plan, votes_of


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


def test_what_is_saved_is_read(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "new" / "votes.jsonl"
    votes = votes_of(plan, "ana", 5)
    noted = replace(votes[2], note='„Zitat“ "\\ \u2028 end\nof line')
    for vote in (*votes[:2], noted, *votes[3:]):
        assert save(vote, path, plan)
    found = read_votes(path, plan)
    assert found.votes == (*votes[:2], noted, *votes[3:])
    assert found.faults == ()


def test_no_file_holds_no_votes(tmp_path: Path, plan: Plan) -> None:
    assert read_votes(tmp_path / "none.jsonl", plan).votes == ()


def test_the_first_vote_of_a_reader_on_an_item_stands(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "votes.jsonl"
    (vote,) = votes_of(plan, "ana", 1)
    assert save(vote, path, plan)
    content = path.read_bytes()
    assert not save(replace(vote, closer="tie", note="I have thought again"), path, plan)
    assert path.read_bytes() == content
    assert save(replace(vote, reader="ben"), path, plan)


@pytest.mark.parametrize("cut", [1, 40, -1])
def test_a_torn_last_line_is_told_and_costs_no_other_vote(tmp_path: Path, plan: Plan, cut: int) -> None:
    path = tmp_path / "votes.jsonl"
    first, second, third = votes_of(plan, "ana", 3)
    for vote in (first, second):
        save(vote, path, plan)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:cut])  # as a kill in mid-write leaves it
    whole = cut == -1  # only the line's end is missing: the vote is all there
    before = read_votes(path, plan)
    assert before.votes == ((first, second) if whole else (first,))
    assert before.faults == (() if whole else (f"{path}: line 2 is no vote (cut off by a kill?) and does not count",))
    assert save(second, path, plan) is not whole  # the browser sends it again
    assert save(third, path, plan)
    after = read_votes(path, plan)
    assert after.votes == (first, second, third)
    assert after.faults == before.faults


def test_a_vote_on_another_model_is_refused_by_its_line(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "votes.jsonl"
    other = small_plan(model="f" * 64)
    save(votes_of(plan, "ana", 1)[0], path, plan)
    with path.open("a") as file:
        file.write(json.dumps(vars(votes_of(other, "ana", 1)[0])) + "\n")
    with pytest.raises(GaeaError, match=r"votes.jsonl: line 2: a vote on another reading .*; such votes do not count"):
        read_votes(path, plan)
    with pytest.raises(GaeaError, match="line 2"):
        save(votes_of(plan, "ana", 2)[1], path, plan)


@pytest.mark.parametrize(
    "line",
    [b"\xff\xfe", b"[]", b"null", b"1", b'"text"', b"{}", b"\x00" * 20, b'{"plan": "x"}'],
)
def test_lines_that_are_no_votes_are_told_and_passed_over(tmp_path: Path, plan: Plan, line: bytes) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_bytes(line + b"\n")
    save(votes_of(plan, "ana", 1)[0], path, plan)
    found = read_votes(path, plan)
    assert len(found.votes) == len(found.faults) == 1
    assert "line 1 is no vote" in found.faults[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"closer": "C"}, "no vote"),
        ({"better": ""}, "no vote"),
        ({"note": 1}, "no vote"),
        ({"more": "x"}, "no vote"),
        ({"item": "0" * 16}, "no item"),
    ],
)
def test_votes_spoilt_by_hand_are_told_and_passed_over(
    tmp_path: Path, plan: Plan, change: dict[str, object], told: str
) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text(json.dumps({**vars(votes_of(plan, "ana", 1)[0]), **change}) + "\n", "utf-8")
    found = read_votes(path, plan)
    assert found.votes == ()
    assert told in found.faults[0]


def vote_all(plan: Plan, readers: list[str], path: Path) -> None:
    for reader in readers:
        for vote in votes_of(plan, reader):
            save(vote, path, plan)


def test_readers_in_several_processes_and_threads_lose_nothing(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "votes.jsonl"
    fork = multiprocessing.get_context("fork")
    # `both` votes in two processes at once, as somebody with two windows does.
    at_once = [["ana", "both"], ["both", "ben"]]
    workers = [fork.Process(target=vote_all, args=(plan, readers, path)) for readers in at_once]
    workers += [threading.Thread(target=vote_all, args=(plan, [name], path)) for name in ("cleo", "dan")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = read_votes(path, plan)
    assert found.faults == ()
    assert len(path.read_bytes().splitlines()) == len(found.votes) == 5 * len(order(plan, "ana"))
    for reader in ("ana", "ben", "both", "cleo", "dan"):
        assert [v.item for v in found.votes if v.reader == reader] == order(plan, reader)


def test_a_writer_that_is_killed_lets_the_lock_go(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "votes.jsonl"
    worker = multiprocessing.get_context("fork").Process(target=vote_all, args=(plan, list("abcdefghij"), path))
    worker.start()
    while not path.exists() or path.read_bytes().count(b"\n") < 3:
        assert worker.is_alive()
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    before = read_votes(path, plan).votes
    assert len(before) >= 3
    (vote,) = votes_of(plan, "zoe", 1)
    assert save(vote, path, plan)
    assert read_votes(path, plan).votes == (*before, vote)


def test_a_full_disk_is_told_and_leaves_the_file_as_it_was(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "votes.jsonl"
    first, second = votes_of(plan, "ana", 2)
    save(first, path, plan)
    content = path.read_bytes()
    with (
        disk_with_room_for(len(content) + 30),
        pytest.raises(GaeaError, match=r"votes.jsonl: not saved \(.*\); make room on the disk"),
    ):
        save(second, path, plan)
    assert path.read_bytes() == content
    assert save(second, path, plan)


def test_a_vote_says_nothing_of_the_sides(plan: Plan) -> None:
    vote = cast(plan, "ana", order(plan, "ana")[0], "A", "tie", "")
    assert set(vars(vote)) == set(Vote.__annotations__)
    assert not any(word in json.dumps(vars(vote)) for word in ("base", "tuned", "author"))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Ana", "ana"),
        ("  Ana   Maria ", "ana maria"),
        ("E\u0301lise", "\u00e9lise"),
        ("李", "李"),
        ("d'Or.2", "d'or.2"),
    ],
)
def test_a_reader_goes_by_one_name_however_it_is_written(given: str, name: str) -> None:
    assert reader_name(given) == name
    assert reader_name(name) == name


@pytest.mark.parametrize(
    "given",
    ["\u092a\u094d\u0930\u093f\u092f\u093e", "\u0130pek", "\u0e19\u0e49\u0e33", "Ng\u1ecdc \u00c1nh", "O\u2019Neil"],
)
def test_names_of_all_scripts_are_names(given: str) -> None:
    name = reader_name(given)
    assert reader_name(name) == reader_name(given.lower()) == name


@pytest.mark.parametrize("given", ["O\u2019Neil", "o\u02bcNEIL", "\uff2f'\uff2e\uff45\uff49\uff4c", "O\u2018Neil "])
def test_a_phone_and_a_keyboard_spell_one_reader(given: str) -> None:
    assert reader_name(given) == "o'neil"


def test_votes_of_two_spellings_are_one_readers(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "votes.jsonl"
    lines = [
        asdict(replace(vote, reader=name)) for name in ("o\u2019neil", "o'neil") for vote in votes_of(plan, "ana", 3)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert [vote.reader for vote in read_votes(path, plan).votes] == ["o'neil"] * 3


@pytest.mark.parametrize("given", ["", " ", "a/b", "../x", "<b>", "a" * 41, "-x", "a\x00b", "\u202eana", "a\\b", "?"])
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(GaeaError, match="is no reader's name; give 1 to 40 letters"):
        reader_name(given)
