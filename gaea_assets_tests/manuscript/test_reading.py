"""Chunk files in, chunks out; the author's folder is never written to."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.reading import (
    all_chunks_read,
    files_of,
    manuscript_files,
    read_manuscript,
    read_manuscripts,
)
from gaea_assets.manuscript.segmenting import SegmentLimits

BOM = b"\xef\xbb\xbf"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        (folder / f"{name}.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read_chunks(folder: Path) -> list[Chunk]:
    return read_manuscript(folder).chunks


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
        ("You wait.".encode("utf-16"), "You wait."),
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


# Neither control characters (a binary file) nor two accented letters in a row (mojibake, which is mended).
WRITTEN = st.text(st.sampled_from("abcXYZ .,;:!?'\"-*_#\n\r\t\u2014\u201c\u201d\u2026\u03b1\u0436\u4f60"))


@given(WRITTEN)
@settings(max_examples=60, deadline=None)
def test_every_word_of_the_file_is_in_the_chunk(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = write(tmp_path_factory.mktemp("raw"), chunk_1=text)
    chunk = read_chunks(folder)[0]
    assert chunk.text.split() == text.removeprefix("\ufeff").split()
    assert chunk.words == len(chunk.text.split())
    assert "\r" not in chunk.text


def test_missing_folder_names_it_and_what_belongs_there(tmp_path: Path) -> None:
    assert fault(tmp_path / "none") == (
        f"manuscript.folder: no folder {tmp_path}/none; put the manuscript there: .txt, .md, .docx, or chunks as "
        f"chunk_001.txt, ..."
    )


def test_folder_with_nothing_to_read_tells_what_is_there(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pages", "c.rtf", "d.jpg"):
        (tmp_path / name).write_bytes(b"x")
    assert f"no manuscript in {tmp_path} (there: a.pdf, b.pages, c.rtf and 1 more)" in fault(tmp_path)


def test_another_encoding_is_read_and_told(tmp_path: Path) -> None:
    text = "\u201cNot yet,\u201d she says, and the caf\u00e9 is dark. You don\u2019t ask."
    write(tmp_path, chunk_001="fine", chunk_002=text.encode("windows-1252"))
    manuscript = read_manuscript(tmp_path)
    assert manuscript.chunks[1].text == text
    assert [(repair.source, repair.line) for repair in manuscript.repairs] == [("chunk_002.txt", 0)]
    assert "decoded as" in manuscript.repairs[0].what


def test_a_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, chunk_001="fine", chunk_002=bytes(range(32)) * 20)
    assert "chunk_002.txt" in fault(tmp_path) and "not a text file" in fault(tmp_path)


def sentences(count: int, word: str) -> str:
    return " ".join(f"You count {word} {number} and write it down." for number in range(count))


def test_documents_are_cut_at_their_breaks_and_numbered_through(tmp_path: Path) -> None:
    write(tmp_path, part2="CHAPTER TWO\n\n" + sentences(30, "lamp"))
    (tmp_path / "part1.md").write_text(f"# One\n\n{sentences(30, 'boat')}\n\n***\n\n{sentences(30, 'gull')}\n")
    (tmp_path / "notes.pdf").write_bytes(b"x")
    chunks = read_manuscript(tmp_path, SegmentLimits.between(100, 2500)).chunks
    assert [(chunk.name, chunk.chapter, chunk.text.split()[2]) for chunk in chunks] == [
        ("001", "One", "boat"),
        ("002", "One", "gull"),
        ("003", "CHAPTER TWO", "lamp"),
    ]
    assert chunks[2].source == "part2.txt (chunk 003)"


def test_chunks_come_before_documents_that_lie_beside_them(tmp_path: Path) -> None:
    write(tmp_path, chunk_001="one", novel="all of it")
    assert [path.name for path in manuscript_files(tmp_path)] == ["chunk_001.txt"]


def test_a_conversation_that_had_to_be_cut_is_told_with_its_document(tmp_path: Path) -> None:
    write(tmp_path, talk="\n\n".join(f'"{sentences(10, "lamp")}"' for _ in range(60)))
    manuscript = read_manuscript(tmp_path)
    assert len(manuscript.chunks) > 1 and max(chunk.words for chunk in manuscript.chunks) <= 2500
    told = [repair for repair in manuscript.repairs if "begins between two speeches" in repair.what]
    assert len(told) == len(manuscript.chunks) - 1 and {repair.source for repair in told} == {"talk.txt"}


def test_a_paragraph_that_cannot_be_cut_names_its_document_and_no_line(tmp_path: Path) -> None:
    write(tmp_path, talk=f"# One\n\n{sentences(400, 'lamp')}")
    assert fault(tmp_path).startswith(f'{tmp_path}/talk.txt: under One: the paragraph that begins "You count lamp 0')
    assert "line 3" not in fault(tmp_path)


@pytest.mark.parametrize(
    ("name", "chunk"),
    [("Chunk_017.txt", "017"), ("chunk_018.TXT", "018"), ("chunk_015A.txt", "015a"), ("CHUNK_2B.Txt", "2b")],
)
def test_capitals_in_a_chunk_files_name_are_taken(tmp_path: Path, name: str, chunk: str) -> None:
    (tmp_path / name).write_text("Some words.", "utf-8")
    write(tmp_path, chunk_001="one")
    found = read_manuscript(tmp_path)
    assert [(c.name, c.source) for c in found.chunks if c.name != "001"] == [(chunk, name)]
    assert found.passed_over == [] and all_chunks_read({"book": tmp_path}).passed


def test_names_that_differ_in_capitals_alone_are_refused(tmp_path: Path) -> None:
    write(tmp_path, chunk_015a="one", chunk_015A="two")
    assert "have the same number" in fault(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["chunk_019_final.txt", "chunk_021.md", "chunk_030-031.txt", "chunk_016 (1).txt", "chunk-3.txt", "Chunk 4.docx"],
)
def test_a_file_named_nearly_like_a_chunk_is_warned_of(tmp_path: Path, name: str) -> None:
    write(tmp_path, chunk_001="one", notes="x")
    for other in (name, "chunk_022.txt.bak", "metadata.json", "chunk_2.json"):
        (tmp_path / other).write_text("x", "utf-8")
    verdict = all_chunks_read({"book": tmp_path, "missing": tmp_path / "none"})
    (told,) = verdict.faults
    assert told.startswith(f"book/{name}: left out") and verdict.figures == {"left_out": 1}
    (tmp_path / "chunk_001.txt").unlink()
    assert all_chunks_read({"book": tmp_path}).passed  # documents: every one is read


def test_chapters_count_as_read_beside_chunks_and_not_beside_documents(tmp_path: Path) -> None:
    (tmp_path / "chapters.json").write_text("{}", "utf-8")
    write(tmp_path, novel="Some words.")
    assert [path.name for path in files_of({"book": tmp_path})["book"]] == ["novel.txt"]
    assert read_manuscript(tmp_path).passed_over == ["chapters.json"]
    write(tmp_path, chunk_001="one")
    assert [path.name for path in files_of({"book": tmp_path})["book"]] == ["chunk_001.txt", "chapters.json"]
    assert [path.name for path in manuscript_files(tmp_path)] == ["chunk_001.txt"]


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
    assert [(chunk.name, chunk.whole) for chunk in read_chunks(tmp_path)] == [("015a", "015"), ("015b", "015")]


def test_further_manuscripts_follow_the_main_one_under_their_names(tmp_path: Path) -> None:
    for folder, names in {
        "book": ("chunk_1.txt",),
        "tales": ("chunk_1.txt", "chunk_2b.txt"),
        "notes": ("a.md",),
    }.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(f"Some words of {folder}.", "utf-8")
    found = read_manuscripts({name: tmp_path / name for name in ("book", "tales", "notes")}).chunks
    assert [(chunk.name, chunk.whole, chunk.manuscript) for chunk in found] == [
        ("1", "001", "book"),
        ("tales/1", "tales/001", "tales"),
        ("tales/2b", "tales/002", "tales"),
        ("notes/001", "notes/001", "notes"),
    ]
    assert [chunk.source for chunk in found[1::2]] == ["tales/chunk_1.txt", "notes/a.md (chunk 001)"]


def test_a_further_manuscript_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "chunk_1.txt").write_text("Some words.", "utf-8")
    with pytest.raises(GaeaError, match=r"^manuscript\.others: no folder .*/tales; put the manuscript there"):
        read_manuscripts({"book": tmp_path, "tales": tmp_path / "tales"})


def test_what_is_passed_over_is_named(tmp_path: Path) -> None:
    for name in ("novel.md", "chapter2.doc", "readme.txt", ".hidden"):
        (tmp_path / name).write_text("Some words.", "utf-8")
    (tmp_path / "part2").mkdir()
    assert read_manuscript(tmp_path).passed_over == ["chapter2.doc", "part2", "readme.txt"]


def test_a_name_that_is_not_utf8_is_told_in_one_line(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/chapter\xff.txt"
    with open(path, "w") as file:  # noqa: PTH123 - no Path holds such a name
        file.write("Some words.")
    with pytest.raises(GaeaError, match=r"chapter.*is not UTF-8; rename the file"):
        read_manuscript(tmp_path)


def test_a_document_without_prose_is_told(tmp_path: Path) -> None:
    (tmp_path / "novel.md").write_text("# One\n\n***\n\n# Two\n", encoding="utf-8")
    with pytest.raises(GaeaError, match="holds headings and scene breaks alone; put the manuscript's text there"):
        read_manuscript(tmp_path)
