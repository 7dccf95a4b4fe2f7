"""What each asset is made from, and whether what lies there was made from what lies there now.

A blocking check stops only the run it is in; these functions keep a later run honest. They ask what a new output must:
is its input what today's files, settings and code would give? A finished model is asked otherwise: `recorded`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gaea_assets.base.files import base_identity
from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.plan import read_plan
from gaea_assets.blind.sample import take_sample
from gaea_assets.blind.votes import read_votes
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import CHUNK_FILE
from gaea_assets.manuscript.reading import files_of
from gaea_assets.resources import Workspace
from gaea_assets.store import digest, files_digest, folder_digest, read_provenance

UPSTREAM: dict[str, tuple[str, ...]] = {
    "raw_chunks": (),
    "split_chunks": ("raw_chunks",),
    "prefix_completion_dataset": ("split_chunks",),
    "baseline_metrics": ("prefix_completion_dataset",),
    "qlora_adapter": ("prefix_completion_dataset",),
    "merged_model": ("qlora_adapter",),
    "style_report": ("merged_model", "baseline_metrics"),
}
"""The assets in the order they are made, each with those it is made from."""
AFTERWARDS: dict[str, tuple[str, ...]] = {
    "blind_evaluation": ("style_report", "baseline_metrics"),
}
"""Assets that wait for people: a person materialises them, `make demo` does not."""
CODE_VERSION: dict[str, str] = {
    "raw_chunks": "7",
    "split_chunks": "4",
    "prefix_completion_dataset": "7",
    "baseline_metrics": "4",
    "qlora_adapter": "3",
    "merged_model": "4",
    "style_report": "5",
    "blind_evaluation": "4",
}
"""Raised when the same inputs give another output: what an older version made is then out of date."""

NOT_LEARNT = (
    "gradient_checkpointing",
    "keep_checkpoints",
    "processes",
    "tokens_a_micro_step",
    "trainer",
)
"""How a training is computed, not what is learnt: changed amid a training, it goes on from its checkpoints."""

CHOOSING = ("checkpoint", "patience")
"""Which checkpoint of a training becomes the adapter: chosen otherwise, it is taken from the same checkpoints."""


def made_from(asset: str, workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    """Content hashes of an asset's inputs and the settings that decide its content.

    Raises:
        GaeaError: An input has not been made.
    """
    inputs: dict[str, Any] = {name: content(name, workspace, voice.name) for name in (UPSTREAM | AFTERWARDS)[asset]}
    return inputs | settings_of(asset, workspace, voice) | {"code": CODE_VERSION[asset]}


def training_of(inputs: Mapping[str, Any]) -> str:
    """Names the training that an adapter is taken from: the same for any choice of its checkpoint.

    Args:
        inputs: What the adapter is made from.
    """
    learnt = {field: value for field, value in inputs["training"].items() if field not in CHOOSING}
    return digest({**inputs, "training": learnt})[:12]


def content(asset: str, workspace: Workspace, voice: str) -> str:
    """Hash of what an asset's output holds."""
    provenance = read_provenance(workspace.made(asset, voice))
    assert provenance is not None  # noqa: S101 - `made` has looked
    return provenance.content


def is_current(asset: str, workspace: Workspace, voice: VoiceConfig) -> bool:
    """Whether the asset's output was made from its inputs and settings as they are now, and is as it was made."""
    place = workspace.place(asset, voice.name)
    found = read_provenance(place)
    return (
        found is not None
        and found.made_from == made_from(asset, workspace, voice)
        and found.content == folder_digest(place)
    )


def require_current(asset: str, workspace: Workspace, voice: VoiceConfig) -> None:
    """Refuse an input that was made from something other than what is there now.

    Raises:
        GaeaError: The asset, or one it is made from, is missing, out of date, or not as it was made.
    """
    for upstream in (UPSTREAM | AFTERWARDS)[asset]:
        require_current(upstream, workspace, voice)
    place = workspace.made(asset, voice.name)
    if differs := changed(asset, workspace, voice):
        raise GaeaError(
            f"{place} does not match what it would be made from now (changed: {', '.join(differs)}); "
            f"materialise {asset} of the voice {voice.name} again"
        )
    require_unedited(asset, workspace, voice.name)


