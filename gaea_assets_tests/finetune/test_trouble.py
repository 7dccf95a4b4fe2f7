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
