"""The table of devices, and finding the one here."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import devices
from gaea_assets.resources import PROJECT


@pytest.mark.parametrize(
    ("driver", "name"),
    [
        ("NVIDIA GeForce RTX 3090", "RTX 3090"),
        ("NVIDIA GeForce RTX 3090 Ti", "RTX 3090 Ti"),
        ("NVIDIA GeForce RTX 5090", "RTX 5090"),
        ("NVIDIA RTX A6000", "RTX A6000"),
        ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000"),
        ("NVIDIA A10G", "A10G"),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB"),
        ("NVIDIA A100-PCIE-40GB", "A100 40GB"),
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA H100 NVL", "H100 NVL"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA L4", "L4"),
    ],
)
def test_the_drivers_name_finds_the_device(driver: str, name: str) -> None:
    found = devices.of_driver(driver)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "driver",
    [
        "NVIDIA GeForce RTX 4090 Laptop GPU",
        "Quadro RTX 6000",
        "Tesla T4",
        "NVIDIA GH200 480GB",
        "NVIDIA A100-SXM4-80GB MIG 1g.10gb",
        "",
    ],
)
def test_a_lesser_chip_of_like_name_is_not_taken_for_it(driver: str) -> None:
    assert devices.of_driver(driver) is None


@pytest.mark.parametrize("wanted", ["rtx5090", "RTX 5090", "5090", "NVIDIA GeForce RTX 5090"])
def test_a_device_is_named_as_people_write_it(wanted: str) -> None:
    assert devices.named(wanted).name == "RTX 5090"


def test_a_name_that_is_part_of_another_is_still_one() -> None:
    assert devices.named("rtx3090").name == "RTX 3090"
    assert devices.named("a10").name == "A10"


@pytest.mark.parametrize(
    ("wanted", "told"), [("h100", "H100 SXM, H100 PCIe, H100 NVL"), ("tpu", "RTX 3090, "), ("", "cpu")]
)
def test_an_unknown_or_unclear_name_is_a_fault_that_lists_the_names(wanted: str, told: str) -> None:
    with pytest.raises(GaeaError, match=r"^--device: ") as caught:
        devices.named(wanted)
    assert told in str(caught.value)


def test_every_device_of_the_table_is_found_by_its_own_name() -> None:
    assert [devices.named(device.name) for device in devices.GPUS] == list(devices.GPUS)


def test_the_processor_has_this_machines_memory_at_most() -> None:
    found = devices.named("cpu")
    assert found.kind == "cpu"
    assert 0 < found.memory <= psutil.virtual_memory().total
    assert found.peak is not None and found.peak >= devices.CORE_PEAK


def test_a_container_has_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, none = tmp_path / "memory.max", tmp_path / "unlimited"
    limit.write_text("123456789\n")
    none.write_text("max\n")
    monkeypatch.setattr(devices, "CGROUP_LIMITS", (limit, none, tmp_path / "missing"))
    assert devices.cpu().memory == 123456789


GIB = 1 << 30
TORCH = """
import os
from types import SimpleNamespace
from torch import version

GPUS = {gpus}


class cuda:
    is_available = staticmethod(lambda: bool(GPUS))
    device_count = staticmethod(lambda: len(GPUS))
    get_device_properties = staticmethod(lambda n: SimpleNamespace(name=GPUS[n][0], major=GPUS[n][1]))

    @staticmethod
    def mem_get_info(n):
        if GPUS[n][2] is None:
            raise RuntimeError("CUDA-capable device(s) is/are busy or unavailable")
        return GPUS[n][2], GPUS[n][3]
