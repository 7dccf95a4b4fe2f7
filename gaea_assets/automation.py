"""Jobs and schedules."""

from collections.abc import Iterator

import dagster as dg

from gaea_assets.assets.chunks import raw_chunks, split_chunks
from gaea_assets.assets.common import VOICES
from gaea_assets.assets.dataset import prefix_completion_dataset
from gaea_assets.assets.evaluation import style_report
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance

# A failed gate is an answer, not an accident: trying again would train again.
NO_RETRIES = {"dagster/retry_on_asset_or_op_failure": "false"}

voice_pipeline = dg.define_asset_job("voice_pipeline", selection=dg.AssetSelection.all(), tags=NO_RETRIES)
"""From the manuscript to the style report, with all gates."""

data_assets = dg.define_asset_job(
    "data_assets",
    selection=dg.AssetSelection.assets(raw_chunks, split_chunks, prefix_completion_dataset),
    tags=NO_RETRIES,
)
"""From the manuscript to the dataset, with the gates: seconds, and no accelerator."""

reevaluation = dg.define_asset_job("reevaluation", selection=dg.AssetSelection.assets(style_report), tags=NO_RETRIES)
"""The style report and its gates again, for a model that is there."""


@dg.schedule(job=reevaluation, cron_schedule="0 3 * * 1", default_status=dg.DefaultScheduleStatus.STOPPED)
def weekly_reevaluation(
    context: dg.ScheduleEvaluationContext, workspace: Workspace
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Mondays at 3: one run for each voice that has a merged model. Start it in the UI."""
    voices = [
        name
        for name in VOICES.get_partition_keys()
        if read_provenance(workspace.place("merged_model", name)) is not None
    ]
    if not voices:
        yield dg.SkipReason("no voice has a merged model yet; materialise merged_model first")
    for name in voices:
        yield dg.RunRequest(
            run_key=f"{name}:{context.scheduled_execution_time:%Y-%m-%d}", partition_key=name, tags=NO_RETRIES
        )
