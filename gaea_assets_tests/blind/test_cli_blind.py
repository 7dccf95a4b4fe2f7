"""`gaea blind`: what it plans and refuses before a page is served."""

import json
import socket
from pathlib import Path

import pytest

from gaea_assets.blind import cli_blind
from gaea_assets.blind.cli_blind import prepare
from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.plan import Plan
from gaea_assets.blind.votes import save
from gaea_assets.cli import main
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import content, made_from
from gaea_assets.resources import Workspace
from gaea_assets_tests.blind.readings import put_reading, votes_of
from gaea_assets_tests.projects import VOICE, put, write_voice

EVALUATION = {"passage_words": 300, "prompt_words": 40, "samples_per_prompt": 5}


@pytest.fixture
def made(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> VoiceConfig:
    """The command works on the test's project, whose assets have been made."""
    voice = write_voice(workspace, evaluation=EVALUATION)
    put_reading(workspace, voice)
    monkeypatch.setattr("gaea_assets.resources.Workspace", lambda: workspace)
    return voice


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Plan, ReadingFiles, int, int, str | None, str]]:
    """What the command would serve."""
    found: list[tuple[Plan, ReadingFiles, int, int, str | None, str]] = []
    monkeypatch.setattr(cli_blind, "serve", lambda *given: found.append(given))
    return found


def test_a_reading_is_planned_once_and_found_again(
    workspace: Workspace, made: VoiceConfig, served: list[tuple[Plan, ReadingFiles, int, int, str | None, str]]
) -> None:
    assert main(["blind", VOICE]) == 0
    assert main(["blind", VOICE, "--reader", "Ana", "--port", "8451"]) == 0
    (plan, files, votes, port, reader, told), (again, *_, other_port, name, _) = served
    assert plan.id == again.id
    assert (votes, port, reader, other_port, name) == (60, 8010, None, 8451, "ana")
    assert plan.model == content("merged_model", workspace, VOICE)
    assert files.key == Path(workspace.data) / "blind" / VOICE / f"{plan.model[:12]}-0.key.json"
    # 40 paragraphs of 32 words are 4 passages of 300 words; 2 examples, 5 samples
    # of which the report shows the first.
    assert told == (
        "pocket: 32 pairs on 8 prompts, 5 attention checks; at least 2 readers are needed for the 60 votes\n"
        "60 votes are missing; the key stays closed until then"
    )
    assert plan.made_from["style_report"] == content("style_report", workspace, VOICE)


