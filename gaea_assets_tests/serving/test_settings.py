"""The settings of a server, as a voice file gives them."""

from typing import Any

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import write_voice


def read(workspace: Workspace, **serving: Any) -> VoiceConfig:
    return write_voice(workspace, serving=serving)


def test_the_context_is_a_number_or_left_to_vllm(workspace: Workspace) -> None:
    assert read(workspace, max_model_len=65536).serving.max_model_len == 65536
    assert read(workspace, max_model_len="auto").serving.max_model_len == "auto"


@pytest.mark.parametrize("given", [255, -1, 4096.5, "all", None, True, 100_000_001, 10**20])
def test_another_context_is_refused(workspace: Workspace, given: Any) -> None:
    told = f"serving.max_model_len: {given!r} given; a number of tokens from 256 to 100,000,000 is wanted, or auto"
    with pytest.raises(GaeaError) as fault:
        read(workspace, max_model_len=given)
    assert str(fault.value).endswith(told)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("localhost", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("::1", "::1"),
        ("0:0::1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
    ],
)
def test_an_address_to_listen_on(workspace: Workspace, given: str, address: str) -> None:
    assert read(workspace, host=given).serving.host == address


@pytest.mark.parametrize("given", ["example.org", "127.0.0.1:8000", "", "localhost "])
def test_what_is_no_address_is_refused(workspace: Workspace, given: str) -> None:
    with pytest.raises(GaeaError, match=r"serving.host: .* given; an IP address of this machine is wanted"):
        read(workspace, host=given)


@pytest.mark.parametrize("given", ["fe80::1%eth0", "::1%lo"])
def test_an_address_with_an_interface_is_refused(workspace: Workspace, given: str) -> None:
    with pytest.raises(
        GaeaError, match=r"serving.host: .* given; an IP address without an interface \(%\w+\) is wanted"
    ):
        read(workspace, host=given)
