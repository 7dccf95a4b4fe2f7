"""Which gates stand after which asset. A gate reads what lies on disk and returns a verdict."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gaea_assets.blind.result import told
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.voice_plan import plan_for, trained_elsewhere
from gaea_assets.lineage import content
from gaea_assets.manuscript import gates as text_gates
from gaea_assets.manuscript import quality
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.examples import Example, read_jsonl
from gaea_assets.manuscript.reading import all_chunks_read
from gaea_assets.manuscript.segmenting import SegmentLimits
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance
from gaea_assets.verdict import Verdict

LOGIT_TOLERANCE = 0.02
"""Root mean square difference of logits over their spread. bfloat16 keeps 8 bits: rounding each weight and
activation gives about .008 here; a merge that lost the adapter gives ten times as much."""
SIZE_TOLERANCE = 0.05
"""The merged model's size may differ from the base's by this share."""

Find = Callable[[Workspace, VoiceConfig], Verdict]


@dataclass(frozen=True)
class Gate:
    """One gate after an asset."""

    asset: str
    name: str
    description: str
    find: Find
    blocking: bool = True
    severity: Literal["error", "warn"] = "error"
    """`warn`: fiction may do it on purpose, a person looks."""


def gates_of(asset: str) -> list[Gate]:
    """The gates after an asset."""
    return [gate for gate in GATES if gate.asset == asset]


def require_passed(asset: str, workspace: Workspace, voice: VoiceConfig) -> None:
    """Refuse an input whose blocking gates fail, whatever the run it was made in.

    Every asset asks this of its input, so nothing is made from what did not pass.

    Raises:
        GaeaError: A blocking gate of the asset fails.
    """
    for gate in gates_of(asset):
        if gate.blocking and not (verdict := gate.find(workspace, voice)).passed:
            raise GaeaError(f"{asset} did not pass its gate {gate.name}: {verdict.summary()}")


def _examples(workspace: Workspace, voice: VoiceConfig, *sides: str) -> list[Example]:
    folder = workspace.made("prefix_completion_dataset", voice.name)
    return [example for side in sides for example in read_jsonl(folder / f"{side}.jsonl")]


def _of_chunks(find: Callable[[Sequence[Chunk]], Verdict]) -> Find:
    return lambda workspace, voice: find(workspace.chunks(voice.name))


def _sizes(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    sizes = SegmentLimits.between(voice.manuscript.min_words, voice.manuscript.max_words)
    return quality.fragments(
        workspace.chunks(voice.name), sizes.least, sizes.most, good=(sizes.good_from, sizes.good_to)
    )


def _all_chunks_read(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    return all_chunks_read(workspace.manuscripts(voice))


def _language(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    return quality.language(workspace.chunks(voice.name), voice.manuscript.language)


def _person(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    return quality.person_share(workspace.chunks(voice.name), voice.manuscript.person)


def _scene_balance(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    table = workspace.table("raw_chunks", voice.name)
    goal = voice.manuscript.scene_goal.model_dump()
    return quality.scene_balance(dict(zip(table["chunk"], table["scene_type"], strict=True)), goal)


def _nothing_lost(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    parts = workspace.table("split_chunks", voice.name)
    return text_gates.nothing_lost(
        workspace.chunks(voice.name), list(parts[["chunk", "text"]].itertuples(index=False, name=None))
    )


def _within_budget(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    parts = workspace.table("split_chunks", voice.name)
    return text_gates.within_budget(list(parts["part"]), list(parts["tokens"]), voice.dataset.max_tokens)


def _below_token_limit(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    # Counted again: the number in the file is what is being checked.
    encoder = workspace.encoder(voice)
    counted = [
        replace(e, tokens=encoder.count_example(e.prompt, e.completion, ends_scene=e.ends_scene))
        for e in _examples(workspace, voice, "train", "validation")
    ]
    return text_gates.below_limit(counted, voice.dataset.max_tokens)


def _prompts_well_cut(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    settings = voice.dataset
    return text_gates.prompts_well_cut(
        _examples(workspace, voice, "train", "validation"),
        settings.prompt_share_min,
        settings.prompt_share_max,
    )


def _no_system_message(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    folder = workspace.made("prefix_completion_dataset", voice.name)
    lines = [
        line
        for side in ("train", "validation")
        for line in (folder / f"{side}.jsonl").read_text("utf-8").split("\n")
        if line
    ]
    return text_gates.no_system_message([json.loads(line) for line in lines])


def _sides_apart(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    return text_gates.sides_apart(_examples(workspace, voice, "train"), _examples(workspace, voice, "validation"))


def _no_leakage(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    train, validation = (
        [(example.id, example.text) for example in _examples(workspace, voice, side)]
        for side in ("train", "validation")
    )
    return quality.leakage(train, validation)


def _fits_device(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    plan = plan_for(workspace, voice)
    parts = {f"GB, {part}": round(count / 1e9, 2) for part, count in vars(plan.memory).items()}
    figures = {
        "device": plan.device.name,
        "GB of the device": round(plan.device.memory / 1e9, 1),
        "GB, in all": round(plan.memory.total / 1e9, 2),
        **parts,
        "tokens a micro-step": plan.micro.tokens,
        "activations recomputed": plan.micro.checkpointing,
        "optimiser steps": plan.steps,
        "expected seconds": "unknown" if plan.seconds is None else round(plan.seconds),
        "verdict": plan.verdict,
        **({"note": plan.device.note} if plan.device.note else {}),
    }
    return Verdict([] if plan.fits or trained_elsewhere(voice) else [plan.verdict], figures)


def _heldout_loss_fell(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    log = _json(workspace.made("qlora_adapter", voice.name) / "training_log.json")
    base, tuned, step = log["base_heldout_loss"], log["heldout_loss"], log["adapter_step"]
    heldout = {checkpoint["step"]: checkpoint["heldout_loss"] for checkpoint in log["checkpoints"]}
    losses = [entry["loss"] for entry in log["history"]]
    faults, remedy = [], f"`gaea remedy {voice.name}` proposes the next recipe"
    if not losses or not all(math.isfinite(loss) for loss in [*losses, *heldout.values(), tuned, base]):
        faults.append(f"the loss is not finite; lower training.learning_rate: {remedy}")
    elif tuned >= base:
        said = f"held-out loss {tuned:.4f} of the adapter, from step {step}, is not below the base's {base:.4f}; "
        if (least := min(heldout, key=heldout.__getitem__, default=step)) != step and heldout[least] < base:
            faults.append(f"{said}set training.checkpoint: best, which is step {least} with {heldout[least]:.4f}")
        else:
            faults.append(f"{said}{remedy}")
    return Verdict(faults, {"heldout_loss": tuned, "base_heldout_loss": base, "adapter_step": step})


def _made_from_dataset(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    provenance = read_provenance(workspace.made("qlora_adapter", voice.name))
    trained_on = provenance.made_from.get("prefix_completion_dataset", "") if provenance else ""
    now = content("prefix_completion_dataset", workspace, voice.name)
    fault = f"the adapter was trained on dataset {trained_on[:12]}, now it is {now[:12]}; materialise qlora_adapter"
    return Verdict([fault] * (trained_on != now), {"trained_on": trained_on, "dataset": now})


def _logits_match(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    log = _json(workspace.made("merged_model", voice.name) / "merge_log.json")
    fault = (
        f"logits of the merged model differ from base + adapter by {log['relative_rms']:.4f} of their spread, "
        f"more than {LOGIT_TOLERANCE}; materialise merged_model again"
    )
    figures = {key: log[key] for key in ("relative_rms", "largest_difference", "same_first_choice", "weights")}
    return Verdict([fault] * (not log["relative_rms"] <= LOGIT_TOLERANCE), {**figures, "tolerance": LOGIT_TOLERANCE})


def _complete_files(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    folder = workspace.made("merged_model", voice.name)
    names = {path.name for path in folder.iterdir()}
    wanted = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")
    index = folder / "model.safetensors.index.json"
    shards = sorted(set(_json(index)["weight_map"].values())) if index.name in names else []
    faults = [
        f"{folder / name} is missing; materialise merged_model again"
        for name in (*wanted, *shards)
        if name not in names
    ]
    if not any(name.endswith(".safetensors") for name in names):
        faults.append(f"there are no weights (*.safetensors) in {folder}; materialise merged_model again")
    # Opening a safetensors file reads its header and holds it against the file's length.
    from safetensors import SafetensorError, safe_open

    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="numpy"):
                pass
        except SafetensorError as error:
            faults.append(f"{path} does not load ({error}); materialise merged_model again")
    return Verdict(faults, {"files": len(names)})


def _size(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    log = _json(workspace.made("merged_model", voice.name) / "merge_log.json")
    ratio = log["bytes"] / log["base_bytes"]
    fault = f"the merged model has {ratio:.2f} times the size of the base; materialise merged_model again"
    return Verdict([fault] * (abs(ratio - 1) > SIZE_TOLERANCE), {"size_ratio": ratio, "bytes": log["bytes"]})


def _measure(name: str, asset: str) -> Find:
    def find(workspace: Workspace, voice: VoiceConfig) -> Verdict:
        report = _json(workspace.made(asset, voice.name) / "report.json")
        measure = next(entry for entry in report["measures"] if entry["name"] == name)
        if measure["undefined"]:
            faults = [f"{name} is undefined: {measure['undefined']}"]
        elif measure["passed"]:
            faults = []
        elif measure["gated"]:
            faults = [f"{name} does not count while a gate fails: {measure['gated']}"]
        else:
            faults = [f"{name} is {measure['score']:.1f}, not above {measure['target']:g}"]
        keys = ("base", "tuned", "author", "score", "low", "high", "target")
        return Verdict(faults, {key: measure[key] for key in keys if measure[key] is not None})

    return find


def _style_gate(name: str, asset: str) -> Find:
    def find(workspace: Workspace, voice: VoiceConfig) -> Verdict:
        report = _json(workspace.made(asset, voice.name) / "report.json")
        gate = next(entry for entry in report["gates"] if entry["name"] == name)
        return Verdict([] if gate["passed"] else [f"{name}: {gate['reason']}"], gate["figures"])

    return find


def _preferred(workspace: Workspace, voice: VoiceConfig) -> Verdict:
    result = _json(workspace.made("blind_evaluation", voice.name) / "result.json")
    keys = ("win_rate", "low", "high", "target", "votes", "readers", "prompts", "verdict", "more_votes", "look")
    faults = [told(result)] * (result["verdict"] != "proved")
    return Verdict(faults, {key: result[key] for key in keys}, undecided=result["verdict"] == "not_yet_shown")


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def _gates_of_a_report(asset: str) -> list[Gate]:
    """Gates of an asset that measures a tuned model; the run goes on when they fail."""
    scores = (
        ("transfer", "transfer"),
        ("vocabulary", "vocabulary"),
        ("structure", "sentence structure"),
        ("markers", "style marker"),
        ("pov", "POV consistency"),
    )
    others = (
        ("memorisation", "Nothing is copied from the training text."),
        ("repetition", "The text does not repeat itself more than people's does."),
        ("abilities", "What the base model can do is kept, within the margins (gates.abilities)."),
    )
    return [
        *(
            Gate(asset, n, f"The {title} score is above its target (gates.{n}).", _measure(n, asset), blocking=False)
            for n, title in scores
        ),
        *(Gate(asset, n, description, _style_gate(n, asset), blocking=False) for n, description in others),
    ]


GATES: tuple[Gate, ...] = (
    Gate("raw_chunks", "readable", "No chunk has encoding damage.", _of_chunks(quality.mojibake)),
    Gate("raw_chunks", "not_empty", "Every chunk has words.", _of_chunks(text_gates.not_empty)),
    Gate("raw_chunks", "no_duplicates", "No two chunks hold the same text.", _of_chunks(text_gates.no_duplicates)),
    Gate("raw_chunks", "no_editing_notes", "No TODO, TK, xxx or comment.", _of_chunks(quality.editing_notes)),
    *(
        Gate("raw_chunks", name, description, find, blocking=False, severity="warn")
        for name, description, find in (
            ("no_bracketed_notes", "No [insert name], (add this) and the like.", _of_chunks(quality.bracketed_notes)),
            ("no_front_matter", "No title page, imprint or contents.", _of_chunks(quality.front_matter)),
            ("no_near_duplicates", "No passage stands there twice, or nearly.", _of_chunks(quality.near_duplicates)),
            ("all_chunks_read", "No file is left out that is named nearly like a chunk.", _all_chunks_read),
            ("chunk_sizes", "No fragment and no chunk too long; the share of optimal sizes.", _sizes),
            ("language", "Every chunk is in the manuscript's language.", _language),
            ("person", "Every chunk is told in the manuscript's person.", _person),
            ("scene_balance", "Scene types have the wanted shares (manuscript.scene_goal).", _scene_balance),
        )
    ),
    Gate("split_chunks", "nothing_lost", "The parts of a chunk concatenate to the chunk.", _nothing_lost),
    Gate("split_chunks", "within_token_budget", "Every part is within the token budget.", _within_budget),
    Gate(
        "prefix_completion_dataset",
        "below_token_limit",
        "Every example has fewer than 4,096 tokens (dataset.max_tokens).",
        _below_token_limit,
    ),
    Gate(
        "prefix_completion_dataset",
        "prompts_well_cut",
        "Prompts are 5-10 % of the chunk and end at a sentence.",
        _prompts_well_cut,
    ),
    Gate(
        "prefix_completion_dataset",
        "no_system_message",
        "One user and one assistant message a row.",
        _no_system_message,
    ),
    Gate("prefix_completion_dataset", "sides_apart", "No chunk is in training and in validation.", _sides_apart),
    Gate(
        "prefix_completion_dataset",
        "no_leakage",
        "No validation example shares passages with training.",
        _no_leakage,
    ),
    Gate("prefix_completion_dataset", "fits_device", "Training on it fits the device found here.", _fits_device),
    Gate(
        "qlora_adapter",
        "heldout_loss_fell",
        "Losses are finite; the held-out loss is below the base's.",
        _heldout_loss_fell,
    ),
    Gate(
        "qlora_adapter",
        "made_from_this_dataset",
        "The adapter was trained on this very dataset (hash).",
        _made_from_dataset,
    ),
    Gate("merged_model", "logits_match", "Loaded from disk, its logits match base + adapter.", _logits_match),
    Gate(
        "merged_model",
        "complete_files",
        "Weights, tokenizer and config are there and readable.",
        _complete_files,
    ),
    Gate("merged_model", "size", "It has the base's size.", _size),
    *_gates_of_a_report("style_report"),
    *_gates_of_a_report("released_report"),
    Gate(
        "blind_evaluation",
        "preferred",
        "Proved that readers find the tuned model closer to the author in more than 60 % (blind.target).",
        _preferred,
        blocking=False,
    ),
)
