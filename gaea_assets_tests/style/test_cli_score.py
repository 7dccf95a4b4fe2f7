"""`gaea score`."""

import argparse
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document

from gaea_assets.cli import main
from gaea_assets.errors import GaeaError
from gaea_assets.style import cli_score
from gaea_assets_tests.style.writers import second_person, third_person


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An author's folder, and texts beside it."""
    root = tmp_path_factory.mktemp("score")
    author = root / "author"
    (author / "backup").mkdir(parents=True)
    for number in range(1, 5):
        (author / f"chunk_{number:03d}.txt").write_text(second_person(1500, number), encoding="utf-8")
    for name in ("README.md", "the_whole.txt", "backup/chunk_001.txt"):
        (author / name).write_text(third_person(3000, 7), encoding="utf-8")
    (root / "own.txt").write_text(second_person(1200, 50), encoding="utf-8")
    (root / "other.txt").write_text(third_person(1200, 50), encoding="utf-8")
    (root / "base.txt").write_text(third_person(4000, 90), encoding="utf-8")
    return root


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    parser = argparse.ArgumentParser()
    cli_score.add_parser(parser.add_subparsers())
    args = parser.parse_args(["score", *map(str, arguments)])
    assert args.run(args) == 0
    return capsys.readouterr().out


def test_json_has_the_promised_shape(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(folder / name) for name in ("own.txt", "other.txt")]
    result = json.loads(run(capsys, *files, "--author", folder / "author", "--base", folder / "base.txt", "--json"))
    assert set(result["author"]) == {"words", "files", "person", "person_from"}
    own, other = result["candidates"]
    assert set(own) == {
        "file", "words", "similarity", "interval", "channels", "undefined", "verdict", "gates", "warnings", "transfer",
    }  # fmt: skip
    assert [own["file"], other["file"]] == files and own["similarity"] > other["similarity"]
    assert set(own["channels"]) == {"words", "characters", "punctuation"}
    assert {gate["name"] for gate in own["gates"]} == {"memorisation", "repetition"}
    assert set(own["transfer"]) == {"transfer", "vocabulary", "structure", "markers", "pov"}
    for measure in own["transfer"].values():
        assert set(measure) == {"score", "interval", "target", "passed", "undefined", "gated", "parts"}


def test_the_author_is_what_the_pipeline_reads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, folder / "own.txt", "--author", folder / "author")
    assert "in 4 files, second person (from the text)" in out.splitlines()[0] and "transfer" not in out
    names = [path.name for path in cli_score.author_files(folder / "author")]
    assert names == [f"chunk_{number:03d}.txt" for number in range(1, 5)]


def test_documents_are_read_where_there_are_no_chunks(tmp_path: Path) -> None:
    (tmp_path / "metadata.txt").write_text("Title: none")
    (tmp_path / "one.txt").write_bytes("\ufeffThe café was cold.".encode("utf-16-le"))
    document = Document()
    document.add_paragraph("The river was old.")
    document.save(str(tmp_path / "two.docx"))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "three.txt").write_text("Not read.")
    files = cli_score.author_files(tmp_path)
    assert [cli_score.read_file(file) for file in files] == ["The café was cold.", "The river was old."]
    assert cli_score.author_files(tmp_path / "two.docx") == [tmp_path / "two.docx"]
    (tmp_path / "four.text").write_bytes("“No,” said the café owner.".encode("cp1252"))
    assert cli_score.read_file(tmp_path / "four.text") == "“No,” said the café owner."


