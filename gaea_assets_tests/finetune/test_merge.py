import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaea_assets.checks.gates import LOGIT_TOLERANCE, gates_of
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.job import MergeJob
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.resources import Workspace
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.projects import BASE, VOICE, failures, run_job

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(made: Made) -> MergeJob:
    """The merge that the pipeline has done."""
    return MergeJob.load(made.workspace.place("merged_model", f".{VOICE}.job"))


@pytest.fixture(scope="module")
def heldout(job: MergeJob) -> list[Any]:
    from gaea_assets.base.encoder import Encoder
    from gaea_assets.base.prompt_format import prompt_format
    from gaea_assets.finetune.model import encode

    base = Path(job.base)
    return encode(
        read_jsonl(Path(job.dataset) / "validation.jsonl"), Encoder(base, prompt_format(base, job.prompt_format))
    )


@pytest.mark.parametrize("way", ["dequantised", "sixteen_bit"])
def test_the_merged_model_is_base_plus_adapter_and_the_base_alone_is_not(
    job: MergeJob, heldout: list[Any], tmp_path: Path, way: str
) -> None:
    from gaea_assets.finetune import merge
    from gaea_assets.finetune.adapter_weights import read_adapter
    from gaea_assets.finetune.base_weights import read_base
    from gaea_assets.finetune.merge_shards import merge_shards
    from gaea_assets.finetune.merged_settings import write_settings

    base = read_base(BASE)
    reference = merge._measure(job, way, heldout)
    merge_shards(base, read_adapter(Path(job.adapter)).updates, reference.in_4_bit, tmp_path, "cpu", print)
    write_settings(base, "{{ messages }}", 0, tmp_path)
    merged = merge._compare(tmp_path, reference, heldout)
    unmerged = merge._compare(BASE, reference, heldout)
    assert merged["relative_rms"] <= LOGIT_TOLERANCE
    assert merged["heldout_loss"] == pytest.approx(reference.loss, abs=0.01)
    # The gate would see a merge that lost the adapter.
    assert unmerged["relative_rms"] > 2 * LOGIT_TOLERANCE


def test_the_weights_with_the_lower_held_out_loss_are_kept(made: Made) -> None:
    log = json.loads((made.workspace.made("merged_model", VOICE) / "merge_log.json").read_text("utf-8"))
    losses = log["heldout_loss_by_weights"]
    assert set(losses) == {"dequantised", "sixteen_bit"}
    assert losses[log["weights"]] == min(losses.values())
    assert log["reference_heldout_loss"] == min(losses.values())


def test_the_merged_models_template_keeps_the_text_and_adds_no_system_prompt(made: Made) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(made.workspace.made("merged_model", VOICE))
    encoder = made.workspace.encoder(made.workspace.voice(VOICE))
    text = "  You walk.\n\n"
    given = tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], add_generation_prompt=True, tokenize=True, return_dict=False
    )
    assert given == encoder.prompt_ids(text)


def other_base(folder: Path, **changes: int) -> Path:
    """A base like the pocket base but for its shape."""
    from transformers import AutoConfig, AutoModelForCausalLM

    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        shutil.copy(BASE / name, folder / name)
    config = AutoConfig.from_pretrained(BASE, **changes)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("change", ["wider", "fewer layers", "more layers"])
@pytest.mark.parametrize("quantized", [True, False])
def test_an_adapter_of_another_base_is_refused_in_one_line(
    job: MergeJob, tmp_path: Path, change: str, quantized: bool
) -> None:
    from transformers import AutoConfig

    from gaea_assets.finetune.merge import merge

    was = AutoConfig.from_pretrained(BASE)
    changes = {
        "wider": {"intermediate_size": was.intermediate_size + 64},
        "fewer layers": {"num_hidden_layers": was.num_hidden_layers - 1},
        "more layers": {"num_hidden_layers": was.num_hidden_layers + 1},
    }
    base, output = tmp_path / "base", tmp_path / "merged"
    base.mkdir()
    other_base(base, **changes[change])
    with pytest.raises(GaeaError) as fault:
        merge(replace(job, base=str(base), output=str(output), quantized=quantized), lambda line: None)
    line = str(fault.value)
    assert line.startswith(f"{job.adapter}: the adapter does not fit the base {base}: ")
    assert "\n" not in line
    assert not output.exists()


def test_the_gate_catches_truncated_weights_and_what_follows_is_refused(copy: Workspace) -> None:
    weights = copy.place("merged_model", VOICE) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    (gate,) = (gate for gate in gates_of("merged_model") if gate.name == "complete_files")
    verdict = gate.find(copy, copy.voice(VOICE))
    assert verdict.summary().startswith(f"{weights} does not load (")
    assert (
        f"{weights.parent}: its files have changed since it was made"
        in failures(run_job(copy, ["style_report"]))["style_report"]
    )
