"""`gaea chunks`: chunk files whole or not at all, a table of why, faults in one line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets import cli
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chapters import CHAPTERS
from gaea_assets.manuscript.cli_chunks import write_chunks
from gaea_assets.manuscript.reading import read_manuscript

HARBOUR = "The boats lay at the quay, and the nets dried on the wall above the tide and the weed."
TURN = "The next morning Miriam rode out."
HILLS = "Snow covered the path, and the monks carried wood from the forest to the chapel stove."
LONG = "\n\n".join([*[HARBOUR] * 70, TURN, *[HILLS] * 70])
BOOK = f"# Chapter One\n\nShe *waits*.\n\n* * *\n\nHe goes to Zoë\u2019s house.\n\n# Chapter Two\n\n{LONG}\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    place = tmp_path / "manuscript" / "book.txt"
    place.parent.mkdir()
    place.write_text(BOOK, encoding="utf-8")
    return place


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fault(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert cli.main(["chunks", *map(str, arguments)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


def test_chunks_are_written_and_read_back(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "chunks"
    assert cli.main(["chunks", str(book), "--out", str(out)]) == 0
    chunks = read_manuscript(out).chunks
    assert [path.name for path in sorted(out.parent.iterdir())] == ["chunks"]
    assert [chunk.chapter for chunk in chunks] == ["Chapter One", "Chapter One", "Chapter Two", "Chapter Two"]
    assert [chunk.text for chunk in chunks[:2]] == ["She *waits*.", "He goes to Zoë\u2019s house."]
    assert "\n\n".join(chunk.text for chunk in chunks[2:]) == LONG
    assert chunks[3].text.startswith("The next morning Miriam")
    assert (out / "chunk_001.txt").read_bytes() == b"She *waits*.\n"
    assert files(book.parent) == {"book.txt": BOOK.encode()}
    assert f"written to {out}" in capsys.readouterr().out


def test_the_table_says_why_each_chunk_begins(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["chunks", str(book), "--out", str(tmp_path / "chunks")])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][0] == "book.txt:"
    rows = {line[0]: " ".join(line[1:]) for line in lines if line[0].startswith("chunk_")}
    assert rows["chunk_001.txt"] == '2 Chapter One heading: Chapter One; "She *waits*."'
    assert rows["chunk_002.txt"] == '5 Chapter One scene break; "He goes to Zoë\u2019s house."'
    assert rows["chunk_003b.txt"].endswith('); "The next morning Miriam rode out. Snow covered..."')
    assert "Chapter Two narrative boundary, log-odds" in rows["chunk_003b.txt"]
    assert rows["chunk_003b.txt"].count("Miriam") == 1


def test_sizes_are_counted(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["chunks", str(book), "--out", str(tmp_path / "chunks")])
    words = len(LONG.split()) + 7
    assert (
        f"4 chunks, {words:,} words: 2 of 900 to 2,100 words, 2 below 800, 0 of 800 to 899, 0 of 2,101 to 2,500, "
        "0 above 2,500" in capsys.readouterr().out
    )


def test_repairs_of_reading_are_told(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book.write_text("She waits.   \n\nHe goes.\n", encoding="utf-8")
    assert cli.main(["chunks", str(book), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("repairs of reading:")
    assert lines[at + 1].startswith("  book.txt: line 1: ")


def test_a_dry_run_tells_the_next_best_cuts_and_writes_nothing(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(tmp_path)
    assert cli.main(["chunks", str(book), "--dry-run", "--out", str(tmp_path / "chunks")]) == 0
    told = capsys.readouterr().out
    assert files(tmp_path) == before and not (tmp_path / "chunks").exists()
    others = [line for line in told.splitlines() if line.strip().startswith("or log-odds")]
    assert len(others) == 3
    words = len(LONG.split())
    for line in others:
        before_it, behind_it = line.split(", ", 1)[1].split(" words:")[0].split(" + ")
        assert int(before_it.replace(",", "")) + int(behind_it.replace(",", "")) == words


def test_a_folder_is_numbered_through_in_order(tmp_path: Path) -> None:
    for name in ("chapter10.txt", "chapter2.md"):
        (tmp_path / name).write_text(f"This is {name.replace('.', ' ')}, where she waits.\n", encoding="utf-8")
    out = tmp_path.parent / f"{tmp_path.name}-out"
    assert cli.main(["chunks", str(tmp_path), "--out", str(out)]) == 0
    assert [chunk.text[:17] for chunk in read_manuscript(out).chunks] == ["This is chapter2 ", "This is chapter10"]


def test_sizes_can_be_set(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "chunks"
    assert cli.main(["chunks", str(book), "--out", str(out), "--min-words", "300", "--max-words", "700"]) == 0
    inside = [chunk.words for chunk in read_manuscript(out).chunks[2:]]
    assert len(inside) > 3 and min(inside) >= 300 and max(inside) <= 700


def test_an_empty_folder_is_taken_and_a_full_one_refused(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "chunks"
    out.mkdir()
    assert cli.main(["chunks", str(book), "--out", str(out)]) == 0
    before = files(out)
    capsys.readouterr()
    assert fault(capsys, book, "--out", out) == (
        f"gaea: --out {out}: is not empty; name a new folder, or empty this one"
    )
    assert files(out) == before


def test_the_manuscripts_own_folder_is_refused(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for out in (book.parent, book.parent / "chunks", book.parent / ".." / book.parent.name):
        assert "lies in the manuscript's own folder" in fault(capsys, book.parent, "--out", out)
    assert "is not empty" in fault(capsys, book, "--out", book.parent)
    assert "is a file" in fault(capsys, book, "--out", book)
    assert files(book.parent) == {"book.txt": BOOK.encode()}


def test_faults_name_what_to_do(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "chunks"
    assert "no --out DIR" in fault(capsys, book)
    assert "at least 3000 and at most 2500 words" in fault(capsys, book, "--out", out, "--min-words", "3000")
    assert "missing.txt" in fault(capsys, tmp_path / "missing.txt", "--out", out)
    (tmp_path / "empty").mkdir()
    assert "holds no .txt, .md, .docx document" in fault(capsys, tmp_path / "empty", "--out", out)
    book.write_text("# Chapter One\n", encoding="utf-8")
    assert "holds headings and scene breaks alone" in fault(capsys, book, "--out", out)
    assert not out.exists()


def test_a_conversation_that_had_to_be_cut_is_told(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book.write_text("\n\n".join(["# Chapter One", *[f'"{HARBOUR}"'] * 250]), encoding="utf-8")
    assert cli.main(["chunks", str(book), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = lines[lines.index("WARNING: for want of a better place") + 1]
    assert told.startswith('  book.txt: under Chapter One: the chunk that begins ""The boats')
    assert "begins between two speeches" in told


def test_a_paragraph_that_cannot_be_cut_names_document_and_words(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book.write_text("\n\n\n".join(["# Chapter One", " ".join([HARBOUR] * 170)]), encoding="utf-8")
    line = fault(capsys, book, "--out", tmp_path / "chunks")
    assert line.startswith('gaea: book.txt: under Chapter One: the paragraph that begins "The boats lay')
    assert "put a blank line" in line and "line 3" not in line
    assert not (tmp_path / "chunks").exists()


PROSE = st.text(st.sampled_from("abc XYZ.,'\"*_#\n\u2014\u201c\u201d\u03b1")).map(str.strip).filter(bool)
CHAPTER = st.one_of(st.just(""), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))


@given(st.lists(st.tuples(PROSE, CHAPTER), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back_with_the_same_texts_and_chapters(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[tuple[str, str]]
) -> None:
    out = tmp_path_factory.mktemp("out") / "chunks"
    names = [f"chunk_{number:03d}.txt" for number in range(1, len(chunks) + 1)]
    texts = dict(zip(names, (text for text, _ in chunks), strict=True))
    write_chunks(out, texts, {name: chapter for name, (_, chapter) in zip(names, chunks, strict=True) if chapter})
    found = read_manuscript(out)
    assert [(chunk.text, chunk.chapter) for chunk in found.chunks] == chunks
    assert found.passed_over == [] and (out / CHAPTERS).exists() == any(chapter for _, chapter in chunks)


def test_ready_made_chunks_are_not_segmented_again(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (book.parent / "chunk_001.txt").write_text("She waits.\n", encoding="utf-8")
    assert "holds chunks already (chunk_001.txt, ...)" in fault(capsys, book.parent, "--out", tmp_path / "chunks")


def test_nothing_is_left_of_chunks_that_cannot_be_written_whole(tmp_path: Path) -> None:
    out = tmp_path / "chunks"
    with pytest.raises(GaeaError, match=r"--out .*: No such file or directory; name a folder that can be written"):
        write_chunks(out, {"chunk_001.txt": "She waits.", "no/such/folder.txt": "He goes."}, {})
    assert list(tmp_path.iterdir()) == []
    out.mkdir()
    (out / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(GaeaError, match="not empty"):
        write_chunks(out, {"chunk_001.txt": "She waits."}, {})
    assert files(tmp_path) == {"chunks/mine.txt": b"kept"}
