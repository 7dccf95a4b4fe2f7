"""What happens while training runs: progress lines, checkpoints with their held-out loss, orderly stops."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import torch  # noqa: TID253 - imported by the training process only
from accelerate import PartialState
from accelerate.utils import reduce
from transformers import (  # noqa: TID253
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import Checkpoint, complete_checkpoints, mark_complete, prune, without_gain
from gaea_assets.finetune.trouble import fault_of

Log = Callable[[str], None]

FEWEST_STEPS = 10
"""Before so many optimiser steps, losses say nothing about a recipe: the learning rate still warms up."""


class Progress(TrainerCallback):
    """A line for every logged step: step, loss, learning rate, epoch, tokens/s, memory, time left.

    Args:
        log: Takes the line.
        tokens_seen: Tokens trained on since this process began.
    """

    def __init__(self, log: Log, tokens_seen: Callable[[], int]) -> None:
        self._log, self._tokens_seen = log, tokens_seen
        self._started = time.monotonic()
        self._first_step = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Note where the clock starts; a resumed training does not start at step 0."""
        self._started, self._first_step = time.monotonic(), state.global_step

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Print the line."""
        if not logs or "loss" not in logs:
            return
        seconds = time.monotonic() - self._started
        done = state.global_step - self._first_step
        left = seconds / max(1, done) * (state.max_steps - state.global_step)
        rate = self._tokens_seen() / max(seconds, 1e-9)
        self._log(
            f"step {state.global_step}/{state.max_steps}  loss {float(logs['loss']):.4f}  "
            f"learning rate {float(logs['learning_rate']):.2e}  epoch {state.epoch or 0:.2f}  "
            f"{rate:,.0f} tokens/s  {memory_in_use()}  {left:,.0f} s left"
        )


def memory_in_use() -> str:
    """Memory of the GPU, its greatest so far, and the share of time it computes; of this process on a CPU."""
    if not torch.cuda.is_available():
        return f"{psutil.Process().memory_info().rss / 2**30:.1f} GiB"
    held, most = torch.cuda.memory_allocated() / 2**30, torch.cuda.max_memory_allocated() / 2**30
    # It asks the driver through nvidia-ml-py, where that is installed, and raises that library's errors too: of a GPU
    # that is a slice of one, of a container without the right, of a library that is not the driver's.
    load = ""
    with suppress(Exception):
        load = f", GPU {torch.cuda.utilization()} % busy"
    return f"{held:.1f} GiB (at most {most:.1f}){load}"


class CompleteCheckpoints(TrainerCallback):
    """Give each checkpoint its held-out loss and its completion marker; stop where going on is of no use.

    Args:
        folder: Where the checkpoints lie.
        measure: Gives the held-out loss.
        base_loss: Held-out loss of the base model.
        recipe: How many to keep, which is named, how long to be patient.
        log: Takes one line.
    """

    def __init__(
        self, folder: Path, measure: Callable[[], float], base_loss: float, recipe: Training, log: Log
    ) -> None:
        self._folder, self._measure, self._base_loss = folder, measure, base_loss
        self._recipe, self._log = recipe, log

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """The trainer has written the checkpoint; measure it, mark it, delete old ones.

        Raises:
            GaeaError: The losses say that the recipe cannot work.
        """
        PartialState().wait_for_everyone()  # each process writes a part of the checkpoint
        loss = self._measure()
        if state.is_world_process_zero:
            mark_complete(self._folder, Checkpoint(state.global_step, loss))
            prune(self._folder, self._recipe.keep_checkpoints, self._recipe.checkpoint)
        PartialState().wait_for_everyone()
        self._log(f"checkpoint at step {state.global_step}: held-out loss {loss:.4f} nats a token")
        found = complete_checkpoints(self._folder)
        losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
        judged = (state.epoch or 0) >= 1 and state.global_step >= FEWEST_STEPS
        if judged and (fault := fault_of(losses, found, self._base_loss, self._recipe)):
            raise GaeaError(fault)
        since = without_gain(found)
        if self._recipe.patience is not None and since >= self._recipe.patience:
            self._log(f"no lower held-out loss for {since} checkpoints (training.patience): training ends here")
            control.should_training_stop = True


class StopOrderly(TrainerCallback):
    """On SIGINT or SIGTERM, save a checkpoint after the running step, then stop."""

    def __init__(self) -> None:
        self.stopped = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Ask the trainer to save and to end, in all processes after the same step."""
        if PartialState().num_processes > 1:  # a signal reaches them at different times
            self.stopped = reduce(torch.tensor(float(self.stopped), device=args.device)).item() > 0
        if self.stopped:
            control.should_save = control.should_training_stop = True
