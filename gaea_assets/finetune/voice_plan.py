"""The plan of a voice, from its files: what `gaea plan` prints and the gate `fits_device` judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaea_assets.base.files import read_json
from gaea_assets.finetune import devices
from gaea_assets.finetune.plan import Plan, make_plan
from gaea_assets.lineage import settings_of
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.recorded import require_settings
from gaea_assets.store import read_provenance

if TYPE_CHECKING:
    from gaea_assets.config import VoiceConfig
    from gaea_assets.resources import Workspace


def plan_for(workspace: Workspace, voice: VoiceConfig, device: str | None = None) -> Plan:
    """The plan of a voice's training.

    Args:
        workspace: Where the project lies.
        voice: The voice; its dataset must have been made.
        device: Its name in the table; None: the one found.

    Raises:
        GaeaError: The voice's dataset, its base or the device is not there; the dataset was made with other settings.
    """
    recipe = voice.training
    _require_lengths_of_today(workspace, voice)
    train = read_jsonl(workspace.made("prefix_completion_dataset", voice.name) / "train.jsonl")
    config = read_json(workspace.base(voice), "config.json")
    processes = 1 if trained_elsewhere(voice) else recipe.processes
    trained_on = devices.named(device) if device else devices.here(processes)
    return make_plan(config, recipe, voice.dataset.max_tokens, [example.tokens for example in train], trained_on)


def _require_lengths_of_today(workspace: Workspace, voice: VoiceConfig) -> None:
    """Refuse a dataset that would have other lengths with the settings of now: the plan would be of another training.

    Raises:
        GaeaError: The voice's file names another vocabulary or another limit by now.
    """
    place = workspace.made("prefix_completion_dataset", voice.name)
    found = read_provenance(place)
    before = found.made_from if found else {}
    now = settings_of("prefix_completion_dataset", workspace, voice) if before else {}
    both = f"materialise split_chunks and prefix_completion_dataset of the voice {voice.name} again, then plan"
    require_settings(place, before, now, both)


def trained_elsewhere(voice: VoiceConfig) -> bool:
    """Whether a cluster trains it, whose devices this machine does not know."""
    return voice.training.trainer == "ray"
