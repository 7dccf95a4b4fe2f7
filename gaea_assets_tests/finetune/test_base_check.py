"""What is refused of a base before any of it is loaded: for training and merging alike."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import merge as merging
from gaea_assets.finetune import train as training
from gaea_assets.finetune.base_check import checked_base
from gaea_assets.finetune.base_weights import INDEX
from gaea_assets.finetune.job import MergeJob, TrainJob
from gaea_assets_tests import vocabularies
from gaea_assets_tests.finetune.tiny_models import KINDS, SIZES, tiny_model
from gaea_assets_tests.vocabularies import edit

SINGLE = "model.safetensors"


def base(folder: Path, kind: str = "llama", vocabulary: int = 448, shard: str = "5GB") -> Path:
    vocabularies.llama3(folder, chat=False)
    settings = (folder / "tokenizer_config.json").read_text("utf-8")
    tiny_model(kind, vocabulary=vocabulary).bfloat16().save_pretrained(folder, max_shard_size=shard)
    (folder / "tokenizer_config.json").write_text(settings, "utf-8")
    return folder


@pytest.fixture(scope="module")
def in_one_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base(tmp_path_factory.mktemp("made") / "base")


@pytest.fixture(scope="module")
def in_several_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base(tmp_path_factory.mktemp("made") / "base", shard="100KB")


def copied(made: Path, place: Path) -> Path:
    return shutil.copytree(made, place / "base")


def changed(folder: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> Path:
    """The base with other tensors."""
    tensors = load_file(folder / SINGLE)
    change(tensors)
    save_file(tensors, folder / SINGLE, {"format": "pt"})
    return folder


def fault(folder: Path) -> str:
    with pytest.raises(GaeaError) as raised:
        checked_base(folder)
    line = str(raised.value)
    assert "\n" not in line
    assert line.startswith(f"base.model: {folder}")
    return line


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shard", ["5GB", "100KB"])
def test_a_whole_base_of_each_family_is_taken(tmp_path: Path, kind: str, shard: str) -> None:
    model = tiny_model(kind, vocabulary=448)
    found = checked_base(base(tmp_path / "base", kind, shard=shard))
    assert found.bytes_in_16_bit == 2 * sum(weight.numel() for weight in model.parameters())


def test_rows_of_padding_are_taken(tmp_path: Path) -> None:
    assert checked_base(base(tmp_path / "base", vocabulary=512)).embedding_rows == 512


def test_what_older_models_were_saved_with_is_taken(in_one_file: Path, tmp_path: Path) -> None:
    frequencies = {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(8)}
    checked_base(changed(copied(in_one_file, tmp_path), lambda tensors: tensors.update(frequencies)))


def test_a_weight_that_is_not_there_is_named_and_not_trained_from_random_numbers(
    in_one_file: Path, tmp_path: Path
) -> None:
    folder = changed(copied(in_one_file, tmp_path), lambda tensors: tensors.pop("model.norm.weight"))
    assert "model.norm.weight is missing in its *.safetensors, but config.json tells of it; copy" in fault(folder)


def test_the_output_layer_may_lack_only_where_it_is_the_embedding(in_one_file: Path, tmp_path: Path) -> None:
    folder = changed(copied(in_one_file, tmp_path), lambda tensors: tensors.pop("lm_head.weight"))
    assert "lm_head.weight is missing" in fault(folder)
    edit(folder, "config.json", tie_word_embeddings=True)
    checked_base(folder)


def test_a_configuration_of_more_layers_is_refused(in_one_file: Path, tmp_path: Path) -> None:
    folder = copied(in_one_file, tmp_path)
    edit(folder, "config.json", num_hidden_layers=3, layer_types=None)
    line = fault(folder)
    assert "model.layers.2.self_attn.q_proj.weight and 8 more are missing" in line
    assert "use the config.json that the weights were saved with" in line


def test_a_configuration_of_fewer_layers_is_refused(in_one_file: Path, tmp_path: Path) -> None:
    folder = copied(in_one_file, tmp_path)
    edit(folder, "config.json", num_hidden_layers=1, layer_types=None)
    line = fault(folder)
    assert "config.json has no place for model.layers.1." in line
    assert f"which is in {folder / SINGLE}" in line


def test_a_configuration_of_another_width_is_refused_with_both_shapes(in_one_file: Path, tmp_path: Path) -> None:
    folder = copied(in_one_file, tmp_path)
    edit(folder, "config.json", intermediate_size=128)
    line = fault(folder)
    assert (
        f"tells of model.layers.0.mlp.gate_proj.weight as (128, 64), but {folder / SINGLE} has it as (96, 64)" in line
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("model_type", "nope"), ("num_attention_heads", 0), ("hidden_size", "wide"), ("hidden_act", "bogus")],
)
def test_a_configuration_of_no_model_is_refused_with_what_transformers_says(
    in_one_file: Path, tmp_path: Path, field: str, value: object
) -> None:
    folder = copied(in_one_file, tmp_path)
    edit(folder, "config.json", **{field: value})
    assert f"{folder / 'config.json'}: transformers makes no model of it (" in fault(folder)


def test_a_model_with_experts_is_refused_as_that_and_not_for_missing_weights(tmp_path: Path) -> None:
    folder = vocabularies.mistral(tmp_path / "base")
    config = AutoConfig.for_model("mixtral", vocab_size=448, num_local_experts=2, **SIZES)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    with pytest.raises(GaeaError, match="it has experts; a dense model of the Llama, Mistral or Qwen family is wanted"):
        checked_base(folder)


def test_a_configuration_that_is_no_object_is_refused(in_one_file: Path, tmp_path: Path) -> None:
    folder = copied(in_one_file, tmp_path)
    (folder / "config.json").write_text("[]")
    assert f"{folder / 'config.json'}: a JSON object is wanted" in fault(folder)


def test_a_longer_tokenizer_is_refused_with_both_numbers(tmp_path: Path) -> None:
    folder = base(tmp_path / "base", vocabulary=300)
    entries = len(json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]) + 5
    assert f"the tokenizer has {entries} entries but the model only 300 embeddings" in fault(folder)


def test_several_files_without_their_index_are_refused(in_several_files: Path, tmp_path: Path) -> None:
    folder = copied(in_several_files, tmp_path)
    (folder / INDEX).unlink()
    assert f"{folder / INDEX} is missing, which says what is in model-00001-of-0000" in fault(folder)


@pytest.mark.parametrize("index", [{}, {"weight_map": {}}, {"weight_map": []}, {"weight_map": {"lm_head.weight": 1}}])
def test_an_index_that_does_not_say_what_is_where_is_refused(
    in_several_files: Path, tmp_path: Path, index: object
) -> None:
    folder = copied(in_several_files, tmp_path)
    (folder / INDEX).write_text(json.dumps(index))
    assert f"{folder / INDEX}: weight_map: names of tensors, each with its file, are wanted" in fault(folder)


def test_training_and_merging_ask_for_it_first(
    in_one_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (training, merging):
        monkeypatch.setattr(module, "load_base", lambda *_, **__: pytest.fail("a model was loaded"))
    folder = changed(copied(in_one_file, tmp_path), lambda tensors: tensors.pop("model.norm.weight"))
    rest = [str(tmp_path / name) for name in ("dataset", "adapter", "checkpoints")]
    with pytest.raises(GaeaError, match=r"model\.norm\.weight is missing"):
        training.train(TrainJob(str(folder), "org/name", "auto", *rest, {"method": "lora"}, ""), print)
    with pytest.raises(GaeaError, match=r"model\.norm\.weight is missing"):
        merging.merge(MergeJob(str(folder), "auto", *rest, quantized=False), print)
    assert not (tmp_path / "checkpoints").exists()
