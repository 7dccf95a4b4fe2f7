"""The one place where assets, checks, jobs, schedules, sensors and resources meet."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from gaea_assets.assets import blind, chunks, comparison, dataset, evaluation, model, release, released
from gaea_assets.automation import data_assets, decision, reevaluation, voice_pipeline, weekly_reevaluation
from gaea_assets.checks.asset_checks import ASSET_CHECKS
from gaea_assets.checks.released import ALARMS
from gaea_assets.console import console
from gaea_assets.resources import ChildProcess, Workspace
from gaea_assets.sensors import changed_manuscripts
from gaea_assets.watching_sensor import watched_checks


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions; tests put resources of their own in place of ours."""
    return dg.Definitions(
        assets=dg.load_assets_from_modules([chunks, dataset, model, evaluation, release, released, comparison, blind]),
        asset_checks=[*ASSET_CHECKS, *ALARMS],
        jobs=[voice_pipeline, data_assets, reevaluation, decision],
        schedules=[weekly_reevaluation],
        sensors=[changed_manuscripts, watched_checks],
        resources={"workspace": Workspace(), "child": ChildProcess(), **(resource_overrides or {})},
        loggers={"console": console},
        # One accelerator, one step after the other: a process for each step would only cost its start.
        executor=dg.in_process_executor,
    )


defs = build_defs()