def test_it_says_how_many_votes_are_missing_and_which_lines_are_none(
    made: VoiceConfig,
    workspace: Workspace,
    served: list[tuple[Plan, ReadingFiles, int, int, str | None, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    files, plan = prepare(workspace, made)
    for vote in votes_of(plan, "ana"):
        save(vote, files.votes, plan)
    with files.votes.open("a") as file:
        file.write('{"plan": "')
    assert main(["blind", VOICE]) == 0
    assert f"warning: {files.votes}: line 42 is no vote" in capsys.readouterr().out
    assert "28 votes are missing" in served[0][-1]
    for vote in votes_of(plan, "cleo"):
        save(vote, files.votes, plan)
    main(["blind", VOICE])
    assert "all votes are in: materialise blind_evaluation" in served[1][-1]


def test_a_report_of_another_model_is_refused(workspace: Workspace, made: VoiceConfig) -> None:
    put(workspace, "merged_model", {"made.txt": "trained again"}, made_from("merged_model", workspace, made))
    with pytest.raises(
        GaeaError, match=r"style_report/pocket was made from another merged_model .*; materialise style_report"
    ):
        prepare(workspace, made)


def test_texts_of_other_settings_or_another_dataset_are_refused(workspace: Workspace, made: VoiceConfig) -> None:
    other = write_voice(workspace, evaluation={**EVALUATION, "prompt_words": 50})
    with pytest.raises(GaeaError, match=r"changed: evaluation\); put it back, or materialise baseline_metrics"):
        prepare(workspace, other)
    put(workspace, "prefix_completion_dataset", {"train.jsonl": ""}, {})
    with pytest.raises(GaeaError, match=r"made from another prefix_completion_dataset .*; materialise baseline_m"):
        prepare(workspace, made)


@pytest.mark.parametrize("arm", ["base", "tuned"])
def test_texts_of_unknown_weights_are_not_read_blind(workspace: Workspace, made: VoiceConfig, arm: str) -> None:
    place = workspace.place("style_report", VOICE)
    texts = (place / "continuations.jsonl").read_text()
    writers = {"base": {"verified": True}, "tuned": {"verified": True}} | {arm: {"by": "gpu:1", "verified": False}}
    files = {"continuations.jsonl": texts, "report.json": {"generated_by": writers}}
    put(workspace, "style_report", files, made_from("style_report", workspace, made))
    with pytest.raises(GaeaError, match=rf"nobody knows which weights wrote the {arm} model's texts \(by: gpu:1\)"):
        prepare(workspace, made)


def test_votes_that_could_release_nothing_are_warned_of(
    workspace: Workspace,
    made: VoiceConfig,
    served: list[tuple[Plan, ReadingFiles, int, int, str | None, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepare(workspace, made)
    write_voice(workspace, evaluation=EVALUATION, gates={"transfer": 70})
    assert main(["blind", VOICE]) == 0
    assert len(served) == 1
    told = capsys.readouterr().out
    assert "warning: whatever is voted, this model will not be released as it is: " in told
    assert "judged by other targets than the voice's file has now" in told


def test_a_folder_that_cannot_be_written_is_told(
    workspace: Workspace, made: VoiceConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(workspace.data) / "blind").write_text("in the way")
    assert main(["blind", VOICE]) == 1
    assert "cannot be " in capsys.readouterr().err


def test_a_reading_that_is_planned_outlives_a_new_report_of_the_same_model(
    workspace: Workspace, made: VoiceConfig
) -> None:
    _, before = prepare(workspace, made)
    put(workspace, "style_report", {"continuations.jsonl": ""}, made_from("style_report", workspace, made))
    _, after = prepare(workspace, made)
    assert after == before


def test_settings_changed_after_the_planning_are_refused(workspace: Workspace, made: VoiceConfig) -> None:
    prepare(workspace, made)
    voice = write_voice(workspace, evaluation=EVALUATION, blind={"target": 55})
    with pytest.raises(GaeaError, match=r"blind.target: 55 given, but the reading was fixed with 60"):
        prepare(workspace, voice)
    fresh = write_voice(workspace, evaluation=EVALUATION, blind={"target": 55, "seed": 1})
    assert prepare(workspace, fresh)[1].settings["target"] == 55


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nobody"], "no such voice"),
        ([VOICE, "--reader", "a/b"], "'a/b' is no reader's name"),
        ([VOICE, "--reader", ""], "'' is no reader's name"),
    ],
)
def test_faults_are_told_in_one_line(
    made: VoiceConfig, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["blind", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == "" and told in err and len(err.splitlines()) == 1


def test_what_has_not_been_made_is_named(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gaea_assets.resources.Workspace", lambda: workspace)
    assert main(["blind", VOICE]) == 1
    assert "merged_model/pocket: not made yet; materialise merged_model of the voice pocket first" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("port", ["80", "65536", "x", "-1"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["blind", VOICE, f"--port={port}"])
    assert "is not a port from 1024 to 65535" in capsys.readouterr().err


def test_a_port_in_use_is_told(made: VoiceConfig, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["blind", VOICE, "--port", str(port)]) == 1
    assert f"gaea: --port {port}: not free (" in capsys.readouterr().err


def test_what_was_voted_on_is_in_the_key_word_for_word(workspace: Workspace, made: VoiceConfig) -> None:
    files, _ = prepare(workspace, made)
    key = json.loads(files.key.read_text("utf-8"))
    lines = (workspace.place("baseline_metrics", VOICE) / "continuations.jsonl").read_text("utf-8").splitlines()
    written = [json.loads(line)["text"].strip() for line in lines]
    for pair in (pair for pair in key["pairs"] if pair["kind"] == "pair"):
        assert any(text.startswith(pair["texts"]["base"]) for text in written)