def changed(asset: str, workspace: Workspace, voice: VoiceConfig) -> list[str]:
    """Inputs and settings that are not those the asset's output was made from."""
    found = read_provenance(workspace.place(asset, voice.name))
    now, before = made_from(asset, workspace, voice), found.made_from if found else {}
    return sorted(key for key in now.keys() | before.keys() if before.get(key) != now.get(key))


def require_unedited(asset: str, workspace: Workspace, voice: str) -> None:
    """Refuse an output whose files are not as they were made; reads all of them.

    Raises:
        GaeaError: It is missing, or a file was changed, added or taken away.
    """
    place = workspace.made(asset, voice)
    if content(asset, workspace, voice) != folder_digest(place):
        raise GaeaError(
            f"{place}: its files have changed since it was made; materialise {asset} of the voice {voice} again"
        )


def settings_of(asset: str, workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    """What decides an asset's content beside the assets it is made from and the code.

    Raises:
        GaeaError: A file that it is made from is missing.
    """
    match asset:
        case "raw_chunks":
            return _manuscript(workspace, voice)
        case "split_chunks":
            limits = voice.manuscript.model_dump(include={"max_words", "min_part_words"})
            return {"limits": limits, "max_tokens": voice.dataset.max_tokens} | _vocabulary(workspace, voice)
        case "prefix_completion_dataset":
            return {
                "dataset": voice.dataset.model_dump(),
                "weights": voice.manuscript.weights,
                "base_model": voice.base.model,
                "manuscript": voice.manuscript.model_dump(include={"language", "max_words"}),
            } | _vocabulary(workspace, voice)
        case "baseline_metrics":
            return _base(workspace, voice) | {
                "evaluation": voice.evaluation.model_dump(mode="json"),
                "person": voice.manuscript.person,
            }
        case "qlora_adapter":
            return _base(workspace, voice) | {"training": voice.training.model_dump(exclude=set(NOT_LEARNT))}
        case "merged_model":
            return _base(workspace, voice)
        case "blind_evaluation":
            return {"blind": voice.blind.model_dump(), "votes": votes_digest(workspace, voice, voice.blind.votes)}
        case _:
            return {
                "evaluation": voice.evaluation.model_dump(mode="json"),
                "gates": voice.gates.model_dump(),
                "person": voice.manuscript.person,
            }


def votes_digest(workspace: Workspace, voice: VoiceConfig, wanted: int) -> str | None:
    """Hash of the votes that a result of so many rests on, on the model that lies there now; None where nobody reads.

    What is voted after the reading was complete changes no result, and so not this either.

    Raises:
        GaeaError: The reading's files cannot be read.
    """
    model = content("merged_model", workspace, voice.name)
    files = ReadingFiles.of(Path(workspace.data), voice.name, model, voice.blind.seed)
    plan = read_plan(files)
    if plan is None or not files.votes.exists():
        return None
    given = take_sample(plan, read_votes(files.votes, plan).votes, wanted).given
    return digest([plan.id, [asdict(vote) for vote in given]])


def _manuscript(workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    folders = workspace.manuscripts(voice)
    found = files_of(folders)
    cut = any(not CHUNK_FILE.fullmatch(files[0].name) for files in found.values())
    sizes = {"sizes": voice.manuscript.model_dump(include={"min_words", "max_words"})} if cut else {}
    return {"manuscripts": {name: files_digest(folders[name], files) for name, files in found.items()}} | sizes


def _vocabulary(workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    folder = workspace.base(voice)
    marks = workspace.encoder(voice).marks
    return {"vocabulary": digest((folder / "tokenizer.json").read_text("utf-8")), "prompt_format": marks.name}


def _base(workspace: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    folder = workspace.base(voice, weights=True)
    return {
        "base": base_identity(folder, voice.base.model),
        "prompt_format": workspace.encoder(voice).marks.name,
    }
