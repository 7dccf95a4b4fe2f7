"""The ways to compute a step, from the fastest to the smallest."""

import pytest

from gaea_assets.finetune.micro import MicroPlan, ladder


def test_ladder_goes_from_large_without_recomputing_to_the_longest_example_alone() -> None:
    assert ladder(3682, 8192, "auto") == [
        MicroPlan(8192, False),
        MicroPlan(4096, False),
        MicroPlan(3682, False),
        MicroPlan(8192, True),
        MicroPlan(4096, True),
        MicroPlan(3682, True),
    ]


@pytest.mark.parametrize("checkpointing", [False, True])
def test_ladder_keeps_to_the_wanted_checkpointing(checkpointing: bool) -> None:
    assert ladder(100, 150, checkpointing) == [MicroPlan(150, checkpointing), MicroPlan(100, checkpointing)]


def test_an_example_longer_than_a_micro_step_leaves_nothing_smaller() -> None:
    assert ladder(5000, 4096, "auto") == [MicroPlan(4096, False), MicroPlan(4096, True)]
