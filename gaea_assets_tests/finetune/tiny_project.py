"""A small base of random weights and a small dataset, trained in seconds: 11 steps an epoch."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gaea_assets.finetune import train as training
from gaea_assets.finetune.job import TrainJob
from gaea_assets.manuscript.examples import Example, write_jsonl
from gaea_assets_tests import vocabularies
from gaea_assets_tests.finetune.tiny_models import tiny_model

RECIPE = {
    "method": "lora", "rank": 4, "alpha": 8, "learning_rate": 1e-2, "epochs": 1.5, "accumulation": 2, "dropout": 0.1
}  # fmt: skip
TEXT = "You walk along the street at night and sentinels wait with you in Torment until they know it yet"
WORDS = TEXT.split()
"""Drawn from at random, so that held-out loss falls as long as the rate of each word is being learnt."""


def example(number: int) -> Example:
    words = random.Random(number).choices(WORDS, k=40)
    return Example(str(number), str(number), " ".join(words[:5]) + ".", " " + " ".join(words[5:]) + ".", True, 1)


@dataclass(frozen=True)
class Project:
    """A base and a dataset, and trainings on them."""

    folder: Path
    place: Path
    said: list[str] = field(default_factory=list)

    def job(self, **recipe: object) -> TrainJob:
        place = self.place
        return TrainJob(
            str(self.folder / "base"), "org/name", "auto", str(self.folder / "dataset"), str(place / "adapter"),
            str(place / "checkpoints"), {**RECIPE, **recipe}, str(place / "curves"),
        )  # fmt: skip

    def train(self, at: Callable[[str], None] = lambda line: None, **recipe: object) -> list[str]:
        """Train, and call `at` with each line that is said; all those lines."""
        lines: list[str] = []

        def log(line: str) -> None:
            lines.append(line)
            at(line)

        try:
            training.train(self.job(**recipe), log)
        finally:
            self.said.extend(lines)
        return lines

    @property
    def checkpoints(self) -> Path:
        return self.place / "checkpoints"

    @property
    def log(self) -> dict[str, Any]:
        return json.loads((self.place / "adapter" / "training_log.json").read_text("utf-8"))

    @property
    def weights(self) -> dict[str, Any]:
        return load_file(self.place / "adapter" / "adapter_model.safetensors")

    @property
    def drawn(self) -> list[tuple[int, float]]:
        """Step and training loss of what TensorBoard shows."""
        events = EventAccumulator(str(self.place / "curves")).Reload()
        return [(event.step, event.value) for event in events.Scalars("train/loss")]


def make_project(folder: Path) -> Path:
    """The base and the dataset, in `folder`."""
    vocabularies.llama3(folder / "base", chat=False)
    config = (folder / "base" / "tokenizer_config.json").read_text("utf-8")
    tiny_model("llama", vocabulary=448).bfloat16().save_pretrained(folder / "base")
    (folder / "base" / "tokenizer_config.json").write_text(config, "utf-8")
    (folder / "dataset").mkdir()
    write_jsonl([example(n) for n in range(22)], folder / "dataset" / "train.jsonl")
    write_jsonl([example(n) for n in range(22, 25)], folder / "dataset" / "validation.jsonl")
    return folder
