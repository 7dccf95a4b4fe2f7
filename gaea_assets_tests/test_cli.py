import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gaea_assets import cli, demo
from gaea_assets.resources import PROJECT


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_fault_is_one_line_on_stderr_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["demo", "nobody"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("gaea: ")
    assert "nobody.yaml: no such voice; the voices here are: pocket" in line


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(demo, "run_voice", broken)
    with pytest.raises(ZeroDivisionError):
        cli.main(["demo"])


@pytest.mark.parametrize(
    ("number", "filename", "told"),
    [
        (errno.ENOSPC, None, "No space left on device"),
        (errno.EACCES, "/data/release", "/data/release: Permission denied"),
        (errno.ENOTDIR, "/data", "/data: Not a directory"),
    ],
)
def test_a_folder_that_cannot_be_written_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, filename: str | None, told: str
) -> None:
    def full(_: str) -> bool:
        raise OSError(number, os.strerror(number), filename)

    monkeypatch.setattr(demo, "run_voice", full)
    assert cli.main(["demo"]) == 1
    assert capsys.readouterr().err == f"gaea: {told}; see to the folder's rights and to room on the disk\n"


def test_another_fault_of_the_systems_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: str) -> bool:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "report.json")

    monkeypatch.setattr(demo, "run_voice", gone)
    with pytest.raises(FileNotFoundError):
        cli.main(["demo"])


def test_ctrl_c_is_one_line_and_status_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(_: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "run_voice", stopped)
    assert cli.main(["demo"]) == 130
    assert capsys.readouterr().err == "gaea: stopped by Ctrl-C\n"


def test_demo_runs_the_voice_named_or_pocket(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(demo, "run_voice", ran.append)
    assert cli.main(["demo"]) == cli.main(["demo", "my_book"]) == 0
    assert ran == ["pocket", "my_book"]


def test_home_makes_the_instance_ready_and_prints_its_absolute_folder(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["home"]) == 0
    assert capsys.readouterr().out.strip() == str(home)
    assert (home / "dagster.yaml").read_text("utf-8") == (PROJECT / "configs" / "dagster.yaml").read_text("utf-8")


def test_an_instance_that_a_person_has_set_up_is_left_as_it_is(home: Path) -> None:
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    cli.main(["home"])
    assert (home / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


def test_a_relative_dagster_home_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", "here")
    cli.main(["home"])
    assert os.environ["DAGSTER_HOME"] == str(tmp_path / "here")


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["fly"])
    assert end.value.code == 2
    assert "invalid choice: 'fly'" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    novel = tmp_path / "novel.txt"
    novel.write_text("\n\n".join(f"# {n}\n\nYou wait for boat {n}." for n in range(9000)), "utf-8")
    command = f"{sys.executable} -m gaea_assets.cli chunks {novel} --dry-run | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("novel.txt: ")


def test_words_that_the_terminal_cannot_show_are_no_fault(tmp_path: Path) -> None:
    book = tmp_path / "Chapter 1 \u2014 Zo\u00eb.txt"
    book.write_text("Zo\u00eb waits.\n", encoding="utf-8")
    command = [sys.executable, "-m", "gaea_assets.cli", "chunks", str(book), "--dry-run"]
    there = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, env=there, check=True)
    assert "Zo\\xeb waits." in done.stdout and not done.stderr
