"""What happens while training runs: progress lines, checkpoints with their held-out loss, orderly stops."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from transformers import (  # noqa: TID253 - imported by the training process only
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from gaea_assets.finetune.checkpoints import Checkpoint, mark_complete

Log = Callable[[str], None]


class Progress(TrainerCallback):
    """A line for every logged step: step, loss, learning rate, epoch, tokens/s, time left."""

    def __init__(self, log: Log) -> None:
        self._log = log
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
        rate = logs.get("num_tokens", 0.0) / max(seconds, 1e-9)  # TRL counts from the start of this process
        self._log(
            f"step {state.global_step}/{state.max_steps}  loss {float(logs['loss']):.4f}  "
            f"learning rate {float(logs['learning_rate']):.2e}  epoch {state.epoch or 0:.2f}  "
            f"{rate:,.0f} tokens/s  {left:,.0f} s left"
        )


class CompleteCheckpoints(TrainerCallback):
    """Give each checkpoint its held-out loss and its completion marker."""

    def __init__(self, folder: Path, measure: Callable[[], float], log: Log) -> None:
        self._folder, self._measure, self._log = folder, measure, log

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """The trainer has written the checkpoint; measure it, then mark it."""
        loss = self._measure()
        mark_complete(self._folder, Checkpoint(state.global_step, loss))
        self._log(f"checkpoint at step {state.global_step}: held-out loss {loss:.4f} nats a token")


class StopOrderly(TrainerCallback):
    """On SIGINT or SIGTERM, save a checkpoint after the running step, then stop."""

    def __init__(self) -> None:
        self.stopped = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Ask the trainer to save and to end."""
        if self.stopped:
            control.should_save = control.should_training_stop = True
