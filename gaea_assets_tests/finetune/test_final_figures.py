"""What a person is told of a finished training."""

from typing import Any

import pytest

from gaea_assets.finetune.final_figures import final_figures, last_epoch_loss

LOG: dict[str, Any] = {
    "history": [{"step": n, "epoch": n / 2, "loss": 5.0 - n / 4} for n in range(1, 7)],
    "tokens_an_epoch": 69_929,
    "seconds": 3_725.4,
    "base_heldout_loss": 3.75691,
    "heldout_loss": 3.4972,
    "adapter_step": 4,
    "peak_memory_bytes": 9 * 2**29,
    "device": "cuda",
}


def test_time_losses_and_memory_are_told() -> None:
    assert final_figures(LOG) == {
        "time": "1:02:05 for 6 steps, 209,787 tokens",
        "training loss": "4.7500 at the first step, 3.6250 in the last epoch",
        "held-out loss": "3.7569 of the base, 3.4972 of the adapter, from step 4",
        "memory": "4.5 GiB of the GPU at most",
    }


def test_on_a_processor_memory_is_that_of_the_process() -> None:
    assert final_figures(LOG | {"device": "cpu"})["memory"] == "4.5 GiB of the process at most"


@pytest.mark.parametrize(("steps", "loss"), [(6, 3.625), (2, 4.625), (1, 4.75)])
def test_the_loss_of_the_last_epoch_is_a_mean_over_its_steps(steps: int, loss: float) -> None:
    assert last_epoch_loss(LOG["history"][:steps]) == pytest.approx(loss)
