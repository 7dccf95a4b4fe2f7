import math

import pytest

from gaea_assets.config import Training
from gaea_assets.finetune.checkpoints import Checkpoint
from gaea_assets.finetune.trouble import fault_of

FALLING, FLAT, RISING = [4.0, 3.8, 3.5, 3.2], [4.0, 4.01, 3.99, 4.0], [4.0, 4.4, 5.0, 6.0]


def found(*losses: float) -> list[Checkpoint]:
    return [Checkpoint(n, loss) for n, loss in enumerate(losses, start=1)]


def test_a_heldout_loss_below_the_bases_is_no_fault() -> None:
    assert fault_of(RISING, found(4.2, 3.9), 4.0, Training()) is None


@pytest.mark.parametrize(
    ("losses", "remedy"),
    [(FLAT, "raise training.learning_rate: 0.0002, to 0.0003"), (RISING, "lower"), (FALLING, "training.rank: 16")],
)
def test_the_remedy_depends_on_how_the_training_loss_goes(losses: list[float], remedy: str) -> None:
    fault = fault_of(losses, found(4.1, 4.2), 4.0, Training())
    assert fault is not None
    assert remedy in fault


@pytest.mark.parametrize("losses", [[4.0, math.nan], [math.inf]])
def test_a_loss_that_is_no_number_is_a_fault(losses: list[float]) -> None:
    fault = fault_of(losses, found(3.0), 4.0, Training())
    assert fault is not None
    assert "not finite" in fault


def test_a_training_that_diverges_after_a_good_checkpoint_is_stopped() -> None:
    fault = fault_of([4.0, 3.6, 3.4, 3.3, 5.0, 7.0], found(3.5, 3.4, 6.5), 4.0, Training())
    assert fault is not None
    assert fault.startswith(
        "the held-out loss (6.5000) is above the base model's (4.0000) again, after 3.4000, and the training"
    )
    assert "the training diverges; lower training.learning_rate: 0.0002" in fault


def test_a_training_loss_that_does_not_fall_is_stopped_though_one_checkpoint_was_good_by_chance() -> None:
    assert fault_of(FLAT, found(3.99, 4.02), 4.0, Training()) is None  # one worse checkpoint may be chance too
    fault = fault_of(FLAT, found(3.99, 4.02, 4.03), 4.0, Training())
    assert fault is not None
    assert "does not fall (4.0000 to 4.0000): lower training.learning_rate" in fault


def test_learning_by_heart_after_a_good_checkpoint_is_left_to_the_best_checkpoint() -> None:
    assert fault_of([4.0, 3.6, 2.5, 1.5], found(3.5, 3.9, 4.1, 4.5), 4.0, Training()) is None


def test_a_loss_that_rises_below_the_bases_held_out_loss_is_no_fault() -> None:
    assert fault_of(RISING, found(3.5, 3.8), 4.0, Training()) is None


def test_a_single_high_loss_is_no_divergence() -> None:
    assert fault_of([4.0, 3.6, 3.4, 3.3, 3.0, 2.5, 3.2], found(3.5, 4.1), 4.0, Training()) is None
