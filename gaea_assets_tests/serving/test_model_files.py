"""Weights that are missing or cut off are told before a server is started."""

import json
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from gaea_assets.errors import GaeaError
from gaea_assets.serving.model_files import INDEX, require_whole


def weights(path: Path) -> Path:
    import numpy as np

    save_file({"a": np.zeros((64, 64), np.float32), "b": np.zeros(3, np.float16)}, path, {"format": "pt"})
    return path


def fault(folder: Path) -> str:
    with pytest.raises(GaeaError) as error:
        require_whole(folder, "make it again")
    assert str(error.value).endswith("; make it again")
    return str(error.value)


def test_whole_weights_pass(tmp_path: Path) -> None:
    weights(tmp_path / "model.safetensors")
    require_whole(tmp_path, "make it again")


def test_no_weights_at_all(tmp_path: Path) -> None:
    assert "no *.safetensors there" in fault(tmp_path)


@pytest.mark.parametrize("left", [0, 4, 60, -1])
def test_weights_that_are_cut_off(tmp_path: Path, left: int) -> None:
    path = weights(tmp_path / "model.safetensors")
    content = path.read_bytes()
    path.write_bytes(content[:left])
    expected = f"cut off: {len(content) - 1:,} of {len(content):,} bytes" if left == -1 else "not readable as safet"
    assert expected in fault(tmp_path)


def test_bytes_that_are_no_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    assert "not readable as safetensors" in fault(tmp_path)


def test_a_part_that_the_index_names_is_missing(tmp_path: Path) -> None:
    weights(tmp_path / "model-1.safetensors")
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}))
    assert "model-2.safetensors is missing" in fault(tmp_path)
    (tmp_path / INDEX).write_text("{")
    assert "not readable as JSON" in fault(tmp_path)
