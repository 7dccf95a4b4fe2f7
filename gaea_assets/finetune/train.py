"""Fine-tune an adapter on prefix-completion examples: QLoRA (Dettmers 2023) or 16-bit LoRA (Hu 2021).

Run as a process of its own, under Dagster Pipes or by hand:

    python -m gaea_assets.finetune.train JOB.json

Loss on the completion only; checkpoints every half epoch, each with its token-weighted held-out loss;
the adapter is the checkpoint with the lowest. A killed training goes on from its last complete checkpoint.
"""

import json
import math
import resource
import shutil
import time
from pathlib import Path

import torch  # noqa: TID253 - this is the training process
from datasets import Dataset
from peft import LoraConfig, PeftModel  # noqa: TID253
from transformers import AutoTokenizer, PrinterCallback  # noqa: TID253
from trl import SFTConfig, SFTTrainer  # noqa: TID253

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import (
    best_of,
    complete_checkpoints,
    drop_incomplete,
    folder_of,
)
from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.job import TrainJob
from gaea_assets.finetune.model import Encoded, device, encode, heldout_loss, load_base
from gaea_assets.finetune.progress import CompleteCheckpoints, Log, Progress, StopOrderly
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.store import new_folder

ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")


def train(job: TrainJob, log: Log) -> None:
    """Train the adapter of a job and put it into its place, whole.

    Args:
        job: Paths and settings.
        log: Takes one line of progress.

    Raises:
        GaeaError: The loss is not finite, or the training was stopped by a signal.
    """
    started = time.monotonic()
    recipe = Training.model_validate(job.training)
    encoder = Encoder(Path(job.base), prompt_format(Path(job.base), job.prompt_format))
    train_set, heldout = (
        encode(read_jsonl(Path(job.dataset) / f"{side}.jsonl"), encoder) for side in ("train", "validation")
    )
    checkpoints = Path(job.checkpoints)
    drop_incomplete(checkpoints)
    stop = StopOrderly()
    trainer = _trainer(job, recipe, train_set, checkpoints)
    model = trainer.model
    assert isinstance(model, PeftModel)  # noqa: S101 - SFTTrainer has wrapped it
    with model.disable_adapter():
        base_loss = heldout_loss(model, heldout)
    log(
        f"{len(train_set)} examples, {sum(len(e.input_ids) for e in train_set):,} tokens, on {device()}; "
        f"held-out loss of the base model {base_loss:.4f} nats a token"
    )
    for callback in (
        Progress(log),
        CompleteCheckpoints(checkpoints, lambda: heldout_loss(model, heldout), log),
        stop,
    ):
        trainer.add_callback(callback)
    _run(trainer, checkpoints, stop, log)
    summary = {
        "base_heldout_loss": base_loss,
        "checkpoints": [vars(c) for c in complete_checkpoints(checkpoints)],
        "best_step": best_of(complete_checkpoints(checkpoints)).step,
        "history": [entry for entry in trainer.state.log_history if "loss" in entry],
        "examples": len(train_set),
        "tokens_an_epoch": sum(len(e.input_ids) for e in train_set),
        "seconds": round(time.monotonic() - started, 1),
        "peak_memory_bytes": _peak_memory(),
        "device": device(),
    }
    _finish(job, checkpoints, summary)


def _trainer(job: TrainJob, recipe: Training, examples: list[Encoded], checkpoints: Path) -> SFTTrainer:
    steps_an_epoch = math.ceil(len(examples) / (recipe.micro_batch * recipe.accumulation))
    settings = SFTConfig(
        output_dir=str(checkpoints),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.micro_batch,
        gradient_accumulation_steps=recipe.accumulation,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup_share,
        weight_decay=recipe.weight_decay,
        optim="paged_adamw_8bit" if device() == "cuda" else "adamw_torch",
        bf16=True,
        use_cpu=device() == "cpu",
        gradient_checkpointing=recipe.gradient_checkpointing,
        max_length=None,  # the gate on the dataset holds the limit; nothing is cut here
        dataset_kwargs={"skip_prepare_dataset": True},
        save_strategy="steps",
        save_steps=math.ceil(steps_an_epoch / 2),
        logging_steps=max(1, steps_an_epoch // 10),
        seed=recipe.seed,
        data_seed=recipe.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=device() == "cuda",
    )
    adapter = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    rows = [{"input_ids": example.input_ids, "labels": example.labels} for example in examples]
    tokenizer = AutoTokenizer.from_pretrained(job.base)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    trainer = SFTTrainer(
        model=load_base(Path(job.base), quantized=recipe.method == "qlora"),
        args=settings,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=adapter,
    )
    # TRL casts a QLoRA adapter to bfloat16, but PEFT loads that of a checkpoint in float32: a resumed training
    # would go on in another precision. float32 also keeps the small updates that bfloat16 rounds away.
    assert isinstance(trainer.model, PeftModel)  # noqa: S101 - SFTTrainer has wrapped it
    for parameter in trainer.model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    trainer.remove_callback(PrinterCallback)  # prints raw dicts; Progress prints the lines
    return trainer


def _run(trainer: SFTTrainer, checkpoints: Path, stop: StopOrderly, log: Log) -> None:
    done = complete_checkpoints(checkpoints)
    if done:
        log(f"going on from the checkpoint at step {done[-1].step}")
    trainer.train(resume_from_checkpoint=str(folder_of(checkpoints, done[-1].step)) if done else None)
    step = trainer.state.global_step
    if stop.stopped and step < trainer.state.max_steps:
        raise GaeaError(
            f"training was stopped at step {step} of {trainer.state.max_steps}; its checkpoint is saved: "
            f"materialise qlora_adapter again to go on from there"
        )
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    if not all(math.isfinite(loss) for loss in losses):
        raise GaeaError("training.learning_rate: the loss is not finite; lower it, to 1e-4 for a start")


def _finish(job: TrainJob, checkpoints: Path, summary: dict) -> None:
    best = folder_of(checkpoints, summary["best_step"])
    with new_folder(Path(job.output), job.made_from) as folder:
        for name in ADAPTER_FILES:
            shutil.copy2(best / name, folder / name)
        settings = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        settings["base_model_name_or_path"] = job.base_name
        (folder / "adapter_config.json").write_text(json.dumps(settings, indent=1, sort_keys=True), "utf-8")
        (folder / "training_log.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    shutil.rmtree(checkpoints)


def _peak_memory() -> int:
    """Bytes: of the GPU where there is one, else the process's resident set."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    run_child(TrainJob, train)
