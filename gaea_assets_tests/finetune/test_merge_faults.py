"""What a merge refuses, and what it leaves behind when the disk is full."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import disk
from gaea_assets.finetune import merge as merging
from gaea_assets.finetune.base_weights import INDEX
from gaea_assets.finetune.job import MergeJob
from gaea_assets.manuscript.examples import Example, write_jsonl
from gaea_assets_tests.finetune.exact_adapters import save_adapter
from gaea_assets_tests.projects import BASE, scene

pytestmark = pytest.mark.slow

ADAPTER = "adapter/adapter_model.safetensors"
ADAPTER_CONFIG = "adapter/adapter_config.json"
FIRST_KEY = "base_model.model.model.layers.0.mlp.down_proj.lora_A.weight"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base in three files, an adapter and a dataset; for copying."""
    root = tmp_path_factory.mktemp("made")
    model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16)
    model.save_pretrained(root / "base", max_shard_size="5MB")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(BASE / name, root / "base" / name)
    save_adapter(model, root / "adapter")
    (root / "dataset").mkdir()
    text = scene(1, paragraphs=2)
    write_jsonl([Example("1", "1", text[:40], text[40:], True, 100)], root / "dataset" / "validation.jsonl")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def job(root: Path) -> MergeJob:
    return MergeJob(
        base=str(root / "base"),
        prompt_format="auto",
        adapter=str(root / "adapter"),
        dataset=str(root / "dataset"),
        output=str(root / "out" / "merged"),
        quantized=False,
    )


def fault(job: MergeJob, log: Callable[[str], None] = print) -> str:
    """The line that the merge ends with; it leaves nothing half-made."""
    with pytest.raises(GaeaError) as raised:
        merging.merge(job, log)
    line = str(raised.value)
    assert "\n" not in line
    out = Path(job.output).parent
    assert not out.exists() or {path.name for path in out.iterdir()} <= {"merged"}
    return line


