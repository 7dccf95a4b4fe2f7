"""The key: written once, and refused where it is not what it was."""

import json
import threading
from pathlib import Path

import pytest

from gaea_assets.blind.plan import AttentionRule, Item, Plan, read_plan, require_settings, write_once
from gaea_assets.blind.votes import ANSWERS
from gaea_assets.config import Blind
from gaea_assets.errors import GaeaError
from gaea_assets_tests.blind.readings import disk_with_room_for, files_in, small_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


def test_what_is_read_is_what_was_written(tmp_path: Path, plan: Plan) -> None:
    files = files_in(tmp_path, plan)
    assert read_plan(files) is None
    assert write_once(plan, files).id == plan.id
    found = read_plan(files)
    assert found is not None and found.items == plan.items and found.pairs == plan.pairs and found.rule == plan.rule


def test_a_key_is_written_once(tmp_path: Path, plan: Plan) -> None:
    files = files_in(tmp_path, plan)
    write_once(plan, files)
    content = files.key.read_bytes()
    assert write_once(small_plan(words=60), files).id == plan.id
    assert files.key.read_bytes() == content


def test_of_several_that_write_at_once_one_wins_and_all_read_it(tmp_path: Path, plan: Plan) -> None:
    files, found = files_in(tmp_path, plan), []
    plans = [plan, small_plan(words=60), small_plan(words=70)]
    threads = [threading.Thread(target=lambda p=p: found.append(write_once(p, files).id)) for p in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 and len(set(found)) == 1


def test_a_full_disk_leaves_no_half_key(tmp_path: Path, plan: Plan) -> None:
    files = files_in(tmp_path, plan)
    with disk_with_room_for(1000), pytest.raises(GaeaError, match=r"key.json: not saved \(.*\); make room on the disk"):
        write_once(plan, files)
    assert [path.name for path in files.folder.iterdir()] == [".lock"]
    assert write_once(plan, files).id == plan.id


def test_a_key_that_was_changed_or_belongs_to_another_model_is_refused(tmp_path: Path, plan: Plan) -> None:
    files = files_in(tmp_path, plan)
    write_once(plan, files)
    content = json.loads(files.key.read_text("utf-8"))
    turned = {name: {**item, "a": item["b"], "b": item["a"]} for name, item in content["items"].items()}
    files.key.write_text(json.dumps({**content, "items": turned}), "utf-8")
    with pytest.raises(GaeaError, match=r"key.json: changed since it was written; put the file back"):
        read_plan(files)
    for text in ("{", "[]", json.dumps({**content, "more": 1}), json.dumps({**content, "rule": None})):
        files.key.write_text(text, "utf-8")
        with pytest.raises(GaeaError, match="not readable as a key"):
            read_plan(files)
    other = files_in(tmp_path, small_plan(seed=7))
    other.key.write_text(json.dumps(content), "utf-8")
    with pytest.raises(GaeaError, match="key of another model or seed"):
        read_plan(other)


def test_settings_that_were_fixed_beforehand_stay(tmp_path: Path, plan: Plan) -> None:
    files = files_in(tmp_path, plan)
    require_settings(plan, Blind(words=100), files)
    require_settings(plan, Blind(words=100, votes=61), files)
    with pytest.raises(GaeaError, match=r"blind.target: 50 given, but the reading was fixed with 60 before its first"):
        require_settings(plan, Blind(words=100, target=50), files)
    with pytest.raises(GaeaError, match=r"blind.votes: 59 given, but .* with 60 .*; the number may only be raised"):
        require_settings(plan, Blind(words=100, votes=59), files)


def test_an_answer_counts_for_the_text_that_is_not_the_base_models() -> None:
    assert [Item(0, "tuned", "base").chosen(answer) for answer in ANSWERS] == [1, 0.5, 0]
    assert [Item(0, "base", "tuned").chosen(answer) for answer in ANSWERS] == [0, 0.5, 1]


def test_a_check_has_one_right_answer_whatever_the_readers_taste() -> None:
    assert [Item(0, "author", "shuffled").right(answer) for answer in ANSWERS] == [True, False, False]
    assert [Item(0, "shuffled", "author").right(answer) for answer in ANSWERS] == [False, False, True]
    for item in (Item(0, "author", "again"), Item(0, "again", "author")):
        assert [item.right(answer) for answer in ANSWERS] == [False, True, False]
    assert Item(0, "author", "base").right("A") is None


@pytest.mark.parametrize(
    ("judged", "out"),
    [("", False), ("00", False), ("001", True), ("101", False), ("11001", True), ("11011", False)],
)
def test_readers_who_miss_what_nobody_misses_who_reads_are_left_out(judged: str, out: bool) -> None:
    assert AttentionRule().leaves_out([mark == "1" for mark in judged]) is out
