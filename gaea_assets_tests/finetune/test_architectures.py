"""Every architecture that the configuration allows is trained by configuration alone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import train as training
from gaea_assets.finetune.job import TrainJob
from gaea_assets.finetune.train import train
from gaea_assets_tests import vocabularies
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.finetune.tiny_models import tiny_model
from gaea_assets_tests.projects import VOICE

pytestmark = pytest.mark.slow

BASES = {
    "llama": vocabularies.llama3,
    "llama-tied": vocabularies.llama3,
    "qwen2": vocabularies.chatml,
    "qwen3": vocabularies.chatml,
    "mistral": vocabularies.mistral,
}
RECIPE = {"rank": 4, "alpha": 8, "learning_rate": 1e-2, "epochs": 2, "accumulation": 2, "dropout": 0.0}


def base(folder: Path, kind: str) -> Path:
    """A model folder: the family's vocabulary, and random weights with some rows more than it has entries."""
    BASES[kind](folder)
    config = (folder / "tokenizer_config.json").read_text("utf-8")
    tiny_model(kind, vocabulary=448).bfloat16().save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text(config, "utf-8")
    return folder


def job(made: Made, base_folder: Path, place: Path, **recipe: object) -> TrainJob:
    return TrainJob(
        base=str(base_folder),
        base_name="org/name",
        prompt_format="auto",
        dataset=str(made.workspace.made("prefix_completion_dataset", VOICE)),
        output=str(place / "adapter"),
        checkpoints=str(place / "checkpoints"),
        training=RECIPE | recipe,
        curves=str(place / "curves"),
    )


@pytest.mark.parametrize("method", ["qlora", "lora"])
@pytest.mark.parametrize("kind", BASES)
def test_it_learns_and_leaves_an_adapter(made: Made, tmp_path: Path, kind: str, method: str) -> None:
    said: list[str] = []
    train(job(made, base(tmp_path / "base", kind), tmp_path, method=method), said.append)
    log = json.loads((tmp_path / "adapter" / "training_log.json").read_text("utf-8"))
    assert min(checkpoint["heldout_loss"] for checkpoint in log["checkpoints"]) < log["base_heldout_loss"] - 0.1
    weights = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    assert len(weights) == 2 * 7 * 2  # two layers, seven linear layers each, A and B
    assert list((tmp_path / "curves").glob("events.out.tfevents.*"))
    assert any("tokens/s" in line and "GiB" in line and "s left" in line for line in said)


def test_the_named_checkpoint_becomes_the_adapter(made: Made, tmp_path: Path) -> None:
    train(job(made, base(tmp_path / "base", "llama"), tmp_path, checkpoint=2, keep_checkpoints=1), print)
    log = json.loads((tmp_path / "adapter" / "training_log.json").read_text("utf-8"))
    assert log["adapter_step"] == 2
    assert [checkpoint["step"] for checkpoint in log["checkpoints"]] == [2, 4, 6]


def test_rank_stabilised_lora_and_lora_plus_are_trained(made: Made, tmp_path: Path) -> None:
    train(job(made, base(tmp_path / "base", "qwen3"), tmp_path, rslora=True, lora_plus_ratio=8.0), print)
    settings = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text("utf-8"))
    assert settings["use_rslora"] is True


def test_patience_ends_a_training_that_gains_nothing(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    losses = iter([6.2, 6.1, 6.0, 6.0])  # the base's, then those of the checkpoints: a tiny model learns too steadily
    monkeypatch.setattr(training, "heldout_loss", lambda *_: next(losses))
    train(job(made, base(tmp_path / "base", "llama"), tmp_path, epochs=12, patience=1), said.append)
    log = json.loads((tmp_path / "adapter" / "training_log.json").read_text("utf-8"))
    assert any("training.patience" in line for line in said)
    assert log["adapter_step"] == log["checkpoints"][-2]["step"] == 4


def test_a_truncated_base_is_one_line(made: Made, tmp_path: Path) -> None:
    folder = base(tmp_path / "base", "llama")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(GaeaError, match=r"base\.model: .*model\.safetensors does not load .*; copy or make it again"):
        train(job(made, folder, tmp_path), print)


@pytest.mark.parametrize("method", ["qlora", "lora"])
def test_a_base_that_is_not_finite_is_told_as_that_and_not_as_a_learning_rate(
    made: Made, tmp_path: Path, method: str
) -> None:
    folder = base(tmp_path / "base", "llama")
    tensors = load_file(folder / "model.safetensors")
    tensors["model.layers.0.mlp.up_proj.weight"][0, 0] = torch.nan
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(
        GaeaError, match=rf"base\.model: {folder}: its held-out loss is nan, .* copy or download it again"
    ):
        train(job(made, folder, tmp_path, method=method), print)
    assert not list((tmp_path / "checkpoints").glob("checkpoint-*"))


@pytest.mark.parametrize("side", ["train", "validation"])
def test_a_dataset_without_examples_is_one_line(made: Made, tmp_path: Path, side: str) -> None:
    whole, cut = made.workspace.made("prefix_completion_dataset", VOICE), tmp_path / "dataset"
    cut.mkdir()
    for name in ("train", "validation"):
        (cut / f"{name}.jsonl").write_text(
            "" if name == side else (whole / f"{name}.jsonl").read_text("utf-8"), "utf-8"
        )
    with pytest.raises(GaeaError, match=rf"{side}\.jsonl: no examples; add chunks"):
        train(replace(job(made, base(tmp_path / "base", "llama"), tmp_path), dataset=str(cut)), print)


def test_one_example_is_enough(made: Made, tmp_path: Path) -> None:
    whole, cut = made.workspace.made("prefix_completion_dataset", VOICE), tmp_path / "dataset"
    cut.mkdir()
    for name in ("train", "validation"):
        (cut / f"{name}.jsonl").write_text((whole / f"{name}.jsonl").read_text("utf-8").split("\n")[0] + "\n", "utf-8")
    train(replace(job(made, base(tmp_path / "base", "llama"), tmp_path), dataset=str(cut)), print)
    log = json.loads((tmp_path / "adapter" / "training_log.json").read_text("utf-8"))
    assert log["examples"] == 1
    assert len(log["history"]) == 2
