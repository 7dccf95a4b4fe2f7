"""Why vLLM did not start, from excerpts of real logs of vLLM 0.32."""

from pathlib import Path

import pytest

from gaea_assets.config import Serving
from gaea_assets.serving.vllm_fault import explain

NO_ROOM = (
    "(EngineCore pid=9) ValueError: To serve at least one request with the model's max seq len (65536), (8.0 GiB KV "
    "cache is needed, which is larger than the available KV cache memory (3.21 GiB). {fits}Try increasing "
    "`gpu_memory_utilization` (which also controls CPU memory on the CPU backend) or decreasing `max_model_len` when "
    "initializing the engine. See https://docs.vllm.ai/en/latest/configuration/conserving_memory/ for more details.\n"
    "(APIServer pid=3) RuntimeError: Engine core initialization failed. See root cause above.\n"
)
FITS = "Based on the available memory, the estimated maximum model length is 26288. "
ABOVE_MODEL = (
    "  Value error, User-specified max_model_len (65536) is greater than the derived max_model_len "
    "(max_position_embeddings=4096.0 or model_max_length=None in model's config.json). To allow overriding\n"
)
TAKEN = (
    "ValueError: Free memory on device cuda:0 ({free}/31.36 GiB) on startup is less than desired GPU memory "
    "utilization (0.9, 28.22 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.\n"
)
CPU_CACHE = (
    "ValueError: Available memory on node 0 (3.5/15.6 GiB) on kv cache allocation is less than requested memory for "
    "kv (8.0 GiB). Decrease --kv-cache-memory-bytes, VLLM_CPU_KVCACHE_SPACE, or reduce CPU memory used.\n"
)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (
            NO_ROOM.format(fits=FITS),
            "serving.max_model_len: 65,536 tokens of context take 8.0 GiB, and 3.21 GiB are left for them: "
            "26,288 tokens fit; set it to 26288, or to auto",
        ),
        (NO_ROOM.format(fits=""), "no context fits beside the model; end what else holds the GPU"),
        (
            ABOVE_MODEL,
            "serving.max_model_len: 65,536 tokens wanted, and the model was made for 4,096; set it to 4096, or to auto",
        ),
        (TAKEN.format(free="10.21"), "0.9 of the GPU's 31.36 GiB is wanted and 10.21 GiB are free: end what holds"),
        (TAKEN.format(free="10.21"), "or set serving.memory_share: 0.31"),
        ("ValueError: No available memory for the cache blocks. Try", "the model leaves no memory for any context"),
        ("ValueError: Cannot auto-fit max_model_len: not enough GPU", "the model leaves no memory for any context"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to", "the model does not fit into the GPU's memory; end"),
        (CPU_CACHE, "the cache is to have 8.0 GiB and 3.5 GiB of memory are free; set VLLM_CPU_KVCACHE_SPACE"),
        ("RuntimeError: Failed to infer device type, please set", "vLLM finds no GPU: nvidia-smi must list one"),
        ("OSError: [Errno 98] Address already in use", "another program took the port at the same moment"),
        (
            "safetensors_rust.SafetensorError: Error while deserializing header: header too large\nmore",
            "the weights cannot be read (Error while deserializing header: header too large): make or copy",
        ),
        ("INFO loading\nKeyError: 'lm_head.weight'\nbye", "KeyError: 'lm_head.weight'"),
        ("killed\n", "killed"),
        ("", "it wrote nothing"),
    ],
)
def test_the_log_of_a_failed_start_becomes_a_remedy(tmp_path: Path, log: str, told: str) -> None:
    path = tmp_path / "vllm.log"
    path.write_text("INFO 11-21 starting\n" * bool(log) + log, "utf-8")
    line = explain(path, Serving(max_model_len=65536))
    assert told in line
    assert "\n" not in line


def test_a_smaller_share_is_not_proposed_where_nearly_nothing_is_free(tmp_path: Path) -> None:
    path = tmp_path / "vllm.log"
    path.write_text(TAKEN.format(free="0.52"), "utf-8")
    assert explain(path, Serving()).endswith("`gaea status` what is served from here)")


def test_a_log_that_is_no_text_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "vllm.log"
    path.write_bytes(b"\xff\xfe\nValueError: odd \xff\n")
    assert explain(path, Serving()).startswith("ValueError: odd")


def test_a_log_that_is_gone_is_told(tmp_path: Path) -> None:
    assert explain(tmp_path / "vllm.log", Serving()) == "its log cannot be read (No such file or directory)"


def test_the_colours_of_a_log_are_left_out(tmp_path: Path) -> None:
    log = tmp_path / "vllm.log"
    log.write_text("\x1b[31mRuntimeError:\x1b[0;1m no\x07 wheels\x1b[0m\n")
    assert explain(log, Serving()) == "RuntimeError: no wheels"
