"""The plan of a voice, from its files: what `gaea plan` prints and the gate `fits_device` judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaea_assets.base.files import read_json
from gaea_assets.finetune import devices
from gaea_assets.finetune.plan import Plan, make_plan
from gaea_assets.manuscript.examples import read_jsonl

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
        GaeaError: The voice's dataset, its base or the device is not there.
    """
    recipe = voice.training
    train = read_jsonl(workspace.made("prefix_completion_dataset", voice.name) / "train.jsonl")
    config = read_json(workspace.base(voice), "config.json")
    processes = 1 if trained_elsewhere(voice) else recipe.processes
    trained_on = devices.named(device) if device else devices.here(processes)
    return make_plan(config, recipe, voice.dataset.max_tokens, [example.tokens for example in train], trained_on)


def trained_elsewhere(voice: VoiceConfig) -> bool:
    """Whether a cluster trains it, whose devices this machine does not know."""
    return voice.training.trainer == "ray"
