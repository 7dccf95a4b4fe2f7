"""What the held-out losses of a training say about its length and its rate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["diverged", "worse", "not_fallen", "falling", "flat", "rising"]
LEAST_FALL = 0.01
"""A held-out loss that falls by less than this share of the base's has not fallen."""
RISE = 0.01
"""A last held-out loss above the best by more than this share has risen."""
LEVEL = 0.001
"""A held-out loss that falls by less than this share at the last checkpoint no longer falls: another seed of the same
recipe changes the final loss as much (the pocket voice, three seeds each: 0.05 % between the least and the greatest at
rank 32, 0.14 % at rank 16)."""


@dataclass(frozen=True)
class LossCurve:
    """Losses of one training, in nats a token."""

    base: float
    """Held-out loss of the base model."""
    heldout: tuple[tuple[float, float], ...]
    """Epoch and held-out loss of each checkpoint, oldest first."""
    trained: tuple[float, ...]
    """Training loss from the first step to the last."""
    whole: bool = True
    """Whether it went to its last epoch, where the learning rate runs out; `training.patience` may end it before."""

    @property
    def best(self) -> tuple[float, float]:
        """Epoch and held-out loss of the checkpoint that became the adapter."""
        return min(self.heldout, key=lambda point: (math.isnan(point[1]), point[1]))

    @property
    def state(self) -> State:
        """How the training went.

        `diverged`: the training loss is no number, or rose; `worse`: the held-out loss ends above the base's;
        `not_fallen`: it hardly moved; `rising`: it rose after the best checkpoint; `falling`: the last checkpoint is
        better than all before it by more than chance, so the training ended before the learning did; `flat`: neither.
        """
        last, best = self.heldout[-1][1], self.best[1]
        if not all(math.isfinite(loss) for loss in (self.base, *self.trained, *(loss for _, loss in self.heldout))):
            return "diverged"
        if best > self.base * (1 - LEAST_FALL):
            if _late(self.trained) > _early(self.trained) * (1 + RISE):
                return "diverged"
            return "worse" if last > self.base else "not_fallen"
        before = min((loss for _, loss in self.heldout[:-1]), default=self.base)
        if last < before * (1 - LEVEL):
            return "falling"
        return "rising" if last > best * (1 + RISE) else "flat"

    @property
    def told(self) -> str:
        """The state in words, with its figures."""
        epoch, best = self.best
        last_epoch, last = self.heldout[-1]
        match self.state:
            case "diverged":
                return "the training loss rose or was no number"
            case "worse":
                return f"the held-out loss ended at {last:.3f}, above the base's {self.base:.3f}"
            case "not_fallen":
                return f"the held-out loss hardly fell, from {self.base:.3f} to {best:.3f}"
            case "falling":
                return (
                    f"the held-out loss was still falling at the last checkpoint ({last:.3f} at epoch {last_epoch:g})"
                )
            case "rising":
                return f"the held-out loss rose after epoch {epoch:g}, from {best:.3f} to {last:.3f}"
            case "flat":
                why = ", where the learning rate runs out" if self.whole else ""
                return f"the held-out loss was level at the end ({last:.3f}){why}"


def read_curve(log: Mapping[str, Any], epochs: float) -> LossCurve:
    """The curve in a training log.

    Args:
        log: `training_log.json` of the adapter.
        epochs: Epochs that were wanted.

    Raises:
        ValueError, LookupError, TypeError, ArithmeticError: The log is not one.
    """
    steps = [(int(point["step"]), float(point["heldout_loss"])) for point in log["checkpoints"]]
    if not steps:
        raise ValueError("no checkpoint")
    logged = log["history"][-1]
    of_a_step = float(logged["epoch"]) / int(logged["step"])
    heldout = tuple((round(step * of_a_step, 2), loss) for step, loss in steps)
    return LossCurve(
        base=float(log["base_heldout_loss"]),
        heldout=heldout,
        trained=tuple(float(entry["loss"]) for entry in log["history"]),
        whole=heldout[-1][0] > epochs - 0.01,
    )


def _early(losses: Sequence[float]) -> float:
    return _mean(losses[: max(1, len(losses) // 5)])


def _late(losses: Sequence[float]) -> float:
    return _mean(losses[-max(1, len(losses) // 5) :])


def _mean(losses: Sequence[float]) -> float:
    return sum(losses) / len(losses) if losses else math.nan
