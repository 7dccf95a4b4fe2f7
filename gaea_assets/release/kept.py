"""Models that were released, kept apart from `data/merged_model`, which the next materialisation replaces."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.release.pointer import place_of
from gaea_assets.store import PROVENANCE, folder_digest, new_folder, read_provenance

HASH_CHARACTERS = 12
MODELS = "models"
SERVED_WITH = {"name", "manuscript", "base", "dataset", "evaluation", "serving"}
"""Sections of a voice's file that serving its model needs; the fewer, the less a later version may not know."""
_GONE = ".gone-"


@dataclass(frozen=True)
class Kept:
    """A kept model."""

    folder: Path
    voice: str
    model: str
    """Content hash of the merged model."""


def folder_of(data: Path, voice: str, model: str) -> Path:
    """Where a model is kept, whether or not it is."""
    return place_of(data, voice) / MODELS / model[:HASH_CHARACTERS]


def keep_model(data: Path, source: Path, voice: VoiceConfig, model: str, judged_with: Mapping[str, Any]) -> Path:
    """Keep a merged model with its voice's settings; where it is kept so already and whole, nothing is done.

    Weights are hard links, which take no room on the same file system; all else is copied, so that an edited
    configuration in `data/merged_model` does not reach the released model.

    Args:
        data: The project's data folder.
        source: The merged model.
        voice: Its voice.
        model: Its content hash.
        judged_with: Settings of `evaluation:` that its report was made with; the voice's file may have others by now.

    Returns:
        The folder of the kept model, which appears whole or not at all.

    Raises:
        GaeaError: The merged model is not the one with that hash, or there is no room.
    """
    place = folder_of(data, voice.name, model)
    made, before = read_provenance(source), read_provenance(place)
    settings = voice.model_dump(mode="json", include=SERVED_WITH) | {"evaluation": dict(judged_with)}
    inputs = {"voice": voice.name, "merged_model": model, "settings": settings, "made_from": made and made.made_from}
    if before and before.made_from == inputs and is_whole(place, model):
        return place
    try:
        with new_folder(place, inputs) as folder:
            for path in sorted(path for path in source.rglob("*") if path.is_file() and path.name != PROVENANCE):
                target = folder / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                if path.suffix == ".safetensors":
                    link_or_copy(path.resolve(), target)  # a link to a symbolic link would be one more of those
                else:
                    shutil.copy2(path, target)
            if folder_digest(folder) != model:
                raise GaeaError(f"{source}: has changed while it was being kept; decide again")
    except OSError as error:
        raise GaeaError(f"{place}: the model cannot be kept ({error.strerror}); nothing was released") from None
    return place


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` a hard link to `source`, or a copy where the file system has no links or is another one.

    Raises:
        FileExistsError: `target` is there already.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError(target) from None
        shutil.copy2(source, target)


def is_whole(folder: Path, model: str) -> bool:
    """Whether a kept model has the files that its hash was taken over."""
    provenance = read_provenance(folder)
    return provenance is not None and provenance.content == model == folder_digest(folder)


def kept_settings(folder: Path) -> tuple[VoiceConfig, str]:
    """The voice's settings that a kept model was released with, and the name of its prompt format.

    Raises:
        GaeaError: They are not there, or not readable as such by this version.
    """
    provenance = read_provenance(folder)
    recorded = provenance.made_from if provenance else {}
    try:
        return VoiceConfig.model_validate(recorded["settings"]), str(recorded["made_from"]["prompt_format"])
    except (KeyError, TypeError, ValidationError):
        raise GaeaError(
            f"{folder / PROVENANCE}: does not hold the voice's settings as this version knows them; release the model "
            f"again"
        ) from None


def kept_models(data: Path, voice: str) -> list[Kept]:
    """The kept models of a voice, in no order."""
    found = []
    for folder in (place_of(data, voice) / MODELS).glob("[!.]*"):
        provenance = read_provenance(folder)
        if provenance is not None:
            found.append(Kept(folder, voice, provenance.content))
    return found


def drop(kept: Kept) -> None:
    """Delete a kept model: what is seen at any time is a whole folder or none."""
    gone = kept.folder.with_name(f"{_GONE}{kept.folder.name}")
    shutil.rmtree(gone, ignore_errors=True)
    kept.folder.rename(gone)
    shutil.rmtree(gone)


def sweep(data: Path, voice: str) -> None:
    """Delete what a killed `drop` left."""
    for gone in (place_of(data, voice) / MODELS).glob(f"{_GONE}*"):
        shutil.rmtree(gone, ignore_errors=True)
