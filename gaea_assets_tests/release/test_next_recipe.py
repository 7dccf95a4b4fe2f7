from collections.abc import Mapping
from typing import Any

import pytest

from gaea_assets import lineage
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.release import actions
from gaea_assets.release.next_recipe import next_recipe
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE, scene, write_chunks, write_voice
from gaea_assets_tests.release.voices import log, put_asset, put_blind, put_trained, report

LOW = report({"transfer": 41.0})


def changed(workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    proposal = next_recipe(workspace, voice)
    assert proposal is not None
    return {change.field: change.after for change in proposal.changes}


C5 = {"training.epochs": 5, "training.rank": 32, "training.alpha": 64}


def test_an_author_who_goes_on_writing_gets_a_remedy(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, LOW)
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(n + 40) for n in range(1, 6)})
    assert changed(workspace, voice) == C5
    page = actions.release(workspace, VOICE).record.path.with_suffix(".md").read_text("utf-8")
    assert "the next recipe: `training.epochs: 5`" in page
    assert "would be made otherwise today: raw_chunks" in page


def test_a_newer_program_does_not_take_the_remedy_away(
    workspace: Workspace, voice: VoiceConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_trained(workspace, voice, LOW)
    for asset in lineage.CODE_VERSION:
        monkeypatch.setitem(lineage.CODE_VERSION, asset, "newer")
    assert changed(workspace, voice) == C5


@pytest.mark.parametrize(
    ("section", "setting", "said"),
    [
        ("training", {"rank": 64}, r"changed: training\.rank\); put them back, or materialise qlora_adapter"),
        ("evaluation", {"temperature": 0.5}, r"changed: evaluation\.temperature\); put them back, or materialise"),
        ("gates", {"transfer": 30}, r"changed: gates\.transfer\)"),
        ("base", {"model": "some/other"}, "was trained on data/a_base, and its file has base.model: some/other now"),
    ],
)
def test_a_recipe_that_was_not_tried_is_not_changed_further(
    workspace: Workspace, voice: VoiceConfig, section: str, setting: Mapping[str, Any], said: str
) -> None:
    put_trained(workspace, voice, LOW | {"base_model": "data/a_base"})
    with pytest.raises(GaeaError, match=said):
        next_recipe(workspace, write_voice(workspace, **{section: setting}))


def test_how_a_training_is_computed_is_no_recipe(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, LOW)
    assert changed(workspace, write_voice(workspace, training={"keep_checkpoints": 9})) == C5


def test_an_adapter_that_learnt_nothing_needs_no_report(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, LOW)
    put_asset(workspace, voice, "qlora_adapter", {"training_log.json": log((3.3, 3.5, 3.9))})
    assert changed(workspace, voice) == {"training.learning_rate": 1e-4}


def test_an_adapter_above_its_base_gets_a_remedy_though_its_report_passes(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    put_trained(workspace, voice, report(), log((3.3, 3.25, 3.21), base=3.2))
    assert actions.release(workspace, VOICE).record.outcome == "not_released"
    assert changed(workspace, voice) == {"training.learning_rate": 1e-4}
    put_trained(workspace, voice, report(), log((3.19, 3.185, 3.18), base=3.2))
    assert next_recipe(workspace, voice) is None


def test_a_report_of_another_training_is_not_judged_by(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, LOW)
    put_asset(workspace, voice, "qlora_adapter", {"training_log.json": log((3.0, 2.8))})
    with pytest.raises(GaeaError, match="was made from another qlora_adapter"):
        next_recipe(workspace, voice)


def test_readers_are_asked_where_the_report_passes_only(workspace: Workspace, voice: VoiceConfig) -> None:
    model = put_trained(workspace, voice)
    put_blind(workspace, VOICE, model, "not_preferred")
    assert changed(workspace, voice) == C5
    votes = workspace.place("blind_evaluation", VOICE) / "result.json"
    votes.write_text(votes.read_text() + " ")
    with pytest.raises(GaeaError, match="blind_evaluation/pocket: its files have changed"):
        next_recipe(workspace, voice)
    put_asset(workspace, voice, "style_report", {"report.json": LOW})
    assert changed(workspace, voice) == C5


def test_what_was_edited_is_not_judged_by(workspace: Workspace, voice: VoiceConfig) -> None:
    put_trained(workspace, voice, LOW)
    path = workspace.place("style_report", VOICE) / "report.json"
    path.write_text(path.read_text() + " ")
    with pytest.raises(GaeaError, match="its files have changed since it was made"):
        next_recipe(workspace, voice)
