import subprocess
import sys
from typing import Any

import pytest
import yaml

from gaea_assets.checks.gates import GATES
from gaea_assets.config import voice_names
from gaea_assets.definitions import defs
from gaea_assets.lineage import AFTERWARDS, UPSTREAM
from gaea_assets.resources import PROJECT

HEAVY = {"torch", "transformers", "peft", "trl", "vllm", "bitsandbytes", "datasets", "ray", "dagster_ray"}
HOLDING_THE_ACCELERATOR = {"baseline_metrics", "qlora_adapter", "merged_model", "style_report", "released_report"}


@pytest.fixture(scope="module")
def graph() -> Any:
    return defs.resolve_asset_graph()


@pytest.mark.slow
def test_dagster_validates_the_definitions() -> None:
    command = [sys.executable, "-m", "dagster", "definitions", "validate"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All code locations passed validation" in done.stdout + done.stderr


def test_loading_the_definitions_imports_nothing_heavy() -> None:
    program = f"import sys, gaea_assets.definitions; print(sorted({HEAVY} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_seven_assets_depend_on_one_another_as_their_lineage_says(graph: Any) -> None:
    found = {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }
    decided = {"release": {"style_report", "blind_evaluation"}, "voice_comparison": set(found["voice_comparison"])}
    decided |= {"released_report": {"release"}}
    # A prompt of the report is a held-out example, which both of its inputs were made from.
    assert found == {asset: set(upstream) for asset, upstream in (UPSTREAM | AFTERWARDS).items()} | decided
    assert found["voice_comparison"] >= {"style_report"}


def test_voices_are_the_partitions_of_every_asset_and_gate(graph: Any) -> None:
    voices = voice_names(PROJECT / "configs" / "voices")
    assert {"pocket", "visions_of_gaea", "visions_of_gaea_lora", "visions_of_gaea_qwen"} <= set(voices)
    for key in graph.get_all_asset_keys():
        if key.to_user_string() != "voice_comparison":  # one table of all voices
            assert graph.get(key).partitions_def.get_partition_keys() == voices
    for key in graph.asset_check_keys:
        assert graph.get(key).partitions_def.get_partition_keys() == voices


def test_every_gate_is_an_asset_check_and_blocks_as_it_says(graph: Any) -> None:
    found = {(key.asset_key.to_user_string(), key.name, graph.get(key).blocking) for key in graph.asset_check_keys}
    alarms = {(asset, "released_still_passes", False) for asset in ("style_report", "released_report")}
    assert found == {(gate.asset, gate.name, gate.blocking) for gate in GATES} | alarms


def test_what_holds_a_gpu_is_in_the_pool_and_nothing_else(graph: Any) -> None:
    pools = {key.to_user_string(): graph.get(key).pools for key in graph.get_all_asset_keys()}
    assert pools == {asset: {"accelerator"} if asset in HOLDING_THE_ACCELERATOR else set() for asset in pools}


def test_the_instance_lets_one_step_at_a_time_into_the_pool() -> None:
    template = yaml.safe_load((PROJECT / "configs" / "dagster.yaml").read_text("utf-8"))
    assert template["concurrency"]["pools"] == {"granularity": "op", "default_limit": 1}
    assert template["run_monitoring"]["free_slots_after_run_end_seconds"] > 0


@pytest.mark.parametrize(
    ("job", "assets"),
    [
        ("voice_pipeline", set(UPSTREAM)),
        ("data_assets", {"raw_chunks", "split_chunks", "prefix_completion_dataset"}),
        ("reevaluation", {"style_report", "released_report"}),
    ],
)
def test_a_job_takes_the_gates_of_its_assets_along_and_never_retries(job: str, assets: set[str]) -> None:
    resolved = defs.resolve_job_def(job)
    assert {key.to_user_string() for key in resolved.asset_layer.selected_asset_keys} == assets
    checks = resolved.asset_layer.asset_graph.asset_check_keys
    assert {(key.asset_key.to_user_string(), key.name) for key in checks} == {
        (gate.asset, gate.name) for gate in GATES if gate.asset in assets
    } | {(asset, "released_still_passes") for asset in assets & {"style_report", "released_report"}}
    assert resolved.tags["dagster/retry_on_asset_or_op_failure"] == "false"
    assert resolved.partitions_def is not None