"""
CONTEXT = GIB // 2
RTX_5090 = ("NVIDIA GeForce RTX 5090", 12, 32 * GIB - CONTEXT, 32 * GIB)
RTX_3090 = ("NVIDIA GeForce RTX 3090", 8, 24 * GIB - CONTEXT, 24 * GIB)


@pytest.fixture(autouse=True)
def nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def torch_that_sees(
    gpus: Sequence[tuple[str, int, int | None, int]],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    built_for: str | None = "12.8",
) -> None:
    """Put a PyTorch of our own before the installed one, for processes that start from now on.

    Args:
        gpus: Name, major compute capability, free and total bytes of each, in PyTorch's order.
        folder: Where it may lie.
        monkeypatch: Takes it away again.
        built_for: The CUDA that it says it was built for.
    """
    package = folder / "torch"
    package.mkdir()
    (package / "__init__.py").write_text(TORCH.format(gpus=list(gpus)))
    (package / "version.py").write_text(f"cuda = {built_for!r}\nhip = None\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(PROJECT), os.environ.get("PYTHONPATH", "")]))


def driver(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an `nvidia-smi` of our own first on the path."""
    program = folder / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '0, GPU-aa, NVIDIA GeForce RTX 5090, 32607'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_the_gpu_is_the_one_that_pytorch_takes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([RTX_5090], tmp_path, monkeypatch)
    found = devices.here()
    assert (found.name, found.kind, found.memory, found.held) == ("RTX 5090", "cuda", 32 * GIB, 0)
    assert (found.peak, found.bfloat16, found.note) == (209.5e12, True, "")


def test_of_two_gpus_the_first_is_taken_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([RTX_3090, RTX_5090], tmp_path, monkeypatch)
    found = devices.here()
    assert found.name == "RTX 3090"
    assert found.note.startswith("PyTorch sees RTX 3090, RTX 5090; the first is taken (CUDA_VISIBLE_DEVICES names")


def test_of_unequal_gpus_the_one_with_the_least_room_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([RTX_5090, RTX_3090], tmp_path, monkeypatch)
    assert devices.here(2).name == "RTX 3090"
    with pytest.raises(GaeaError, match=r"training\.processes: 3 given, .* this machine has 2; set it to 2 or lower"):
        devices.here(3)


def test_what_others_hold_of_a_gpu_is_not_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([("NVIDIA GeForce RTX 5090", 12, 4 * GIB - CONTEXT, 32 * GIB)], tmp_path, monkeypatch)
    found = devices.here()
    assert (found.memory, found.held, found.room) == (32 * GIB, 28 * GIB, 4 * GIB)


def test_of_a_gpu_that_is_not_in_the_table_the_memory_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([("Tesla T4", 7, 15 * GIB, 16 * GIB)], tmp_path, monkeypatch)
    found = devices.here()
    assert (found.name, found.memory, found.peak, found.bfloat16) == ("Tesla T4", 16 * GIB, None, False)


def test_a_slice_of_a_gpu_has_not_the_speed_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([("NVIDIA A100-SXM4-80GB MIG 1g.10gb", 8, 9 * GIB, 10 * GIB)], tmp_path, monkeypatch)
    assert (devices.here().memory, devices.here().peak) == (10 * GIB, None)


def test_where_pytorch_sees_no_gpu_the_processor_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([], tmp_path, monkeypatch)
    assert (devices.here().kind, devices.here().note) == ("cpu", "")
    assert devices.here(4) == devices.cpu()


def test_a_build_without_cuda_trains_on_the_processor_whatever_the_driver_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch_that_sees([RTX_5090], tmp_path, monkeypatch, built_for=None)
    driver(tmp_path, monkeypatch)
    found = devices.here()
    assert found.kind == "cpu"
    assert found.note.startswith("nvidia-smi is installed, but PyTorch sees no GPU")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")  # hidden on purpose
    assert devices.here().note == ""


def test_a_gpu_that_cannot_be_used_is_a_fault_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_that_sees([("NVIDIA H200", 9, None, 141 * GIB)], tmp_path, monkeypatch)
    with pytest.raises(GaeaError, match=r"^PyTorch cannot use the GPU that it sees \(RuntimeError: CUDA-capable dev"):
        devices.here()


@pytest.mark.parametrize("name", ["t4", "V100", "rtx2080ti", "Quadro RTX 8000"])
def test_an_older_gpu_is_known_for_what_it_lacks(name: str) -> None:
    assert not devices.named(name).bfloat16
