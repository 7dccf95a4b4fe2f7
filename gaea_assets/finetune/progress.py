"""What happens while training runs: progress lines, checkpoints with their held-out loss, orderly stops."""

import resource
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Self

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
from gaea_assets.finetune.checkpoints import Checkpoint, complete_checkpoints, mark_complete, prune
from gaea_assets.finetune.choice import Choice
from gaea_assets.finetune.trouble import fault_of

Log = Callable[[str], None]

FEWEST_STEPS = 10
"""Before so many optimiser steps, losses say nothing about a recipe: the learning rate still warms up."""


class Progress(TrainerCallback):
    """A line for every so many steps: step, loss, learning rate, epoch, tokens/s, memory, time left.

    Args:
        log: Takes the line.
        tokens_seen: Tokens trained on since this process began.
        every: Steps between two lines; the first step of this process and the last one have lines too.
    """

    def __init__(self, log: Log, tokens_seen: Callable[[], int], every: int = 1) -> None:
        self._log, self._tokens_seen, self._every = log, tokens_seen, every
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
        done = state.global_step - self._first_step
        if done > 1 and state.global_step % self._every and state.global_step < state.max_steps:
            return
        seconds = time.monotonic() - self._started
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


def peak_memory() -> int:
    """Bytes at most so far: of the GPU where there is one, else the process's resident set."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class CompleteCheckpoints(TrainerCallback):
    """Give each checkpoint its held-out loss and its completion marker; stop where going on is of no use.

    Args:
        folder: Where the checkpoints lie.
        choice: Which of them is wanted.
        measure: Gives the held-out loss.
        base_loss: Held-out loss of the base model.
        recipe: How many to keep.
        log: Takes one line.
        seconds: Gives the time that the training has taken so far.
    """

    def __init__(
        self,
        folder: Path,
        choice: Choice,
        measure: Callable[[], float],
        base_loss: float,
        recipe: Training,
        log: Log,
        seconds: Callable[[], float],
    ) -> None:
        self._folder, self._choice, self._measure, self._base_loss = folder, choice, measure, base_loss
        self._recipe, self._log, self._seconds = recipe, log, seconds

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Say at once what was found wrong at the checkpoint that training goes on from.

        Raises:
            GaeaError: The losses say that the recipe cannot work.
        """
        if state.global_step in self._choice.steps:  # at others an uninterrupted training is not judged either
            self._judge(state, complete_checkpoints(self._folder))

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """The trainer has written the checkpoint; measure it, mark it, delete old ones.

        Raises:
            GaeaError: The losses say that the recipe cannot work.
        """
        PartialState().wait_for_everyone()  # each process writes a part of the checkpoint
        step, loss = state.global_step, self._measure()
        checkpoint = Checkpoint(step, loss, scheduled=step in self._choice.steps, seconds=round(self._seconds(), 1))
        if state.is_world_process_zero:
            mark_complete(self._folder, checkpoint)
            prune(self._folder, self._recipe.keep_checkpoints, step, self._choice.named)
        PartialState().wait_for_everyone()
        self._log(f"checkpoint at step {step}: held-out loss {loss:.4f} nats a token")
        if not checkpoint.scheduled:
            return
        found = complete_checkpoints(self._folder)
        self._judge(state, found)
        if self._choice.settled(found):
            control.should_training_stop = True
            if step == self._choice.counted(found)[-1].step < self._choice.steps[-1]:
                self._log(
                    f"no lower held-out loss for {self._choice.patience} checkpoints (training.patience): training "
                    f"ends here"
                )

    def _judge(self, state: TrainerState, found: Sequence[Checkpoint]) -> None:
        losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
        measured = [checkpoint for checkpoint in found if checkpoint.scheduled]
        judged = measured and (state.epoch or 0) >= 1 and state.global_step >= FEWEST_STEPS
        if judged and (fault := fault_of(losses, measured, self._base_loss, self._recipe)):
            raise GaeaError(fault)


class StopOrderly(TrainerCallback):
    """On SIGINT or SIGTERM while its context is open, save a checkpoint after the running step, then stop."""

    def __init__(self) -> None:
        self.stopped = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Take the signals."""
        self._before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back to who had them."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Ask the trainer to save and to end, in all processes after the same step."""
        if PartialState().num_processes > 1:  # a signal reaches them at different times
            self.stopped = reduce(torch.tensor(float(self.stopped), device=args.device)).item() > 0
        if self.stopped:
            control.should_save = control.should_training_stop = True
