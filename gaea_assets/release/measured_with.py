"""What a model was measured with, kept: so that it can be measured again when its author has gone on writing."""

import shutil
from pathlib import Path

from gaea_assets.config import Evaluation, VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import require_unedited
from gaea_assets.recorded import MEASURED_WITH, RELEASED_REPORT, require_recorded
from gaea_assets.release.kept import HASH_CHARACTERS, kept_models
from gaea_assets.release.pointer import place_of
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder, read_provenance


def measuring_basis(workspace: Workspace, voice: str, *, unedited: bool = True) -> Workspace:
    """Where the dataset and the baseline lie that belong to the merged model: where they were made, or kept.

    Args:
        workspace: The project.
        voice: Name of the voice.
        unedited: As in `require_recorded`.

    Raises:
        GaeaError: There are none, or the model does not belong to its adapter.
    """
    chain = (*MEASURED_WITH, "qlora_adapter", "merged_model")
    try:
        require_recorded(chain, workspace, voice, unedited=unedited)
    except GaeaError:
        merged = read_provenance(workspace.place("merged_model", voice))
        kept = _kept(workspace, voice, merged.content if merged else "")
        if merged is None or read_provenance(Path(kept.data)) is None:
            raise
        require_recorded(chain, workspace, voice, unedited=unedited, basis=kept)
        return kept
    return workspace


def keep(workspace: Workspace, basis: Workspace, voice: str, model: str) -> None:
    """Keep what a model is measured with, in place of what it was measured with before.

    Of models that were neither released nor measured just now, nothing stays. The files are copies of a few megabytes:
    an editor may write into the ones they are made from.

    Args:
        workspace: The project.
        basis: Where the dataset and the baseline lie that it is measured with (`measuring_basis`).
        voice: Name of the voice.
        model: Content hash of the merged model.
    """
    merged = read_provenance(workspace.place("merged_model", voice))
    marks = merged.made_from["prompt_format"] if merged else None
    place = Path(_kept(workspace, voice, model).data)
    with new_folder(place, {"voice": voice, "merged_model": model, "prompt_format": marks}) as folder:
        for asset in MEASURED_WITH:
            shutil.copytree(basis.made(asset, voice), folder / asset / voice)
    wanted = {place.name, *(found.folder.name for found in kept_models(Path(workspace.data), voice))}
    for other in place.parent.glob("[!.]*"):
        if other.name not in wanted:
            shutil.rmtree(other)


def measured_then(workspace: Workspace, voice: VoiceConfig, model: str) -> tuple[Workspace, VoiceConfig]:
    """The project and the voice as they were when a model was last measured, as far as its measures ask for them.

    Raises:
        GaeaError: Nothing of it was kept, or not as it was.
    """
    then = _kept(workspace, voice.name, model)
    kept, baseline = read_provenance(Path(then.data)), read_provenance(then.place("baseline_metrics", voice.name))
    try:
        for asset in MEASURED_WITH:
            require_unedited(asset, then, voice.name)
    except GaeaError:
        kept = None
    if kept is None or baseline is None:
        raise GaeaError(
            f"{then.data}: what the model {model[:12]} of the voice {voice.name} was measured with was not kept, or "
            f"was changed, so it cannot be measured again; release the newer model (`gaea release {voice.name}`)"
        )
    manuscript = voice.manuscript.model_copy(update={"person": baseline.made_from["person"]})
    evaluation = Evaluation.model_validate(baseline.made_from["evaluation"])
    base = voice.base.model_copy(update={"prompt_format": kept.made_from["prompt_format"]})
    return then, voice.model_copy(update={"manuscript": manuscript, "evaluation": evaluation, "base": base})


def last_measured(workspace: Workspace, voice: str, model: str) -> str | None:
    """When a model was last measured, by `style_report` or `released_report`: ISO 8601 in UTC; None where it was not.

    Read from the disk: Dagster's history may be thrown away, and with it what the sensor remembers.
    """
    kept = read_provenance(Path(_kept(workspace, voice, model).data))
    report = read_provenance(workspace.place(RELEASED_REPORT, voice))
    times = [kept.made_at] if kept else []
    if report is not None and report.made_from.get("merged_model") == model:
        times.append(report.made_at)
    return max(times, default=None)  # all written by `new_folder`, in one form


def _kept(workspace: Workspace, voice: str, model: str) -> Workspace:
    """Where dataset and baseline of a model are kept, whether or not they are."""
    place = place_of(Path(workspace.data), voice) / "measured_with" / model[:HASH_CHARACTERS]
    return Workspace(project=workspace.project, data=str(place))
