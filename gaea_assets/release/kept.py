"""Models that were released, kept apart from `data/merged_model`, which the next materialisation replaces."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from gaea_assets.errors import GaeaError
from gaea_assets.store import PROVENANCE, folder_digest, new_folder, read_provenance

HASH_CHARACTERS = 12
_GONE = ".gone-"


@dataclass(frozen=True)
class Kept:
    """A kept model."""

    folder: Path
    voice: str
    model: str
    """Content hash of the merged model."""


def keep_model(data: Path, source: Path, voice: str, model: str) -> Path:
    """Keep a merged model; where it is kept already and whole, nothing is done.

    Weights are hard links, which take no room on the same file system; all else is copied, so that an edited
    configuration in `data/merged_model` does not reach the released model.

    Args:
        data: The project's data folder.
        source: The merged model.
        voice: Its voice.
        model: Its content hash.

    Returns:
        The folder of the kept model, which appears whole or not at all.

    Raises:
        GaeaError: The merged model is not the one with that hash, or there is no room.
    """
    place = _models(data) / f"{voice}-{model[:HASH_CHARACTERS]}"
    if is_whole(place, model):
        return place
    try:
        with new_folder(place, {"voice": voice, "merged_model": model}) as folder:
            for path in sorted(path for path in source.rglob("*") if path.is_file() and path.name != PROVENANCE):
                target = folder / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                if path.suffix == ".safetensors":
                    link_or_copy(path, target)
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


def kept_models(data: Path) -> list[Kept]:
    """The kept models, newest first."""
    found = []
    for folder in _models(data).glob("[!.]*"):
        provenance = read_provenance(folder)
        if provenance is not None:
            # The provenance counts in seconds; the time of its file tells two within one second apart.
            when = (provenance.made_at, (folder / PROVENANCE).stat().st_mtime_ns)
            found.append((when, Kept(folder, str(provenance.made_from.get("voice", "")), provenance.content)))
    return [kept for _, kept in sorted(found, key=lambda pair: pair[0], reverse=True)]


def drop(kept: Kept) -> None:
    """Delete a kept model: what is seen at any time is a whole folder or none."""
    gone = kept.folder.with_name(f"{_GONE}{kept.folder.name}")
    shutil.rmtree(gone, ignore_errors=True)
    kept.folder.rename(gone)
    shutil.rmtree(gone)


def sweep(data: Path) -> None:
    """Delete what a killed `drop` left."""
    for gone in _models(data).glob(f"{_GONE}*"):
        shutil.rmtree(gone, ignore_errors=True)


def _models(data: Path) -> Path:
    return data / "release" / "models"
