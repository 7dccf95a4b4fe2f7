import shutil
from pathlib import Path

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.recorded import (
    MEASURED_WITH,
    OF_THE_MODEL,
    changed_since,
    measuring_basis,
    report_copy,
    require_recorded,
    require_same_settings,
)
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE, put, put_chain, scene, write_chunks, write_voice


def test_a_finished_model_is_judged_by_what_it_was_made_from(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(n + 9) for n in range(1, 6)})
    voice = write_voice(workspace, training={"rank": 8})
    require_recorded(OF_THE_MODEL, workspace, VOICE)
    assert measuring_basis(workspace, VOICE) == workspace
    require_same_settings(workspace, workspace, voice)
    assert changed_since(workspace, voice) == ["raw_chunks (manuscripts)", "qlora_adapter (training)"]
    shutil.rmtree(Path(workspace.data) / "raw")
    require_recorded(OF_THE_MODEL, workspace, VOICE)
    assert changed_since(workspace, voice)[0] == "raw_chunks (what it was made from is gone)"


def test_a_dataset_made_anew_is_not_what_the_model_is_measured_with(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    report = workspace.place("style_report", VOICE)
    before = {asset: workspace.place(asset, VOICE) for asset in MEASURED_WITH}
    copies = {asset: report_copy(report, asset, VOICE) for asset in before}
    put_aside = report.with_name("aside")
    for asset, place in before.items():
        shutil.copytree(place, put_aside / asset)
    put(workspace, "prefix_completion_dataset", {"made.txt": "the next book"})
    require_recorded(OF_THE_MODEL, workspace, VOICE)
    with pytest.raises(GaeaError, match=r"was made from another prefix_completion_dataset \(\w{12}\) than"):
        measuring_basis(workspace, VOICE)
    for asset, copy in copies.items():
        shutil.copytree(put_aside / asset, copy)
    basis = measuring_basis(workspace, VOICE)  # what the report was made with belongs to the model
    assert basis.place("prefix_completion_dataset", VOICE) == copies["prefix_completion_dataset"]
    require_same_settings(workspace, basis, voice)
    (copies["prefix_completion_dataset"] / "made.txt").write_text("edited")
    with pytest.raises(GaeaError, match="prefix_completion_dataset/pocket: its files have changed since it was made"):
        measuring_basis(workspace, VOICE)


@pytest.mark.parametrize(
    ("section", "fields", "what"),
    [
        ("evaluation", {"temperature": 0.5}, r"baseline_metrics/pocket was made with other .* \(changed: evaluation\)"),
        ("manuscript", {"person": "first"}, r"\(changed: person\); put them back, or materialise baseline_metrics"),
    ],
)
def test_both_models_are_measured_in_one_way(
    workspace: Workspace, voice: VoiceConfig, section: str, fields: dict, what: str
) -> None:
    put_chain(workspace, voice)
    voice = write_voice(workspace, **{section: fields})
    with pytest.raises(GaeaError, match=what):
        require_same_settings(workspace, workspace, voice)


def test_a_model_is_not_measured_in_the_words_of_another_base(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    base = Path(workspace.project) / "base"
    shutil.copytree(voice.base.model, base)
    (base / "model.safetensors").write_bytes((base / "model.safetensors").read_bytes()[:-1] + b"\x01")
    voice = write_voice(workspace, base={"model": "base"})
    with pytest.raises(GaeaError, match=r"merged_model/pocket was made with other settings .* \(changed: base\)"):
        require_same_settings(workspace, workspace, voice)
