"""The chapters of chunk files, in a file beside them."""

from pathlib import Path

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.reading import read_manuscript


@pytest.mark.parametrize("content", ["{", "[]", '{"a.txt": "One"}', '{"chunk_001.txt": 1}', "[" * 100_000])
def test_chapters_that_cannot_be_read_are_told_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "chunk_001.txt").write_text("one", "utf-8")
    (tmp_path / "chapters.json").write_text(content, "utf-8")
    with pytest.raises(GaeaError) as error:
        read_manuscript(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/chapters.json: does not give chapters as ")
    assert len(str(error.value).splitlines()) == 1


def test_parts_that_the_author_makes_keep_the_chapter_of_their_chunk(tmp_path: Path) -> None:
    for name in ("chunk_015a.txt", "chunk_015b.txt", "chunk_016.txt"):
        (tmp_path / name).write_text("Some words.", "utf-8")
    (tmp_path / "chapters.json").write_text('{"chunk_015.txt": "One", "chunk_015b.txt": "Two"}', "utf-8")
    found = read_manuscript(tmp_path)
    assert [chunk.chapter for chunk in found.chunks] == ["One", "Two", ""] and found.passed_over == []
