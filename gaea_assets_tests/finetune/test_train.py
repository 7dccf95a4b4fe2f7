import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gaea_assets.finetune.checkpoints import complete_checkpoints, folder_of
from gaea_assets.finetune.child import FAULT_EXIT, fault_file, only_one
from gaea_assets.finetune.job import TrainJob
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.projects import VOICE

pytestmark = pytest.mark.slow


@contextmanager
def training(job_file: Path) -> Iterator[subprocess.Popen[str]]:
    """The training process of a job; its lines go to a file beside the job."""
    command = [sys.executable, "-m", "gaea_assets.finetune", "gaea_assets.finetune.train", str(job_file)]
    with job_file.with_suffix(".log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def shown(job_file: Path) -> str:
    return job_file.with_suffix(".log").read_text("utf-8")


def wait_until(process: subprocess.Popen[str], holds: object, job_file: Path) -> None:
    while not holds():  # type: ignore[operator]
        assert process.poll() is None, shown(job_file)
        time.sleep(0.01)


@pytest.fixture(scope="module")
def uninterrupted(made: Made) -> Path:
    """The adapter that the pipeline has trained in one go."""
    return made.workspace.made("qlora_adapter", VOICE)


@pytest.fixture(scope="module")
def recipe(made: Made) -> TrainJob:
    """The job that made it."""
    return TrainJob.load(made.workspace.place("qlora_adapter", f".{VOICE}.job"))


def elsewhere(job: TrainJob, folder: Path) -> TrainJob:
    return replace(job, output=str(folder / VOICE), checkpoints=str(folder / "checkpoints"))


@dataclass(frozen=True)
class Story:
    """A training that was killed once, interrupted once, and then left alone."""

    job: TrainJob
    killed_at: list[int]
    """Complete checkpoints after SIGKILL."""
    interrupted: subprocess.Popen[str]
    fault: str
    interrupted_at: list[int]
    shown: list[str]
    """What each of the three processes printed."""


@pytest.fixture(scope="module")
def story(recipe: TrainJob, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("training")
    job = elsewhere(recipe, folder)
    job_file, checkpoints = job.save(folder / ".pocket.job"), Path(job.checkpoints)
    steps = lambda: [checkpoint.step for checkpoint in complete_checkpoints(checkpoints)]  # noqa: E731
    logs = []

    with training(job_file) as process:
        wait_until(process, steps, job_file)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    killed_at = steps()
    logs.append(shown(job_file))
    # What a kill in the middle of the next checkpoint would leave: newer than the complete one.
    half = folder_of(checkpoints, killed_at[-1] + 1)
    half.mkdir(exist_ok=True)
    (half / "adapter_model.safetensors").write_bytes(b"half of it")

    with training(job_file) as process:
        wait_until(process, lambda: "\nstep " in shown(job_file), job_file)
        process.send_signal(signal.SIGINT)
        process.wait()
        interrupted = process
    interrupted_at = steps()
    fault = fault_file(job_file).read_text("utf-8") if fault_file(job_file).exists() else ""
    logs.append(shown(job_file))

    with training(job_file) as process:
        assert process.wait() == 0, shown(job_file)
    logs.append(shown(job_file))
    return Story(job, killed_at, interrupted, fault, interrupted_at, logs)


def log_of(adapter: Path | str) -> dict:
    return json.loads((Path(adapter) / "training_log.json").read_text("utf-8"))


def test_a_killed_training_goes_on_from_its_last_complete_checkpoint(story: Story) -> None:
    assert story.killed_at
    assert "going on from the checkpoint" not in story.shown[0]
    assert f"going on from the checkpoint at step {story.killed_at[-1]}\n" in story.shown[1]
    first_step = re.search(r"^step (\d+)/6", story.shown[1], re.MULTILINE)
    assert first_step
    assert int(first_step[1]) == story.killed_at[-1] + 1


def test_an_interrupted_training_saves_and_says_where_it_stopped(story: Story) -> None:
    assert story.interrupted.returncode == FAULT_EXIT, story.shown[1]
    said = re.fullmatch(
        r"training was stopped at step (\d) of 6; its checkpoint is saved: "
        r"materialise qlora_adapter again to go on from there",
        story.fault,
    )
    assert said, story.fault
    assert story.interrupted_at[-1] == int(said[1])
    assert f"going on from the checkpoint at step {said[1]}\n" in story.shown[2]


def test_a_checkpoint_of_the_interruption_is_gone_on_from_and_then_gone(story: Story) -> None:
    scheduled = [2, 4, 6]
    amid = set(story.interrupted_at) - set(scheduled)
    left = complete_checkpoints(Path(story.job.checkpoints))
    assert [checkpoint.step for checkpoint in left] == scheduled
    assert not any(folder_of(Path(story.job.checkpoints), step).exists() for step in amid)


def test_an_interrupted_training_ends_where_an_uninterrupted_one_does(story: Story, uninterrupted: Path) -> None:
    there, here = log_of(uninterrupted), log_of(story.job.output)
    assert [entry["step"] for entry in here["history"]] == list(range(1, 7))
    for key in ("loss", "learning_rate", "epoch"):
        expected = [entry[key] for entry in there["history"]]
        assert [entry[key] for entry in here["history"]] == pytest.approx(expected, rel=1e-5), key
    assert here["best_step"] == there["best_step"]
    assert here["base_heldout_loss"] == pytest.approx(there["base_heldout_loss"], rel=1e-4)
    for mine, theirs in zip(here["checkpoints"], there["checkpoints"], strict=True):
        assert mine["step"] == theirs["step"]
        assert mine["heldout_loss"] == pytest.approx(theirs["heldout_loss"], rel=1e-5)
    import torch
    from safetensors.torch import load_file
    from torch.testing import assert_close

    there_weights, here_weights = (
        load_file(folder / "adapter_model.safetensors") for folder in (uninterrupted, Path(story.job.output))
    )
    assert_close(here_weights, there_weights, rtol=1e-3, atol=1e-4)
    assert {weights.dtype for weights in there_weights.values()} == {torch.float32}


def test_a_half_written_checkpoint_is_not_gone_on_from(story: Story) -> None:
    half = story.killed_at[-1] + 1
    assert f"going on from the checkpoint at step {half}\n" not in story.shown[1]
    # Nor is it among those that the best is chosen from.
    steps = [checkpoint["step"] for checkpoint in log_of(story.job.output)["checkpoints"]]
    assert steps == [2, 4, 6]


def test_a_finished_training_leaves_an_adapter_that_knows_its_base(story: Story) -> None:
    settings = json.loads((Path(story.job.output) / "adapter_config.json").read_text("utf-8"))
    assert settings["base_model_name_or_path"] == story.job.base_name
    assert (settings["r"], settings["lora_alpha"]) == (4, 8)


def test_the_tuned_model_is_better_than_the_base_on_held_out_text(uninterrupted: Path) -> None:
    log = log_of(uninterrupted)
    assert min(checkpoint["heldout_loss"] for checkpoint in log["checkpoints"]) < log["base_heldout_loss"]


def test_a_second_training_of_the_same_adapter_is_refused(recipe: TrainJob, tmp_path: Path) -> None:
    job_file = elsewhere(recipe, tmp_path).save(tmp_path / ".pocket.job")
    with only_one(job_file), training(job_file) as process:
        assert process.wait() == FAULT_EXIT
    assert fault_file(job_file).read_text("utf-8").startswith("another run is at work on ")
    assert not (tmp_path / "checkpoints").exists()


def test_lora_trains_on_16_bit_weights(recipe: TrainJob, uninterrupted: Path, tmp_path: Path) -> None:
    job = elsewhere(recipe, tmp_path)
    job = replace(job, training={**job.training, "method": "lora", "epochs": 1})
    job_file = job.save(tmp_path / ".pocket.job")
    with training(job_file) as process:
        assert process.wait() == 0, shown(job_file)
    log = log_of(job.output)
    assert len(log["history"]) == 3
    assert log["checkpoints"][-1]["heldout_loss"] < log["base_heldout_loss"]
    # The same base in 4 bits has another loss.
    assert abs(log["base_heldout_loss"] - log_of(uninterrupted)["base_heldout_loss"]) > 1e-4


@pytest.mark.parametrize("method", ["qlora", "lora"])
def test_measuring_the_held_out_loss_leaves_the_gradients_as_they_were(recipe: TrainJob, method: str) -> None:
    # bitsandbytes repacks 4-bit layers in evaluation mode on CPUs with AVX512-BF16; their gradient is gone then.
    import torch
    from peft import LoraConfig, get_peft_model

    from gaea_assets.base.encoder import Encoder
    from gaea_assets.base.prompt_format import prompt_format
    from gaea_assets.finetune.model import encode, heldout_loss, load_base

    torch.manual_seed(0)
    base = Path(recipe.base)
    encoder = Encoder(base, prompt_format(base, recipe.prompt_format))
    example, heldout = encode(read_jsonl(Path(recipe.dataset) / "train.jsonl")[:2], encoder)
    settings = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    model = get_peft_model(load_base(base, quantized=method == "qlora"), settings).train()

    def gradients() -> dict[str, torch.Tensor]:
        model.zero_grad()
        ids, labels = torch.tensor([example.input_ids]), torch.tensor([example.labels])
        model(input_ids=ids, labels=labels).loss.backward()
        return {
            name: parameter.grad.clone()
            for name, parameter in model.named_parameters()
            if parameter.requires_grad and parameter.grad is not None
        }

    before = gradients()
    with model.disable_adapter():
        base_loss = heldout_loss(model, [heldout])
    loss = heldout_loss(model, [heldout])
    assert loss != base_loss
    assert model.training
    after = gradients()
    first_layer = [name for name in before if ".layers.0." in name]
    assert len(first_layer) == 14  # q k v o gate up down, A and B
    for name in first_layer:
        assert before[name].abs().max() > 0, name
        torch.testing.assert_close(after[name], before[name], rtol=0.02, atol=1e-6, msg=name)
