"""Work in processes gives what work in one gives."""

import os

import pytest

from gaea_assets import parallel
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.tags.tagging import tag_chunks
from gaea_assets.resources import PROJECT

CHUNKS = [path.read_text("utf-8") for path in sorted((PROJECT / "data/raw/visions_of_gaea").glob("chunk_*.txt"))[:8]]


def length(text: str) -> tuple[int, int]:
    return len(text), os.getpid()


def refuse(text: str) -> None:
    raise GaeaError(f"{text}: no")


def test_little_is_done_in_this_process_and_in_order() -> None:
    assert parallel.each(length, ["a", "bcd", ""], 4) == [(count, os.getpid()) for count in (1, 3, 0)]


def test_much_is_done_in_others_and_in_order() -> None:
    texts = ["x" * number for number in range(40)]
    found = parallel.each(length, texts, parallel.LEAST)
    assert [count for count, _ in found] == list(range(40))
    if parallel.processes() > 1:
        assert os.getpid() not in {process for _, process in found}


def test_a_fault_of_the_users_arrives_as_one_line() -> None:
    with pytest.raises(GaeaError, match=r"^b: no$"):
        parallel.each(refuse, ["b"], parallel.LEAST)


@pytest.mark.parametrize("size", [1, 3, 8, 9])
def test_batches_hold_every_item_once_in_order(size: int) -> None:
    found = parallel.batches(CHUNKS, size)
    assert [text for batch in found for text in batch] == CHUNKS
    assert all(len(batch) == size for batch in found[:-1])


def test_tags_do_not_depend_on_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tag_chunks(CHUNKS)
    monkeypatch.setattr(parallel, "LEAST", 0)
    monkeypatch.setattr("gaea_assets.manuscript.tags.tagging.BATCH", 2)
    assert tag_chunks(CHUNKS) == alone
