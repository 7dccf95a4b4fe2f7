"""`gaea score`."""

import argparse
import json
from pathlib import Path

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.style import cli_score
from gaea_assets.style.score_files import score_texts
from gaea_assets_tests.style.writers import second_person, third_person


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "author").mkdir()
    for number in range(4):
        (tmp_path / "author" / f"{number}.txt").write_text(second_person(1500, number), encoding="utf-8")
    (tmp_path / "own.txt").write_text(second_person(2200, 50), encoding="utf-8")
    (tmp_path / "other.txt").write_text(third_person(2200, 50), encoding="utf-8")
    (tmp_path / "base.txt").write_text(third_person(4000, 90), encoding="utf-8")
    (tmp_path / "short.txt").write_text(second_person(300, 70), encoding="utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    cli_score.add_parser(parser.add_subparsers())
    args = parser.parse_args(["score", *arguments])
    status = args.run(args)
    return status, capsys.readouterr().out


def test_json_has_the_promised_shape(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(folder / name) for name in ("own.txt", "other.txt", "short.txt")]
    status, out = run(capsys, *files, "--author", str(folder / "author"), "--base", str(folder / "base.txt"), "--json")
    result = json.loads(out)
    assert status == 0 and result["author"]["files"] == 4
    own, other, short = result["candidates"]
    assert own["file"] == files[0] and own["similarity"] > other["similarity"]
    assert set(own["channels"]) == {"words", "characters", "punctuation"}
    assert own["interval"][0] <= own["similarity"] <= own["interval"][1]
    assert {gate["name"] for gate in own["gates"]} == {"memorisation", "repetition"}
    assert set(own["transfer"]) == {"transfer", "vocabulary", "structure", "markers", "pov"}
    assert short["verdict"] is None and any("too few" in w for w in short["warnings"])
    assert short["similarity"] is not None


def test_without_a_base_there_is_similarity_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = run(capsys, str(folder / "own.txt"), "--author", str(folder / "author" / "0.txt"))
    assert status == 0 and "similarity" in out and "transfer" not in out


@pytest.mark.parametrize(("author", "told"), [("nowhere", "no such"), ("empty", "no .txt")])
def test_what_cannot_be_read_is_named(folder: Path, capsys: pytest.CaptureFixture[str], author: str, told: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(GaeaError, match=rf"{author}.*{told}"):
        run(capsys, str(folder / "own.txt"), "--author", str(folder / author))


def test_a_copy_of_the_author_gets_no_verdict() -> None:
    text = second_person(1500, 1)
    result = score_texts({"copy": text}, [text, second_person(1500, 2)])
    assert result["candidates"][0]["verdict"] is None
    assert not result["candidates"][0]["gates"][0]["passed"]


def test_empty_texts_are_told(folder: Path) -> None:
    result = score_texts({"nothing": "  "}, [second_person(500, 1)], [third_person(500, 1)])
    assert result["candidates"][0]["similarity"] is None and result["candidates"][0]["warnings"]
    assert score_texts({"a": second_person(500, 1)}, [])["candidates"][0]["similarity"] is None
