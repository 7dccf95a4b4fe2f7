import json
from pathlib import Path

import pandas as pd
import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.release import actions
from gaea_assets.release.comparison import as_markdown, compare, write_comparison
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE, write_voice
from gaea_assets_tests.release.voices import RISING, gate, log, put_asset, put_blind, put_trained, report, variation


@pytest.fixture
def voices(workspace: Workspace, voice: VoiceConfig) -> Workspace:
    """Six voices, from the best to one whose file has a fault."""
    put_trained(workspace, voice, report({"transfer": 58.0}))
    wide = variation(workspace, "wide", training={"rank": 32, "alpha": 64}, release={"blind": "optional"})
    model = put_trained(workspace, wide, report({"transfer": 66.0}), log(RISING))
    put_blind(workspace, "wide", model, "proved")
    recites = variation(workspace, "recites", training={"epochs": 9})
    put_trained(workspace, recites, report({"transfer": 99.0}, [gate("memorisation", False)]))
    variation(workspace, "untrained")
    put_trained(workspace, variation(workspace, "undefined", training={"seed": 3}), report({"transfer": None}))
    (workspace.voices / "broken.yaml").write_text("extends: nobody")
    actions.release(workspace, "wide")
    return workspace


def test_the_best_voice_stands_first_and_a_withheld_score_behind_those_that_count(voices: Workspace) -> None:
    table = compare(voices)
    assert list(table["voice"]) == ["wide", VOICE, "undefined", "recites", "broken", "untrained"]
    assert list(table["place"]) == [1, 2, 3, 4, 5, 6]
    assert list(table["passed"]) == [True, False, False, False, False, False]


def test_a_row_tells_recipe_scores_losses_readers_cost_and_decision(voices: Workspace) -> None:
    row = compare(voices).set_index("voice").loc["wide"].to_dict()
    wanted = {
        "rank": 32, "alpha": 64, "epochs": 3, "learning_rate": 2e-4, "method": "qlora", "transfer": 66.0,
        "transfer_low": 60.0, "transfer_high": 72.0, "memorisation": True, "heldout_loss": 2.4,
        "base_heldout_loss": 3.2, "seconds": 420.0, "peak_memory_gib": 3.0, "blind": "proved", "win_rate": 71.0,
        "decision": "released", "released": True, "state": "current",
    }  # fmt: skip
    assert {key: row[key] for key in wanted} == wanted


def test_what_cannot_be_compared_says_why(voices: Workspace) -> None:
    states = compare(voices).set_index("voice")["state"]
    assert states["untrained"] == "no report yet"
    assert "nobody.yaml: no such voice" in states["broken"]
    variation(voices, "wide", training={"rank": 32, "alpha": 64}, gates={"transfer": 65})
    assert compare(voices).set_index("voice")["state"]["wide"] == "out of date"


def test_the_files_hold_the_table(voices: Workspace) -> None:
    table = compare(voices)
    folder = write_comparison(voices, table)
    assert folder == Path(voices.data) / "voice_comparison"
    read = pd.read_csv(folder / "comparison.csv")
    assert list(read["voice"]) == list(table["voice"])
    assert read["transfer"][0] == 66.0
    rows = json.loads((folder / "comparison.json").read_text())
    assert rows[0]["voice"] == "wide"
    assert rows[-1]["transfer"] is None
    assert (folder / "comparison.md").read_text() == as_markdown(table) + "\n"


def test_a_person_reads_scores_with_their_intervals(voices: Workspace) -> None:
    lines = as_markdown(compare(voices)).splitlines()
    assert len(lines) == 8
    assert "66.0 (60 to 72)" in lines[2]
    assert "qlora, rank 32, alpha 64, dropout 0.05, lr 0.0002, 3 epochs" in lines[2]
    assert "proved 71.0 (62 to 79)" in lines[2]
    assert "FAILED: memorisation" in lines[5]


def test_one_voice_makes_a_table_too(workspace: Workspace) -> None:
    table = compare(workspace)
    assert list(table["state"]) == ["no report yet"]
    assert as_markdown(table)


