"""Which checkpoint becomes the adapter, and how far it is to be trained for that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import Checkpoint, best_of, without_gain


@dataclass(frozen=True)
class Choice:
    """The steps of a training's checkpoints, and which of them is wanted.

    Attributes:
        steps_an_epoch: Optimiser steps of a pass over the examples.
        steps: After which a checkpoint is written: every half epoch, and the last.
        wanted: `best` by held-out loss, `last`, or a step.
        patience: Checkpoints without a lower held-out loss after which the training ends; None: it goes to the end.
    """

    steps_an_epoch: int
    steps: tuple[int, ...]
    wanted: int | Literal["best", "last"]
    patience: int | None

    @classmethod
    def of(cls, examples: int, recipe: Training) -> Self:
        """The choice that a recipe makes.

        Args:
            examples: Of the training side.
            recipe: How it is trained.

        Raises:
            GaeaError: No checkpoint will be written at the step that the recipe names.
        """
        epoch = math.ceil(examples / (recipe.micro_batch * recipe.accumulation))
        half, last = math.ceil(epoch / 2), math.ceil(recipe.epochs * epoch)
        choice = cls(epoch, (*range(half, last, half), last), recipe.checkpoint, recipe.patience)
        if isinstance(recipe.checkpoint, int) and recipe.checkpoint not in choice.steps:
            raise GaeaError(
                f"training.checkpoint: {recipe.checkpoint} is no step of a checkpoint; they are written at the steps "
                f"{choice.told}: name one of them, or best or last"
            )
        return choice

    @property
    def told(self) -> str:
        """The steps, for a person."""
        shown = [str(step) for step in self.steps]
        return ", ".join(shown if len(shown) <= 20 else [*shown[:3], "...", *shown[-2:]])

    @property
    def named(self) -> int | None:
        """The step that is named, if any."""
        return self.wanted if isinstance(self.wanted, int) else None

    def counted(self, found: Sequence[Checkpoint]) -> list[Checkpoint]:
        """Those that an uninterrupted training has: without the unscheduled ones and those after patience has ended."""
        scheduled = [checkpoint for checkpoint in found if checkpoint.scheduled]
        for count in range(1, len(scheduled)):
            if self._patience_spent(scheduled[:count]):
                return scheduled[:count]
        return scheduled

    def ended(self, found: Sequence[Checkpoint]) -> bool:
        """Whether the training has come to its last checkpoint, or patience has ended it."""
        counted = self.counted(found)
        return bool(counted) and (counted[-1].step == self.steps[-1] or self._patience_spent(counted))

    def chosen(self, found: Sequence[Checkpoint]) -> Checkpoint | None:
        """The one that becomes the adapter, by what there is so far."""
        counted = self.counted(found)
        if self.named is not None:
            return next((checkpoint for checkpoint in counted if checkpoint.step == self.named), None)
        if not counted:
            return None
        return best_of(counted) if self.wanted == "best" else counted[-1]

    def settled(self, found: Sequence[Checkpoint]) -> bool:
        """Whether nothing is left to be trained: the training has ended, and the chosen one's files are there."""
        chosen = self.chosen(found)
        return self.ended(found) and chosen is not None and chosen.kept

    def start(self, found: Sequence[Checkpoint]) -> Checkpoint | None:
        """The checkpoint to go on from: the latest, before the chosen one where its files are gone; None: from none."""
        chosen = self.chosen(found)
        before = chosen.step if chosen and not chosen.kept else math.inf
        return max((c for c in found if c.kept and c.step < before), key=lambda c: c.step, default=None)

    def _patience_spent(self, scheduled: Sequence[Checkpoint]) -> bool:
        reached = self.named is None or scheduled[-1].step >= self.named
        return self.patience is not None and reached and without_gain(scheduled) >= self.patience
