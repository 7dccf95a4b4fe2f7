"""`gaea plan` and the gate `fits_device`: what a person is shown, on a dataset written by hand."""

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaea_assets.checks.gates import gates_of, require_passed
from gaea_assets.errors import GaeaError
from gaea_assets.finetune import cli_plan, devices
from gaea_assets.finetune.voice_plan import plan_for
from gaea_assets.lineage import settings_of
from gaea_assets.manuscript.examples import Example, write_jsonl
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder
from gaea_assets_tests.finetune.shapes import LLAMA_8B
from gaea_assets_tests.projects import VOICE, write_voice


def put_dataset(workspace: Workspace, tokens: int, count: int = 10, settings: dict[str, Any] | None = None) -> None:
    with new_folder(workspace.place("prefix_completion_dataset", VOICE), settings or {}) as folder:
        examples = [Example(f"{n:03}", f"{n:03}", "You wait.", " You go.", True, tokens) for n in range(count)]
        write_jsonl(examples, folder / "train.jsonl")
        write_jsonl(examples[:1], folder / "validation.jsonl")


def put_base(workspace: Workspace, config: dict[str, Any]) -> None:
    base = Path(workspace.project) / "base"
    base.mkdir()
    (base / "config.json").write_text(json.dumps(config))
    (base / "tokenizer.json").write_text("{}")
    write_voice(workspace, base={"model": "base"})


def shown(
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *words: str,
    status: int | None = None,
) -> str:
    """What the command prints for this project; its status is 0 where it fits, if none is told."""
    monkeypatch.setattr("gaea_assets.resources.Workspace", lambda: workspace)
    parser = argparse.ArgumentParser()
    cli_plan.add_parser(parser.add_subparsers())
    chosen = parser.parse_args(["plan", VOICE, *words])
    found = chosen.run(chosen)
    out = capsys.readouterr().out
    assert found == (status if status is not None else 0 if "it fits" in out else 1)
    return out


