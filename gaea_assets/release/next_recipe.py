"""The next recipe for a voice, from what lies on disk about it."""

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import require_current
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
        GaeaError: It has not been trained and judged by the recipe in its file, or every recipe has been tried.
    """
    found = Findings(out_of_memory=True) if out_of_memory else _findings(workspace, voice)
    return propose(voice, found, known_voices(workspace.voices))


def _findings(workspace: Workspace, voice: VoiceConfig) -> Findings:
    require_current("qlora_adapter", workspace, voice)
    curve = _curve(workspace, voice)
    try:
        require_current("style_report", workspace, voice)
    except GaeaError:
        without_report = read_findings(None, curve, not_preferred=False)
        if find_problems(without_report):  # an adapter that did not learn gets no further
            return without_report
        raise
    report = read_report(workspace, voice.name)
    merged = read_provenance(workspace.made("merged_model", voice.name))
    blind = read_blind(workspace, voice, merged.content) if merged else None
    not_preferred = blind is not None and blind.verdict != "proved" and not blind.more_votes
    if report and report["passed"] and not not_preferred:
        return Findings()
    return read_findings(report, curve, not_preferred=not_preferred)


def _curve(workspace: Workspace, voice: VoiceConfig) -> LossCurve:
    try:
        return read_curve(read_log(workspace, voice.name) or {}, voice.training.epochs)
    except (ValueError, KeyError, TypeError):
        raise GaeaError(
            f"{workspace.place('qlora_adapter', voice.name) / 'training_log.json'}: not a training log; materialise "
            f"qlora_adapter of the voice {voice.name} again"
        ) from None
