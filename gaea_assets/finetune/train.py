"""Fine-tune an adapter on prefix-completion examples: QLoRA (Dettmers 2023) or 16-bit LoRA (Hu 2021).

Run as a process of its own, under Dagster Pipes or by hand, or as several (one for each GPU):

    python -m gaea_assets.finetune gaea_assets.finetune.train JOB.json
    python -m gaea_assets.finetune.launch 2 gaea_assets.finetune.train JOB.json

Loss on the completion only; checkpoints every half epoch, each with its token-weighted held-out loss;
the adapter is the checkpoint with the lowest, or the one that the recipe names. A killed training goes on from its last
complete checkpoint.
"""

import math
import time
from pathlib import Path
from typing import Any, cast

from accelerate import PartialState
from accelerate.utils import gather_object
from peft import LoraConfig, PeftModel  # noqa: TID253
from torch.utils.tensorboard import SummaryWriter  # noqa: TID253
from transformers import AutoTokenizer, PreTrainedModel, PrinterCallback, TrainerState  # noqa: TID253
from transformers.integrations import TensorBoardCallback  # noqa: TID253
from trl import SFTConfig  # noqa: TID253

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import read_json
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune import gpus
from gaea_assets.finetune.adapter import publish, read_figures, write_figures
from gaea_assets.finetune.base_check import checked_base
from gaea_assets.finetune.checkpoints import (
    Checkpoint,
    complete_checkpoints,
    folder_of,
    require_same_dataset,
    tidy,
)
from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.choice import Choice
from gaea_assets.finetune.devices import cpu
from gaea_assets.finetune.disk import full_disk_told, require_room_for_checkpoints
from gaea_assets.finetune.job import TrainJob
from gaea_assets.finetune.model import Encoded, device, encode, heldout_loss, load_base
from gaea_assets.finetune.own_logits import require_own_logits
from gaea_assets.finetune.plan import Plan, make_plan
from gaea_assets.finetune.progress import CompleteCheckpoints, Log, Progress, StopOrderly, peak_memory
from gaea_assets.finetune.shortage import SMALLER_STEPS, shortage_told
from gaea_assets.finetune.trainer import AdapterTrainer, told
from gaea_assets.manuscript.examples import read_jsonl


def train(job: TrainJob, log: Log) -> None:
    """Train the adapter of a job and put it into its place, whole.

    What has been trained before, by a run that was cut off or for another checkpoint, is not trained again.

    Args:
        job: Paths and settings.
        log: Takes one line of progress.

    Raises:
        GaeaError: The base is not whole or gives no finite loss, the recipe names a checkpoint that there will not be,
            the job does not fit the device or the disk, the losses say that it cannot work, or it was stopped by a
            signal.
    """
    started = time.monotonic()
    state = PartialState(cpu=device() == "cpu")  # unless told, accelerate sees one process on a CPU
    say: Log = log if state.is_main_process else lambda line: None
    recipe, checkpoints = Training.model_validate(job.training), Path(job.checkpoints)
    checked_base(Path(job.base))
    train_set, heldout = _examples(job)
    choice = Choice.of(len(train_set), recipe)
    if state.is_main_process:
        with full_disk_told(checkpoints):
            require_same_dataset(checkpoints, _sides(job))
            tidy(checkpoints, say)
    state.wait_for_everyone()
    found = complete_checkpoints(checkpoints)
    figures = read_figures(checkpoints) if choice.ended(found) else None
    if figures is None or not choice.settled(found):
        with StopOrderly() as stop:
            trained = _train(job, recipe, choice, train_set, heldout, stop, say, started)
        figures = figures or trained
    state.destroy_process_group()
    if state.is_main_process:
        with full_disk_told(checkpoints):
            write_figures(checkpoints, figures)
        say(f"the adapter is the checkpoint at step {publish(job, choice, figures)}")


def _sides(job: TrainJob) -> list[Path]:
    return [Path(job.dataset) / f"{side}.jsonl" for side in ("train", "validation")]


def _examples(job: TrainJob) -> tuple[list[Encoded], list[Encoded]]:
    encoder = Encoder(Path(job.base), prompt_format(Path(job.base), job.prompt_format))
    train_set, heldout = (encode(read_jsonl(path), encoder) for path in _sides(job))
    for path, examples in zip(_sides(job), (train_set, heldout), strict=True):
        if not examples:
            raise GaeaError(
                f"{path}: no examples; add chunks, or change dataset.validation_share, so that both sides have one"
            )
    return train_set, heldout


