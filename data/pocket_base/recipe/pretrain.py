"""Pretrain the pocket base on a folder of text files, from nothing or going on from a model.

    python pretrain.py CORPUS OUT --held-out held_out.txt --minutes 60 [--start MODEL]

Reads every `*.txt` under CORPUS but those the held-out list names. Writes Hugging Face files: weights,
tokenizer, config, and `training.json` with what was seen and the held-out figures.

- Llama architecture, tied embeddings, byte-level BPE trained on the corpus (with `--start`: the model's own).
- Muon (Jordan 2024) on the matrices, AdamW on embeddings and norms; constant rate, then linear decay to zero
  over the last `DECAY` of the time (WSD; Hu et al. 2024), since a run is bounded by time, not by steps.
- Every window of the corpus is seen once before any is seen again: windows of 1,024 tokens, and for the last
  `LONG` of the time windows of the whole context, so that the loss stays flat out to 4,096 tokens.
- bfloat16 autocast, compiled. On a GPU raise `--batch-tokens` until it is full.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch  # noqa: TID253
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn.functional import cross_entropy  # noqa: TID253
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: TID253

BEGIN, END, PAD = "<|begin_of_text|>", "<|end_of_text|>", "<|pad|>"
CONTEXT = 4096
SHORT = 1024
LONG = 0.35
DECAY = 0.5
WARMUP_STEPS = 50
Z_LOSS = 1e-4  # keeps the logits from drifting (PaLM; Chowdhery et al. 2022)
TOKENIZER_CHARACTERS = 400_000


def train_tokenizer(files: Sequence[Path], entries: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE vocabulary from the beginnings of every fourth file."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    texts = (file.read_text("utf-8")[:TOKENIZER_CHARACTERS] for file in files[::4])
    trainer = trainers.BpeTrainer(
        vocab_size=entries,
        special_tokens=[BEGIN, END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=BEGIN, eos_token=END, pad_token=PAD, model_max_length=CONTEXT
    )


def encode(files: Sequence[Path], tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """The files as one row of token ids, each between a begin and an end mark."""
    parts = []
    for file in files:
        ids = tokenizer(file.read_text("utf-8"), add_special_tokens=False)["input_ids"]
        parts.append(np.array([tokenizer.bos_token_id, *ids, tokenizer.eos_token_id], np.uint16))
    return np.concatenate(parts)


def new_model(args: argparse.Namespace, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A model of random weights in the shape the arguments give."""
    heads = args.width // 64
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=args.width,
            intermediate_size=args.inner,
            num_hidden_layers=args.layers,
            num_attention_heads=heads,
            num_key_value_heads=args.key_value_heads or heads,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def windows(tokens: np.ndarray, length: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Windows of `length` tokens without end: all of them in random order, then all of them shifted."""
    while True:
        starts = np.arange(rng.integers(0, length), len(tokens) - length, length)
        for start in rng.permutation(starts):
            yield tokens[start : start + length]


def next_token_loss(model: LlamaForCausalLM, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy in nats a token, and the mean squared log normaliser (z-loss)."""
    with torch.autocast(ids.device.type, torch.bfloat16):
        logits = model(input_ids=ids, use_cache=False).logits
    logits, targets = logits[:, :-1].float(), ids[:, 1:]
    z = logits.logsumexp(-1)
    return cross_entropy(logits.flatten(0, 1), targets.flatten()), z.square().mean()


@torch.no_grad()
def loss_by_position(model: LlamaForCausalLM, tokens: np.ndarray, length: int) -> np.ndarray:
    """Mean held-out loss at each position of windows that cover the text: shape (length - 1,), nats."""
    model.eval()
    total, count = np.zeros(length - 1), 0
    for start in range(0, len(tokens) - length, length):
        ids = torch.from_numpy(tokens[start : start + length].astype(np.int64))[None].to(model.device)
        with torch.autocast(model.device.type, torch.bfloat16):
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1]
        total += cross_entropy(logits.float(), ids[0, 1:], reduction="none").cpu().numpy()
        count += 1
    model.train()
    return total / count


def optimizers(model: LlamaForCausalLM, rate: float, small_rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, AdamW for embeddings and norms."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=rate, momentum=0.95, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=small_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
    ]


def schedule(step: int, elapsed: float) -> float:
    """Share of the peak rate: warm-up by steps, then flat, then linear to zero by share of time."""
    return min(1.0, (step + 1) / WARMUP_STEPS) * min(1.0, max(0.0, 1 - elapsed) / DECAY)


