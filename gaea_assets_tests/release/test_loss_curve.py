import math
from collections.abc import Sequence

import pytest

from gaea_assets.release.loss_curve import read_curve
from gaea_assets_tests.release.voices import FALLING, RISING, log


@pytest.mark.parametrize(
    ("heldout", "state"),
    [
        (FALLING, "falling"),
        ((2.9, 2.60, 2.595), "falling"),
        ((2.9, 2.60, 2.599), "flat"),  # less than another seed would make of it
        ((2.6,), "falling"),
        (RISING, "rising"),
        ((2.9, 2.60, 2.61), "flat"),
        ((3.19, 3.18, 3.185), "not_fallen"),
        ((3.19, 3.4, 3.9), "worse"),
        ((2.9, math.nan, math.nan), "diverged"),
    ],
)
def test_the_losses_tell_how_the_training_went(heldout: Sequence[float], state: str) -> None:
    curve = read_curve(log(heldout, base=3.2), epochs=3)
    assert curve.state == state
    assert curve.told


def test_the_pocket_voices_last_fall_is_none() -> None:
    curve = read_curve(log((3.6252, 3.5600, 3.5281, 3.5136, 3.4994, 3.4981, 3.4975, 3.4972), base=3.757), epochs=4)
    assert curve.told == "the held-out loss was level at the end (3.497), where the learning rate runs out"


def test_a_training_loss_that_rises_has_diverged() -> None:
    trained = log((3.3, 3.4, 3.5), base=3.2)
    trained["history"] = [{"step": n, "epoch": n / 9, "loss": 3.0 + 0.1 * n} for n in range(1, 28)]
    assert read_curve(trained, epochs=3).state == "diverged"


@pytest.mark.parametrize("epochs", [4, 10])  # all of them, or ended by patience
def test_checkpoints_are_placed_by_the_epochs_that_were_trained(epochs: float) -> None:
    curve = read_curve(log((2.9, 2.6, 2.7, 2.8)), epochs)
    assert [epoch for epoch, _ in curve.heldout] == [1, 2, 3, 4]
    assert curve.best == (2, 2.6)
    assert curve.told == "the held-out loss rose after epoch 2, from 2.600 to 2.800"


def test_a_rate_runs_out_where_no_patience_ended_the_training() -> None:
    level = log((2.9, 2.6, 2.605))
    assert read_curve(level, epochs=3).told.endswith("level at the end (2.605), where the learning rate runs out")
    assert read_curve(level, epochs=9).told.endswith("level at the end (2.605)")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"checkpoints": []},
        {"checkpoints": [{"step": 1}]},
        {**log(), "history": []},
        {**log(), "history": [{"step": 0, "epoch": 1, "loss": 3.0}]},
    ],
)
def test_what_is_no_log_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, ArithmeticError)):
        read_curve(broken, epochs=3)