def _train(
    job: TrainJob,
    recipe: Training,
    choice: Choice,
    train_set: list[Encoded],
    heldout: list[Encoded],
    stop: StopOrderly,
    log: Log,
    started: float,
) -> dict[str, Any]:
    """Train to the end, from the beginning or from a checkpoint; the figures of the training."""
    checkpoints = Path(job.checkpoints)
    found = complete_checkpoints(checkpoints)
    start = choice.start(found)
    seconds_before = start.seconds if start else 0.0
    trainer = _trainer(job, recipe, choice, train_set, log)
    model = trainer.model
    assert isinstance(model, PeftModel)  # noqa: S101 - the trainer has wrapped it
    trained_weights = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    require_room_for_checkpoints(checkpoints, trained_weights, recipe.keep_checkpoints)
    with model.disable_adapter(), shortage_told("measuring the base's held-out loss", SMALLER_STEPS):
        base_loss = heldout_loss(model, heldout)
    if not math.isfinite(base_loss):
        raise GaeaError(
            f"base.model: {job.base}: its held-out loss is {base_loss}, so its weights are damaged or not for "
            f"bfloat16; copy or download it again, or name another model"
        )
    with model.disable_adapter(), shortage_told("comparing the base's logits", SMALLER_STEPS):
        require_own_logits(cast(PreTrainedModel, model.get_base_model()), heldout[0])
    tokens = sum(len(example.input_ids) for example in train_set)
    log(
        f"{len(train_set)} examples, {tokens:,} tokens, on {device()}, {told(trainer.way)}; checkpoints at the steps "
        f"{choice.told}; held-out loss of the base model {base_loss:.4f} nats a token"
    )
    for callback in (
        Progress(log, lambda: trainer.tokens_seen, every=max(1, choice.steps_an_epoch // 10)),
        CompleteCheckpoints(
            checkpoints,
            choice,
            measure=lambda: heldout_loss(model, heldout),
            base_loss=base_loss,
            recipe=recipe,
            log=log,
            seconds=lambda: seconds_before + time.monotonic() - started,
        ),
        stop,
    ):
        trainer.add_callback(callback)
    if not choice.settled(found):  # else a kill came before the figures were written
        _run(trainer, job, choice, start, stop, log)
    last = max((c for c in complete_checkpoints(checkpoints) if c.kept), key=lambda c: c.step)
    history = TrainerState.load_from_json(str(folder_of(checkpoints, last.step) / "trainer_state.json")).log_history
    return {
        "base_heldout_loss": base_loss,
        "history": [entry for entry in history if "loss" in entry],
        "examples": len(train_set),
        "tokens_an_epoch": tokens,
        "tokens_at_once": trainer.way.tokens,
        "activations_recomputed": trainer.way.checkpointing,
        "processes": PartialState().num_processes,
        "seconds": last.seconds,
        "peak_memory_bytes": peak_memory(),
        "device": device(),
    }


def _trainer(job: TrainJob, recipe: Training, choice: Choice, examples: list[Encoded], log: Log) -> AdapterTrainer:
    settings = SFTConfig(
        output_dir=job.checkpoints,
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.micro_batch * recipe.accumulation,  # the trainer cuts it into micro-steps
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
        save_steps=choice.steps[0],
        logging_steps=1,  # into the history; `Progress` thins the lines
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
    plan = make_plan(read_json(Path(job.base), "config.json"), recipe, job.max_tokens, lengths, least)
    if not plan.can_start:
        raise GaeaError(plan.verdict)
    return plan


def _run(
    trainer: AdapterTrainer, job: TrainJob, choice: Choice, start: Checkpoint | None, stop: StopOrderly, log: Log
) -> None:
    checkpoints, curves = Path(job.checkpoints), None
    found = complete_checkpoints(checkpoints)
    if (chosen := choice.chosen(found)) and not chosen.kept:
        log(f"the files of the checkpoint at step {chosen.step}, which is wanted, are gone: it is trained again")
    log(f"going on from the checkpoint at step {start.step}" if start else "training from the beginning")
    with full_disk_told(checkpoints), shortage_told("training", SMALLER_STEPS):
        if PartialState().is_main_process and not choice.ended(found):  # else the whole curve is drawn already
            # What a killed run has drawn beyond the checkpoint is drawn again.
            curves = SummaryWriter(job.curves, purge_step=start.step + 1 if start else 1)
            trainer.add_callback(TensorBoardCallback(curves))
        try:
            trainer.train(resume_from_checkpoint=str(folder_of(checkpoints, start.step)) if start else None)
        finally:
            if curves:
                curves.close()
    if stop.stopped and not choice.settled(complete_checkpoints(checkpoints)):
        raise GaeaError(
            f"training was stopped at step {trainer.state.global_step} of {trainer.state.max_steps}; its checkpoint is "
            f"saved: materialise qlora_adapter again to go on from there"
        )


def main() -> None:
    """The work of `python -m gaea_assets.finetune`."""
    run_child(TrainJob, train)