def test_the_table_tells_parts_time_and_verdict(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_base(workspace, LLAMA_8B)
    put_dataset(workspace, 2000)
    out = shown(workspace, capsys, monkeypatch, "--device", "rtx5090")
    assert "pocket on RTX 5090\nbase: 8,030,261,248 parameters; adapter: 41,943,040, all trained" in out
    assert "20,000 tokens an epoch, 60,000 in all; 6 optimiser steps" in out
    for part in ("weights", "embeddings", "adapter", "optimiser", "activations", "logits"):
        assert f"\n{part} " in out
    assert out.rstrip().splitlines()[-1].startswith("it fits: takes about ")


def test_what_does_not_fit_is_told_with_the_change_and_status_1(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_base(workspace, LLAMA_8B)
    write_voice(workspace, base={"model": "base"}, training={"method": "lora"})
    put_dataset(workspace, 2000)
    out = shown(workspace, capsys, monkeypatch, "--device", "rtx4080")
    assert out.rstrip().endswith("RTX 4080 has 16.0 GB: set training.method: qlora")


def test_json_has_all_figures(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dataset(workspace, 300)
    told = json.loads(shown(workspace, capsys, monkeypatch, "--device", "cpu", "--json"))
    assert told["fits"] is True
    assert told["memory"]["total"] == told["memory"]["allocated"] + told["memory"]["overhead"]
    assert told["tokens_an_epoch"] == 3000
    assert told["device"]["kind"] == "cpu"


def test_without_a_dataset_the_command_says_to_make_it(workspace: Workspace) -> None:
    with pytest.raises(GaeaError, match="materialise prefix_completion_dataset of the voice pocket first"):
        plan_for(workspace, workspace.voice(VOICE))


def test_a_dataset_of_other_settings_is_not_planned_with(workspace: Workspace) -> None:
    voice = write_voice(workspace, dataset={"max_tokens": 4096})
    put_dataset(workspace, 300, settings=settings_of("prefix_completion_dataset", workspace, voice))
    assert plan_for(workspace, voice).tokens_an_epoch == 3000
    voice = write_voice(workspace, dataset={"max_tokens": 512})  # as a plan may have advised
    with pytest.raises(GaeaError, match=r"\(changed: dataset\); materialise split_chunks and prefix_"):
        plan_for(workspace, voice)


def test_a_base_of_another_family_is_one_line(workspace: Workspace) -> None:
    put_base(workspace, {"model_type": "gpt2", "n_embd": 768})
    put_dataset(workspace, 300)
    with pytest.raises(GaeaError, match="hidden_size is missing; a dense model of the Llama, Mistral or Qwen family"):
        plan_for(workspace, workspace.voice(VOICE), "rtx5090")


def small_gpu(processes: int = 1) -> devices.Device:
    return devices.Device("a small GPU", 16 * 10**9, None, None)


def test_the_gate_refuses_what_does_not_fit_and_shows_the_figures(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "here", small_gpu)
    put_base(workspace, LLAMA_8B)
    put_dataset(workspace, 2000)
    (gate,) = (gate for gate in gates_of("prefix_completion_dataset") if gate.name == "fits_device")
    assert gate.blocking
    fitting = gate.find(workspace, workspace.voice(VOICE))
    assert fitting.passed
    assert fitting.figures["device"] == "a small GPU"
    assert fitting.figures["expected seconds"] == "unknown"
    write_voice(workspace, base={"model": "base"}, training={"method": "lora"})
    refused = gate.find(workspace, workspace.voice(VOICE))
    assert refused.summary().endswith("a small GPU has 16.0 GB: set training.method: qlora")
    assert refused.figures["GB, in all"] > 16


@pytest.mark.parametrize("held", [0, 10 * 10**9])
def test_command_and_gate_say_the_same(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(devices, "here", lambda _: replace(small_gpu(), held=held, note="PyTorch sees two"))
    put_base(workspace, LLAMA_8B)
    put_dataset(workspace, 2000)
    verdict = _the_gate().find(workspace, workspace.voice(VOICE))
    assert verdict.passed  # with what others hold now the training waits, the dataset does not
    out = shown(workspace, capsys, monkeypatch, status=0)
    assert out.rstrip().endswith(f"\nPyTorch sees two\n{verdict.figures['verdict']}")
    assert ("end those (nvidia-smi lists them) before it starts" in out) == bool(held)


def test_more_processes_than_gpus_do_not_fit_but_a_cluster_may_have_them(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "_gpus_of_torch", lambda: [small_gpu()])
    put_base(workspace, LLAMA_8B)
    put_dataset(workspace, 2000)
    write_voice(workspace, base={"model": "base"}, training={"processes": 2, "method": "lora"})
    with pytest.raises(GaeaError, match=r"training\.processes: 2 given, .* this machine has 1"):
        _the_gate().find(workspace, workspace.voice(VOICE))
    write_voice(workspace, base={"model": "base"}, training={"processes": 2, "method": "lora", "trainer": "ray"})
    assert _the_gate().find(workspace, workspace.voice(VOICE)).passed
    out = shown(workspace, capsys, monkeypatch, status=0)
    assert "set training.method: qlora\ntraining.trainer: ray: trained on the cluster" in out
    shown(workspace, capsys, monkeypatch, "--device", "rtx4080", status=1)


def test_what_does_not_fit_is_not_trained_on(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gaea_assets.checks.gates.gates_of", lambda _: [_the_gate()])
    monkeypatch.setattr(devices, "here", lambda _: devices.Device("a tiny GPU", 10**6, None, None))
    put_dataset(workspace, 300)
    with pytest.raises(GaeaError, match=r"did not pass its gate fits_device: .* take a smaller base"):
        require_passed("prefix_completion_dataset", workspace, workspace.voice(VOICE))


def _the_gate() -> Any:
    return next(gate for gate in gates_of("prefix_completion_dataset") if gate.name == "fits_device")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "time unknown"), (42.4, "about 42 s"), (600, "about 10 minutes"), (10800, "about 3.0 hours")],
)
def test_a_time_is_told_in_the_unit_that_suits_it(seconds: float | None, told: str) -> None:
    assert cli_plan.duration(seconds).startswith(told)


def test_planning_imports_no_torch() -> None:
    code = "import sys, gaea_assets.finetune.cli_plan; assert not {'torch', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
