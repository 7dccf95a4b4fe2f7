"""`gaea plan VOICE [--device NAME] [--json]`: what a training takes, before it starts, and whether it fits."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gaea_assets.base.files import read_json
from gaea_assets.finetune import devices
from gaea_assets.finetune.plan import Plan, make_plan
from gaea_assets.manuscript.examples import read_jsonl

if TYPE_CHECKING:
    from gaea_assets.resources import Workspace

MEANING = {
    "weights": "decoder layers",
    "embeddings": "embedding and output layer",
    "adapter": "trained weights",
    "gradients": "of the adapter",
    "optimiser": "two moments",
    "activations": "kept for the backward pass",
    "working": "one layer at a time",
    "logits": "one slice at a time; the larger of this and `working` counts",
    "overhead": "context, memory in pieces (assumed)",
}


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `plan` command to the subparsers of `gaea`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "plan", help="memory and time of a voice's training, and whether it fits", description=__doc__
    )
    parser.add_argument("voice", metavar="VOICE", help="a file in configs/voices; its dataset must have been made")
    parser.add_argument("--device", metavar="NAME", help="such as rtx5090, h100sxm or cpu (default: the one found)")
    parser.add_argument("--json", action="store_true", help="print the plan as JSON")
    parser.set_defaults(run=run)
    return parser


def run(chosen: argparse.Namespace) -> int:
    """Print the plan; status 1 where it does not fit.

    Raises:
        GaeaError: The voice, its dataset, its base or the device is not there.
    """
    from gaea_assets.resources import Workspace

    plan = plan_for(Workspace(), chosen.voice, chosen.device)
    print(json.dumps(as_json(plan), indent=1) if chosen.json else as_table(chosen.voice, plan))
    return 0 if plan.fits else 1


def plan_for(workspace: Workspace, name: str, device: str | None) -> Plan:
    """The plan of a voice.

    Args:
        workspace: Where the project lies.
        name: The voice.
        device: Its name in the table; None: the one found.

    Raises:
        GaeaError: The voice, its dataset, its base or the device is not there.
    """
    trained_on = devices.named(device) if device else devices.here()
    voice = workspace.voice(name)
    train = read_jsonl(workspace.made("prefix_completion_dataset", name) / "train.jsonl")
    config = read_json(workspace.base(voice), "config.json")
    return make_plan(config, voice.training, voice.dataset.max_tokens, [e.tokens for e in train], trained_on)


def as_json(plan: Plan) -> dict[str, Any]:
    """All figures, in bytes, seconds and operations."""
    told = asdict(plan)
    told["memory"] |= {"allocated": plan.memory.allocated, "total": plan.memory.total}
    return told | {"fits": plan.fits, "verdict": plan.verdict}


def as_table(voice: str, plan: Plan) -> str:
    """The plan for a person."""
    from tabulate import tabulate

    parts = [[name, f"{count / 1e9:.3f}", MEANING[name]] for name, count in asdict(plan.memory).items()]
    parts.append(["in all", f"{plan.memory.total / 1e9:.3f}", f"of {plan.device.memory / 1e9:.1f} GB"])
    kept = "recomputed in the backward pass" if plan.micro.checkpointing else "kept for the backward pass"
    lines = [
        f"{voice} on {plan.device.name}",
        f"base: {plan.parameters:,} parameters; adapter: {plan.trained:,}, all trained",
        f"{plan.tokens_an_epoch:,} tokens an epoch, {plan.tokens:,} in all; {plan.steps:,} optimiser steps",
        f"micro-steps of at most {plan.micro.tokens:,} tokens, about {plan.micro_steps:,} an epoch; activations {kept}",
        f"{plan.flops:.3g} floating-point operations, {duration(plan.seconds)}",
        "",
        tabulate(parts, ["memory", "GB", ""], disable_numparse=True, colalign=("left", "right", "left")),
        "",
        plan.verdict,
    ]
    return "\n".join(lines)


def duration(seconds: float | None) -> str:
    """An expected time, for a person."""
    if seconds is None:
        return "time unknown: the device is not in the table (gaea_assets/finetune/devices.py)"
    if seconds < 120:
        return f"about {seconds:.0f} s with loading"
    return f"about {seconds / 60:.0f} minutes" if seconds < 7200 else f"about {seconds / 3600:.1f} hours"
