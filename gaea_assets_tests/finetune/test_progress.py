from types import SimpleNamespace

import pytest


@pytest.mark.slow  # imports transformers
def test_a_resumed_training_counts_its_own_tokens_only() -> None:
    from gaea_assets.finetune.progress import Progress

    lines: list[str] = []
    progress = Progress(lines.append)
    state = SimpleNamespace(global_step=18, max_steps=144, epoch=0.5, log_history=[{"num_tokens": 35_000.0}])
    progress.on_train_begin(None, state, None)  # type: ignore[arg-type]
    state.global_step = 19
    progress.on_log(None, state, None, {"loss": 3.9, "learning_rate": 1e-3, "num_tokens": 2_000.0})  # type: ignore[arg-type]
    (line,) = lines
    assert line.startswith("step 19/144  loss 3.9000  learning rate 1.00e-03  epoch 0.50  ")
    assert "-" not in line.split("epoch 0.50")[1]
