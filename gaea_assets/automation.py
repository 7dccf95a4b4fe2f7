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
from gaea_assets.lineage import UPSTREAM, content
from gaea_assets.release.pointer import released, released_voices
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
    try:
        wanted = _to_reevaluate(workspace)
    except GaeaError as error:
        yield dg.SkipReason(str(error))
        return
    for name, report in wanted:
        yield dg.RunRequest(
            run_key=f"{name}:{context.scheduled_execution_time:%Y-%m-%d}",
            partition_key=name,
            asset_selection=[report.key],
            tags=NO_RETRIES,
        )


def _to_reevaluate(workspace: Workspace) -> list[tuple[str, dg.AssetsDefinition]]:
    """The released voices; while nothing is released, the voices that have a merged model; each with its report.

    Raises:
        GaeaError: There is none, or what is released cannot be read.
    """
    data = Path(workspace.data)
    merged = {
        name: content("merged_model", workspace, name)
        for name in VOICES.get_partition_keys()
        if read_provenance(workspace.place("merged_model", name)) is not None
    }
    pointers = [now for voice in released_voices(data) if (now := released(data, voice))]
    if not pointers:
        if not merged:
            raise GaeaError("no voice has a merged model yet; materialise merged_model first")
        return [(name, style_report) for name in merged]
    return [(now.voice, style_report if merged.get(now.voice) == now.model else released_report) for now in pointers]
