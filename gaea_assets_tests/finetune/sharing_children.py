"""A tiny model trained by one process or several, of which the first may run out of memory."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from accelerate import PartialState
from safetensors.torch import save_file

from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.job import TrainJob
from gaea_assets.finetune.model import heldout_loss
from gaea_assets_tests.finetune.test_trainer import LARGE, MEDIUM, SMALL, adapter, examples, short_of_memory, trainer


def work(job: TrainJob, log: Callable[[str], None]) -> None:
    """Train, measure the held-out loss, and leave both in the job's folder.

    The job's `training` may tell the most tokens that the first process can compute at once.
    """
    state = PartialState(cpu=True)
    lines: list[str] = []
    made = trainer(Path(job.checkpoints), [LARGE, MEDIUM, SMALL], lines)
    most = job.training.get("most_tokens")
    if most is not None and state.is_main_process:
        short_of_memory(made, most)
    measured = []

    def forward_counted(*args: object, **inputs: object) -> object:
        measured.append(1)
        return decoder(*args, **inputs)

    made.train()
    base = made.model.get_base_model()
    decoder = base.model.forward
    base.model.forward = forward_counted
    found = {
        "heldout_loss": heldout_loss(made.model, examples()),
        "measured": len(measured),
        "log": lines,
        "losses": [entry["loss"] for entry in made.state.log_history if "loss" in entry],
        "way": made.way.tokens,
    }
    folder = Path(job.output)
    rank = os.environ.get("RANK", "0")
    save_file(adapter(made), folder / f"adapter-{rank}.safetensors")
    (folder / f"found-{rank}.json").write_text(json.dumps(found))
    state.destroy_process_group()


def main() -> None:
    run_child(TrainJob, work)