def train(model: LlamaForCausalLM, tokens: np.ndarray, args: argparse.Namespace) -> dict[str, float]:
    """Train for the given minutes; returns tokens seen and steps."""
    rng = np.random.default_rng(args.seed)
    sources = {length: windows(tokens, length, rng) for length in (SHORT, CONTEXT)}
    compiled_loss = torch.compile(next_token_loss, dynamic=False)  # twice as fast as compiling the model alone
    found = optimizers(model, args.rate, args.small_rate)
    started, seen, step = time.monotonic(), 0, 0
    while (elapsed := (time.monotonic() - started) / (args.minutes * 60)) < 1:
        length = SHORT if elapsed < 1 - LONG else CONTEXT
        rows = max(1, args.batch_tokens // length)
        for optimizer in found:
            for group in optimizer.param_groups:
                group["lr"] = group.setdefault("peak", group["lr"]) * schedule(step, elapsed)
        for part in range(0, rows, args.rows):
            taken = [next(sources[length]) for _ in range(min(args.rows, rows - part))]
            ids = torch.from_numpy(np.stack(taken).astype(np.int64)).to(model.device)
            loss, z = compiled_loss(model, ids)
            ((loss + Z_LOSS * z) * len(taken) / rows).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in found:
            optimizer.step()
            optimizer.zero_grad()
        seen += rows * length
        step += 1
        if step % args.log_every == 0:
            minutes = (time.monotonic() - started) / 60
            print(
                f"step {step}, {minutes:.1f} min, {seen / 1e6:.2f}M tokens, loss {loss.item():.3f}, "
                f"{seen / minutes / 60:.0f} tokens/s",
                flush=True,
            )
    return {"tokens_seen": seen, "steps": step}


def main() -> None:
    """Tokenise, train, measure, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--held-out", type=Path, required=True, help="names of the files that are not trained on")
    parser.add_argument("--start", type=Path, help="model folder to go on from; its shape and tokenizer are kept")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--vocabulary", type=int, default=4096)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--inner", type=int, default=704)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--key-value-heads", type=int)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate of Muon")
    parser.add_argument("--small-rate", type=float, default=2e-3, help="peak learning rate of AdamW")
    parser.add_argument("--batch-tokens", type=int, default=8192, help="tokens an optimiser step")
    parser.add_argument("--rows", type=int, default=8, help="windows a forward pass")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    names = set(args.held_out.read_text("utf-8").split())
    files = sorted(args.corpus.rglob("*.txt"))
    held_out = [file for file in files if file.name in names]
    if len(held_out) < len(names):
        raise SystemExit(f"{args.held_out}: not in {args.corpus}: {', '.join(names - {f.name for f in held_out})}")
    corpus = [file for file in files if file.name not in names]
    tokenizer = (
        PreTrainedTokenizerFast.from_pretrained(args.start) if args.start else train_tokenizer(corpus, args.vocabulary)
    )
    tokens, unseen = encode(corpus, tokenizer), encode(held_out, tokenizer)
    model = LlamaForCausalLM.from_pretrained(args.start) if args.start else new_model(args, tokenizer)
    model = model.float().to("cuda" if torch.cuda.is_available() else "cpu").train()
    print(f"{len(corpus)} files, {len(tokens) / 1e6:.1f}M tokens, {model.num_parameters() / 1e6:.2f}M parameters")
    before = json.loads((args.start / "training.json").read_text("utf-8")) if args.start else {}
    done = train(model, tokens, args)
    model = model.bfloat16()
    bytes_held_out = sum(file.stat().st_size for file in held_out)
    losses = {length: loss_by_position(model, unseen, length) for length in (512, CONTEXT)}
    nats_to_bits = len(unseen) / bytes_held_out / math.log(2)
    summary = {
        "date": datetime.now(UTC).date().isoformat(),
        "files": len(corpus),
        "corpus_tokens": len(tokens),
        "tokens_seen": done["tokens_seen"] + before.get("tokens_seen", 0),
        "steps": done["steps"] + before.get("steps", 0),
        "minutes": args.minutes + before.get("minutes", 0),
        "parameters": model.num_parameters(),
        "held_out": sorted(names),
        "held_out_loss_by_window": {length: float(found.mean()) for length, found in losses.items()},
        "held_out_bits_per_byte_by_window": {length: float(f.mean() * nats_to_bits) for length, f in losses.items()},
        "held_out_loss_by_position": {
            f"{low}-{low + 511}": float(losses[CONTEXT][low : low + 512].mean()) for low in range(0, CONTEXT, 512)
        },
    }
    args.out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(args.out, max_shard_size="15MB")
    tokenizer.save_pretrained(args.out)
    (args.out / "training.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
