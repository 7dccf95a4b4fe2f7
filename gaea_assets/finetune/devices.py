"""The devices that people train on, in one table, and how the one here is found. Imports no torch."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import psutil

from gaea_assets.errors import GaeaError

CORE_PEAK = 125e9
"""Floating-point operations a second of a processor core: two 8-wide units that multiply and add, at about 4 GHz."""
CORES_BANDWIDTH = 40e9
"""Bytes a second of a processor's memory, assumed: two channels of DDR4-2666 carry 43e9."""
CUDA_CONTEXT = 512 << 20
"""Bytes of a GPU that a process holds to use it at all; assumed."""
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux tells a container how much memory it may take (cgroups version 2 and 1)."""
SECONDS_FOR_TORCH = 120
"""How long PyTorch may take to be imported and to wake the GPUs."""


@dataclass(frozen=True)
class Device:
    """What trains.

    Attributes:
        name: As a person calls it.
        memory: Bytes.
        peak: Floating-point operations a second, bfloat16 matrix products summed in float32, dense; None: not known.
        bandwidth: Bytes a second that its memory reads or writes; None: not known.
        kind: How PyTorch calls its sort.
        held: Bytes of its memory that other processes hold now.
        bfloat16: Whether it computes in bfloat16; NVIDIA's do from compute capability 8.0 (Ampere, 2020) on.
        note: What to know of the choice of this device, where there is something; one line.
    """

    name: str
    memory: int
    peak: float | None
    bandwidth: float | None
    kind: Literal["cuda", "cpu"] = "cuda"
    held: int = 0
    bfloat16: bool = True
    note: str = ""

    @property
    def room(self) -> int:
        """Bytes of its memory that are free now."""
        return self.memory - self.held


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
WITHOUT_BFLOAT16 = tuple(
    Device(name, int(memory * 1e9), None, None, bfloat16=False)
    for name, memory in (
        *(("GTX 1080", 8), ("GTX 1080 Ti", 11), ("P100", 16), ("Titan V", 12), ("V100", 32)),
        *(("GTX 1660 Ti", 6), ("RTX 2060", 6), ("RTX 2070", 8), ("RTX 2080", 8), ("RTX 2080 Ti", 11), ("T4", 16)),
        *(("Titan RTX", 24), ("Quadro RTX 5000", 16), ("Quadro RTX 6000", 24), ("Quadro RTX 8000", 48)),
    )
)
"""Older GPUs that people still have: named, they are refused for what they lack, not as unknown."""
_WORD = re.compile(r"\d+gb|[a-z]*\d+[a-z]*|[a-z]+")
_SLOWER = {"laptop", "mobile", "maxq", "mig"}
"""In a name, they tell a chip of less power than the one of the table, or a slice of it."""


def named(wanted: str) -> Device:
    """The device of the table that a person means: `rtx5090`, `RTX 5090`, `h100 sxm`; `cpu` is this machine's.

    Raises:
        GaeaError: There is none of that name, or there are several.
    """
    if wanted.lower() == "cpu":
        return cpu()
    squeezed, all_names = _squeezed(wanted), (*GPUS, *WITHOUT_BFLOAT16)
    exact = [device for device in all_names if _squeezed(device.name) == squeezed]
    found = exact or [device for device in all_names if squeezed and squeezed in _squeezed(device.name)]
    if len(found) == 1:
        return found[0]
    what = f"may be any of {_listed(found)}" if found else f"is not in the table; there are cpu, {_listed(GPUS)}"
    raise GaeaError(f"--device: {wanted!r} {what}")


def here(processes: int = 1) -> Device:
    """What trains here: the GPU that PyTorch takes first, else the processor.

    Of several processes each has a GPU of its own; what the one with the least room holds decides for all.

    Args:
        processes: `training.processes`.

    Raises:
        GaeaError: PyTorch sees a GPU and cannot use it, or fewer than there are processes.
    """
    gpus = _gpus_of_torch()
    require_gpus(processes, len(gpus))
    if not gpus:
        return replace(cpu(), note=_UNUSED_GPU if shutil.which("nvidia-smi") and not _hidden() else "")
    least = min(gpus[:processes], key=lambda gpu: gpu.room)
    if len(gpus) == processes:
        return least
    taken = "the first is taken" if processes == 1 else f"the first {processes} are taken"
    note = f"PyTorch sees {_listed(gpus)}; {taken} (CUDA_VISIBLE_DEVICES names others, training.processes takes more)"
    return replace(least, note=note)


def require_gpus(processes: int, found: int) -> None:
    """Refuse more processes than GPUs; without any GPU they share the processor.

    Args:
        processes: `training.processes`.
        found: GPUs that PyTorch sees.

    Raises:
        GaeaError: There are fewer GPUs.
    """
    if 0 < found < processes:
        raise GaeaError(
            f"training.processes: {processes} given, each on a GPU of its own, and this machine has {found}; set it to "
            f"{found} or lower, or make more GPUs visible (CUDA_VISIBLE_DEVICES)"
        )


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


_UNUSED_GPU = (
    "nvidia-smi is installed, but PyTorch sees no GPU: its build has no CUDA, or one newer than the driver "
    "(python -c 'import torch; print(torch.version.cuda); torch.cuda.init()' says which)"
)


def _hidden() -> bool:
    """Whether the user has hidden all GPUs."""
    return os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1")


def _gpus_of_torch() -> list[Device]:
    """The GPUs that PyTorch sees, in its order; it is asked in a process of its own, which takes no memory for long.

    Neither the driver's list nor its order is PyTorch's: CUDA puts the fastest first, CUDA_VISIBLE_DEVICES hides some,
    and a build of PyTorch may have no CUDA.

    Raises:
        GaeaError: There is one that it cannot use.
    """
    command = [sys.executable, "-m", "gaea_assets.finetune.gpus"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_FOR_TORCH)
    except subprocess.TimeoutExpired:
        why = f"no answer within {SECONDS_FOR_TORCH} s"
    else:
        if answer.returncode == 0:
            return [Device(**row) for row in json.loads(answer.stdout.splitlines()[-1])]
        why = (answer.stderr.strip().splitlines() or [f"status {answer.returncode}"])[-1][:200]
    raise GaeaError(
        f"PyTorch cannot use the GPU that it sees ({why}); look at nvidia-smi, or set CUDA_VISIBLE_DEVICES=-1 to train "
        f"on the processor"
    )


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
