"""Where the base model's files are, on this disk or on the model hub."""

import json
from pathlib import Path
from typing import Any

from huggingface_hub import get_token, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    HTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from gaea_assets.errors import GaeaError
from gaea_assets.store import files_digest

VOCABULARY = ["tokenizer*", "config.json", "generation_config.json", "chat_template*"]
WEIGHTS = ["model*.safetensors", "*.safetensors.index.json"]
"""Beside them, Mistral's repositories hold the same weights once more, as `consolidated.safetensors`."""


def base_folder(model: str, revision: str | None, project: Path, *, weights: bool) -> Path:
    """The folder with the base model's files, downloaded first where it is on the hub.

    Args:
        model: A folder, absolute or relative to `project`, or a hub id such as `org/name`.
        revision: Commit or tag on the hub.
        project: Folder that relative paths start from.
        weights: Whether the weights are needed too, or only tokenizer and configuration.

    Raises:
        GaeaError: The folder lacks files, or the hub refuses or cannot be reached.
    """
    folder = project / model
    if not folder.is_dir():
        folder = _download(model, revision, VOCABULARY + (WEIGHTS if weights else []))
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise GaeaError(f"base.model: {model}: {name} is missing in {folder}; a complete model folder is wanted")
    if weights and not any(folder.glob("*.safetensors")):
        raise GaeaError(f"base.model: {model}: no *.safetensors in {folder}; save the weights as safetensors")
    return folder


def _download(model: str, revision: str | None, patterns: list[str]) -> Path:
    known = "set HF_TOKEN to a token of an account that has been granted access"
    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=patterns))
    except GatedRepoError:
        lack = "the token given has no access to it" if get_token() else "no token is set"
        raise GaeaError(
            f"base.model: {model} is gated and {lack}: accept its licence on its hub page, then {known}"
        ) from None
    except (RepositoryNotFoundError, RevisionNotFoundError):
        raise GaeaError(
            f"base.model: {model} (revision {revision or 'default'}) is neither a folder here nor on the "
            f"model hub; check the spelling, or {known} if it is private"
        ) from None
    except HFValidationError as error:
        raise GaeaError(f"base.model: {model} is no folder and no valid hub id: {error}") from None
    except (HTTPError, OSError) as error:
        raise GaeaError(f"{_unreachable(model)} ({type(error).__name__})") from None


def _unreachable(model: str) -> str:
    token = "" if get_token() else "; no HF_TOKEN is set either, which a gated model needs"
    return (
        f"base.model: {model} is no folder here and the model hub cannot be reached{token}: connect, or "
        f"copy the model into a folder and name that folder"
    )


def base_identity(folder: Path, model: str) -> str:
    """What tells one base from another: the hub commit, or a hash of the files of a model (a README is none)."""
    if folder.parent.name == "snapshots":
        return f"{model}@{folder.name}"
    return files_digest(folder, {path for pattern in [*VOCABULARY, *WEIGHTS] for path in folder.glob(pattern)})


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """A JSON file of the model folder; empty where it is missing.

    Raises:
        GaeaError: The file is damaged, or holds something other than an object.
    """
    path = folder / name
    try:
        found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise GaeaError(f"base.model: {path}: not readable as JSON ({error}); copy the file again") from None
    if not isinstance(found, dict):
        raise GaeaError(f"base.model: {path}: a JSON object is wanted; copy the file again")
    return found
