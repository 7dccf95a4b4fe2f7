import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from gaea_assets.config import Training
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import Checkpoint, folder_of, mark_complete
from gaea_assets.finetune.choice import Choice

pytestmark = pytest.mark.slow  # imports transformers


def lines_of(first: int, steps: int, last: int, every: int = 1) -> list[str]:
    """The lines of a process that trains `steps` steps after `first` of a training of `last` steps."""
    from gaea_assets.finetune.progress import Progress

    lines: list[str] = []
    progress = Progress(lines.append, lambda: 2_000, every)
    state = SimpleNamespace(global_step=first, max_steps=last, epoch=0.5)
    progress.on_train_begin(None, state, None)  # type: ignore[arg-type]
    for step in range(first + 1, first + steps + 1):
        state.global_step = step
        progress.on_log(None, state, None, {"loss": 3.9, "learning_rate": 1e-3})  # type: ignore[arg-type]
    return lines


def test_a_resumed_training_counts_its_own_steps_and_tokens_only() -> None:
    (line,) = lines_of(18, 1, 144)
    assert line.startswith("step 19/144  loss 3.9000  learning rate 1.00e-03  epoch 0.50  ")
    assert "tokens/s" in line and "GiB" in line
    assert "-" not in line.split("epoch 0.50")[1]


def test_lines_are_thinned_but_for_the_first_and_the_last() -> None:
    assert [line.split()[1] for line in lines_of(0, 12, 12, every=5)] == ["1/12", "5/12", "10/12", "12/12"]
    assert [line.split()[1] for line in lines_of(7, 5, 12, every=5)] == ["8/12", "10/12", "12/12"]


def test_what_the_trainer_logs_beside_losses_is_no_line() -> None:
    from gaea_assets.finetune.progress import Progress

    lines: list[str] = []
    Progress(lines.append, lambda: 0).on_log(None, None, None, {"train_runtime": 3.0})  # type: ignore[arg-type]
    assert lines == []


@pytest.mark.parametrize(
    "fault", [ModuleNotFoundError("nvidia-ml-py"), RuntimeError(), Exception("NVMLError: No right")]
)
def test_a_driver_that_does_not_tell_its_load_ends_no_training(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    import torch

    from gaea_assets.finetune.progress import memory_in_use

    def utilization() -> int:
        raise fault

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 2**30)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 2**31)
    monkeypatch.setattr(torch.cuda, "utilization", utilization)
    assert memory_in_use() == "1.0 GiB (at most 2.0)"


def test_what_stopped_a_training_is_said_again_before_it_goes_on(tmp_path: Path) -> None:
    from gaea_assets.finetune.progress import CompleteCheckpoints

    for step, loss in {10: 4.1, 20: 4.2}.items():
        folder_of(tmp_path, step).mkdir()
        mark_complete(tmp_path, Checkpoint(step, loss))
    told = CompleteCheckpoints(
        tmp_path,
        Choice(20, (10, 20, 30, 40), "best", None),
        measure=lambda: 4.0,
        base_loss=4.0,
        recipe=Training(),
        log=print,
        seconds=lambda: 0.0,
    )
    state = SimpleNamespace(global_step=20, epoch=1.0, log_history=[{"loss": 4.0 - n / 10} for n in range(20)])
    with pytest.raises(GaeaError, match=r"held-out loss \(4\.1000\) is not below the base model's \(4\.0000\)"):
        told.on_train_begin(None, state, None)  # type: ignore[arg-type]
    state.global_step, state.epoch = 23, 1.15  # an interruption's: an uninterrupted training is not judged there
    told.on_train_begin(None, state, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_taken_for_as_long_as_the_training_lasts(number: signal.Signals) -> None:
    from gaea_assets.finetune.progress import StopOrderly

    before = signal.getsignal(number)
    with StopOrderly() as stop:
        assert not stop.stopped
        signal.raise_signal(number)
        assert stop.stopped
    assert signal.getsignal(number) is before
