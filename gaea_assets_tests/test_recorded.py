import shutil
from pathlib import Path

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.recorded import (
    OF_THE_MODEL,
    changed_since,
    require_recorded,
    require_same_settings,
)
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE, put_chain, scene, write_chunks, write_voice


def test_a_finished_model_is_judged_by_what_it_was_made_from(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(n + 9) for n in range(1, 6)})
    voice = write_voice(workspace, training={"rank": 8})
    require_recorded(OF_THE_MODEL, workspace, VOICE)
    require_same_settings(workspace, workspace, voice)
    assert changed_since(workspace, voice) == ["raw_chunks (manuscripts)", "qlora_adapter (training)"]
    shutil.rmtree(Path(workspace.data) / "raw")
    require_recorded(OF_THE_MODEL, workspace, VOICE)
    assert changed_since(workspace, voice)[0] == "raw_chunks (what it was made from is gone)"


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
