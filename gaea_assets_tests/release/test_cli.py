import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from gaea_assets import cli, resources
from gaea_assets.resources import Workspace
from gaea_assets.serving.server_state import ServerState, remember
from gaea_assets_tests.projects import VOICE, workspace_class, write_voice
from gaea_assets_tests.release.voices import log, put_blind, put_trained, report


@pytest.fixture(autouse=True)
def project(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(resources, "Workspace", workspace_class(workspace))
    write_voice(workspace, release={"blind": "optional"})
    return workspace


def test_a_decision_is_printed_with_its_record(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    put_trained(project, project.voice(VOICE))
    assert cli.main(["release", VOICE]) == 0
    told = capsys.readouterr().out
    assert told.startswith("# pocket: released\n")
    assert "| transfer | style_report | passed | 72.0 (66.0 to 78.0), target > 60 |" in told
    assert "record: " in told
    assert "released: pocket (" in told


def test_the_list_names_what_is_released_and_every_decision(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["release", "--list"]) == 0
    assert capsys.readouterr().out == "released: nothing\n"
    for seed, transfer in enumerate((70.0, 75.0, 50.0)):
        put_trained(project, project.voice(VOICE), report({"transfer": transfer}), seed=seed)
        cli.main(["release", VOICE])
    capsys.readouterr()
    cli.main(["release", "--list"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("released: pocket (")
    assert "replaced" in lines[1]
    (Path(project.voices) / "tales.yaml").write_text(f"extends: {VOICE}\n")
    assert cli.main(["release", "tales", "--list"]) == 0
    assert capsys.readouterr().out == "released: nothing\n"
    assert ["not released" in line for line in lines[2:]] == [True, False, False]


def test_going_back_and_making_room(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["release", "--rollback"]) == 1
    assert "nothing is released in" in capsys.readouterr().err
    for seed in range(2):
        put_trained(project, project.voice(VOICE), seed=seed)
        cli.main(["release", VOICE])
    assert cli.main(["release", VOICE, "--rollback"]) == 0
    assert "released again: pocket (" in capsys.readouterr().out
    assert cli.main(["release", "--prune", "0"]) == 0
    assert capsys.readouterr().out.startswith("deleted: ")
    assert cli.main(["release", "--prune", "0"]) == 0
    assert capsys.readouterr().out == "nothing to delete\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--again"],
        ["--rollback", "--list"],
        ["pocket", "--again", "--rollback"],
        ["--rollback", "--withdraw"],
        ["--prune", "-1"],
    ],
)
def test_one_thing_at_a_time(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["release", *arguments])
    assert end.value.code == 2


@pytest.mark.parametrize(
    ("scores", "blind", "status"),
    [({}, "optional", 0), ({"transfer": 41.0}, "optional", 3), ({}, "required", 4)],
)
def test_the_exit_status_tells_the_outcome(
    project: Workspace, scores: dict[str, float | None], blind: str, status: int
) -> None:
    put_trained(project, write_voice(project, release={"blind": blind}), report(scores))
    assert cli.main(["release", VOICE]) == status


def test_a_model_taken_back_returns_only_on_a_persons_word(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(2):
        put_trained(project, project.voice(VOICE), seed=seed)
        cli.main(["release", VOICE])
    cli.main(["release", "--rollback"])
    assert cli.main(["release", VOICE]) == 3
    assert "`gaea release pocket --again`" in capsys.readouterr().out
    assert cli.main(["release", VOICE, "--again"]) == 0
    assert "released: pocket (" in capsys.readouterr().out


def test_a_server_that_runs_on_is_told_with_what_restarts_it(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Path(project.data)
    models = [put_trained(project, project.voice(VOICE), seed=seed) for seed in range(2)]
    started = psutil.Process().create_time()
    names = ("pocket-tuned",)
    server = ServerState("pocket-released", names, "/m", "127.0.0.1", 8002, os.getpid(), started, "/l", 64, models[0])
    remember(data, server)
    cli.main(["release", VOICE])
    told = (
        f"pocket-released still serves {models[0][:12]}, and {models[1][:12]} is released of pocket; restart it: gaea "
        f"stop pocket-released && gaea serve pocket --released\n"
    )
    assert capsys.readouterr().out.endswith(told)
    cli.main(["status"])
    assert capsys.readouterr().out.endswith(told)
    remember(data, replace(server, content=models[1]))
    cli.main(["release", VOICE])
    assert "restart it" not in capsys.readouterr().out


def test_the_only_model_ever_released_can_be_taken_back_and_returns_only_on_a_persons_word(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["release", "--withdraw"]) == 1
    assert "nothing is released in" in capsys.readouterr().err
    model = put_trained(project, project.voice(VOICE))[:12]
    cli.main(["release", VOICE])
    assert cli.main(["release", "--rollback"]) == 1
    assert capsys.readouterr().err.endswith("or none with `gaea release pocket --withdraw`\n")
    assert cli.main(["release", "--withdraw"]) == 0
    told = f"taken back: pocket ({model}); no model of the voice pocket is released now\n"
    assert capsys.readouterr().out == told
    cli.main(["release", "--list"])
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "released: nothing"
    assert second.startswith(f"before: pocket ({model}), withdrawn ")
    assert cli.main(["release", VOICE]) == 3
    assert cli.main(["release", VOICE, "--again"]) == 0
    assert f"released: pocket ({model})" in capsys.readouterr().out


def test_a_server_of_a_model_that_was_taken_back_is_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    model = put_trained(project, project.voice(VOICE))
    cli.main(["release", VOICE])
    names, started = ("pocket-tuned",), psutil.Process().create_time()
    server = ServerState("pocket-released", names, "/m", "127.0.0.1", 8002, os.getpid(), started, "/l", 64, model)
    remember(Path(project.data), server)
    capsys.readouterr()
    cli.main(["release", "--withdraw"])
    told = f"pocket-released still serves {model[:12]}, which was taken back; stop it: gaea stop pocket-released\n"
    assert capsys.readouterr().out.endswith(told)
    cli.main(["status"])
    assert capsys.readouterr().out.endswith(told)
    remember(Path(project.data), replace(server, content="f" * 64))  # never released: one that is tried
    cli.main(["status"])
    assert "taken back" not in capsys.readouterr().out


def test_a_reading_that_cannot_be_settled_leads_to_another_recipe(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    model = put_trained(project, project.voice(VOICE))
    put_blind(project, VOICE, model, "not_yet_shown", more_votes=None)
    assert cli.main(["release", VOICE]) == 3
    told = capsys.readouterr().out
    assert "no number of votes in reach" in told
    assert "next recipe: `training.epochs: 5`" in told
    assert cli.main(["remedy", VOICE, "--dry-run"]) == 0
    assert "readers do not prefer it" in capsys.readouterr().out
    put_blind(project, VOICE, model, "not_yet_shown", prompts_wanted=24, votes_wanted=200, readers_wanted=6)
    assert cli.main(["remedy", VOICE, "--dry-run"]) == 0
    assert "training.epochs" not in capsys.readouterr().out  # more prompts would show it
    put_blind(project, VOICE, model, "not_yet_shown", more_votes=30)
    assert cli.main(["release", VOICE]) == 4
    assert "blind.votes: 110" in capsys.readouterr().out


def test_a_voice_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["release", "nobody"]) == 1
    assert "nobody.yaml: no such voice" in capsys.readouterr().err


@pytest.mark.parametrize("what", [["--list"], ["--prune", "1"], ["--rollback"]])
def test_a_misspelt_voice_is_told_whatever_is_asked_of_it(
    project: Workspace, capsys: pytest.CaptureFixture[str], what: list[str]
) -> None:
    assert cli.main(["release", "nobody", *what]) == 1
    assert "nobody" in capsys.readouterr().err


def test_a_voice_whose_file_is_gone_is_still_listed(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    put_trained(project, project.voice(VOICE))
    cli.main(["release", VOICE])
    (Path(project.voices) / f"{VOICE}.yaml").unlink()
    capsys.readouterr()
    assert cli.main(["release", VOICE, "--list"]) == 0
    assert capsys.readouterr().out.startswith(f"released: {VOICE} (")


def test_the_next_recipe_is_written_or_only_shown(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    put_trained(project, project.voice(VOICE), report({"transfer": 41.0}))
    assert cli.main(["remedy", VOICE, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "  epochs: 5 " in shown
    assert "# would be written as" in shown
    assert not (project.voices / "pocket_2.yaml").exists()
    assert cli.main(["remedy", VOICE]) == 0
    told = capsys.readouterr().out
    written = Path(project.voices / "pocket_2.yaml").read_text()
    assert told.startswith(written)
    assert "next: make demo VOICE=pocket_2" in told
    assert project.voice("pocket_2").training.rank == 32


def test_the_recipe_after_the_next_is_another_one(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    put_trained(project, project.voice(VOICE), report({"transfer": 41.0}))
    for _ in range(2):
        cli.main(["remedy", VOICE])
    first, second = (project.voice(name).training for name in ("pocket_2", "pocket_3"))
    assert first != second
    assert "# Tried before: pocket_2." in capsys.readouterr().out
    put_trained(project, project.voice("pocket_2"), report({"transfer": 45.0}))
    cli.main(["remedy", "pocket_2"])
    third = project.voice("pocket_4").training
    assert (third.epochs, third.rank) == (8, 64)


def test_a_voice_that_passes_needs_no_remedy(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    put_trained(project, project.voice(VOICE))
    assert cli.main(["remedy", VOICE]) == 0
    assert "nothing is wrong that another recipe could mend" in capsys.readouterr().out


def test_an_adapter_that_learnt_nothing_has_a_remedy_before_there_is_a_report(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    put_trained(project, project.voice(VOICE), trained=log((3.19, 3.18, 3.17)))
    for asset in ("merged_model", "style_report"):
        place = project.place(asset, VOICE)
        place.rename(place.with_name("gone"))
    assert cli.main(["remedy", VOICE, "--dry-run"]) == 0
    assert "learning_rate: 0.0003" in capsys.readouterr().out


def test_what_was_not_trained_by_this_recipe_has_none(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["remedy", VOICE]) == 1
    assert "materialise qlora_adapter" in capsys.readouterr().err
    put_trained(project, project.voice(VOICE), report({"transfer": 41.0}))
    write_voice(project, training={"epochs": 7})
    assert cli.main(["remedy", VOICE]) == 1
    assert "changed: training" in capsys.readouterr().err


def test_out_of_memory_has_a_remedy_without_any_output(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["remedy", VOICE, "--out-of-memory", "--dry-run"]) == 0
    assert "max_tokens: 3072" in capsys.readouterr().out


def test_a_data_folder_that_is_none_is_one_line(
    project: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    elsewhere = Workspace(project=project.project, data=str(tmp_path / "file"))
    monkeypatch.setattr(resources, "Workspace", workspace_class(elsewhere))
    assert cli.main(["release", VOICE]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gaea: {tmp_path / 'file'}")
