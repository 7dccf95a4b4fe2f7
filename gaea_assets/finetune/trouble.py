"""What the losses of a training say is wrong with its recipe, and what to change."""

import math
from collections.abc import Sequence
from statistics import mean

from gaea_assets.config import Training
from gaea_assets.finetune.checkpoints import Checkpoint

RISEN, NOT_FALLEN = 1.05, 0.98
"""A mean of training losses over an earlier one: from where on it counts as risen, and as not fallen. Assumed."""


def fault_of(
    losses: Sequence[float], checkpoints: Sequence[Checkpoint], base_loss: float, recipe: Training
) -> str | None:
    """Why going on is of no use after a whole epoch, with the remedy; None where it is of use.

    An adapter that was good and learns its examples by heart now is no fault: the best checkpoint becomes the adapter.

    Args:
        losses: Of training, as logged, oldest first; nats a token.
        checkpoints: With their held-out losses, oldest first.
        base_loss: Held-out loss of the base model.
        recipe: What was trained with.
    """
    heldout = [checkpoint.heldout_loss for checkpoint in checkpoints]
    rate = f"training.learning_rate: {recipe.learning_rate:g}"
    if not all(math.isfinite(loss) for loss in (*losses, *heldout)):
        return f"the loss is not finite; lower {rate}, to 1e-4 for a start"
    if not heldout or heldout[-1] < base_loss:
        return None
    if (best := min(heldout)) < base_loss:
        return _fault_after_good(losses, heldout, base_loss, best, rate)
    told = f"the held-out loss ({min(heldout):.4f}) is not below the base model's ({base_loss:.4f}) after an epoch"
    third = max(1, len(losses) // 3)
    first, last = mean(losses[:third]), mean(losses[-third:])
    if last > first * RISEN:
        return f"{told} and the training loss rises ({first:.4f} to {last:.4f}): lower {rate}, to a third of it"
    if last > first * NOT_FALLEN:
        higher = max(3e-4, 1.5 * recipe.learning_rate)
        return f"{told} and the training loss does not fall ({first:.4f} to {last:.4f}): raise {rate}, to {higher:g}"
    return (
        f"{told} though the training loss falls ({first:.4f} to {last:.4f}): the adapter learns its examples by heart; "
        f"lower training.rank: {recipe.rank} or {rate}, or add more manuscript"
    )


def _fault_after_good(
    losses: Sequence[float], heldout: Sequence[float], base_loss: float, best: float, rate: str
) -> str | None:
    """What is wrong where a checkpoint was better than the base model and the latest is not."""
    since = max(1, len(losses) // len(heldout))  # losses between two checkpoints
    means = [mean(losses[start : start + since]) for start in range(len(losses) % since, len(losses), since)]
    told = f"the held-out loss ({heldout[-1]:.4f}) is above the base model's ({base_loss:.4f}) again, after {best:.4f},"
    if means[-1] > min(means) * RISEN:
        rise = f"{min(means):.4f} to {means[-1]:.4f}"
        return f"{told} and the training loss rises ({rise}): the training diverges; lower {rate}, to a third of it"
    if min(heldout[-2:]) >= base_loss and means[-1] > means[0] * NOT_FALLEN:
        course = f"{means[0]:.4f} to {means[-1]:.4f}"
        return f"{told} and the training loss does not fall ({course}): lower {rate}, to a third of it"
    return None
