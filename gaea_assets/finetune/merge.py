"""Merge an adapter into its base as 16-bit safetensors, and show that nothing was lost.

Run as a process of its own, under Dagster Pipes or by hand:

    python -m gaea_assets.finetune gaea_assets.finetune.merge JOB.json

A QLoRA adapter was trained on the dequantised 4-bit weights, W4: dequant(W4) + BA reproduces the training,
W16 + BA adds the quantisation error. Both are measured, unmerged; the one with the lower held-out loss is
written, weight by weight. Loaded again from disk, it is held against its reference (base + adapter, unmerged).
"""

import gc
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 - this is the merging process
from bitsandbytes.nn import Linear4bit  # noqa: TID253
from peft import PeftModel  # noqa: TID253
from transformers import AutoModelForCausalLM, PreTrainedModel  # noqa: TID253

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.adapter_weights import read_adapter
from gaea_assets.finetune.base_check import checked_base
from gaea_assets.finetune.base_weights import read_base
from gaea_assets.finetune.child import run_child
from gaea_assets.finetune.disk import full_disk_told, require_space
from gaea_assets.finetune.job import MergeJob
from gaea_assets.finetune.merge_shards import merge_shards
from gaea_assets.finetune.merged_settings import write_settings
from gaea_assets.finetune.model import Encoded, device, encode, heldout_loss, load_base, without_dropout
from gaea_assets.finetune.progress import Log
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.store import new_folder

PROBE_TOKENS = 512
"""Logits are compared over the first tokens of a held-out example, up to this many."""
ROOM_TO_COMPUTE = 1.2
"""GPU memory that measuring wants, in sizes of the model."""
BESIDE_THE_WEIGHTS = 2**26
"""Bytes kept free for tokenizer, configuration and log; a vocabulary of 150,000 entries takes 12 million."""


@dataclass(frozen=True)
class Candidate:
    """One way of building the merged model."""

    weights: str
    """`dequantised` or `sixteen_bit`: what the adapter's update is added to."""
    in_4_bit: frozenset[str]
    """Names of the weights that were held in 4 bits."""
    loss: float
    """Held-out loss in nats a completion token."""
    reference: torch.Tensor
    """Logits of base + adapter, unmerged: (tokens, vocabulary), float32 on the CPU."""


def merge(job: MergeJob, log: Log) -> None:
    """Build the merged model of a job and put it into its place, whole.

    Raises:
        GaeaError: A file of base or adapter is damaged, they do not fit one another, or the disk is too full.
    """
    started = time.monotonic()
    base, adapter, output = checked_base(Path(job.base)), read_adapter(Path(job.adapter)), Path(job.output)
    adapter.require_fit(base)
    require_space(output, base.bytes_in_16_bit + BESIDE_THE_WEIGHTS, "base.model, to one with fewer parameters")
    encoder = Encoder(base.folder, prompt_format(base.folder, job.prompt_format))
    heldout = encode(read_jsonl(Path(job.dataset) / "validation.jsonl"), encoder)
    candidates = _measured(job, heldout, log)
    best = min(candidates, key=lambda candidate: candidate.loss)
    with full_disk_told(output), new_folder(output, job.made_from) as folder:
        merge_shards(base, adapter.updates, best.in_4_bit, folder, device(), log)
        write_settings(base, encoder.marks.chat_template(), encoder.end_id, folder)
        log(f"saved {best.weights} base + adapter; loading it again to compare")
        summary = _compare(folder, best, heldout)
        summary |= {
            "weights": best.weights,
            "heldout_loss_by_weights": {candidate.weights: candidate.loss for candidate in candidates},
            "bytes": sum(path.stat().st_size for path in folder.glob("*.safetensors")),
            "base_bytes": base.bytes_in_16_bit,
            "seconds": round(time.monotonic() - started, 1),
        }
        (folder / "merge_log.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    log(f"logits differ from base + adapter by {summary['relative_rms']:.4f} of their spread (root mean square)")


def _measured(job: MergeJob, heldout: list[Encoded], log: Log) -> list[Candidate]:
    candidates = []
    for way in ["dequantised", "sixteen_bit"] if job.quantized else ["sixteen_bit"]:
        candidate = _measure(job, way, heldout)
        if not math.isfinite(candidate.loss):
            raise GaeaError(
                f"the held-out loss of {way} base + adapter is not finite; copy the base model {job.base} again, or "
                f"lower training.learning_rate and materialise qlora_adapter again"
            )
        log(f"{way} base + adapter: held-out loss {candidate.loss:.4f} nats a token")
        candidates.append(candidate)
    return candidates


def _measure(job: MergeJob, way: str, heldout: list[Encoded]) -> Candidate:
    folder = Path(job.base)
    base = load_base(folder, quantized=True) if way == "dequantised" else _in_16_bit(folder)
    in_4_bit = frozenset(f"{name}.weight" for name, module in base.named_modules() if isinstance(module, Linear4bit))
    model = PeftModel.from_pretrained(base, job.adapter)
    candidate = Candidate(way, in_4_bit, heldout_loss(model, heldout), _logits(model, heldout[0]))
    del base, model
    _free()
    return candidate


def _compare(folder: Path, reference: Candidate, heldout: list[Encoded]) -> dict[str, Any]:
    """The model on disk against the logits and the loss of its unmerged reference."""
    model = _in_16_bit(folder)
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


def _in_16_bit(folder: Path) -> PreTrainedModel:
    """A model in bfloat16: on the GPU if it fits there, else on the CPU, where its weights stay in the page cache.

    A GPU that an adapter is trained on in 4 bits need not hold the same model in 16.
    """
    if device() == "cuda" and torch.cuda.mem_get_info()[0] < ROOM_TO_COMPUTE * read_base(folder).bytes_in_16_bit:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, device_map={"": "cpu"})
    return load_base(folder, quantized=False)


@torch.no_grad()
def _logits(model: PreTrainedModel | PeftModel, example: Encoded) -> torch.Tensor:
    without_dropout(model)
    ids = torch.tensor([example.input_ids[:PROBE_TOKENS]], device=model.device)
    return model(input_ids=ids, use_cache=False).logits[0].float().cpu()


def _free() -> None:
    """Give the memory of a deleted model back before the next is loaded."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def main() -> None:
    """The work of `python -m gaea_assets.finetune`."""
    run_child(MergeJob, merge)
