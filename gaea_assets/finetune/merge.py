"""Merge an adapter into its base as 16-bit safetensors, and show that nothing was lost.

Run as a process of its own, under Dagster Pipes or by hand:

    python -m gaea_assets.finetune.merge JOB.json

A QLoRA adapter was trained on the dequantised 4-bit weights, W4: dequant(W4) + BA reproduces the training,
W16 + BA adds the quantisation error. Both are built; the one with the lower held-out loss is kept. The
merged model, loaded again from disk, is held against its reference (base + adapter, unmerged).
"""

import gc
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 - this is the merging process
from peft import PeftModel, get_peft_model_state_dict  # noqa: TID253
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel  # noqa: TID253

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.job import MergeJob
from gaea_assets.finetune.model import Encoded, device, encode, heldout_loss, load_base
from gaea_assets.finetune.progress import Log
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.store import new_folder

PROBE_TOKENS = 512
"""Logits are compared over the first tokens of a held-out example, up to this many."""


@dataclass(frozen=True)
class Candidate:
    """One way of building the merged model."""

    weights: str
    """`dequantised` or `sixteen_bit`: what the adapter's update is added to."""
    loss: float
    """Held-out loss in nats a completion token."""
    reference: torch.Tensor
    """Logits of base + adapter, unmerged: (tokens, vocabulary), float32 on the CPU."""


def merge(job: MergeJob, log: Log) -> None:
    """Build the merged model of a job and put it into its place, whole.

    Raises:
        GaeaError: The adapter does not fit the base.
    """
    started = time.monotonic()
    marks = prompt_format(Path(job.base), job.prompt_format)
    heldout = encode(read_jsonl(Path(job.dataset) / "validation.jsonl"), Encoder(Path(job.base), marks))
    ways = ["dequantised", "sixteen_bit"] if job.quantized else ["sixteen_bit"]
    candidates = []
    for way in ways:
        candidates.append(_measure(job, way, heldout))
        log(f"{way} base + adapter: held-out loss {candidates[-1].loss:.4f} nats a token")
    best = min(candidates, key=lambda candidate: candidate.loss)
    with new_folder(Path(job.output), job.made_from) as folder:
        model = _merged(job, best.weights)
        _save(model, job, folder, marks.chat_template())
        del model
        _free()
        log(f"saved {best.weights} base + adapter; loading it again to compare")
        summary = _compare(folder, best, heldout)
        summary |= {
            "weights": best.weights,
            "heldout_loss_by_weights": {candidate.weights: candidate.loss for candidate in candidates},
            "bytes": sum(path.stat().st_size for path in folder.glob("*.safetensors")),
            "base_bytes": sum(path.stat().st_size for path in Path(job.base).glob("*.safetensors")),
            "seconds": round(time.monotonic() - started, 1),
        }
        (folder / "merge_log.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    log(f"logits differ from base + adapter by {summary['relative_rms']:.4f} of their spread (root mean square)")


def _with_adapter(job: MergeJob, way: str) -> PeftModel:
    return _adapted(load_base(Path(job.base), quantized=way == "dequantised"), job)


def _adapted(base: PreTrainedModel, job: MergeJob) -> PeftModel:
    misfit = f"{job.adapter}: the adapter does not fit the base {job.base}"
    try:
        model = PeftModel.from_pretrained(base, job.adapter)
    except (RuntimeError, ValueError) as error:
        raise GaeaError(f"{misfit}: {str(error).splitlines()[0]}; materialise qlora_adapter again") from None
    # PEFT only warns where base and adapter differ in depth.
    with safe_open(Path(job.adapter) / "adapter_model.safetensors", framework="pt") as file:
        lonely = set(file.keys()) ^ get_peft_model_state_dict(model, save_embedding_layers=False).keys()
    if lonely:
        raise GaeaError(f"{misfit}: one of them lacks {min(lonely)}; materialise qlora_adapter again")
    return model


def _measure(job: MergeJob, way: str, heldout: list[Encoded]) -> Candidate:
    model = _with_adapter(job, way)
    candidate = Candidate(way, heldout_loss(model, heldout), _logits(model, heldout[0]))
    del model
    _free()
    return candidate


def _merged(job: MergeJob, way: str) -> PreTrainedModel:
    if way == "sixteen_bit":
        return _with_adapter(job, way).merge_and_unload()
    base = load_base(Path(job.base), quantized=True).dequantize()
    return _adapted(base.to(torch.bfloat16), job).merge_and_unload()


def _save(model: PreTrainedModel, job: MergeJob, folder: Path, chat_template: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(job.base)
    rows = int(model.config.vocab_size)
    if len(tokenizer) > rows:
        raise GaeaError(
            f"{job.base}: the tokenizer has {len(tokenizer)} entries but the model only {rows} embeddings; "
            f"use the tokenizer the model was trained with"
        )
    tokenizer.chat_template = chat_template
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)


def _compare(folder: Path, reference: Candidate, heldout: list[Encoded]) -> dict[str, Any]:
    """The model on disk against the logits and the loss of its unmerged reference."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, device_map={"": device()})
    logits = _logits(model, heldout[0])
    difference = logits - reference.reference
    spread = reference.reference.std().item()
    agree = (logits.argmax(-1) == reference.reference.argmax(-1)).float().mean().item()
    summary: dict[str, Any] = {
        "relative_rms": difference.pow(2).mean().sqrt().item() / spread,
        "largest_difference": difference.abs().max().item(),
        "same_first_choice": agree,
        "heldout_loss": heldout_loss(model, heldout),
        "reference_heldout_loss": reference.loss,
    }
    del model
    _free()
    return summary


@torch.no_grad()
def _logits(model: torch.nn.Module, example: Encoded) -> torch.Tensor:
    model.eval()
    ids = torch.tensor([example.input_ids[:PROBE_TOKENS]], device=device())
    return model(input_ids=ids, use_cache=False).logits[0].float().cpu()


def _free() -> None:
    """Give the memory of a deleted model back before the next is loaded."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


if __name__ == "__main__":
    run_child(MergeJob, merge)
