"""What the released model writes today, also where the voice has gone on since."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import dagster as dg

from gaea_assets.assets.common import ACCELERATOR, VOICES, faults_in_one_line, materialised
from gaea_assets.assets.evaluation import prompts_of, scorecard_with_abilities, written_by
from gaea_assets.assets.release import release
from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import CODE_VERSION, content
from gaea_assets.release.kept import folder_of, is_whole
from gaea_assets.release.measured_with import measured_then
from gaea_assets.release.pointer import Released, released
from gaea_assets.resources import Workspace
from gaea_assets.serving.continuations import Continuation, write_continuations
from gaea_assets.serving.generator import ModelPlace, Origin, origin
from gaea_assets.serving.live import live_server
from gaea_assets.store import new_folder
from gaea_assets.style.abilities import Abilities
from gaea_assets.style.report import render_markdown


@dg.asset(
    deps=[release],
    partitions_def=VOICES,
    kinds={"vllm"},
    pool=ACCELERATOR,
    code_version=CODE_VERSION["style_report"],
)
def released_report(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """What the released model writes today, from its kept folder, measured with what it was measured with before."""
    with faults_in_one_line():
        now = _released(workspace, context.partition_key)
        then, voice = measured_then(workspace, workspace.voice(context.partition_key), now.model)
        tuned, abilities, source = _generate(context, workspace, then, voice, now)
        card = scorecard_with_abilities(then, voice, tuned, abilities)
        inputs = {
            "merged_model": now.model,
            "baseline_metrics": content("baseline_metrics", then, voice.name),
            "evaluation": voice.evaluation.model_dump(mode="json"),
            "person": voice.manuscript.person,
            "code": CODE_VERSION["style_report"],
        }
        with new_folder(workspace.place("released_report", voice.name), inputs) as folder:
            write_continuations(tuned, folder / "continuations.jsonl")
            origins = {"tuned": asdict(source)}
            report = {"voice": voice.name, "model": now.model, "generated_by": origins, **card.to_dict()}
            (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
        scores = {f"{m.name}_score": m.score for m in card.measures if m.score is not None}
        summary = dg.MetadataValue.md(render_markdown(card))
        figures = {**scores, "passed": card.passed, "model": now.model, "summary": summary}
        return materialised("released_report", workspace, voice.name, figures)


def _released(workspace: Workspace, voice: str) -> Released:
    data = Path(workspace.data)
    now = released(data, voice)
    if now is None:
        raise GaeaError(f"nothing of the voice {voice} is released; decide with `gaea release {voice}`")
    folder = folder_of(data, voice, now.model)
    if not is_whole(folder, now.model):
        raise GaeaError(
            f"{folder}: the released model {now.model[:12]} is gone or was changed; go back with "
            f"`gaea release {voice} --rollback`, or release the newer one (`gaea release {voice}`)"
        )
    return now


def _generate(
    context: dg.AssetExecutionContext, workspace: Workspace, then: Workspace, voice: VoiceConfig, now: Released
) -> tuple[Sequence[Continuation], Abilities, Origin]:
    data = Path(workspace.data)
    folder = folder_of(data, voice.name, now.model)
    # The kept folder has the vocabulary that the model was trained with; the voice may be on another base by now.
    encoder = Encoder(folder, prompt_format(folder, voice.base.prompt_format))
    log_file = workspace.place("logs", voice.name) / "vllm_released.log"
    place = ModelPlace(folder, f"{voice.name}-tuned", voice.serving.tuned_port, log_file, data)
    live = live_server(data, place.name, now.model, context.log.warning)
    texts, abilities = written_by(place, encoder, voice, prompts_of(then, voice), live, context.log.info)
    return texts, abilities, origin(voice.serving, live)
