import os
from pathlib import Path

import pytest

from gaea_assets.config import load_voice
from gaea_assets.release.remedy import Change, Proposal
from gaea_assets.release.voice_file import next_name, voice_file, write_voice_file

PROPOSAL = Proposal(
    "book",
    "too low: transfer 41.0 (> 60)",
    (
        Change("training.epochs", 3, 5, "transfer too low: train longer"),
        Change("training.learning_rate", 2e-4, 3e-4, "transfer too low: take larger steps"),
        Change("dataset.prompt_share_max", 0.1, 0.08, "transfer too low: learn more of each scene"),
    ),
    ("book_wide",),
    ("repetition: 20 % of it stands in more than one sample",),
    ("transfer: Where there are few chunks, add more manuscript.",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "book.yaml").write_text("manuscript: {folder: book}\nbase: {model: some/base}\n")
    return tmp_path


def test_the_file_is_a_voice_that_changes_what_was_proposed(folder: Path) -> None:
    path = write_voice_file(PROPOSAL, folder)
    assert path == folder / "book_2.yaml"
    voice = load_voice("book_2", folder)
    assert (voice.training.epochs, voice.training.learning_rate, voice.training.rank) == (5, 3e-4, 16)
    assert voice.dataset.prompt_share_max == 0.08


def test_each_line_has_its_reason_and_the_head_what_it_is_for() -> None:
    lines = voice_file(PROPOSAL).splitlines()
    assert lines[0].startswith("# Proposed by `gaea remedy book` on 20")
    assert "# Tried before: book_wide." in lines
    assert "# Not mended by this: repetition: 20 % of it stands in more than one sample." in lines
    assert "# Beside the recipe: transfer: Where there are few chunks, add more manuscript." in lines
    assert "extends: book" in lines
    (epochs,) = (line for line in lines if "epochs:" in line)
    assert epochs == "  epochs: 5                  # was 3; transfer too low: train longer"
    assert all(len(line) <= 120 for line in lines)


def test_a_change_of_sampling_alone_need_not_be_trained() -> None:
    change = Change("evaluation.temperature", 0.8, 0.9, "loops: sample more freely")
    text = voice_file(Proposal("book", "loops", (change,), (), ()))
    assert "set it in book.yaml itself to spare another" in text


def test_the_next_free_number_is_taken(folder: Path) -> None:
    names = [write_voice_file(PROPOSAL, folder).stem for _ in range(3)]
    assert names == ["book_2", "book_3", "book_4"]
    assert next_name("book_3", folder) == "book_5"
    (folder / "diary_1984.yaml").write_text("extends: book\n")
    assert next_name("diary_1984", folder) == "diary_1984_2"


def test_a_number_taken_in_the_meantime_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, others = os.link, iter(["book_2"])

    def another_is_faster(source: Path, target: Path) -> None:
        if name := next(others, None):
            (folder / f"{name}.yaml").write_text("extends: book  # of another person")
        link(source, target)

    monkeypatch.setattr(os, "link", another_is_faster)
    assert write_voice_file(PROPOSAL, folder).name == "book_3.yaml"
    assert "of another person" in (folder / "book_2.yaml").read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["book.yaml", "book_2.yaml", "book_3.yaml"]
