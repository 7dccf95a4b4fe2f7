"""How an optimiser step is cut, and what happens where memory or the loss gives out."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from trl import SFTConfig

from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune import train
from gaea_assets.finetune.choice import Choice
from gaea_assets.finetune.devices import Device
from gaea_assets.finetune.job import TrainJob
from gaea_assets.finetune.micro import MicroPlan
from gaea_assets.finetune.model import Encoded, load_base
from gaea_assets.finetune.shortage import SMALLER_STEPS, shortage_told
from gaea_assets.finetune.trainer import AdapterTrainer, share_of_peak
from gaea_assets_tests.finetune.tiny_models import tiny_model
from gaea_assets_tests.projects import BASE

LARGE, MEDIUM, SMALL = MicroPlan(400, False), MicroPlan(130, False), MicroPlan(70, True)


def examples() -> list[Encoded]:
    draw = torch.Generator().manual_seed(2)
    return [Encoded(torch.randint(120, (length,), generator=draw).tolist(), 3) for length in (60, 25, 44, 70, 31, 52)]


def trainer(
    folder: Path,
    ways: Sequence[MicroPlan],
    log: list[str] | None = None,
    model: PreTrainedModel | None = None,
    **more: Any,
) -> AdapterTrainer:
    settings = SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=4,
        num_train_epochs=2,
        learning_rate=1e-2,
        bf16=False,
        use_cpu=True,
        gradient_checkpointing=False,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        save_strategy="no",
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
    )
    return AdapterTrainer(
        examples(),
        ways,
        (log if log is not None else []).append,
        model=model or tiny_model("llama"),
        args=settings,
        processing_class=AutoTokenizer.from_pretrained(BASE),
        peft_config=LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"),
        **more,
    )


def adapter(made: AdapterTrainer) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in made.model.named_parameters() if p.requires_grad}


def short_of_memory(made: AdapterTrainer, most: int) -> None:
    """Let the model fail as CUDA does on rows of more than `most` tokens, after half of its work."""
    base = made.model.get_base_model()
    before = base.forward

    def forward(*args: Any, **inputs: Any) -> Any:
        answer = before(*args, **inputs)
        if inputs["input_ids"].shape[1] > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return answer

    base.forward = forward


@pytest.mark.parametrize("way", [MEDIUM, SMALL, MicroPlan(1, False)])
def test_how_a_step_is_cut_has_no_influence_on_what_is_learnt(tmp_path: Path, way: MicroPlan) -> None:
    whole, cut = trainer(tmp_path, [LARGE]), trainer(tmp_path, [way])
    for made in (whole, cut):
        made.train()
    for name, weights in adapter(whole).items():
        torch.testing.assert_close(adapter(cut)[name], weights, rtol=1e-3, atol=1e-5, msg=name)
    losses = [[entry["loss"] for entry in made.state.log_history if "loss" in entry] for made in (whole, cut)]
    assert len(losses[0]) == 4
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_all_examples_are_seen_once_an_epoch(tmp_path: Path) -> None:
    made = trainer(tmp_path, [MEDIUM])
    made.train()
    assert made.tokens_seen == 2 * sum(len(example.input_ids) for example in examples())
    assert made.state.global_step == 2 * math.ceil(6 / 4)


def test_a_step_that_runs_out_of_memory_is_computed_again_in_smaller_parts(tmp_path: Path) -> None:
    log: list[str] = []
    without = trainer(tmp_path, [SMALL])
    without.train()
    scarce = trainer(tmp_path, [LARGE, MEDIUM, SMALL], log)
    short_of_memory(scarce, 100)
    scarce.train()
    assert [line.split(";")[0] for line in log] == [
        "out of memory with 400 tokens at once, activations kept",
        "out of memory with 130 tokens at once, activations kept",
    ]
    assert "70 tokens at once, activations recomputed" in log[1]
    assert scarce.state.global_step == without.state.global_step
    for name, weights in adapter(without).items():
        torch.testing.assert_close(adapter(scarce)[name], weights, rtol=1e-3, atol=1e-5, msg=name)


def test_where_the_smallest_part_does_not_fit_the_remedy_is_named(tmp_path: Path) -> None:
    made = trainer(tmp_path, [LARGE, SMALL])
    short_of_memory(made, 10)
    with pytest.raises(GaeaError, match=r"^out of memory while computing step 1 with 70 .*; set training\.tok"):
        made.train()


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 15.70 GiB."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried 9 B."),
        MemoryError(),
    ],
)
def test_want_of_memory_is_told_in_one_line_wherever_it_is_met(error: Exception) -> None:
    one_line = r"^out of memory while training; set .* lower \(.*\)$"
    with pytest.raises(GaeaError, match=one_line) as caught, shortage_told("training", SMALLER_STEPS):
        raise error
    assert "\n" not in str(caught.value)


def test_a_base_that_memory_does_not_hold_is_told_with_what_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_pretrained(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 112.00 MiB. GPU 0 has 15.70 GiB, 2 free.")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", from_pretrained)
    with pytest.raises(
        GaeaError, match=r"^out of memory while loading the base .* in 4 bits on cpu; end other"
    ) as told:
        load_base(BASE, quantized=True)
    assert "take a smaller base (base.model)" in str(told.value)
    assert "Tried to allocate 112.00 MiB" in str(told.value)


@pytest.mark.parametrize(
    ("here", "told"),
    [
        (
            Device("a GPU", 24 * 10**9, None, None, held=24 * 10**9 - 1),
            "end those (nvidia-smi lists them) before it st",
        ),
        (Device("a GPU", 24 * 10**9, None, None, bfloat16=False), "a GPU does not compute in bfloat16, which training"),
        (Device("a GPU", 10**6, None, None), "a GPU has 0.0 GB: take a smaller base"),
    ],
)
def test_training_asks_the_plan_before_it_loads_anything(
    monkeypatch: pytest.MonkeyPatch, here: Device, told: str
) -> None:
    monkeypatch.setattr(train, "cpu", lambda: here)
    monkeypatch.setattr(train, "load_base", lambda *_, **__: pytest.fail("the base is loaded"))
    job = TrainJob(str(BASE), "base", "auto", "", "", "", {}, "")
    with pytest.raises(GaeaError, match=re.escape(told)):
        train._trainer(job, Training(), Choice.of(len(examples()), Training()), examples(), print)


def test_another_error_is_not_taken_for_want_of_memory(tmp_path: Path) -> None:
    made = trainer(tmp_path, [LARGE, SMALL])
    made.model.get_base_model().forward = lambda **_: (_ for _ in ()).throw(RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        made.train()


def test_a_loss_that_is_no_number_stops_at_its_step(tmp_path: Path) -> None:
    model = tiny_model("llama")
    with torch.no_grad():
        model.model.layers[0].mlp.up_proj.weight[0, 0] = torch.nan
    made = trainer(tmp_path, [LARGE], model=model)
    with pytest.raises(GaeaError, match=r"the loss at step 1 is nan; set training\.learning_rate lower"):
        made.train()


def test_lora_plus_trains_b_faster_than_a(tmp_path: Path) -> None:
    made = trainer(tmp_path, [LARGE], lora_plus_ratio=16)
    groups = [group for group in made.create_optimizer().param_groups if group["params"]]
    assert sorted({group["lr"] for group in groups}) == pytest.approx([0.01, 0.16])
    assert sum(len(group["params"]) for group in groups) == len(adapter(made))


def test_lora_plus_keeps_the_weight_decay(tmp_path: Path) -> None:
    made = trainer(tmp_path, [LARGE], lora_plus_ratio=4)
    made.args.weight_decay = 0.1
    assert {group["weight_decay"] for group in made.create_optimizer().param_groups if group["params"]} == {0.1}


@pytest.mark.parametrize(("warmup", "steps"), [(0, 6), (1, 15), (3, 15), (15, 15), (1, 1), (8, 144)])
def test_no_step_has_a_learning_rate_of_0(warmup: int, steps: int) -> None:
    shares = [share_of_peak(done, warmup, steps) for done in range(steps)]
    top = max(1, warmup)
    assert shares[:top] == pytest.approx([(n + 1) / top for n in range(top)])
    assert all(later < earlier for earlier, later in zip(shares[top - 1 :], shares[top:], strict=False))
    assert 0 < min(shares) <= max(shares) == 1
    assert share_of_peak(steps, warmup, steps) == pytest.approx(0)


def test_the_first_step_learns(tmp_path: Path) -> None:
    made = trainer(tmp_path, [LARGE])
    made.args.warmup_steps, made.args.logging_steps = 0.5, 1
    made.train()
    rates = [entry["learning_rate"] for entry in made.state.log_history if "loss" in entry]
    assert rates[:2] == pytest.approx([0.005, 0.01])
    assert min(rates) > 0


def test_the_adapter_is_float32_throughout(tmp_path: Path) -> None:
    made = trainer(tmp_path, [LARGE], model=tiny_model("qwen3").to(torch.bfloat16))
    assert {weights.dtype for weights in adapter(made).values()} == {torch.float32}
