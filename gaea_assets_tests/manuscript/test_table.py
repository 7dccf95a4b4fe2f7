"""Chunks as a table with their tags."""

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.table import chunk_table

WAITING = "You wait at the gate and think of Maren Oake. You wonder whether you were ever brave. You feel ashamed. "
TALKING = '"Did you see her?" asked Maren Oake.\n\n"No," you say.\n\n"Nor did I," says Maren Oake. "Nobody did."'


def test_one_row_a_chunk_with_its_tags() -> None:
    chunks = [Chunk("001", WAITING * 4, "novel.md (chunk 001)", "One"), Chunk("002", TALKING, "chunk_002.txt")]
    table = chunk_table(chunks)
    assert list(table["chunk"]) == ["001", "002"]
    assert list(table["chapter"]) == ["One", ""]
    assert list(table["words"]) == [chunk.words for chunk in chunks]
    assert list(table["scene_type"]) == ["introspection", "dialogue"]
    assert table["person"][0] == "second" and table["names"][0] == "Maren Oake"
    assert table["dialogue_share"][0] == 0 < 0.5 < table["dialogue_share"][1]
    assert table["tension"].between(0, 1).all()


def test_a_table_of_no_chunks_has_its_columns() -> None:
    assert "scene_type" in chunk_table([])
