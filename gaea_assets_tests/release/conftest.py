"""Fixtures of the release tests."""

import functools

import pytest

from gaea_assets import lineage, resources
from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import base_identity
from gaea_assets.base.prompt_format import prompt_format

READ_ONCE = {
    (resources, "Encoder"): functools.cache(Encoder),
    (resources, "prompt_format"): functools.cache(prompt_format),
    (lineage, "base_identity"): functools.cache(base_identity),
}


@pytest.fixture(autouse=True)
def base_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the lineage reads the base model's files, which no test here changes."""
    for (module, name), cached in READ_ONCE.items():
        monkeypatch.setattr(module, name, cached)
