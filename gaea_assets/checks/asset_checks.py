"""The gates as Dagster asset checks."""

import math
import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from gaea_assets.assets.common import VOICES, faults_in_one_line
from gaea_assets.checks.gates import GATES, Gate
from gaea_assets.resources import Workspace
from gaea_assets.store import digest, read_provenance

SHOWN = 200
"""Faults on a check's page: the history keeps every evaluation."""


def as_asset_check(gate: Gate) -> dg.AssetChecksDefinition:
    """An asset check that runs the gate on a partition and shows its figures on pass and on failure."""

    @dg.asset_check(
        asset=gate.asset,
        name=gate.name,
        description=gate.description,
        blocking=gate.blocking,
        partitions_def=VOICES,
    )
    def check(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
        with faults_in_one_line():
            verdict = gate.find(workspace, workspace.voice(context.partition_key))
        return dg.AssetCheckResult(
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity("WARN" if verdict.undecided else gate.severity.upper()),
            description=verdict.summary() or gate.description,
            metadata={
                "voice": context.partition_key,
                **measured(workspace, gate.asset, context.partition_key),
                **_shown(verdict.figures),
                **_faults(verdict.faults),
            },
        )

    return check


def measured(workspace: Workspace, asset: str, voice: str) -> dict[str, str]:
    """Hash of the model that an asset measured, and of how it did: scores that differ in one are not compared."""
    found = read_provenance(workspace.place(asset, voice))
    if found is None or "merged_model" not in found.made_from:
        return {}
    # Targets decide whether a score passes, not what it is.
    way = {key: value for key, value in found.made_from.items() if key not in ("merged_model", "gates")}
    return {"model": str(found.made_from["merged_model"]), "measured_with": digest(way)[:12]}


def _shown(figures: Mapping[str, Any]) -> dict[str, Any]:
    # Dagster's page refuses a float that is no number: it is shown as text.
    return {
        key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in figures.items()
        if isinstance(value, (bool, int, float, str))
    }


def _faults(faults: Any) -> dict[str, Any]:
    if not faults:
        return {}
    more = [f"- and {len(faults) - SHOWN} more"] * (len(faults) > SHOWN)
    return {"faults": dg.MetadataValue.md("\n".join([*(f"- {fault}" for fault in faults[:SHOWN]), *more]))}


with warnings.catch_warnings():
    # Partitioned asset checks are a preview in Dagster 1.13; twenty lines saying so help nobody.
    warnings.simplefilter("ignore", dg.PreviewWarning)
    ASSET_CHECKS = [as_asset_check(gate) for gate in GATES]
