"""Which checkpoint becomes the adapter, and what is to be trained for it."""

import math

import pytest

from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import Checkpoint
from gaea_assets.finetune.choice import Choice

STEPS = (2, 4, 6, 8)


def choice(wanted: object = "best", patience: int | None = None) -> Choice:
    return Choice(4, STEPS, wanted, patience)  # type: ignore[arg-type]


def found(*losses: float, gone: tuple[int, ...] = ()) -> list[Checkpoint]:
    """Checkpoints at the scheduled steps, as far as there are losses; of some the files are gone."""
    return [Checkpoint(step, loss, kept=step not in gone) for step, loss in zip(STEPS, losses, strict=False)]


@pytest.mark.parametrize(
    ("examples", "recipe", "steps"),
    [
        (36, {"epochs": 4, "accumulation": 1}, (18, 36, 54, 72, 90, 108, 126, 144)),
        (36, {"epochs": 3, "accumulation": 8}, (3, 6, 9, 12, 15)),
        (6, {"epochs": 1.5, "accumulation": 2}, (2, 4, 5)),
        (36, {"epochs": 0.04, "accumulation": 8}, (1,)),
        (1, {"epochs": 2}, (1, 2)),
    ],
)
def test_checkpoints_come_every_half_epoch_and_at_the_end(
    examples: int, recipe: dict[str, float], steps: tuple[int, ...]
) -> None:
    assert Choice.of(examples, Training.model_validate(recipe)).steps == steps


def test_a_step_that_cannot_be_is_refused_with_those_that_can() -> None:
    recipe = Training(epochs=2, accumulation=2, checkpoint=5)
    with pytest.raises(
        GaeaError,
        match=r"training\.checkpoint: 5 is no step of a checkpoint; .* the steps 2, 4, 6: name one of them, or best or",
    ):
        Choice.of(6, recipe)
    assert Choice.of(6, recipe.model_copy(update={"checkpoint": 4})).named == 4


def test_many_steps_are_told_in_short() -> None:
    assert Choice.of(36, Training(epochs=100)).told == "3, 6, 9, ..., 498, 500"


@pytest.mark.parametrize(("wanted", "step"), [("best", 4), ("last", 8), (6, 6)])
def test_the_wanted_one_is_chosen(wanted: object, step: int) -> None:
    chosen = choice(wanted).chosen(found(4, 2, 3, 3.5))
    assert chosen is not None
    assert chosen.step == step


def test_a_checkpoint_of_an_interruption_is_chosen_by_nobody_and_costs_no_patience() -> None:
    scheduled = found(4, 3, 2.9)
    amid = [Checkpoint(5, 1.0, scheduled=False), Checkpoint(7, 9.0, scheduled=False)]
    for wanted in ("best", "last"):
        for patience in (None, 1):
            one = choice(wanted, patience)
            everything = sorted([*scheduled, *amid], key=lambda c: c.step)
            assert one.chosen(everything) == one.chosen(scheduled) == scheduled[-1]
            assert one.ended(everything) is one.ended(scheduled) is False


def test_nothing_is_chosen_of_nothing() -> None:
    for wanted in ("best", "last", 4):
        assert choice(wanted).chosen([]) is None
        assert choice(wanted).start([]) is None
        assert not choice(wanted).ended([])
        assert not choice(wanted).settled([Checkpoint(3, 1.0, scheduled=False)])


def test_a_training_ends_with_its_last_step_or_with_its_patience() -> None:
    assert not choice().ended(found(4, 3, 3.5))
    assert choice().ended(found(4, 3, 3.5, 3.6))
    assert choice(patience=1).ended(found(4, 3, 3.5))
    assert not choice(patience=2).ended(found(4, 3, 3.5))


def test_what_comes_after_patience_has_ended_does_not_count() -> None:
    # Trained without patience first, then chosen with it: as if it had been there from the beginning.
    losses = found(4, 3, 3.5, 1)
    assert choice(patience=1).counted(losses) == losses[:3]
    assert choice(patience=1).chosen(losses) == losses[1]
    assert choice("last", patience=1).chosen(losses) == losses[2]
    assert choice(patience=2).chosen(losses) == losses[3]


def test_patience_waits_for_the_step_that_is_named() -> None:
    assert not choice(8, patience=1).ended(found(4, 5, 6))
    assert choice(8, patience=1).ended(found(4, 5, 6, 7))
    assert choice(4, patience=1).ended(found(4, 5))


@pytest.mark.parametrize(
    ("wanted", "there", "start"),
    [
        ("best", found(4, 3, 3.5), 6),
        ("best", found(4, 3, 3.5, gone=(6,)), 4),
        ("best", found(4, 3, 3.5, gone=(4,)), 2),  # the best so far would be wanted in the end
        ("best", found(4, 3, 3.5, gone=(2, 4)), None),
        ("last", found(4, 3, 3.5, 3, gone=(8,)), 6),
        (6, found(4, 3, 3.5, 3.2, gone=(6,)), 4),
        (6, found(4, 3, 3.5, 3.2, gone=(2, 4, 6)), None),
        (8, found(4, 3), 4),
    ],
)
def test_training_goes_on_from_the_latest_that_leads_to_the_chosen_one(
    wanted: object, there: list[Checkpoint], start: int | None
) -> None:
    before = choice(wanted).start(there)
    assert (before.step if before else None) == start


def test_a_checkpoint_of_an_interruption_is_gone_on_from() -> None:
    amid = Checkpoint(5, math.nan, scheduled=False)
    assert choice().start([*found(4, 3), amid]) == amid


def test_nothing_is_left_to_be_trained_where_the_chosen_one_is_there() -> None:
    assert choice().settled(found(4, 3, 3.5, 3.6, gone=(2, 6)))
    assert not choice(6).settled(found(4, 3, 3.5, 3.6, gone=(2, 6)))
    assert not choice(4).settled(found(4, 3))  # the rest of the curve is wanted too