def test_the_person_can_be_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, folder / "own.txt", "--author", folder / "author", "--person", "first")
    assert "first person (as given)" in out


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone.txt": (lambda path: None, "no such file"),
    "empty.txt": (lambda path: path.touch(), "no text"),
    "blank.text": (lambda path: path.write_text(" \n \n"), "no words"),
    "digits.txt": (lambda path: path.write_text("12, 13"), "no words"),
    "binary.txt": (_binary, "not a text file"),
    "binary": (_binary, "not a text file"),
    "damaged.docx": (_binary, "damaged"),
    "folder.txt": (lambda path: path.mkdir(), "a folder"),
    "pipe.txt": (os.mkfifo, "a pipe or a device"),
    "link.txt": (lambda path: path.symlink_to("nowhere"), "a link to nothing"),
    "circle.txt": (lambda path: path.symlink_to(path), "a link to nothing"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_candidate_is_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    make, told = UNUSABLE[name]
    make(tmp_path / name)
    assert main(["score", str(folder / "own.txt"), str(tmp_path / name), "--author", str(folder / "author")]) == 1
    error = capsys.readouterr().err
    assert str(tmp_path / name) in error and told in error and error.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "make", "told"),
    [
        ("nowhere", lambda path: None, "no such file or folder"),
        ("nothing", lambda path: path.mkdir(), "no manuscript in"),
        ("short.txt", lambda path: path.write_text("The lamp was cold. " * 12), "48 words in 1 file are too few"),
        ("binary.txt", _binary, "not a text file"),
        ("empty.txt", lambda path: path.touch(), "no text"),
    ],
)
def test_an_unusable_author_is_one_line(
    folder: Path, tmp_path: Path, name: str, make: Callable[[Path], object], told: str,
        capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    make(tmp_path / name)
    assert main(["score", str(folder / "own.txt"), "--author", str(tmp_path / name)]) == 1
    output = capsys.readouterr()
    assert told in output.err and output.err.count("\n") == 1 and not output.out


@pytest.mark.parametrize("seed", ["-1", "1.5", "x"])
def test_a_seed_is_a_whole_number(folder: Path, capsys: pytest.CaptureFixture[str], seed: str) -> None:
    with pytest.raises(SystemExit) as left:
        run(capsys, folder / "own.txt", "--author", folder / "author", "--seed", seed)
    assert left.value.code == 2 and "--seed" in capsys.readouterr().err


def test_a_file_named_twice_is_scored_once_and_listed_twice(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    score = cli_score.score_texts

    def counting(candidates: dict[str, str], *others: object, **options: object) -> dict[str, object]:
        seen.append(list(candidates))
        return score(candidates, *others, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(cli_score, "score_texts", counting)
    own, again = folder / "own.txt", folder / "author" / ".." / "own.txt"
    result = json.loads(run(capsys, own, folder / "other.txt", own, again, "--author", folder / "author", "--json"))
    rows = result["candidates"]
    assert [row["file"] for row in rows] == [str(own), str(folder / "other.txt"), str(own), str(again)]
    assert rows[0] == rows[2] and rows[0]["similarity"] == rows[3]["similarity"]
    assert seen == [[str(own), str(folder / "other.txt")]]


def test_a_file_of_the_author_is_told(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    author = tmp_path / "author"
    shutil.copytree(folder / "author", author)
    (tmp_path / "link.txt").symlink_to(author / "chunk_002.txt")
    names = (author / "chunk_001.txt", tmp_path / "link.txt", author / "the_whole.txt", folder / "own.txt")
    result = json.loads(run(capsys, *names, "--author", author, "--json"))
    told = ["".join(row["warnings"]) for row in result["candidates"]]
    assert "one of the author's files" in told[0] and "one of the author's files" in told[1]
    assert "lies in the author's folder" in told[2] and "author's folder" not in told[3]
    assert [row["verdict"] for row in result["candidates"][:2]] == [None, None]


def test_what_is_printed_says_why_there_is_no_verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, folder / "author" / "chunk_001.txt", "--author", folder / "author")
    assert "verdict withheld: memorisation" in out and "gate memorisation:" in out


def test_an_unreadable_file_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    parser = argparse.ArgumentParser()
    cli_score.add_parser(parser.add_subparsers())
    args = parser.parse_args(["score", str(folder / "own.txt"), "--author", str(folder / "author")])
    with pytest.raises(GaeaError, match=r"own\.txt.*Permission denied"):
        args.run(args)
