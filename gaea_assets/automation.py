"""Jobs and schedules."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from gaea_assets.assets.chunks import raw_chunks, split_chunks
from gaea_assets.assets.common import VOICES
from gaea_assets.assets.dataset import prefix_completion_dataset
from gaea_assets.assets.evaluation import style_report
from gaea_assets.assets.release import release
from gaea_assets.assets.released import released_report
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import UPSTREAM
from gaea_assets.release.pointer import RELEASED, Released, place_of, released, released_voices
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance

# A failed gate is an answer, not an accident: trying again would train again.
NO_RETRIES = {"dagster/retry_on_asset_or_op_failure": "false"}

voice_pipeline = dg.define_asset_job("voice_pipeline", selection=dg.AssetSelection.assets(*UPSTREAM), tags=NO_RETRIES)
"""From the manuscript to the style report, with all gates."""

data_assets = dg.define_asset_job(
    "data_assets",
    selection=dg.AssetSelection.assets(raw_chunks, split_chunks, prefix_completion_dataset),
    tags=NO_RETRIES,
)
"""From the manuscript to the dataset, with the gates: seconds, and no accelerator."""

reevaluation = dg.define_asset_job(
    "reevaluation", selection=dg.AssetSelection.assets(style_report, released_report), tags=NO_RETRIES
)
"""A report and its gates again, for a model that is there: `style_report` of the merged one, `released_report` of a
released one that is no longer the merged one."""

decision = dg.define_asset_job("decision", selection=dg.AssetSelection.assets(release), tags=NO_RETRIES)
"""Whether a voice's model is released; a person starts it."""


@dg.schedule(job=reevaluation, cron_schedule="0 3 * * 1", default_status=dg.DefaultScheduleStatus.STOPPED)
def weekly_reevaluation(
    context: dg.ScheduleEvaluationContext, workspace: Workspace
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Mondays at 3: the released voices; where none is, each that has a merged model. Start it in the UI."""
    wanted, faults = _to_reevaluate(workspace)
    for fault in faults:
        context.log.error(fault)
    if not wanted:
        yield dg.SkipReason("; ".join(faults) or "no voice has a merged model yet; materialise merged_model first")
    for name, report in wanted:
        yield dg.RunRequest(
            run_key=f"{name}:{context.scheduled_execution_time:%Y-%m-%d}",
            partition_key=name,
            asset_selection=[report.key],
            tags=NO_RETRIES,
        )


def _to_reevaluate(workspace: Workspace) -> tuple[list[tuple[str, dg.AssetsDefinition]], list[str]]:
    """The released voices; while nothing is released, the voices that have a merged model; each with its report.

    Beside them, a line for each voice that is passed over: what is wrong with one is no reason to pass over the others.
    """
    any_released = released_voices(Path(workspace.data))
    wanted, faults = [], []
    for voice in any_released or VOICES.get_partition_keys():
        try:
            if report := _report_of(workspace, voice, only_released=bool(any_released)):
                wanted.append((voice, report))
        except GaeaError as error:
            faults.append(f"{voice} is not evaluated again: {error}")
    return wanted, faults


def _report_of(workspace: Workspace, voice: str, *, only_released: bool) -> dg.AssetsDefinition | None:
    """The report that measures a voice's released model, or its merged one; None where there is none."""
    place = workspace.place("merged_model", voice)
    if not only_released:
        return style_report if read_provenance(place) else None
    now = released_model(workspace, voice)
    if now is None:
        return None
    try:
        merged = read_provenance(place)
    except GaeaError:  # the released model is kept in a folder of its own
        merged = None
    return style_report if merged and merged.content == now.model else released_report


def released_model(workspace: Workspace, voice: str) -> Released | None:
    """What is released of a voice and can be evaluated again; None where nothing is.

    Raises:
        GaeaError: The pointer cannot be read, or the voice is none that Dagster knows.
    """
    data = Path(workspace.data)
    now = released(data, voice)
    if now is not None and voice not in VOICES.get_partition_keys():
        raise GaeaError(
            f"{place_of(data, voice) / RELEASED} names a model, and when the code location was loaded there was no "
            f"voice file {voice}.yaml; put the file back and reload the code location, or delete {RELEASED}"
        )
    return now
