"""`gaea plan VOICE [--device NAME] [--json]`: what a training takes, before it starts, and whether it fits."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from gaea_assets.finetune.plan import Plan, room
from gaea_assets.finetune.voice_plan import plan_for, trained_elsewhere

MEANING = {
    "weights": "decoder layers",
    "embeddings": "embedding and output layer",
    "adapter": "trained weights",
    "gradients": "of the adapter; with several processes once more, to exchange them",
    "optimiser": "two moments",
    "activations": "kept for the backward pass",
    "working": "one layer at a time",
    "logits": "one slice at a time; the larger of this and `working` counts",
    "overhead": "context or libraries, memory in pieces",
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
    """Print the plan; status 1 where it does not fit, as the gate `fits_device` would not pass.

    Raises:
        GaeaError: The voice, its dataset, its base or the device is not there.
    """
    from gaea_assets.resources import Workspace

    workspace = Workspace()
    voice = workspace.voice(chosen.voice)
    plan = plan_for(workspace, voice, chosen.device)
    print(json.dumps(as_json(plan), indent=1) if chosen.json else as_table(voice.name, plan))
    elsewhere = trained_elsewhere(voice) and not chosen.device
    if elsewhere and not chosen.json:
        print("training.trainer: ray: trained on the cluster, whose devices are not known here; --device names one")
    return 0 if plan.fits or elsewhere else 1


def as_json(plan: Plan) -> dict[str, Any]:
    """All figures, in bytes, seconds and operations."""
    told = asdict(plan)
    told["memory"] |= {"allocated": plan.memory.allocated, "total": plan.memory.total}
    told["micro"] = asdict(plan.micro)
    return told | {"fits": plan.fits, "can_start": plan.can_start, "verdict": plan.verdict}


def as_table(voice: str, plan: Plan) -> str:
    """The plan for a person."""
    from tabulate import tabulate

    parts = [[name, f"{count / 1e9:.3f}", MEANING[name]] for name, count in asdict(plan.memory).items()]
    free = room(plan.device, plan.processes) / 1e9
    parts.append(["in all", f"{plan.memory.total / 1e9:.3f}", f"of {free:.1f} GB that are free"])
    several = f", in {plan.processes} processes, memory of each" if plan.processes > 1 else ""
    kept = "recomputed in the backward pass" if plan.micro.checkpointing else "kept for the backward pass"
    lines = [
        f"{voice} on {plan.device.name}{several}",
        f"base: {plan.parameters:,} parameters; adapter: {plan.trained:,}, all trained",
        f"{plan.tokens_an_epoch:,} tokens an epoch, {plan.tokens:,} in all; {plan.steps:,} optimiser steps",
        f"micro-steps of at most {plan.micro.tokens:,} tokens, about {plan.micro_steps:,} an epoch; activations {kept}",
        f"{plan.flops:.3g} floating-point operations, {duration(plan.seconds)}",
        "",
        tabulate(parts, ["memory", "GB", ""], disable_numparse=True, colalign=("left", "right", "left")),
        "",
        *([plan.device.note] if plan.device.note else []),
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
