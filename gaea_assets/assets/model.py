"""The adapter and the merged model; both are made by child processes."""

import json
from typing import Any

import dagster as dg
import pandas as pd

from gaea_assets import charts
from gaea_assets.assets.common import ACCELERATOR, VOICES, faults_in_one_line, materialised
from gaea_assets.assets.dataset import prefix_completion_dataset
from gaea_assets.checks.gates import require_passed
from gaea_assets.finetune.final_figures import final_figures, last_epoch_loss
from gaea_assets.finetune.job import MergeJob, TrainJob
from gaea_assets.lineage import CODE_VERSION, made_from, require_current, training_of
from gaea_assets.resources import ChildProcess, Workspace

ROWS = 40
"""Of the table of training losses on the adapter's page."""


@dg.asset(
    deps=[prefix_completion_dataset],
    partitions_def=VOICES,
    kinds={"pytorch", "huggingface"},
    pool=ACCELERATOR,
    code_version=CODE_VERSION["qlora_adapter"],
)
def qlora_adapter(context: dg.AssetExecutionContext, workspace: Workspace, child: ChildProcess) -> dg.MaterializeResult:
    """The adapter: QLoRA or LoRA on the base model, the checkpoint with the lowest held-out loss or the one named.

    A killed training goes on from its last complete checkpoint when it is materialised again; for another checkpoint
    of a finished one nothing is trained.
    """
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        require_current("prefix_completion_dataset", workspace, voice)
        require_passed("prefix_completion_dataset", workspace, voice)
        inputs = made_from("qlora_adapter", workspace, voice)
        output = workspace.place("qlora_adapter", voice.name)
        checkpoints = output.with_name(f".{voice.name}.checkpoints") / training_of(inputs)
        job = TrainJob(
            base=str(workspace.base(voice, weights=True)),
            base_name=voice.base.model,
            prompt_format=voice.base.prompt_format,
            dataset=str(workspace.made("prefix_completion_dataset", voice.name)),
            output=str(output),
            checkpoints=str(checkpoints),
            training=voice.training.model_dump(),
            curves=str(workspace.place("logs", voice.name) / "tensorboard" / checkpoints.name),
            made_from=inputs,
            max_tokens=voice.dataset.max_tokens,
            superseded=[str(other) for other in checkpoints.parent.glob("*") if other != checkpoints],
        )
        child.run(context, "gaea_assets.finetune.train", job, output.with_name(f".{voice.name}.job"))
        summary = json.loads((output / "training_log.json").read_text("utf-8"))
        history = pd.DataFrame(summary["history"])[["step", "epoch", "loss", "learning_rate"]]
        figures = final_figures(summary)
        for what, told in figures.items():
            context.log.info(f"{what}: {told}")
        return materialised(
            "qlora_adapter",
            workspace,
            voice.name,
            {
                "heldout_loss": summary["heldout_loss"],
                "base_heldout_loss": summary["base_heldout_loss"],
                "final_training_loss": last_epoch_loss(summary["history"]),
                "adapter_step": summary["adapter_step"],
                "best_step": summary["best_step"],
                "seconds": summary["seconds"],
                "peak_memory_gib": summary["peak_memory_bytes"] / 2**30,
                "figures": dg.MetadataValue.md(pd.Series(figures, name="").to_markdown()),
                "loss_curve": dg.MetadataValue.md(f"![]({charts.data_url(_loss_curve(summary))})"),
                "loss": dg.MetadataValue.md(_thinned(history).to_markdown(index=False)),
                "checkpoints": dg.MetadataValue.md(pd.DataFrame(summary["checkpoints"]).to_markdown(index=False)),
            },
        )


def _thinned(history: pd.DataFrame) -> pd.DataFrame:
    """Rows at equal distances, `ROWS` at most, up to the last; the curve and the log have all."""
    every = -(-len(history) // ROWS)
    return history.iloc[::-1].iloc[::every].iloc[::-1]


def _loss_curve(summary: dict[str, Any]) -> str:
    """Training loss, and held-out loss from the base model on, by step."""
    heldout = [(c["step"], c["heldout_loss"]) for c in summary["checkpoints"]]
    return charts.lines(
        {
            "training loss": [(entry["step"], entry["loss"]) for entry in summary["history"]],
            "held-out loss": [(0, summary["base_heldout_loss"]), *heldout],
        },
        "step (loss in nats a token)",
    )


@dg.asset(
    deps=[qlora_adapter],
    partitions_def=VOICES,
    kinds={"pytorch", "huggingface"},
    pool=ACCELERATOR,
    code_version=CODE_VERSION["merged_model"],
)
def merged_model(context: dg.AssetExecutionContext, workspace: Workspace, child: ChildProcess) -> dg.MaterializeResult:
    """Base and adapter as one 16-bit model with tokenizer and config, for transformers and vLLM."""
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        require_current("qlora_adapter", workspace, voice)
        require_passed("qlora_adapter", workspace, voice)
        output = workspace.place("merged_model", voice.name)
        job = MergeJob(
            base=str(workspace.base(voice, weights=True)),
            prompt_format=voice.base.prompt_format,
            adapter=str(workspace.made("qlora_adapter", voice.name)),
            dataset=str(workspace.made("prefix_completion_dataset", voice.name)),
            output=str(output),
            quantized=voice.training.method == "qlora",
            made_from=made_from("merged_model", workspace, voice),
        )
        child.run(context, "gaea_assets.finetune.merge", job, output.with_name(f".{voice.name}.job"))
        summary = json.loads((output / "merge_log.json").read_text("utf-8"))
        return materialised(
            "merged_model",
            workspace,
            voice.name,
            {
                "weights": summary["weights"],
                "heldout_loss": summary["heldout_loss"],
                "logit_difference": summary["relative_rms"],
                "size_mib": summary["bytes"] / 2**20,
                "base_size_mib": summary["base_bytes"] / 2**20,
                "seconds": summary["seconds"],
            },
        )