def test_a_fault_that_quotes_a_rule_of_the_table_breaks_none(workspace: Workspace) -> None:
    (workspace.voices / "odd.yaml").write_text("extends: 'a | b'")
    lines = as_markdown(compare(workspace)).splitlines()
    assert {line.count("|") for line in lines} == {lines[1].count("|")}
    assert "a / b.yaml: no such voice" in "".join(lines)


def columns(table: pd.DataFrame, *names: str) -> list[tuple[object, ...]]:
    return list(table[list(names)].itertuples(index=False, name=None))


def test_what_readers_said_goes_before_the_transfer_score(workspace: Workspace, voice: VoiceConfig) -> None:
    verdicts = {"hated": "not_preferred", "unread": None, "loved": "proved", "doubted": "not_yet_shown"}
    for seed, (name, verdict) in enumerate(verdicts.items(), start=1):
        found = variation(workspace, name, training={"seed": seed})
        model = put_trained(workspace, found, report({"transfer": 90.0 - 5 * seed}), seed=seed)
        if verdict:
            put_blind(workspace, name, model, verdict)
    put_trained(workspace, voice, report({"transfer": 41.0}))
    recites = variation(workspace, "recites", training={"seed": 9})
    put_trained(workspace, recites, report({}, [gate("memorisation", False)]), seed=9)
    assert list(compare(workspace)["voice"]) == ["loved", "unread", "doubted", VOICE, "hated", "recites"]


def test_a_decision_on_another_model_does_not_stand_beside_these_scores(workspace: Workspace) -> None:
    voice = variation(workspace, "book", release={"blind": "optional"})
    first = put_trained(workspace, voice, seed=1)
    actions.release(workspace, "book")
    of_it = columns(compare(workspace), "voice", "model", "decision", "released", "released_model")
    assert ("book", first, "released", True, first) in of_it
    second = put_trained(workspace, voice, report({"transfer": 12.0}), seed=2)
    table = compare(workspace)
    of_it = columns(table, "voice", "model", "decision", "released", "released_model")
    assert ("book", second, "-", False, first) in of_it
    assert f"| released: another model ({first[:12]})" in as_markdown(table)
    actions.release(workspace, "book")
    assert f"| not_released; released: another model ({first[:12]})" in as_markdown(compare(workspace))


def test_recipe_and_losses_are_those_of_the_model_that_was_measured(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, trained=log((3.0, 2.7)))
    today = write_voice(workspace, training={"rank": 64})
    assert columns(compare(workspace), "rank", "heldout_loss") == [(16, 2.7)]
    put_asset(workspace, today, "qlora_adapter", {"training_log.json": log((2.2, 2.1))})
    (row,) = compare(workspace).to_dict("records")
    assert pd.isna(row["rank"])
    assert pd.isna(row["heldout_loss"])
    assert row["transfer"] == 72.0


@pytest.mark.parametrize(
    ("asset", "file", "content", "state"),
    [
        ("style_report", "report.json", "{}", "materialise style_report of the voice pocket again"),
        ("style_report", "report.json", '{"passed": true, "measures": [{}], "gates": []}', "not readable"),
        ("style_report", "report.json", '{"passed": true, "measures": 3, "gates": []}', "not readable"),
        ("style_report", "provenance.json", "{", "not readable as provenance"),
        (
            "style_report",
            "provenance.json",
            '{"content": "", "made_from": null, "libraries": {}, "made_at": ""}',
            "style_report/pocket: not readable",
        ),
        ("qlora_adapter", "training_log.json", "[]", "materialise qlora_adapter of the voice pocket again"),
        ("qlora_adapter", "training_log.json", "{}", "current"),  # of a version that wrote less
        ("merged_model", "provenance.json", "{", "out of date"),
    ],
)
def test_what_is_damaged_is_its_own_voices_fault(
    workspace: Workspace, voice: VoiceConfig, asset: str, file: str, content: str, state: str
) -> None:
    put_trained(workspace, variation(workspace, "good"), seed=5)
    put_trained(workspace, voice)
    (workspace.place(asset, VOICE) / file).write_text(content)
    table = compare(workspace)
    write_comparison(workspace, table)
    states = table.set_index("voice")["state"]
    assert states["good"] == "current"
    assert state in states[VOICE]
