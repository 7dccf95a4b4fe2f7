import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gaea_assets import demo
from gaea_assets.config import VoiceConfig
from gaea_assets.definitions import build_defs
from gaea_assets.demo import result_table, stale_assets
from gaea_assets.errors import GaeaError
from gaea_assets.instance import prepare_instance
from gaea_assets.lineage import UPSTREAM, made_from
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import VOICE, put, put_chain, scene, write_chunks

MEASURE = {
    "name": "transfer",
    "base": -3.5741,
    "tuned": 12.2933,
    "author": 28.696,
    "score": 49.17,
    "low": 39.62,
    "high": 56.99,
    "target": 60,
    "passed": False,
    "undefined": None,
    "gated": None,
}
GATE = {"name": "memorisation", "passed": True, "severity": "note"}


def cells(row: str) -> list[str]:
    """The cells of a line, which two or more spaces set apart."""
    return [cell.strip() for cell in row.split("  ") if cell.strip()]


def test_the_table_has_a_line_for_each_measure_and_gate() -> None:
    passed = {**MEASURE, "name": "pov", "score": 88.0, "low": None, "high": None, "target": 80, "passed": True}
    lines = result_table({"measures": [MEASURE, passed], "gates": [GATE]}).splitlines()
    assert [cells(line) for line in lines] == [
        ["measure", "base", "tuned", "author held out", "score", "95 % interval", "target", "passed"],
        ["transfer", "-3.574", "12.293", "28.696", "49.2", "39.6 to 57.0", "> 60", "NO"],
        ["pov", "-3.574", "12.293", "28.696", "88.0", "- to -", "> 80", "yes"],
        ["memorisation", "note", "yes"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_an_undefined_measure_shows_no_number() -> None:
    undefined = {**MEASURE, "score": None, "base": None, "low": None, "high": None, "undefined": "no difference"}
    line = result_table({"measures": [undefined], "gates": [{**GATE, "passed": False}]}).splitlines()[1]
    assert cells(line) == ["transfer", "-", "12.293", "28.696", "undefined", "> 60", "NO"]


def report_made(instance: dg.DagsterInstance, *assets: str) -> None:
    for asset in assets:
        instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=VOICE))


def test_nothing_made_is_all_stale(workspace: Workspace, instance: dg.DagsterInstance) -> None:
    assert stale_assets(workspace, VOICE, instance) == list(UPSTREAM)


def test_what_is_current_and_known_to_the_instance_is_reused(
    workspace: Workspace, voice: VoiceConfig, instance: dg.DagsterInstance
) -> None:
    put_chain(workspace, voice)
    report_made(instance, *UPSTREAM)
    assert stale_assets(workspace, VOICE, instance) == []


def test_what_lies_downstream_of_a_stale_asset_is_stale(
    workspace: Workspace, voice: VoiceConfig, instance: dg.DagsterInstance
) -> None:
    put_chain(workspace, voice)
    report_made(instance, *(asset for asset in UPSTREAM if asset != "qlora_adapter"))
    assert stale_assets(workspace, VOICE, instance) == ["qlora_adapter", "merged_model", "style_report"]


def test_an_edited_chunk_makes_everything_stale(
    workspace: Workspace, voice: VoiceConfig, instance: dg.DagsterInstance
) -> None:
    put_chain(workspace, voice)
    report_made(instance, *UPSTREAM)
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(n + 1) for n in range(1, 6)})
    assert stale_assets(workspace, VOICE, instance) == list(UPSTREAM)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an instance; making one takes seconds."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def installed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, home: Path) -> Workspace:
    """`gaea demo` on the test's project and an instance of its own."""
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setattr(demo, "Workspace", lambda: workspace)
    monkeypatch.setattr(demo, "defs", build_defs({"workspace": workspace}))
    return workspace


def test_the_instance_of_a_demo_has_the_templates_limits(installed: Workspace) -> None:
    prepare_instance()
    with dg.DagsterInstance.get() as instance:
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
        assert not instance.telemetry_enabled


def test_a_second_demo_reuses_everything_and_says_so(
    installed: Workspace, voice: VoiceConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    put_chain(installed, voice)
    report: dict[str, Any] = {"measures": [MEASURE], "gates": [GATE], "passed": False}
    put(installed, "style_report", {"report.json": report}, made_from("style_report", installed, voice))
    prepare_instance()
    with dg.DagsterInstance.get() as instance:
        report_made(instance, *UPSTREAM)
    assert demo.run_voice(VOICE) is False
    shown = capsys.readouterr().out
    assert f"up to date, reused: {', '.join(UPSTREAM)}" in shown
    assert "materialising" not in shown
    assert result_table(report) in shown
    assert f"report: {installed.place('style_report', VOICE) / 'report.html'}" in shown


def test_a_failed_run_is_told_in_the_words_of_its_first_fault(installed: Workspace) -> None:
    write_chunks(installed, {})
    with pytest.raises(GaeaError, match=r"run \S+ failed: manuscript.folder: no manuscript in"):
        demo.run_voice(VOICE)


def test_a_gate_that_stopped_the_run_is_told(installed: Workspace) -> None:
    write_chunks(installed, {"chunk_001.txt": scene(1), "chunk_002.txt": scene(1)})
    with pytest.raises(
        GaeaError, match=r"failed: gate raw_chunks: no_duplicates: chunk_001.txt and chunk_002.txt hold"
    ):
        demo.run_voice(VOICE)


def test_a_fault_of_the_users_is_printed_without_a_traceback(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(demo, "Workspace", lambda: workspace)
    monkeypatch.setattr(demo, "defs", build_defs({"workspace": workspace}))
    shutil.rmtree(workspace.manuscripts(workspace.voice(VOICE))["book"])
    with pytest.raises(GaeaError, match=r"manuscript\.folder: no folder"):
        demo.run_voice(VOICE)
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err and "Stack Trace" not in out + err and len((out + err).splitlines()) < 10
