"""All voices side by side."""

import dagster as dg

from gaea_assets.assets.common import faults_in_one_line
from gaea_assets.assets.evaluation import style_report
from gaea_assets.assets.release import release
from gaea_assets.release.comparison import as_markdown, compare, write_comparison
from gaea_assets.resources import Workspace

EVERY_VOICE = dg.AllPartitionMapping()


@dg.asset(
    deps=[
        dg.AssetDep(style_report, partition_mapping=EVERY_VOICE),
        dg.AssetDep(release, partition_mapping=EVERY_VOICE),
    ]
)
def voice_comparison(workspace: Workspace) -> dg.MaterializeResult:
    """Every voice in one table, best first: recipe, scores, gates, losses, readers, cost."""
    with faults_in_one_line():
        table = compare(workspace)
        folder = write_comparison(workspace, table)
    judged = table[table["state"].isin(["current", "out of date"])]
    return dg.MaterializeResult(
        metadata={
            "folder": dg.MetadataValue.path(str(folder)),
            "voices": len(table),
            "judged": len(judged),
            "passed": int(judged["passed"].sum()),
            "best": str(judged["voice"].iloc[0]) if len(judged) else "none yet",
            "comparison": dg.MetadataValue.md(as_markdown(table)),
        }
    )
