"""The GPUs as PyTorch sees them, which is as training takes them.

    python -m gaea_assets.finetune.gpus

prints them as JSON, for who does not want to import PyTorch or to hold memory on a GPU.
"""

import json
from dataclasses import asdict
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

from gaea_assets.finetune.devices import CUDA_CONTEXT, Device, of_driver


def own() -> Device:
    """The GPU of this process."""
    import torch

    return _gpu(torch.cuda.current_device())


def seen() -> list[Device]:
    """All GPUs that PyTorch sees, in its order."""
    if not _built_for_gpus():
        return []
    import torch

    return [_gpu(index) for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []


def _gpu(index: int) -> Device:
    import torch

    properties = torch.cuda.get_device_properties(index)
    free, total = torch.cuda.mem_get_info(index)
    known = of_driver(properties.name)
    return Device(
        known.name if known else properties.name,
        total,
        known.peak if known else None,
        known.bandwidth if known else None,
        held=max(0, total - free - CUDA_CONTEXT),  # to ask takes a context, which is counted with the training
        bfloat16=bool(torch.version.hip) or properties.major >= 8,
    )


def _built_for_gpus() -> bool:
    """Whether the installed PyTorch can have any: told by a small file of it, where importing it takes seconds."""
    found = find_spec("torch")
    if found is None or found.origin is None:
        return False
    file = spec_from_file_location("torch_version", Path(found.origin).with_name("version.py"))
    assert file is not None and file.loader is not None  # noqa: S101 - it is a file of Python
    version = module_from_spec(file)
    file.loader.exec_module(version)
    return bool(version.cuda or version.hip)


if __name__ == "__main__":
    print(json.dumps([asdict(gpu) for gpu in seen()]))
