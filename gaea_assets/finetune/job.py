"""What the training and the merging process are told: JSON files, no heavy imports."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from gaea_assets.store import write_whole


@dataclass(frozen=True)
class Job:
    """Paths and settings of a child process; everything in it is plain JSON."""

    def save(self, path: Path) -> Path:
        """Write the job for the child to read, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(asdict(self), indent=1))
        return path

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the job that `save` wrote."""
        return cls(**json.loads(path.read_text("utf-8")))


@dataclass(frozen=True)
class TrainJob(Job):
    """One fine-tuning."""

    base: str
    """Folder of the base model."""
    base_name: str
    """What the adapter calls its base: the hub id or the folder as configured."""
    prompt_format: str
    dataset: str
    """Folder with train.jsonl and validation.jsonl."""
    output: str
    """Where the adapter goes."""
    checkpoints: str
    """Folder for the checkpoints of this very recipe and dataset."""
    training: dict[str, Any]
    """The fields of `config.Training`."""
    curves: str
    """Folder for TensorBoard's files."""
    made_from: dict[str, Any] = field(default_factory=dict)
    superseded: list[str] = field(default_factory=list)
    """Folders of checkpoints of other recipes and datasets, which are deleted when this training has its adapter."""
    max_tokens: int = 4096
    """`dataset.max_tokens`: every example has fewer."""


@dataclass(frozen=True)
class MergeJob(Job):
    """One merge of an adapter into its base."""

    base: str
    prompt_format: str
    adapter: str
    dataset: str
    """Folder with validation.jsonl, for the comparison of logits and losses."""
    output: str
    quantized: bool
    """Whether the adapter was trained on 4-bit weights."""
    made_from: dict[str, Any] = field(default_factory=dict)
