"""Fine-tune an adapter on prefix-completion examples: QLoRA (Dettmers 2023) or 16-bit LoRA (Hu 2021).

Run as a process of its own, under Dagster Pipes or by hand, or as several (one for each GPU):

    python -m gaea_assets.finetune.train JOB.json
    python -m gaea_assets.finetune.launch 2 gaea_assets.finetune.train JOB.json

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
from accelerate import PartialState
from accelerate.utils import gather_object
from peft import LoraConfig, PeftModel  # noqa: TID253
from torch.utils.tensorboard import SummaryWriter  # noqa: TID253
from transformers import AutoTokenizer, PrinterCallback  # noqa: TID253
from transformers.integrations import TensorBoardCallback  # noqa: TID253
from trl import SFTConfig  # noqa: TID253

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import read_json
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune import gpus
from gaea_assets.finetune.checkpoints import (
    Checkpoint,
    best_of,
    complete_checkpoints,
    drop_incomplete,
    folder_of,
)
from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.devices import cpu
from gaea_assets.finetune.disk import full_disk_told, require_space
from gaea_assets.finetune.job import TrainJob
from gaea_assets.finetune.model import Encoded, device, encode, heldout_loss, load_base
from gaea_assets.finetune.plan import Plan, make_plan
from gaea_assets.finetune.progress import CompleteCheckpoints, Log, Progress, StopOrderly
from gaea_assets.finetune.shortage import SMALLER_STEPS, shortage_told
from gaea_assets.finetune.trainer import AdapterTrainer, steps_an_epoch, told
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.store import new_folder

ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")


def train(job: TrainJob, log: Log) -> None:
    """Train the adapter of a job and put it into its place, whole.

    Args:
        job: Paths and settings.
        log: Takes one line of progress.

    Raises:
        GaeaError: The job does not fit the device or the disk, the losses say that it cannot work, or it was stopped
            by a signal.
    """
    started = time.monotonic()
    state = PartialState(cpu=device() == "cpu")  # unless told, accelerate sees one process on a CPU
    say: Log = log if state.is_main_process else lambda line: None
    recipe = Training.model_validate(job.training)
    encoder = Encoder(Path(job.base), prompt_format(Path(job.base), job.prompt_format))
    train_set, heldout = (
        encode(read_jsonl(Path(job.dataset) / f"{side}.jsonl"), encoder) for side in ("train", "validation")
    )
    for side, examples in (("train", train_set), ("validation", heldout)):
        if not examples:
            raise GaeaError(
                f"{job.dataset}/{side}.jsonl: no examples; add chunks, or change dataset.validation_share, so that "
                f"both sides have one"
            )
    checkpoints = Path(job.checkpoints)
    if state.is_main_process:
        drop_incomplete(checkpoints)
    state.wait_for_everyone()
    stop = StopOrderly()
    trainer = _trainer(job, recipe, train_set, say)
    model = trainer.model
    assert isinstance(model, PeftModel)  # noqa: S101 - the trainer has wrapped it
    require_space(checkpoints, _checkpoint_bytes(model) * (recipe.keep_checkpoints + 3), "training.keep_checkpoints")
    with model.disable_adapter(), shortage_told("measuring the base's held-out loss", SMALLER_STEPS):
        base_loss = heldout_loss(model, heldout)
    say(
        f"{len(train_set)} examples, {sum(len(e.input_ids) for e in train_set):,} tokens, on {device()}, "
        f"{told(trainer.way)}; held-out loss of the base model {base_loss:.4f} nats a token"
    )
    for callback in (
        Progress(say, lambda: trainer.tokens_seen),
        CompleteCheckpoints(checkpoints, lambda: heldout_loss(model, heldout), base_loss, recipe, say),
        stop,
    ):
        trainer.add_callback(callback)
    if state.is_main_process:
        trainer.add_callback(TensorBoardCallback(SummaryWriter(job.curves)))
    _run(trainer, checkpoints, stop, say)
    state.destroy_process_group()
    if not state.is_main_process:
        return
    found = complete_checkpoints(checkpoints)
    summary = {
        "base_heldout_loss": base_loss,
        "checkpoints": [{"step": c.step, "heldout_loss": c.heldout_loss} for c in found],
        "best_step": _chosen(found, recipe).step,
        "history": [entry for entry in trainer.state.log_history if "loss" in entry],
        "examples": len(train_set),
        "tokens_an_epoch": sum(len(e.input_ids) for e in train_set),
        "tokens_at_once": trainer.way.tokens,
        "activations_recomputed": trainer.way.checkpointing,
        "processes": state.num_processes,
        "seconds": round(time.monotonic() - started, 1),
        "peak_memory_bytes": _peak_memory(),
        "device": device(),
    }
    _finish(job, checkpoints, summary)


def _trainer(job: TrainJob, recipe: Training, examples: list[Encoded], log: Log) -> AdapterTrainer:
    batch = recipe.micro_batch * recipe.accumulation
    steps = steps_an_epoch(len(examples), batch)
    settings = SFTConfig(
        output_dir=job.checkpoints,
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=batch,  # the trainer cuts it into micro-steps
        gradient_accumulation_steps=1,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup_share,
        weight_decay=recipe.weight_decay,
        optim="paged_adamw_8bit" if device() == "cuda" else "adamw_torch",
        bf16=True,
        use_cpu=device() == "cpu",
        gradient_checkpointing=False,  # the trainer turns it on where it is wanted
        max_length=None,  # the gate on the dataset holds the limit; nothing is cut here
        dataset_kwargs={"skip_prepare_dataset": True},
        save_strategy="steps",
        save_steps=math.ceil(steps / 2),
        logging_steps=max(1, steps // 10),
        seed=recipe.seed,
        data_seed=recipe.seed,
        report_to="none",
        disable_tqdm=True,
    )
    # Of several GPUs that are seen, a process takes one; the trainer would spread itself over all of them.
    settings._n_gpu = min(settings.n_gpu, 1)
    adapter = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        use_rslora=recipe.rslora,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    tokenizer = AutoTokenizer.from_pretrained(job.base)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    trainer = AdapterTrainer(
        examples,
        _plan(job, recipe, examples).ways,
        log,
        recipe.lora_plus_ratio,
        model=load_base(Path(job.base), quantized=recipe.method == "qlora"),
        args=settings,
        processing_class=tokenizer,
        peft_config=adapter,
    )
    trainer.remove_callback(PrinterCallback)  # prints raw dicts; Progress prints the lines
    return trainer


def _plan(job: TrainJob, recipe: Training, examples: list[Encoded]) -> Plan:
    """The plan on the devices of this training, the same in all its processes.

    Raises:
        GaeaError: It does not fit them.
    """
    # Of GPUs that are not alike, the one with the least room decides: all processes cut a step in the same way.
    own = gpus.own() if device() == "cuda" else cpu()
    least = min(gather_object([own]), key=lambda one: one.room)
    lengths = [len(example.input_ids) for example in examples]
    limit = 1 << max(lengths).bit_length()  # `dataset.max_tokens` is not told here: the power of 2 above them
    plan = make_plan(read_json(Path(job.base), "config.json"), recipe, limit, lengths, least)
    if not plan.can_start:
        raise GaeaError(plan.verdict)
    return plan


def _run(trainer: AdapterTrainer, checkpoints: Path, stop: StopOrderly, log: Log) -> None:
    done = complete_checkpoints(checkpoints)
    if done:
        log(f"going on from the checkpoint at step {done[-1].step}")
    with full_disk_told(checkpoints), shortage_told("training", SMALLER_STEPS):
        trainer.train(resume_from_checkpoint=str(folder_of(checkpoints, done[-1].step)) if done else None)
    step = trainer.state.global_step
    if stop.stopped and step < trainer.state.max_steps:
        raise GaeaError(
            f"training was stopped at step {step} of {trainer.state.max_steps}; its checkpoint is saved: "
            f"materialise qlora_adapter again to go on from there"
        )


def _chosen(found: list[Checkpoint], recipe: Training) -> Checkpoint:
    """The checkpoint that the recipe names, or the one with the lowest held-out loss."""
    if recipe.checkpoint is None:
        return best_of(found)
    for checkpoint in found:
        if checkpoint.step == recipe.checkpoint:
            return checkpoint
    raise GaeaError(
        f"training.checkpoint: {recipe.checkpoint} is none of the checkpoints, which are at the steps "
        f"{', '.join(str(checkpoint.step) for checkpoint in found)}; name one of them, or leave it out"
    )


def _finish(job: TrainJob, checkpoints: Path, summary: dict) -> None:
    best = folder_of(checkpoints, summary["best_step"])
    with full_disk_told(Path(job.output)), new_folder(Path(job.output), job.made_from) as folder:
        for name in ADAPTER_FILES:
            shutil.copy2(best / name, folder / name)
        settings = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        settings["base_model_name_or_path"] = job.base_name
        (folder / "adapter_config.json").write_text(json.dumps(settings, indent=1, sort_keys=True), "utf-8")
        (folder / "training_log.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    shutil.rmtree(checkpoints)


def _checkpoint_bytes(model: PeftModel) -> int:
    """Adapter in float32 and the optimiser's two moments, at most in float32 as well."""
    return 12 * sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _peak_memory() -> int:
    """Bytes: of the GPU where there is one, else the process's resident set."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    run_child(TrainJob, train)
