"""The alarm: a new report of the released model, and it no longer passes."""

import warnings
from pathlib import Path

import dagster as dg

from gaea_assets.assets.common import VOICES, faults_in_one_line
from gaea_assets.recorded import RELEASED_REPORT
from gaea_assets.release import actions
from gaea_assets.resources import Workspace
from gaea_assets.serving.outdated import outdated_servers


def _still_passes(report: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=report, partitions_def=VOICES)
    def released_still_passes(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
        """The released model, evaluated again, still passes; else an earlier one comes back (release.switch_back)."""
        with faults_in_one_line():
            alarm, back = actions.watch(workspace, context.partition_key, report)
            outdated = outdated_servers(Path(workspace.data)) if back else []
        if alarm is None:
            return dg.AssetCheckResult(passed=True, metadata={"voice": context.partition_key})
        told = "; ".join(
            [alarm.told, *([f"released again: {back.voice} ({back.model[:12]})"] if back else []), *outdated]
        )
        context.log.error(told)
        return dg.AssetCheckResult(
            passed=False,
            description=told,
            metadata={
                "voice": context.partition_key,
                "model": alarm.released.model,
                "faults": dg.MetadataValue.md("\n".join(f"- {fault}" for fault in alarm.faults)),
                "switched_back": back is not None,
            },
        )

    return released_still_passes


with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.PreviewWarning)  # partitioned asset checks, as in asset_checks.py
    ALARMS = [_still_passes(report) for report in ("style_report", RELEASED_REPORT)]
