"""Chunk files in, chunks out; the author's folder is never written to."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.reading import read_chunks

BOM = b"\xef\xbb\xbf"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        (folder / f"{name}.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def fault(folder: Path) -> str:
    with pytest.raises(GaeaError) as error:
        read_chunks(folder)
    return str(error.value)


def test_chunks_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    write(tmp_path, chunk_11="eleven", chunk_9="nine", chunk_010b="b", chunk_010a="a", chunk_0001="one")
    assert [(c.name, c.text, c.source) for c in read_chunks(tmp_path)] == [
        ("0001", "one", "chunk_0001.txt"),
        ("9", "nine", "chunk_9.txt"),
        ("010a", "a", "chunk_010a.txt"),
        ("010b", "b", "chunk_010b.txt"),
        ("11", "eleven", "chunk_11.txt"),
    ]


def test_what_lies_beside_the_chunks_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, chunk_001="one", manuscript="all", chunk_="x", chunk_001_old="x", chunk_1ab="x", xchunk_002="x")
    (tmp_path / "chunk_003.md").write_text("x")
    (tmp_path / "chunk_004.txt").mkdir()
    backup = tmp_path / "backup"
    backup.mkdir()
    write(backup, chunk_002="two")
    (tmp_path / "metadata.json").write_bytes(b"\xff")
    assert [c.source for c in read_chunks(tmp_path)] == ["chunk_001.txt"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        (BOM + "é".encode(), "é"),
        ("\n  \n\t\n  Indented.\n\nEnd.  \n\n", "  Indented.\n\nEnd."),
        ("a \n\n\n b\u00a0\u2028c", "a \n\n\n b\u00a0\u2028c"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_text_keeps_everything_but_line_ends_and_blank_lines_around_it(
    tmp_path: Path, content: str | bytes, text: str
) -> None:
    assert read_chunks(write(tmp_path, chunk_1=content))[0].text == text


@given(st.text(st.characters(codec="utf-8")))
@settings(max_examples=60, deadline=None)
def test_every_word_of_the_file_is_in_the_chunk(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = write(tmp_path_factory.mktemp("raw"), chunk_1=text)
    chunk = read_chunks(folder)[0]
    assert chunk.text.split() == text.removeprefix("\ufeff").split()
    assert chunk.words == len(chunk.text.split())
    assert "\r" not in chunk.text


def test_missing_folder_names_it_and_what_belongs_there(tmp_path: Path) -> None:
    assert fault(tmp_path / "none") == (
        f"manuscript.folder: no folder {tmp_path}/none; put the chunks there as chunk_001.txt, ..."
    )


def test_folder_without_chunks_is_refused(tmp_path: Path) -> None:
    write(tmp_path, manuscript="all")
    assert fault(tmp_path) == f"manuscript.folder: no chunk_*.txt in {tmp_path}; name the chunks chunk_001.txt, ..."


@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [
        (b"caf\xe9", 1, "e9"),
        (b"one\ntwo\nthree \x93go\x94\n", 3, "93"),
        (b"one\r\ntwo \xff", 2, "ff"),
        (b"one\rtwo\r\xfe", 3, "fe"),
        (BOM + b"a\nb\xe9", 2, "e9"),
        (BOM + b"a\n\xe9b", 2, "e9"),
        ("You".encode("utf-16"), 1, "ff"),
        (b"cut \xe2\x80", 1, "e2"),
    ],
)
def test_chunk_that_is_not_utf8_names_file_line_and_byte(tmp_path: Path, content: bytes, line: int, byte: str) -> None:
    write(tmp_path, chunk_001="fine", chunk_002=content)
    assert fault(tmp_path) == (
        f"{tmp_path}/chunk_002.txt: line {line}: not UTF-8 (byte 0x{byte}); save the file as UTF-8"
    )


def test_same_number_twice_names_both_files(tmp_path: Path) -> None:
    write(tmp_path, chunk_001="a", chunk_2="b", chunk_02="c")
    message = fault(tmp_path)
    assert message.endswith(" have the same number; rename or remove one of them")
    assert "chunk_2.txt" in message and "chunk_02.txt" in message and "chunk_001" not in message


def test_files_are_never_written_to(tmp_path: Path) -> None:
    write(tmp_path, chunk_001=BOM + b"a\r\n")
    (tmp_path / "chunk_001.txt").chmod(0o400)
    before = (tmp_path / "chunk_001.txt").stat().st_mtime_ns
    read_chunks(tmp_path)
    assert [(p.name, p.stat().st_mtime_ns, p.read_bytes()) for p in tmp_path.iterdir()] == [
        ("chunk_001.txt", before, BOM + b"a\r\n")
    ]


def test_a_chunk_beside_its_own_parts_is_refused(tmp_path):
    for name in ("chunk_015.txt", "chunk_015a.txt", "chunk_015b.txt"):
        (tmp_path / name).write_text("Some words.", "utf-8")
    with pytest.raises(GaeaError, match=r"chunk_015\.txt lies beside a part of it, chunk_015a\.txt"):
        read_chunks(tmp_path)


def test_parts_that_the_author_made_share_their_number(tmp_path):
    for name in ("chunk_015a.txt", "chunk_015b.txt"):
        (tmp_path / name).write_text("Some words.", "utf-8")
    assert [(chunk.name, chunk.number) for chunk in read_chunks(tmp_path)] == [("015a", 15), ("015b", 15)]
