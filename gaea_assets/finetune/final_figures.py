"""What a finished training has come to, for a person: time, losses, memory."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import mean
from typing import Any


def final_figures(log: Mapping[str, Any]) -> dict[str, str]:
    """The final table of a training, by what is told.

    Args:
        log: `training_log.json` of the adapter.
    """
    history, epochs = log["history"], log["history"][-1]["epoch"]
    steps, tokens = f"{history[-1]['step']:,} steps", f"{round(epochs * log['tokens_an_epoch']):,} tokens"
    first, last = history[0]["loss"], last_epoch_loss(history)
    base, tuned = log["base_heldout_loss"], log["heldout_loss"]
    what = "the GPU" if log["device"] == "cuda" else "the process"
    return {
        "time": f"{timedelta(seconds=round(log['seconds']))} for {steps}, {tokens}",
        "training loss": f"{first:.4f} at the first step, {last:.4f} in the last epoch",
        "held-out loss": f"{base:.4f} of the base, {tuned:.4f} of the adapter, from step {log['adapter_step']:,}",
        "memory": f"{log['peak_memory_bytes'] / 2**30:.1f} GiB of {what} at most",
    }


def last_epoch_loss(history: Sequence[Mapping[str, float]]) -> float:
    """Mean training loss of the last pass over the examples, in nats a token.

    Args:
        history: Of a training log, one entry a step.
    """
    return mean(entry["loss"] for entry in history if entry["epoch"] > history[-1]["epoch"] - 1)
