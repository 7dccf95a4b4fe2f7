"""What the losses of a training say is wrong with its recipe, and what to change."""

import math
from collections.abc import Sequence

from gaea_assets.config import Training
from gaea_assets.finetune.checkpoints import Checkpoint


def fault_of(
    losses: Sequence[float], checkpoints: Sequence[Checkpoint], base_loss: float, recipe: Training
) -> str | None:
    """Why the training is of no use after a whole epoch, with the remedy; None where it is.

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
    if not heldout or min(heldout) < base_loss:
        return None
    told = f"the held-out loss ({min(heldout):.4f}) is not below the base model's ({base_loss:.4f}) after an epoch"
    third = max(1, len(losses) // 3)
    first, last = (sum(part) / len(part) for part in (losses[:third], losses[-third:]))
    if last > first * 1.05:
        return f"{told} and the training loss rises ({first:.4f} to {last:.4f}): lower {rate}, to a third of it"
    if last > first * 0.98:
        higher = max(3e-4, 1.5 * recipe.learning_rate)
        return f"{told} and the training loss does not fall ({first:.4f} to {last:.4f}): raise {rate}, to {higher:g}"
    return (
        f"{told} though the training loss falls ({first:.4f} to {last:.4f}): the adapter learns its examples by heart; "
        f"lower training.rank: {recipe.rank} or {rate}, or add more manuscript"
    )
