"""Whether finished outputs belong together, as each has written down when it was made.

An author goes on writing, recipes change, this program is improved: a model that was made before stays what it is, and
is measured and judged by what it was made from (`lineage` says what a new one would be made from).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import UPSTREAM, changed, content, require_unedited, settings_of
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance

RELEASED_REPORT = "released_report"
"""What is found of a released model when its voice has gone on since."""
OF_THE_MODEL = ("qlora_adapter", "merged_model", "style_report")
"""A finished model and what was found of it: these decide on its release."""
MEASURED_WITH = ("prefix_completion_dataset", "baseline_metrics")
"""What a model is measured with: held-out texts that it was not trained on, and what its base writes from them."""


def require_recorded(
    assets: Sequence[str],
    workspace: Workspace,
    voice: str,
    *,
    unedited: bool = True,
    basis: Workspace | None = None,
) -> None:
    """Refuse outputs that were not made one from another, whatever today's files, settings and code are.

    Args:
        assets: The outputs that are to belong together, in the order they are made.
        workspace: The project.
        voice: Name of the voice.
        unedited: Whether to read every file and hold it against its hash: a model has many gigabytes.
        basis: Where those of `MEASURED_WITH` lie, if elsewhere.

    Raises:
        GaeaError: One is missing, was made from another one than lies there, or is not as it was made.
    """
    roots = {asset: basis if basis and asset in MEASURED_WITH else workspace for asset in assets}
    contents = {asset: content(asset, roots[asset], voice) for asset in assets}
    for asset in assets:
        place = roots[asset].made(asset, voice)
        found = read_provenance(place)
        for upstream in UPSTREAM[asset]:
            recorded = str(found.made_from.get(upstream)) if found else ""
            if upstream in contents and recorded != contents[upstream]:
                raise GaeaError(
                    f"{place} was made from another {upstream} ({recorded[:12]}) than the one that lies there "
                    f"({contents[upstream][:12]}); materialise {asset} of the voice {voice} again"
                )
        if unedited:
            require_unedited(asset, roots[asset], voice)


def require_same_settings(workspace: Workspace, basis: Workspace, voice: VoiceConfig) -> None:
    """Refuse to measure a model in another way than its base was measured, or in another vocabulary than its own.

    Args:
        workspace: The project.
        basis: Where the baseline lies (`release.measured_with`).
        voice: The settings of today.

    Raises:
        GaeaError: The voice's file names another base or another way of sampling by now.
    """
    for asset, root in (("merged_model", workspace), ("baseline_metrics", basis)):
        place = root.made(asset, voice.name)
        found = read_provenance(place)
        again = f"put them back, or materialise {asset} of the voice {voice.name} again"
        require_settings(place, found.made_from if found else {}, settings_of(asset, workspace, voice), again)


def require_settings(place: Path, recorded: Mapping[str, Any], now: Mapping[str, Any], remedy: str) -> None:
    """Refuse an output that was made with other settings than those of now.

    Args:
        place: Where it lies.
        recorded: The settings it was made with, and whatever else is recorded of it.
        now: The settings of today.
        remedy: What to do.

    Raises:
        GaeaError: One of today's was another one then.
    """
    if differs := sorted(key for key in now if recorded.get(key) != now[key]):
        raise GaeaError(
            f"{place} was made with other settings than the voice's file has now (changed: {', '.join(differs)}); "
            f"{remedy}"
        )


def changed_since(workspace: Workspace, voice: VoiceConfig) -> list[str]:
    """What would be made otherwise today, by asset: `qlora_adapter (training)`. Outputs that are not there are none."""
    found = []
    for asset, upstream in UPSTREAM.items():
        if read_provenance(workspace.place(asset, voice.name)) is None:
            continue
        try:
            differs = [key for key in changed(asset, workspace, voice) if key not in upstream]
        except GaeaError:
            differs = ["what it was made from is gone"]
        found += [f"{asset} ({', '.join(differs)})"] * bool(differs)
    return found
