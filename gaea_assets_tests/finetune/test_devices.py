"""The table of devices, and finding the one here."""

import os
import stat
from pathlib import Path

import psutil
import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import devices


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
    "driver", ["NVIDIA GeForce RTX 4090 Laptop GPU", "Quadro RTX 6000", "Tesla T4", "NVIDIA GH200 480GB", ""]
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


def driver(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put an `nvidia-smi` of our own first on the path."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


TWO = "echo '0, GPU-aa, NVIDIA GeForce RTX 5090, 32607'; echo '1, GPU-bb, NVIDIA Titan Z, 6082'"


def test_the_first_gpu_is_found_with_the_memory_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path, monkeypatch, TWO)
    found = devices.here()
    assert (found.name, found.kind, found.memory) == ("RTX 5090", "cuda", 32607 << 20)
    assert found.peak == 209.5e12


def test_of_a_gpu_that_is_not_in_the_table_the_memory_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path, monkeypatch, TWO)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    found = devices.here()
    assert (found.name, found.memory, found.peak) == ("NVIDIA Titan Z", 6082 << 20, None)


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_hidden_gpus_leave_the_processor(hidden: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path, monkeypatch, TWO)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert devices.here().kind == "cpu"


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'", "echo '0, GPU-aa, NVIDIA X, [N/A]'"])
def test_a_driver_that_does_not_answer_leaves_the_processor(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver(tmp_path, monkeypatch, script)
    assert devices.here().kind == "cpu"
