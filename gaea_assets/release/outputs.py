"""What the outputs of a voice say: its report, its training log, what its readers found."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import votes_digest
from gaea_assets.release.decision import BlindReading, Reading
from gaea_assets.resources import Workspace
from gaea_assets.store import folder_digest, read_provenance

BLIND_SCHEMA = 1
_AHEAD = ("more_votes", "more_readers", "prompts_wanted", "votes_wanted", "readers_wanted")


def read_report(workspace: Workspace, voice: str) -> dict[str, Any] | None:
    """The style report's figures; None where there is no finished report."""
    return read_output(workspace, "style_report", voice, "report.json")


def read_log(workspace: Workspace, voice: str) -> dict[str, Any] | None:
    """What the training wrote down; None where there is no finished adapter."""
    return read_output(workspace, "qlora_adapter", voice, "training_log.json")


def read_output(workspace: Workspace, asset: str, voice: str, name: str) -> dict[str, Any] | None:
    """A JSON object in an asset's finished output; None where it has not been made.

    Raises:
        GaeaError: It cannot be read.
    """
    place = workspace.place(asset, voice)
    if read_provenance(place) is None:
        return None
    try:
        found = json.loads((place / name).read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise GaeaError(f"{place / name}: not readable; materialise {asset} of the voice {voice} again")
    return found


def read_blind(workspace: Workspace, voice: VoiceConfig, model: str) -> BlindReading | None:
    """What readers said of this very model, judged by today's target; None where what was read is another model.

    A target that was lowered after the votes does not count: it was fixed before them.

    Raises:
        GaeaError: The result cannot be read, was edited, or is not that of the votes that lie there now.
    """
    place = workspace.place("blind_evaluation", voice.name)
    found = read_output(workspace, "blind_evaluation", voice.name, "result.json")
    if found is None:
        return None
    again = f"materialise blind_evaluation of the voice {voice.name} again"
    provenance = read_provenance(place)
    if provenance is None or provenance.content != folder_digest(place):
        raise GaeaError(f"{place}: its files have changed since it was made; {again}")
    if found.get("model") != model:
        return None
    try:
        if found["schema"] != BLIND_SCHEMA or found["voice"] != voice.name:
            raise ValueError(found["schema"])
        if int(found["seed"]) != voice.blind.seed:
            raise GaeaError(
                f"{place}: of the reading with blind.seed: {found['seed']}, and the voice's file has "
                f"{voice.blind.seed}; put it back, or read anew and {again}"
            )
        if provenance.made_from.get("votes") != votes_digest(workspace, voice, int(found["votes"])):
            votes = ReadingFiles.of(Path(workspace.data), voice.name, model, voice.blind.seed).votes
            raise GaeaError(f"{place}: counted from other votes than lie in {votes} now; {again}")
        return _judged(found, voice)
    except (KeyError, TypeError, ValueError):
        raise GaeaError(f"{place / 'result.json'}: not a blind result of schema {BLIND_SCHEMA}; {again}") from None


def _judged(found: Mapping[str, Any], voice: VoiceConfig) -> BlindReading:
    fixed = float(found["target"])
    target = max(fixed, voice.blind.target)
    rate, low, high, votes = float(found["win_rate"]), float(found["low"]), float(found["high"]), int(found["votes"])
    verdict: Reading = "proved" if low > target else "not_preferred" if high < target else "not_yet_shown"
    # By another target than the result's nobody has reckoned what would settle it.
    ahead = {name: _count(found, name) if target == fixed else None for name in _AHEAD}
    if votes < voice.blind.votes:
        verdict, ahead = "not_yet_shown", {"more_votes": voice.blind.votes - votes}
    return BlindReading(verdict, rate, low, high, target, votes, int(found["readers"]), int(found["prompts"]), **ahead)


def _count(found: Mapping[str, Any], name: str) -> int | None:
    return None if found.get(name) is None else int(found[name])
