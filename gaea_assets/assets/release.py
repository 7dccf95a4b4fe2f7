"""The decision on a voice's model."""

from pathlib import Path

import dagster as dg

from gaea_assets.assets.blind import blind_evaluation
from gaea_assets.assets.common import VOICES, faults_in_one_line
from gaea_assets.assets.evaluation import style_report
from gaea_assets.release import actions
from gaea_assets.resources import Workspace
from gaea_assets.serving.outdated import outdated_servers
from gaea_assets.store import digest


@dg.asset(deps=[style_report, blind_evaluation], partitions_def=VOICES)
def release(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """Released, not released, or waiting for readers: decided from this model's gates, and carried out."""
    with faults_in_one_line():
        done = actions.release(workspace, context.partition_key)
        outdated = outdated_servers(Path(workspace.data))
    decision, record = done.decision, done.record
    context.log.info(f"{record.outcome}: {record.reason}")
    if done.alarm:
        context.log.error(done.alarm.told)
    if done.switched:
        context.log.info(f"released now: {done.switched.voice} ({done.switched.model[:12]})")
    for line in outdated:
        context.log.warning(line)
    gates = decision.evidence.gates
    return dg.MaterializeResult(
        metadata={
            "outcome": record.outcome,
            "reason": record.reason,
            "gates_passed": sum(gate.passed for gate in gates),
            "gates": len(gates),
            "decision": dg.MetadataValue.md(record.path.with_suffix(".md").read_text("utf-8")),
            "record": dg.MetadataValue.path(str(record.path)),
        },
        data_version=dg.DataVersion(digest([record.outcome, record.model])),
    )
