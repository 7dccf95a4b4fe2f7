"""What readers prefer who do not know which model wrote what."""

import json
from pathlib import Path

import dagster as dg

from gaea_assets.assets.common import VOICES, faults_in_one_line, materialised
from gaea_assets.assets.evaluation import baseline_metrics, style_report
from gaea_assets.blind.counting import count_votes
from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.result import as_markdown, told
from gaea_assets.lineage import CODE_VERSION, content, made_from
from gaea_assets.recorded import OF_THE_MODEL, require_recorded
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder


@dg.asset(
    deps=[style_report, baseline_metrics],
    partitions_def=VOICES,
    code_version=CODE_VERSION["blind_evaluation"],
)
def blind_evaluation(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """How often readers find the tuned model closer to the author than the base: the votes of `gaea blind`."""
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        require_recorded(OF_THE_MODEL, workspace, voice.name)
        inputs = made_from("blind_evaluation", workspace, voice)
        model = content("merged_model", workspace, voice.name)
        files = ReadingFiles.of(Path(workspace.data), voice.name, model, voice.blind.seed)
        result = count_votes(files, voice.name, voice.blind)
        for fault in result["faults"]:
            context.log.warning(fault)
        with new_folder(workspace.place("blind_evaluation", voice.name), inputs) as folder:
            (folder / "result.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
        figures = {key: result[key] for key in ("win_rate", "low", "high", "votes", "readers", "verdict")}
        return materialised(
            "blind_evaluation",
            workspace,
            voice.name,
            {
                **figures,
                "better_written": result["better"]["win_rate"],
                "told": told(result),
                "summary": dg.MetadataValue.md(as_markdown(result)),
            },
        )
