"""The devices that people train on, in one table, and how the one here is found. Imports no torch."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from gaea_assets.errors import GaeaError

CORE_PEAK = 125e9
"""Floating-point operations a second of a processor core: two 8-wide units that multiply and add, at about 4 GHz."""
CORES_BANDWIDTH = 40e9
"""Bytes a second of a processor's memory, assumed: two channels of DDR4-2666 carry 43e9."""
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux tells a container how much memory it may take (cgroups version 2 and 1)."""


@dataclass(frozen=True)
class Device:
    """What trains.

    Attributes:
        name: As a person calls it.
        memory: Bytes.
        peak: Floating-point operations a second, bfloat16 matrix products summed in float32, dense; None: not known.
        bandwidth: Bytes a second that its memory reads or writes; None: not known.
        kind: How PyTorch calls its sort.
    """

    name: str
    memory: int
    peak: float | None
    bandwidth: float | None
    kind: Literal["cuda", "cpu"] = "cuda"


def _gpu(name: str, memory: float, peak: float, bandwidth: float) -> Device:
    """From GB, TFLOP/s and GB/s."""
    return Device(name, int(memory * 1e9), peak * 1e12, bandwidth * 1e9)


# NVIDIA's figures, bfloat16 with float32 accumulation, without sparsity (half of what sheets that give only the sparse
# figure say). GeForce: appendices of the architecture white papers "Ampere GA102" (2.1), "Ada" (2.1), "RTX Blackwell"
# (1.1). The others: the products' data sheets. GB are taken as 10^9 bytes, a little below what the drivers report.
GPUS = (
    _gpu("RTX 3090", 24, 71.0, 936),
    _gpu("RTX 3090 Ti", 24, 80.0, 1008),
    _gpu("RTX 4080", 16, 97.5, 717),
    _gpu("RTX 4090", 24, 165.2, 1008),
    _gpu("RTX 5080", 16, 112.6, 960),
    _gpu("RTX 5090", 32, 209.5, 1792),
    _gpu("RTX A6000", 48, 154.8, 768),
    _gpu("RTX 6000 Ada", 48, 364.2, 960),
    _gpu("RTX PRO 6000", 96, 503.8, 1792),
    _gpu("A10", 24, 125, 600),
    _gpu("A10G", 24, 70, 600),
    _gpu("A40", 48, 149.7, 696),
    _gpu("L4", 24, 121, 300),
    _gpu("L40S", 48, 362.1, 864),
    _gpu("A100 40GB", 40, 312, 1555),
    _gpu("A100 80GB", 80, 312, 1935),
    _gpu("H100 SXM", 80, 989.4, 3350),
    _gpu("H100 PCIe", 80, 756.5, 2000),
    _gpu("H100 NVL", 94, 835.5, 3938),
    _gpu("H200", 141, 989.4, 4800),
    _gpu("B200", 180, 2250, 8000),
)
_WORD = re.compile(r"\d+gb|[a-z]*\d+[a-z]*|[a-z]+")
_SLOWER = {"laptop", "mobile", "maxq"}
"""In a name, they tell a chip of less power than the one of the table."""


def named(wanted: str) -> Device:
    """The device of the table that a person means: `rtx5090`, `RTX 5090`, `h100 sxm`; `cpu` is this machine's.

    Raises:
        GaeaError: There is none of that name, or there are several.
    """
    if wanted.lower() == "cpu":
        return cpu()
    squeezed = _squeezed(wanted)
    exact = [device for device in GPUS if _squeezed(device.name) == squeezed]
    found = exact or [device for device in GPUS if squeezed and squeezed in _squeezed(device.name)]
    if len(found) == 1:
        return found[0]
    what = f"may be any of {_listed(found)}" if found else f"is not in the table; there are cpu, {_listed(GPUS)}"
    raise GaeaError(f"--device: {wanted!r} {what}")


def here() -> Device:
    """The first GPU that `nvidia-smi` tells of (and that CUDA_VISIBLE_DEVICES lets through), else the processor."""
    listed = _nvidia_smi()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        first = visible.split(",")[0].strip()
        listed = [line for line in listed if first and first in (line[0], line[1])]
    if not listed:
        return cpu()
    _, _, name, mebibytes = listed[0]
    known = of_driver(name)
    memory = int(mebibytes) << 20
    if known is None:
        return Device(name, memory, None, None)
    return Device(known.name, memory, known.peak, known.bandwidth)


def of_driver(name: str) -> Device | None:
    """The device of the table by the name that driver and torch give it; None where it is not in the table.

    Args:
        name: Such as `NVIDIA GeForce RTX 5090` or `NVIDIA H100 80GB HBM3`.
    """
    words = _words(name)
    if words & _SLOWER:
        return None
    matching = [device for device in GPUS if _words(device.name) <= words]
    return max(matching, key=lambda device: len(device.name), default=None)


def cpu() -> Device:
    """This machine's processor: its cores and the memory that this process may take."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        cores = min(cores, len(os.sched_getaffinity(0)))
    return cores_of(cores, min([psutil.virtual_memory().total, *_cgroup_limits()]))


def cores_of(cores: int, memory: int) -> Device:
    """A processor of so many cores.

    Args:
        cores: Physical ones.
        memory: Bytes.
    """
    return Device(f"{cores} processor core{'s' * (cores > 1)}", memory, cores * CORE_PEAK, CORES_BANDWIDTH, "cpu")


def _nvidia_smi() -> list[tuple[str, str, str, str]]:
    """Index, id, name and MiB of each GPU; none where there is no driver, or no answer from it."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    query = [command, "--query-gpu=index,uuid,name,memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [tuple(field.strip() for field in line.split(",")) for line in answer.splitlines()]
    return [(row[0], row[1], row[2], row[3]) for row in rows if len(row) == 4 and row[3].isdigit()]


def _cgroup_limits() -> list[int]:
    texts = [path.read_text("ascii").strip() for path in CGROUP_LIMITS if path.is_file()]
    return [int(text) for text in texts if text.isdigit()]


def _words(name: str) -> set[str]:
    # The driver calls the SXM module by its memory: NVIDIA H100 80GB HBM3.
    return set(_WORD.findall(name.lower().replace("max-q", "maxq").replace("hbm3", "sxm")))


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("nvidia", "").replace("geforce", ""))


def _listed(devices: tuple[Device, ...] | list[Device]) -> str:
    return ", ".join(device.name for device in devices)
