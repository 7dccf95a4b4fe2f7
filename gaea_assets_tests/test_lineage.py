import shutil
from pathlib import Path

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import UPSTREAM, is_current, made_from, require_current, training_of
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE, put, put_chain, scene, write_chunks, write_voice


def stale(workspace: Workspace) -> list[str]:
    """Assets that `is_current` says would be made otherwise now."""
    voice = workspace.voice(VOICE)
    return [asset for asset in UPSTREAM if not is_current(asset, workspace, voice)]


def test_everything_made_in_order_is_current(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    assert stale(workspace) == []
    for asset in UPSTREAM:
        require_current(asset, workspace, voice)


def test_nothing_made_is_not_current(workspace: Workspace, voice: VoiceConfig) -> None:
    assert not is_current("raw_chunks", workspace, voice)


def test_a_missing_input_is_refused_by_name(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice, "raw_chunks")
    with pytest.raises(GaeaError, match="split_chunks/pocket: not made yet; materialise split_chunks of the voice"):
        require_current("prefix_completion_dataset", workspace, voice)
    with pytest.raises(GaeaError, match="materialise split_chunks of the voice pocket first"):
        made_from("prefix_completion_dataset", workspace, voice)


def test_an_edited_chunk_makes_the_raw_chunks_out_of_date(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(n + (n == 3)) for n in range(1, 6)})
    # What is further down was made from what still lies there.
    assert stale(workspace) == ["raw_chunks"]
    with pytest.raises(GaeaError, match=r"changed: manuscripts\); materialise raw_chunks of the voice pocket again"):
        require_current("merged_model", workspace, voice)


def test_an_input_made_anew_names_the_first_asset_to_be_made_again(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    put(
        workspace,
        "prefix_completion_dataset",
        {"made.txt": "other"},
        made_from("prefix_completion_dataset", workspace, voice),
    )
    assert stale(workspace) == ["baseline_metrics", "qlora_adapter"]
    with pytest.raises(GaeaError, match=r"changed: prefix_completion_dataset\); materialise qlora_adapter"):
        require_current("merged_model", workspace, voice)


def test_an_input_made_anew_with_the_same_content_leaves_the_rest_current(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    put_chain(workspace, voice)
    put_chain(workspace, voice, "prefix_completion_dataset")
    assert stale(workspace) == []


@pytest.mark.parametrize(
    ("section", "fields", "expected"),
    [
        ("manuscript", {"max_words": 3000}, ["split_chunks", "prefix_completion_dataset"]),
        ("manuscript", {"person": "first"}, ["baseline_metrics", "style_report"]),
        ("dataset", {"validation_share": 0.2}, ["prefix_completion_dataset"]),
        ("dataset", {"max_tokens": 2048}, ["split_chunks", "prefix_completion_dataset"]),
        ("training", {"rank": 8}, ["qlora_adapter"]),
        ("evaluation", {"temperature": 0.5}, ["baseline_metrics", "style_report"]),
        ("gates", {"transfer": 10}, ["style_report"]),
        ("serving", {"engine": "vllm"}, []),
    ],
)
def test_a_changed_setting_makes_stale_what_it_decides_and_nothing_else(
    workspace: Workspace, voice: VoiceConfig, section: str, fields: dict, expected: list[str]
) -> None:
    put_chain(workspace, voice)
    write_voice(workspace, **{section: fields})
    assert stale(workspace) == expected


def test_a_changed_base_model_is_noticed(workspace: Workspace, voice: VoiceConfig) -> None:
    base = Path(workspace.project) / "base"
    shutil.copytree(voice.base.model, base)
    voice = write_voice(workspace, base={"model": "base"})
    put_chain(workspace, voice)
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    assert stale(workspace) == ["baseline_metrics", "qlora_adapter", "merged_model"]


def test_an_output_changed_by_hand_is_refused(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    dataset = workspace.place("prefix_completion_dataset", VOICE)
    (dataset / "made.txt").write_text("a line more")
    assert "prefix_completion_dataset" in stale(workspace)
    with pytest.raises(GaeaError, match=f"{dataset}: its files have changed since it was made; materialise prefix_c"):
        require_current("qlora_adapter", workspace, voice)


def test_one_training_serves_every_choice_of_its_checkpoint(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    inputs = made_from("qlora_adapter", workspace, voice)
    chosen = write_voice(workspace, training={"checkpoint": 4, "patience": 2, "keep_checkpoints": 5})
    assert made_from("qlora_adapter", workspace, chosen) != inputs
    assert training_of(made_from("qlora_adapter", workspace, chosen)) == training_of(inputs)


def test_another_recipe_or_dataset_is_another_training(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    inputs = made_from("qlora_adapter", workspace, voice)
    faster = write_voice(workspace, training={"learning_rate": 3e-4})
    others = [made_from("qlora_adapter", workspace, faster), {**inputs, "prefix_completion_dataset": "edited"}]
    assert len({training_of(each) for each in (inputs, *others)}) == 3
