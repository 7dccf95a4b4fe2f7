import json
from pathlib import Path

import pandas as pd
import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.release import actions
from gaea_assets.release.comparison import as_markdown, compare, write_comparison
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE
from gaea_assets_tests.release.voices import RISING, gate, log, put_blind, put_trained, report, variation


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
