"""Memory of a merge, measured on a Llama with the layers of the 8B model and random weights.

    python benchmarks/merge_memory.py [--layers 2] [--files 3] [--folder PLACE]

One weight is in memory at a time, so the peak does not grow with the number of layers: two layers of the 8B model
(hidden 4,096, feed-forward 14,336, vocabulary 128,256) take as much as its thirty-two. Counted is the process's
anonymous memory (`RssAnon` of /proc/self/status, Linux): pages of mapped files are the kernel's to drop.
The folder wants 7 GB; it is emptied afterwards.
"""

import argparse
import json
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

WIDTH, FEED_FORWARD, SHARED, VOCABULARY, RANK = 4096, 14336, 1024, 128256, 16
LINEAR = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (SHARED, WIDTH),
    "self_attn.v_proj": (SHARED, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (FEED_FORWARD, WIDTH),
    "mlp.up_proj": (FEED_FORWARD, WIDTH),
    "mlp.down_proj": (WIDTH, FEED_FORWARD),
}
MIB = 2**20


def main() -> None:
    """Make the base and the adapter, merge both ways, each in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--files", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        root = Path(place)
        processes = multiprocessing.get_context("spawn")
        _alone(processes, _make, root, given.layers, given.files)
        sizes = [path.stat().st_size for path in (root / "base").glob("*.safetensors")]
        print(f"base: {sum(sizes) / MIB:,.0f} MiB in {len(sizes)} files, the largest {max(sizes) / MIB:,.0f} MiB")
        print("weights       seconds  anonymous memory before, peak, added (MiB)")
        for way in ("sixteen_bit", "dequantised"):
            results = processes.SimpleQueue()
            _alone(processes, _merge, root, way, results)
            seconds, before, peak = results.get()
            print(f"{way:12}  {seconds:7.1f}  {before:,.0f}  {peak:,.0f}  {peak - before:,.0f}", flush=True)


def _alone(processes: Any, work: Any, *given: Any) -> None:
    process = processes.Process(target=work, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} ended with {process.exitcode}")


def _make(root: Path, layers: int, files: int) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import LlamaConfig

    torch.manual_seed(0)
    shapes = dict(_shapes(layers))
    names = list(shapes)
    shards = {f"model-{n + 1:05}-of-{files:05}.safetensors": names[n::files] for n in range(files)}
    base, adapter = root / "base", root / "adapter"
    adapter.mkdir()
    LlamaConfig(
        hidden_size=WIDTH,
        intermediate_size=FEED_FORWARD,
        num_hidden_layers=layers,
        num_attention_heads=32,
        num_key_value_heads=8,
        vocab_size=VOCABULARY,
        dtype="bfloat16",
    ).save_pretrained(base)
    for shard, held in shards.items():
        tensors = {name: torch.randn(shapes[name], dtype=torch.bfloat16) * 0.02 for name in held}
        save_file(tensors, base / shard, {"format": "pt"})
    index = {"metadata": {}, "weight_map": {name: shard for shard, held in shards.items() for name in held}}
    (base / "model.safetensors.index.json").write_text(json.dumps(index))
    sides = {}
    for layer in range(layers):
        for name, (outputs, inputs) in LINEAR.items():
            module = f"base_model.model.model.layers.{layer}.{name}"
            sides[f"{module}.lora_A.weight"] = torch.randn(RANK, inputs) * 0.02
            sides[f"{module}.lora_B.weight"] = torch.randn(outputs, RANK) * 0.02
    save_file(sides, adapter / "adapter_model.safetensors")
    settings = {"peft_type": "LORA", "r": RANK, "lora_alpha": 32, "target_modules": [n.split(".")[1] for n in LINEAR]}
    (adapter / "adapter_config.json").write_text(json.dumps(settings))


def _shapes(layers: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "model.embed_tokens.weight", (VOCABULARY, WIDTH)
    for layer in range(layers):
        for name, shape in LINEAR.items():
            yield f"model.layers.{layer}.{name}.weight", shape
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"model.layers.{layer}.{norm}.weight", (WIDTH,)
    yield "model.norm.weight", (WIDTH,)
    yield "lm_head.weight", (VOCABULARY, WIDTH)


def _merge(root: Path, way: str, results: Any) -> None:
    from gaea_assets.finetune.adapter_weights import read_adapter
    from gaea_assets.finetune.base_weights import read_base
    from gaea_assets.finetune.merge_shards import merge_shards

    base, adapter, folder = read_base(root / "base"), read_adapter(root / "adapter"), root / way
    adapter.require_fit(base)
    folder.mkdir()
    in_4_bit: Mapping[str, Any] = adapter.updates if way == "dequantised" else {}
    before, watch = _anonymous(), Watch()
    started = time.monotonic()
    with watch:
        merge_shards(base, adapter.updates, in_4_bit.keys(), folder, "cpu", lambda line: None)
    seconds = time.monotonic() - started
    for path in folder.glob("*.safetensors"):
        assert path.stat().st_size > 0
        path.unlink()
    results.put((seconds, before, watch.peak))


class Watch:
    """The largest anonymous memory of this process while it is open, in MiB, looked at every 10 ms."""

    def __init__(self) -> None:
        self.peak = _anonymous()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.01):
            self.peak = max(self.peak, _anonymous())


def _anonymous() -> float:
    """Anonymous resident memory of this process, in MiB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("/proc/self/status names no RssAnon; run this on Linux")


if __name__ == "__main__":
    main()
