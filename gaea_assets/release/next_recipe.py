"""The next recipe for a voice, from what lies on disk about it.

As in a decision, a model is judged by what it has recorded: an author who goes on writing gets a remedy all the same.
Only what the proposal is laid over, the recipe in the voice's file, must be the one that was tried.
"""

from collections.abc import Mapping
from typing import Any

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import NOT_LEARNT, content, require_unedited
from gaea_assets.recorded import OF_THE_MODEL, require_recorded, require_settings
from gaea_assets.release.loss_curve import LossCurve, read_curve
from gaea_assets.release.outputs import read_blind, read_log, read_report
from gaea_assets.release.problems import Findings, find_problems, read_findings
from gaea_assets.release.remedy import Proposal, known_voices, propose
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance


def next_recipe(workspace: Workspace, voice: VoiceConfig, *, out_of_memory: bool = False) -> Proposal | None:
    """The next recipe for a voice, from its training log and style report.

    Args:
        workspace: The project.
        voice: The voice.
        out_of_memory: Whether its training ran out of memory, which leaves no log.

    Returns:
        The proposal; None where its recipe is not what is wrong.

    Raises:
        GaeaError: It has not been trained and judged, or by another recipe than its file has now, or every recipe has
            been tried.
    """
    found = Findings(out_of_memory=True) if out_of_memory else _findings(workspace, voice)
    return propose(voice, found, known_voices(workspace.voices))


def _findings(workspace: Workspace, voice: VoiceConfig) -> Findings:
    learnt = voice.training.model_dump(exclude=set(NOT_LEARNT))
    require_recorded(("qlora_adapter",), workspace, voice.name)
    _require_same(workspace, voice.name, "qlora_adapter", {"training": learnt})
    curve = _curve(workspace, voice)
    try:
        _require_judged(workspace, voice)
    except GaeaError:
        without_report = read_findings(None, curve, not_preferred=False)
        if find_problems(without_report):  # an adapter that did not learn gets no further
            return without_report
        raise
    report = read_report(workspace, voice.name)
    passed = bool(report and report["passed"])
    not_preferred = passed and _not_preferred(workspace, voice)
    if passed and not not_preferred:  # its adapter may fail a gate all the same
        return Findings() if curve.best[1] < curve.base else Findings(curve)
    return read_findings(report, curve, not_preferred=not_preferred)


def _not_preferred(workspace: Workspace, voice: VoiceConfig) -> bool:
    """Whether readers do not prefer it, or nothing in reach, more votes or more prompts, would show that they do."""
    blind = read_blind(workspace, voice, content("merged_model", workspace, voice.name))
    return blind is not None and blind.verdict != "proved" and not (blind.more_votes or blind.prompts_wanted)


def _require_judged(workspace: Workspace, voice: VoiceConfig) -> None:
    require_recorded(OF_THE_MODEL, workspace, voice.name, unedited=False)  # the weights say nothing of the recipe
    require_unedited("style_report", workspace, voice.name)
    evaluation, gates = voice.evaluation.model_dump(mode="json"), voice.gates.model_dump()
    _require_same(workspace, voice.name, "style_report", {"evaluation": evaluation, "gates": gates})
    base = (read_report(workspace, voice.name) or {}).get("base_model", voice.base.model)
    if base != voice.base.model:
        raise GaeaError(
            f"the voice {voice.name} was trained on {base}, and its file has base.model: {voice.base.model} now; put "
            f"it back, or train the voice on the new one"
        )


def _require_same(workspace: Workspace, voice: str, asset: str, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a recipe in the voice's file that is not the one that was tried."""
    place = workspace.made(asset, voice)
    found = read_provenance(place)
    for section, now in sections.items():
        then = (found.made_from.get(section) if found else None) or {}
        require_settings(
            place,
            {f"{section}.{key}": value for key, value in then.items()},
            {f"{section}.{key}": value for key, value in now.items() if key in then},
            f"put them back, or materialise {asset} of the voice {voice} again",
        )


def _curve(workspace: Workspace, voice: VoiceConfig) -> LossCurve:
    try:
        return read_curve(read_log(workspace, voice.name) or {}, voice.training.epochs)
    except (ValueError, LookupError, TypeError, ArithmeticError):
        raise GaeaError(
            f"{workspace.place('qlora_adapter', voice.name) / 'training_log.json'}: not a training log; materialise "
            f"qlora_adapter of the voice {voice.name} again"
        ) from None
