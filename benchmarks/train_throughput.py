"""Tokens a second of training, ours and a plain TRL script with the same settings, in turns in one run.

    python benchmarks/train_throughput.py [--base FOLDER] [--rounds 3] [--examples 12]
    python benchmarks/train_throughput.py --random-8b FOLDER --examples 36   # on a CUDA GPU; no download

Examples have the lengths of the user's chunks (mean about 2,303 tokens, at most 3,682), cut from the sample manuscript.
Both train QLoRA, rank 16 on all linear layers, four examples an optimiser step, bfloat16, completion-only loss; ours
runs as the pipeline runs it. The first step warms up and is not counted: tokens and operations are those of the
examples that the other steps really had, each with the attention of its own length. Memory is the process's peak, or
the GPU's.

The bound is what the device's peak (`finetune/devices.py`; of a CPU assumed) would do with activations recomputed, 47.4
GFLOP a token for Llama 3.1 8B at 2,048 tokens. Who keeps the activations has a third less to compute and may be above
it; the share without recomputing, which nobody can exceed, stands beside it.
`--random-8b` first writes a model of Llama 3.1 8B's shape with random weights into the folder (16 GB).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.finetune.cost import training_flops
from gaea_assets.finetune.devices import Device, here
from gaea_assets.resources import CHILD_ENV, PROJECT

POCKET = PROJECT / "data" / "pocket_base"
PROMPT_SHARE = 0.075
SHORTEST, MEAN, LONGEST = 500, 2303, 3682
BATCH = 4
RECIPE: dict[str, Any] = {"rank": 16, "alpha": 32, "epochs": 1, "accumulation": BATCH}


def examples(base: Path, count: int) -> list[tuple[list[int], int]]:
    """Ids, and where the completion begins."""
    encoder = Encoder(base, prompt_format(base))
    chunks = sorted((PROJECT / "data" / "raw" / "visions_of_gaea").glob("chunk_*.txt"))
    ids = encoder.passage_ids("\n\n".join(path.read_text("utf-8") for path in chunks))
    draw = random.Random(0)  # noqa: S311
    lengths = [round(draw.triangular(SHORTEST, LONGEST, 3 * MEAN - SHORTEST - LONGEST)) for _ in range(count)]
    starts = [sum(lengths[:n]) % (len(ids) - LONGEST) for n in range(count)]
    return [(ids[a : a + n], round(PROMPT_SHARE * n)) for a, n in zip(starts, lengths, strict=True)]


def ours(base: Path, made: list[tuple[list[int], int]], folder: Path) -> Any:
    """The trainer of `finetune.train`."""
    from gaea_assets.config import Training
    from gaea_assets.finetune.choice import Choice
    from gaea_assets.finetune.job import TrainJob
    from gaea_assets.finetune.model import Encoded
    from gaea_assets.finetune.train import _trainer

    job, recipe = TrainJob(str(base), "base", "auto", "", "", str(folder), RECIPE, ""), Training.model_validate(RECIPE)
    return _trainer(job, recipe, Choice.of(len(made), recipe), [Encoded(ids, at) for ids, at in made], print)


def plain(base: Path, made: list[tuple[list[int], int]], folder: Path) -> Any:
    """What TRL's documentation shows: a 4-bit model, a LoRA configuration, `SFTTrainer`."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
    from trl import SFTConfig, SFTTrainer

    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    rows = [{"input_ids": ids, "labels": [-100] * at + ids[at:]} for ids, at in made]
    return SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(
            base, dtype=torch.bfloat16, quantization_config=quantization, device_map={"": device}
        ),
        args=SFTConfig(
            output_dir=str(folder),
            per_device_train_batch_size=1,
            gradient_accumulation_steps=BATCH,
            num_train_epochs=1,
            learning_rate=2e-4,
            bf16=True,
            use_cpu=device == "cpu",
            gradient_checkpointing=device == "cuda",  # TRL's own choice; without it 8B does not fit
            max_length=None,
            dataset_kwargs={"skip_prepare_dataset": True},
            optim="paged_adamw_8bit" if device == "cuda" else "adamw_torch",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=16, lora_alpha=32, lora_dropout=0.05, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
    )