@pytest.fixture
def no_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused is refused before gigabytes are loaded."""

    def load(*_: Any, **__: Any) -> None:
        pytest.fail("a model was loaded")

    monkeypatch.setattr(merging, "load_base", load)


@pytest.mark.usefixtures("no_loading")
@pytest.mark.parametrize("file", ["base/model-00002-of-00003.safetensors", ADAPTER])
@pytest.mark.parametrize("damage", ["cut off", "no header", "empty", "missing"])
def test_a_damaged_file_is_named(job: MergeJob, root: Path, file: str, damage: str) -> None:
    path = root / file
    whole = path.read_bytes()
    match damage:
        case "cut off":
            path.write_bytes(whole[: len(whole) // 2])
        case "no header":
            path.write_bytes(b"\xff" * 4096 + whole[4096:])
        case "empty":
            path.write_bytes(b"")
        case "missing":
            path.unlink()
    assert f"{path} {'is missing' if damage == 'missing' else 'does not load'}" in fault(job)


@pytest.mark.usefixtures("no_loading")
def test_a_file_that_lacks_what_the_index_says_is_named(job: MergeJob, root: Path) -> None:
    index = json.loads((root / "base" / INDEX).read_text())
    index["weight_map"]["model.layers.9.mlp.up_proj.weight"] = "model-00001-of-00003.safetensors"
    (root / "base" / INDEX).write_text(json.dumps(index))
    line = fault(job)
    assert f"{root / 'base' / 'model-00001-of-00003.safetensors'} lacks model.layers.9.mlp.up_proj.weight" in line


@pytest.mark.usefixtures("no_loading")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("use_dora", True),
        ("modules_to_save", ["lm_head"]),
        ("bias", "all"),
        ("lora_bias", True),
        ("init_lora_weights", "pissa"),
        ("rank_pattern", {"q_proj": 8}),
        ("fan_in_fan_out", True),
        ("peft_type", "IA3"),
        ("a_field_of_next_year", 3),
    ],
)
def test_an_adapter_that_is_more_than_low_rank_updates_is_refused_by_its_field(
    job: MergeJob, root: Path, field: str, value: Any
) -> None:
    path = root / ADAPTER_CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    assert fault(job).startswith(f"{path}: {field}: {json.dumps(value)} cannot be merged")


@pytest.mark.usefixtures("no_loading")
def test_an_adapter_config_that_is_no_json_is_named(job: MergeJob, root: Path) -> None:
    (root / ADAPTER_CONFIG).write_text("{")
    assert fault(job).startswith(f"{root / ADAPTER_CONFIG}: not readable as JSON")


class Change(NamedTuple):
    tensors: Callable[[dict[str, torch.Tensor]], Any]
    said: str


CHANGES = {
    "DoRA": Change(
        lambda t: t.update({FIRST_KEY.replace("lora_A.weight", "lora_magnitude_vector"): torch.ones(4)}),
        "model.layers.0.mlp.down_proj.lora_magnitude_vector cannot be merged",
    ),
    "embeddings": Change(
        lambda t: t.update({"base_model.model.model.embed_tokens.lora_embedding_A": torch.ones(4, 9)}),
        "embed_tokens.lora_embedding_A cannot be merged",
    ),
    "one side": Change(
        lambda t: t.pop(FIRST_KEY), "model.layers.0.mlp.down_proj has lora_B (256, 4); lora_A and lora_B"
    ),
    "rank": Change(lambda t: t.update({FIRST_KEY: torch.ones(8, 704)}), "has lora_A (8, 704), lora_B (256, 4); lora_A"),
    "not finite": Change(lambda t: t[FIRST_KEY].fill_(torch.nan), f"{FIRST_KEY} is not finite; lower training.learn"),
    "nothing": Change(lambda t: t.clear(), "there is no weight in it"),
}


@pytest.mark.usefixtures("no_loading")
@pytest.mark.parametrize("change", CHANGES)
def test_odd_tensors_of_an_adapter_are_refused_by_name(job: MergeJob, root: Path, change: str) -> None:
    tensors = load_file(root / ADAPTER)
    CHANGES[change].tensors(tensors)
    save_file(tensors, root / ADAPTER)
    line = fault(job)
    assert line.startswith(f"{root / ADAPTER}: ")
    assert CHANGES[change].said in line


@pytest.mark.usefixtures("no_loading")
def test_an_adapter_of_the_output_layer_is_refused_where_that_is_the_embedding(job: MergeJob, root: Path) -> None:
    weights = root / "base" / "model-00003-of-00003.safetensors"
    tensors = load_file(weights) | {"lm_head.weight": torch.zeros(4096, 256, dtype=torch.bfloat16)}
    save_file(tensors, weights, {"format": "pt"})
    added = load_file(root / ADAPTER)
    added["base_model.model.lm_head.lora_A.weight"] = torch.ones(4, 256)
    added["base_model.model.lm_head.lora_B.weight"] = torch.ones(4096, 4)
    save_file(added, root / ADAPTER)
    line = fault(job)
    assert line.startswith(f"{job.adapter}: the adapter does not fit the base {job.base}: it changes lm_head.weight")


def resize(root: Path, rows: int) -> None:
    """Give the base so many embeddings, and say so in its configuration."""
    model = AutoModelForCausalLM.from_pretrained(root / "base", dtype=torch.bfloat16)
    model.resize_token_embeddings(rows)
    model.save_pretrained(root / "base", max_shard_size="5MB")


@pytest.mark.usefixtures("no_loading")
def test_a_tokenizer_longer_than_the_embeddings_is_refused_with_both_numbers(job: MergeJob, root: Path) -> None:
    resize(root, 4000)
    assert "the tokenizer has 4096 entries but the model only 4000 embeddings" in fault(job)


@pytest.mark.usefixtures("no_loading")
def test_a_vocabulary_size_that_is_not_that_of_the_weights_is_refused_with_both_numbers(
    job: MergeJob, root: Path
) -> None:
    path = root / "base" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "vocab_size": 4100}))
    assert f"{path}: vocab_size: 4100 given, but model.embed_tokens.weight has 4096 rows" in fault(job)


def test_rows_of_padding_are_kept(job: MergeJob, root: Path) -> None:
    resize(root, 4160)
    merging.merge(job, print)
    model = AutoModelForCausalLM.from_pretrained(job.output)
    assert model.get_input_embeddings().weight.shape[0] == 4160
    assert model.config.vocab_size == 4160


def test_a_base_of_an_older_transformers_without_generation_settings_is_merged(job: MergeJob, root: Path) -> None:
    (root / "base" / "generation_config.json").unlink()
    path = root / "base" / "config.json"
    config = json.loads(path.read_text())
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config))
    merging.merge(job, print)
    assert (Path(job.output) / "generation_config.json").is_file()
    assert json.loads((Path(job.output) / "config.json").read_text()) == config
    assert AutoModelForCausalLM.from_pretrained(job.output).dtype == torch.bfloat16


@pytest.mark.usefixtures("no_loading")
def test_a_base_that_is_quantised_already_is_refused(job: MergeJob, root: Path) -> None:
    path = root / "base" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "quantization_config": {"quant_method": "gptq"}}))
    assert f"{path}: quantization_config says that the weights are quantised already" in fault(job)


def test_a_base_with_a_weight_that_is_no_number_is_refused(job: MergeJob, root: Path) -> None:
    path = root / "base" / "model-00002-of-00003.safetensors"
    tensors = load_file(path)
    next(iter(tensors.values())).fill_(torch.nan)
    save_file(tensors, path, {"format": "pt"})
    assert "the held-out loss of sixteen_bit base + adapter is not finite" in fault(job)


@pytest.mark.usefixtures("no_loading")
def test_a_disk_without_room_is_refused_before_anything_is_loaded(
    job: MergeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**40, 2**40, 2**24))
    line = fault(job)
    # 5.9 million weights in 16 bit and 64 MiB; 16 MiB are free.
    assert "0.07 GiB are needed on this disk and 0.02 GiB are free" in line


def test_a_disk_that_fills_up_leaves_the_old_model_and_nothing_half_made(
    job: MergeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    merging.merge(job, print)
    place = Path(job.output)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    opened = Path.open

    def on_a_full_disk(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        full = mode == "wb" and path.name == "model-00002-of-00003.safetensors"
        return opened(Path("/dev/full") if full else path, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", on_a_full_disk)
    lines: list[str] = []
    assert fault(job, lines.append).startswith(f"{place}: the disk is full; make room")
    assert "merged model-00001-of-00003.safetensors" in lines
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
