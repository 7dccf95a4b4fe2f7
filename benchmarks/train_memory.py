"""Predicted against measured peak memory of training, on models of random weights, of Llama's and Mistral's shapes.

    python benchmarks/train_memory.py [--sizes small,medium,large] [--methods qlora,lora] [--json FILE]

Each case trains two steps as `finetune.trainer` does (attention inside each example, loss in slices, float32 adapter,
bfloat16 autocast) and takes the peak of the second, when gradients and optimiser state are there. Predicted is
`memory(...).allocated`: the context and the allocator's slack are in neither figure.

On CUDA the peak is `torch.cuda.max_memory_allocated`. On a CPU it is exact too: the bytes of all live tensors before
the step, and every allocation and release that PyTorch's profiler records in it. The resident set is shown beside it:
it holds what the C library keeps for later. On a CPU PEFT casts the adapters' inputs to float32 and AdamW is in 32 bit,
so a CPU shows the parts' rules, not the bytes that a GPU will take.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import psutil
import torch  # noqa: TID253 - a process of its own
from peft import LoraConfig, get_peft_model  # noqa: TID253 - a process of its own
from torch.profiler import ProfilerActivity, profile  # noqa: TID253 - a process of its own
from transformers import AutoConfig, AutoModelForCausalLM  # noqa: TID253 - a process of its own
from transformers.utils import logging  # noqa: TID253 - a process of its own

from gaea_assets.config import Training
from gaea_assets.finetune.attention import attend_within_examples
from gaea_assets.finetune.loss import summed_nll
from gaea_assets.finetune.memory import memory
from gaea_assets.finetune.micro import MicroPlan
from gaea_assets.finetune.model import device, load_base

SIZES: dict[str, dict[str, Any]] = {
    "small": {"hidden_size": 256, "intermediate_size": 704, "num_hidden_layers": 6, "vocab_size": 4096},
    "medium": {"hidden_size": 512, "intermediate_size": 1792, "num_hidden_layers": 4, "vocab_size": 16384},
    "large": {"hidden_size": 1024, "intermediate_size": 3584, "num_hidden_layers": 4, "vocab_size": 32768},
    # Mistral's, with examples longer than what a position sees.
    "window": {
        "model_type": "mistral",
        "sliding_window": 128,
        "hidden_size": 256,
        "intermediate_size": 704,
        "num_hidden_layers": 4,
        "vocab_size": 4096,
    },
    # Needs a GPU: the user's base.
    "8b": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "vocab_size": 128256},
}
HEAD, GROUP = 64, 4
"""Width of a head, and heads that share keys and values."""
PROMPT_SHARE = 0.075


@dataclass(frozen=True)
class Case:
    """One training."""

    size: str
    method: str
    checkpointing: bool
    dropout: float
    lengths: tuple[int, ...]

    @property
    def config(self) -> dict[str, Any]:
        """What the model's `config.json` says."""
        heads = SIZES[self.size]["hidden_size"] // HEAD
        shared = max(1, heads // GROUP)
        return {
            "model_type": "llama",
            "num_attention_heads": heads,
            "num_key_value_heads": shared,
            "tie_word_embeddings": False,
        } | SIZES[self.size]

    @property
    def training(self) -> Training:
        """The recipe: all examples in one micro-step."""
        return Training.model_validate(
            {"method": self.method, "dropout": self.dropout, "accumulation": len(self.lengths)}
        )


def prepared(case: Case) -> tuple[Any, Any]:
    """The base in the method's precision, loaded as training loads it, and the adapter's parameters."""
    with tempfile.TemporaryDirectory() as folder:
        config = AutoConfig.for_model(**case.config)
        AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(folder)
        base = load_base(Path(folder), quantized=case.method == "qlora")
    attend_within_examples(base)
    recipe = case.training
    adapter = LoraConfig(
        r=recipe.rank, lora_alpha=recipe.alpha, lora_dropout=recipe.dropout, target_modules="all-linear"
    )
    trained = [parameter for parameter in get_peft_model(base, adapter).parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.data = parameter.data.float()
    if case.checkpointing:
        base.gradient_checkpointing_enable({"use_reentrant": False})
    base.train()
    return base, trained


def row(case: Case) -> dict[str, Any]:
    """Random tokens; the loss is on all but the first of each example."""
    ids = torch.randint(0, case.config["vocab_size"], (1, sum(case.lengths)))
    silent = torch.cat([torch.arange(n) < PROMPT_SHARE * n for n in case.lengths])
    return {
        "input_ids": ids.to(device()),
        "labels": ids.masked_fill(silent, -100).to(device()),
        "position_ids": torch.cat([torch.arange(n) for n in case.lengths])[None].to(device()),
    }


def step(base: Any, optimiser: torch.optim.Optimizer, inputs: dict[str, Any], lengths: Sequence[int]) -> None:
    """One micro-step and the optimiser's; gradients stay, as between micro-steps."""
    given = {name: tensor for name, tensor in inputs.items() if name != "labels"}
    with torch.autocast(device(), torch.bfloat16):
        loss = summed_nll(base, inputs["labels"], -100, example_lengths=lengths, **given)
    (loss / sum(lengths)).backward()
    optimiser.step()


def measured(case: Case) -> tuple[int, int]:
    """Peak of live tensor bytes, and growth of the resident set (zero on CUDA)."""
    process = psutil.Process()
    before = process.memory_info().rss
    base, trained = prepared(case)
    if device() == "cuda":
        from bitsandbytes.optim import PagedAdamW8bit

        optimiser: Any = PagedAdamW8bit(trained)
    else:
        optimiser = torch.optim.AdamW(trained, foreach=False)
    inputs = row(case)
    step(base, optimiser, inputs, case.lengths)
    gc.collect()
    if device() == "cuda":
        torch.cuda.reset_peak_memory_stats()
        step(base, optimiser, inputs, case.lengths)
        return torch.cuda.max_memory_allocated(), 0
    standing = live_bytes()
    Path("/proc/self/clear_refs").write_text("5")  # the highest resident set counts from here
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        step(base, optimiser, inputs, case.lengths)
    return standing + highest(recorded), resident_peak() - before


def live_bytes() -> int:
    """Bytes of all tensors that Python or a module holds, each storage once."""
    tensors = [thing for thing in gc.get_objects() if issubclass(type(thing), torch.Tensor)]
    tensors += [tensor.grad for tensor in tensors if tensor.is_leaf and tensor.grad is not None]
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values())


def highest(recorded: profile) -> int:
    """The most that stood allocated at once, over what stood at the start."""
    kineto = recorded.profiler.kineto_results  # type: ignore[union-attr] - it has run
    changes = sorted((e.start_ns(), n, e.nbytes()) for n, e in enumerate(kineto.events()) if e.name() == "[memory]")
    standing = most = 0
    for _, _, change in changes:
        standing += change
        most = max(most, standing)
    return most


def resident_peak() -> int:
    """The highest resident set of this process since it was reset."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def cases(sizes: Sequence[str], methods: Sequence[str], lengths: tuple[int, ...]) -> Iterator[Case]:
    """All of them, with and without checkpointing; dropout at the recipe's default, and none."""
    dropouts = (Training().dropout, 0.0)
    for size, method, dropout, checkpointing in product(sizes, methods, dropouts, (False, True)):
        yield Case(size, method, checkpointing, dropout, lengths)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="small,medium,large", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--methods", default="qlora,lora")
    parser.add_argument("--lengths", default="500,350,174", help="tokens of the examples of a micro-step")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    args = parser.parse_args()
    logging.disable_progress_bar()
    torch.manual_seed(0)
    lengths = tuple(int(length) for length in args.lengths.split(","))
    print("| model | method | dropout | checkpointing | predicted MB | measured MB | ratio | resident MB |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for case in cases(args.sizes.split(","), args.methods.split(","), lengths):
        micro = MicroPlan(sum(lengths), case.checkpointing)
        kind = "cuda" if device() == "cuda" else "cpu"
        predicted = memory(case.config, case.training, micro, lengths, kind).allocated
        peak, resident = measured(case)
        gc.collect()
        rows.append({**vars(case), "predicted": predicted, "measured": peak, "resident": resident})
        print(
            f"| {case.size} | {case.method} | {case.dropout} | {case.checkpointing} | {predicted / 1e6:.1f} | "
            f"{peak / 1e6:.1f} | {predicted / peak:.3f} | {resident / 1e6:.0f} |",
            flush=True,
        )
    if args.json:
        args.json.write_text(json.dumps({"device": device(), "cases": rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
