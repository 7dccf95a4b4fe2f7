"""The finished adapter: the chosen checkpoint and the log of its training, put into their place."""

import json
import shutil
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import best_of, complete_checkpoints, damage, folder_of
from gaea_assets.finetune.choice import Choice
from gaea_assets.finetune.disk import full_disk_told
from gaea_assets.finetune.job import TrainJob
from gaea_assets.store import new_folder, write_whole

ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
FIGURES = "figures.json"
"""Beside the checkpoints, once their training has ended: what the log of any adapter taken from them says of it."""


def write_figures(checkpoints: Path, figures: dict[str, Any]) -> None:
    """Note what a training has come to, for this adapter and for others taken from its checkpoints later."""
    write_whole(checkpoints / FIGURES, json.dumps(figures))


def read_figures(checkpoints: Path) -> dict[str, Any] | None:
    """What `write_figures` has noted, or None."""
    try:
        found = json.loads((checkpoints / FIGURES).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def publish(job: TrainJob, choice: Choice, figures: dict[str, Any]) -> int:
    """Make the adapter of the chosen checkpoint, whole; then delete the checkpoints that this training supersedes.

    Args:
        job: Where they lie, and where the adapter goes.
        choice: Which of them is wanted.
        figures: Of their training.

    Returns:
        The step that the adapter is taken from.

    Raises:
        GaeaError: The files of the chosen one are damaged, or the disk is full.
    """
    checkpoints, output = Path(job.checkpoints), Path(job.output)
    counted = choice.counted(complete_checkpoints(checkpoints))
    chosen = choice.chosen(counted)
    if chosen is None or not chosen.kept or damage(checkpoints, chosen.step):
        raise GaeaError(
            f"{checkpoints}: the files of the checkpoint at step {chosen.step if chosen else choice.wanted} are gone "
            f"or damaged; materialise qlora_adapter again: what is missing is trained again"
        )
    log = {
        **figures,
        "checkpoints": [{"step": c.step, "heldout_loss": c.heldout_loss} for c in counted],
        "best_step": best_of(counted).step,
        "adapter_step": chosen.step,
        "heldout_loss": chosen.heldout_loss,
        "history": [entry for entry in figures["history"] if entry["step"] <= counted[-1].step],
    }
    with full_disk_told(output), new_folder(output, job.made_from) as folder:
        for name in ADAPTER_FILES:
            shutil.copy2(folder_of(checkpoints, chosen.step) / name, folder / name)
        settings = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        settings["base_model_name_or_path"] = job.base_name
        (folder / "adapter_config.json").write_text(json.dumps(settings, indent=1, sort_keys=True), "utf-8")
        (folder / "training_log.json").write_text(json.dumps(log, indent=1) + "\n", "utf-8")
    for abandoned in job.superseded:
        shutil.rmtree(abandoned, ignore_errors=True)
    return chosen.step