def train(name: str, base: Path, count: int) -> None:
    """Train once; prints tokens a second, operations a second and the peak as JSON."""
    import torch
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        """When each step ended, and the lengths of the examples that had been trained on until then."""

        def __init__(self) -> None:
            self.ends: list[tuple[float, int]] = []
            self.lengths: list[int] = []

        def count(self, trainer: Any) -> None:
            """Note the examples of each call of the trainer's step, which is a micro-step of the plain script."""
            step = trainer.training_step

            def counted(model: Any, inputs: dict[str, Any], *more: Any) -> Any:
                self.lengths += lengths_of(inputs)
                return step(model, inputs, *more)

            trainer.training_step = counted

        def on_step_end(self, *_: Any, **__: Any) -> None:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            self.ends.append((time.perf_counter(), len(self.lengths)))

    made, clock = examples(base, count), Clock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = {"ours": ours, "plain": plain}[name](base, made, Path(folder))
        trainer.add_callback(clock)
        clock.count(trainer)
        trainer.args.save_strategy = "no"
        trainer.train()
    cuda = torch.cuda.is_available()
    peak = torch.cuda.max_memory_allocated() if cuda else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    (began, first), (ended, last) = clock.ends[0], clock.ends[-1]
    config = json.loads((base / "config.json").read_text("utf-8"))
    found = rates(config, clock.lengths[first:last], ended - began)
    print(json.dumps(found | {"peak": peak, "seconds": ended - began}))


def lengths_of(inputs: dict[str, Any]) -> list[int]:
    """Tokens of each example in what a trainer's step is given: ours a whole step, TRL's rows of a batch."""
    if "examples" in inputs:
        return [len(example.input_ids) for example in inputs["examples"]]
    if "attention_mask" in inputs:
        return [int(count) for count in inputs["attention_mask"].sum(dim=1)]
    return [inputs["input_ids"].shape[1]] * inputs["input_ids"].shape[0]


def rates(config: dict[str, Any], lengths: list[int], seconds: float) -> dict[str, float]:
    """Tokens a second, and operations a second: what has to be computed, and with the forward pass done twice."""
    return {
        "rate": sum(lengths) / seconds,
        "flops": training_flops(config, lengths, checkpointing=False) / seconds,
        "recomputed_flops": training_flops(config, lengths, checkpointing=True) / seconds,
    }


def share(rate: float, device: Device) -> str:
    """Operations a second as a share of the device's peak."""
    return "?" if device.peak is None else f"{100 * rate / device.peak:.0f} %"


def random_8b(folder: Path) -> None:
    """Write a model of Llama 3.1 8B's shape with random weights; the pocket base's tokenizer stands beside it."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=128_256,
        hidden_size=4096,
        intermediate_size=14_336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=131_072,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        tie_word_embeddings=False,
        dtype="bfloat16",
    )
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = LlamaForCausalLM(config)
    model.save_pretrained(folder, max_shard_size="4GB")
    for path in POCKET.glob("token*.json"):
        shutil.copy2(path, folder)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, default=POCKET)
    parser.add_argument("--random-8b", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--examples", type=int, default=12)
    parser.add_argument("--one", choices=("ours", "plain"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        train(args.one, args.base, args.examples)
        return
    if args.random_8b:
        # A process of its own: this one would hold the model's 16 GB of the GPU while the others train.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(random_8b, args.random_8b).result()
    base = args.random_8b or args.base
    lengths = [len(ids) for ids, _ in examples(base, args.examples)]
    print(f"{len(lengths)} examples, {sum(lengths) / len(lengths):,.0f} tokens in the mean, at most {max(lengths):,}\n")
    found: dict[str, list[dict[str, float]]] = {"plain": [], "ours": []}
    for _ in range(args.rounds):
        for name, rows in found.items():
            command = [sys.executable, __file__, "--one", name, "--base", str(base), "--examples", str(args.examples)]
            environment = os.environ | (CHILD_ENV if name == "ours" else {})
            run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
            rows.append(json.loads(run.stdout.splitlines()[-1]))
    device = here()
    columns = ("tokens/s, median", "least to greatest", "share of the bound", "without recomputing", "peak GiB")
    print(f"| on {device.name} | {' | '.join(columns)} |\n|---|---|---|---|---|---|")
    for name, rows in found.items():
        speeds = [row["rate"] for row in rows]
        shares = [share(median(row[key] for row in rows), device) for key in ("recomputed_flops", "flops")]
        peak = max(row["peak"] for row in rows) / 2**30
        speed = f"{median(speeds):,.0f} | {min(speeds):,.0f} to {max(speeds):,.0f}"
        print(f"| {name} | {speed} | {' | '.join(shares)} | {peak:.2f} |")
    ratio = median(row["rate"] for row in found["ours"]) / median(row["rate"] for row in found["plain"])
    print(f"\nours over plain: {ratio:.2f}")


if __name__ == "__main__":
    main()
