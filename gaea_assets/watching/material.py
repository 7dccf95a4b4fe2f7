"""What a model was measured with, kept: so that it can be measured again when the voice has gone on."""

from pathlib import Path

from gaea_assets.config import Evaluation, VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.recorded import MEASURED_WITH
from gaea_assets.release.kept import link_or_copy
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder, read_provenance

REPORT = "released_report"


def keep_material(workspace: Workspace, basis: Workspace, voice: str, model: str) -> None:
    """Keep what a model has just been measured with, in place of what it was measured with before.

    Files are hard links where the file system has them: a folder of an asset is replaced, never written to.

    Args:
        workspace: The project.
        basis: Where the dataset and the baseline lie that it was measured with (`recorded.measuring_basis`).
        voice: Name of the voice.
        model: Content hash of the merged model.
    """
    merged = read_provenance(workspace.place("merged_model", voice))
    marks = merged.made_from["prompt_format"] if merged else None
    inputs = {"voice": voice, "merged_model": model, "prompt_format": marks}
    with new_folder(_place(workspace, voice, model), inputs) as folder:
        for asset in MEASURED_WITH:
            target = folder / asset / voice
            target.mkdir(parents=True)
            for path in basis.made(asset, voice).iterdir():
                link_or_copy(path, target / path.name)


def measured_then(workspace: Workspace, voice: VoiceConfig, model: str) -> tuple[Workspace, VoiceConfig]:
    """The project and the voice as they were when a model was last measured, as far as its measures ask for them.

    Raises:
        GaeaError: Nothing of it was kept.
    """
    then = Workspace(project=workspace.project, data=str(_place(workspace, voice.name, model)))
    kept, baseline = read_provenance(Path(then.data)), read_provenance(then.place("baseline_metrics", voice.name))
    if kept is None or baseline is None:
        raise GaeaError(
            f"{then.data}: what the model {model[:12]} of the voice {voice.name} was measured with was not kept, so it "
            f"cannot be measured again; release the voice's newer model (`gaea release {voice.name}`)"
        )
    manuscript = voice.manuscript.model_copy(update={"person": baseline.made_from["person"]})
    evaluation = Evaluation.model_validate(baseline.made_from["evaluation"])
    base = voice.base.model_copy(update={"prompt_format": kept.made_from["prompt_format"]})
    return then, voice.model_copy(update={"manuscript": manuscript, "evaluation": evaluation, "base": base})


def last_measured(workspace: Workspace, voice: str, model: str) -> str | None:
    """When a model was last measured, by `style_report` or `released_report`: ISO 8601 in UTC; None where it was not.

    Read from the disk: Dagster's history may be thrown away, and with it what the sensor remembers.
    """
    kept, report = read_provenance(_place(workspace, voice, model)), read_provenance(workspace.place(REPORT, voice))
    times = [kept.made_at] if kept else []
    if report is not None and report.made_from.get("merged_model") == model:
        times.append(report.made_at)
    return max(times, default=None)  # all written by `new_folder`, in one form


def _place(workspace: Workspace, voice: str, model: str) -> Path:
    return Path(workspace.data) / "watching" / "material" / voice / model[:12]
