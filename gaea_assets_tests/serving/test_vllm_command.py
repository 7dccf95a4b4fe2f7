"""What vLLM is started with."""

import json
from pathlib import Path

import pytest

from gaea_assets.config import Serving
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.vllm_command import Extras, command, environment

PLACE = ModelPlace(Path("/models/pocket"), "pocket-base", 8000, Path("/logs/vllm_base.log"))


def test_the_command_serves_the_model_on_the_loopback_interface_only() -> None:
    given = command(PLACE, Serving(max_model_len=2048, memory_share=0.5), Extras())
    assert "--model=/models/pocket" in given
    assert "--served-model-name=pocket-base" in given
    assert "--host=127.0.0.1" in given
    assert "--port=8000" in given
    assert "--max-model-len=2048" in given
    assert "--gpu-memory-utilization=0.5" in given
    # Otherwise the model's own generation_config.json would change the sampling that was asked for.
    assert "--generation-config=vllm" in given
    assert not any(part.startswith(("--enable-lora", "--chat-template")) for part in given)
    assert [part for part in given if part.startswith("--middleware")] == [
        "--middleware=gaea_assets.serving.api_key.RequireOwnName"
    ]


def test_vllm_chooses_the_context_where_that_is_left_to_it() -> None:
    assert "--max-model-len=auto" in command(PLACE, Serving(max_model_len="auto"), Extras())


@pytest.mark.parametrize(("rank", "allowed"), [(1, 1), (4, 8), (16, 16), (48, 64), (257, 320), (512, 512)])
def test_the_largest_rank_is_one_that_vllm_takes(rank: int, allowed: int) -> None:
    adapters = {"one": Path("/adapters/one"), "a=b": Path("/adapters/a b")}
    given = command(PLACE, Serving(), Extras(adapters=adapters, rank=rank))
    assert f"--max-lora-rank={allowed}" in given
    assert "--max-loras=2" in given
    modules = [json.loads(part) for part in given[given.index("--lora-modules") + 1 :]]
    assert [(m["name"], m["path"], m["base_model_name"]) for m in modules] == [
        ("one", "/adapters/one", "pocket-base"),
        ("a=b", "/adapters/a b", "pocket-base"),
    ]


def test_the_key_travels_in_the_environment_and_its_guard_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAEA_API_KEY", "set")
    monkeypatch.setenv("VLLM_API_KEY", "stray")
    monkeypatch.delenv("VLLM_CPU_KVCACHE_SPACE", raising=False)
    extras = Extras(key="secret")
    assert "--middleware=gaea_assets.serving.api_key.RequireKey" in command(PLACE, Serving(), extras)
    assert "secret" not in " ".join(command(PLACE, Serving(), extras))
    assert environment(extras)["GAEA_API_KEY"] == "secret"
    assert environment(extras)["VLLM_CPU_KVCACHE_SPACE"] == "2"
    # A server that an asset starts for itself asks for none: its client has none.
    assert not {"GAEA_API_KEY", "VLLM_API_KEY"} & environment(Extras()).keys()


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "8")
    assert environment(Extras())["VLLM_CPU_KVCACHE_SPACE"] == "8"
