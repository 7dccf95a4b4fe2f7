import json
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaea_assets import watching_sensor
from gaea_assets.assets.common import VOICES
from gaea_assets.definitions import defs
from gaea_assets.release.pointer import Released, point_to
from gaea_assets.resources import PROJECT, Workspace
from gaea_assets.watching_sensor import Cursor, load_cursor, watched_checks, webhook_of
from gaea_assets_tests.projects import VOICE, put, write_voice
from gaea_assets_tests.serving.servers import free_port, server_that
from gaea_assets_tests.watching.hooks import SECRET, hook

REPOSITORY = defs.get_repository_def()
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


@dg.asset(partitions_def=VOICES)
def style_report() -> None:
    """Stands for the report; its gate is told what to find."""


class Gate(dg.ConfigurableResource):
    """What the gate finds in the next run."""

    score: float
    passed: bool = True
    severity: str = "ERROR"
    model: str = ""


@dg.asset_check(asset=style_report, partitions_def=VOICES)
def transfer(context: dg.AssetCheckExecutionContext, gate: Gate) -> dg.AssetCheckResult:
    figures = {"score": gate.score, "low": gate.score - 10, "high": gate.score + 10, "target": 60.0}
    return dg.AssetCheckResult(
        passed=gate.passed,
        severity=dg.AssetCheckSeverity(gate.severity),
        description=f"transfer is {gate.score}",
        metadata={"voice": context.partition_key, "model": gate.model, "measured_with": "w", **figures},
    )


@dg.asset_check(asset=style_report, partitions_def=VOICES)
def released_still_passes(context: dg.AssetCheckExecutionContext, gate: Gate) -> dg.AssetCheckResult:
    told = f"the released model no longer passes: transfer is {gate.score}"
    return dg.AssetCheckResult(passed=gate.passed, description=told, metadata={"voice": context.partition_key})


@dg.job(name="reevaluation", partitions_def=VOICES)
def failing() -> None:
    """Stands for a re-evaluation that fails."""

    @dg.op
    def style_report_failing() -> None:
        raise dg.Failure("port 8002 is in use: stop what listens there", allow_retries=False)

    style_report_failing()


class Watch:
    """Evaluates gates in real runs and lets the sensor look, as the daemon does, keeping its cursor."""

    def __init__(self, workspace: Workspace, instance: dg.DagsterInstance) -> None:
        self.workspace, self.instance = workspace, instance
        self.cursor: str | None = None
        self.logged: list[str] = []
        self.skipped: str | None = None

    def evaluate(
        self,
        score: float,
        *,
        passed: bool = True,
        severity: str = "ERROR",
        voice: str = VOICE,
        model: str = "",
        with_summary: bool = False,
    ) -> None:
        result = dg.materialize(
            [style_report, transfer, *([released_still_passes] if with_summary else [])],
            instance=self.instance,
            partition_key=voice,
            resources={"gate": Gate(score=score, passed=passed, severity=severity, model=model)},
        )
        assert result.success  # a gate that does not block leaves the run green

    def look(self) -> list[str]:
        """What the sensor logs in one tick."""
        before = len(self.logged)
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={"workspace": self.workspace},
            repository_def=REPOSITORY,
        ) as context:
            handler = logging.Handler()
            handler.emit = lambda record: self.logged.append(record.getMessage())  # type: ignore[method-assign]
            context.log.addHandler(handler)
            data = watched_checks.evaluate_tick(context)
        assert data.run_requests == []
        self.cursor, self.skipped = data.cursor, data.skip_message
        return self.logged[before:]

    def outbox(self) -> list[dict[str, Any]]:
        folder = Path(self.workspace.data) / "watching" / "outbox"
        return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


@pytest.fixture(autouse=True)
def no_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(watching_sensor.WEBHOOK, raising=False)


@pytest.fixture
def watch(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """On the storage that `make dev` has: a file for each run."""
    home = tmp_path_factory.mktemp("home")
    (home / "dagster.yaml").write_bytes((PROJECT / "configs" / "dagster.yaml").read_bytes())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield Watch(workspace, instance)


pytestmark = pytest.mark.filterwarnings("ignore::dagster.PreviewWarning")


@pytest.mark.slow
def test_failed_gates_and_fallen_scores_are_logged_once_each(watch: Watch) -> None:
    assert watch.look() == []
    watch.evaluate(80)
    watch.evaluate(75, passed=False)
    watch.evaluate(75, passed=False, severity="WARN")
    assert watch.look() == ["pocket: the gate transfer of style_report failed: transfer is 75.0"]
    assert watch.skipped == "3 evaluations read, 1 alarms; messages: 0 delivered, 0 wait"
    watch.evaluate(60, passed=True)
    (line,) = watch.look()
    assert line.startswith("pocket: transfer fell to 60.0, below 70.0, the lower bound of the report of ")
    assert watch.look() == []
    assert watch.outbox() == []


@pytest.mark.slow
def test_a_failed_re_evaluation_is_told_with_its_reason_and_another_jobs_failure_is_not(watch: Watch) -> None:
    watch.look()
    assert not failing.execute_in_process(instance=watch.instance, partition_key=VOICE, raise_on_error=False).success
    other = dg.GraphDefinition(name="another", node_defs=failing.graph.node_defs).to_job()
    assert not other.execute_in_process(instance=watch.instance, raise_on_error=False).success
    assert watch.look() == [
        "pocket: the run that was to evaluate it again failed: port 8002 is in use: stop what listens there"
    ]
    assert watch.look() == []


@pytest.mark.slow
def test_what_the_released_models_own_gate_quotes_is_not_told_twice(watch: Watch) -> None:
    watch.look()
    watch.evaluate(50, passed=False, with_summary=True)
    (line,) = watch.look()
    assert line.count("transfer is 50.0") == 1


@pytest.mark.slow
def test_another_models_lower_score_is_no_drop(watch: Watch) -> None:
    watch.look()
    for model, score in (("a", 90), ("b", 60)):
        watch.evaluate(score, model=model)
    assert watch.look() == []
    watch.evaluate(40, model="b")
    assert len(watch.look()) == 1


@pytest.mark.slow
def test_gates_of_a_run_that_is_under_way_are_read_when_it_has_ended(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.look()
    watch.evaluate(50, passed=False)
    with monkeypatch.context() as under_way:
        under_way.setattr(dg.DagsterRun, "is_finished", property(lambda _: False))
        assert watch.look() == []
        later = time.time() + 3_600  # whatever it does for so long, what it has found is told
        under_way.setattr(watching_sensor.time, "time", lambda: later)
        assert len(watch.look()) == 1
    assert watch.look() == []


@pytest.mark.slow
def test_a_released_model_that_is_not_evaluated_is_told_of_once_until_it_is(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, day, model = [time.time()], 86_400, "0123456789abcdef"
    monkeypatch.setattr(watching_sensor.time, "time", lambda: clock[0])
    at = datetime.fromtimestamp(clock[0] - day, UTC).isoformat()
    point_to(Path(watch.workspace.data), Released(VOICE, model, "decision.json", at))
    assert watch.look() == []
    clock[0] += 8 * day
    (line,) = watch.look()
    assert line.startswith(
        f"pocket: the released model 0123456789ab has not been evaluated for 9 days, since {at[:10]}"
    )
    assert watch.look() == []
    watch.cursor = None  # the instance was thrown away, and with it what the sensor remembers
    assert len(watch.look()) == 1
    watch.cursor = None
    put(watch.workspace, "released_report", {}, {"merged_model": model})
    assert watch.look() == []


@pytest.mark.slow
def test_a_pointer_that_cannot_be_read_is_told_and_gates_are_watched_all_the_same(watch: Watch) -> None:
    watch.look()
    point_to(Path(watch.workspace.data), Released(VOICE, "0" * 16, "decision.json", "2026-11-09T00:00:00+00:00"))
    for path in (Path(watch.workspace.data) / "release").rglob("released.json"):
        path.write_text("{")
    watch.evaluate(50, passed=False)
    pointer, alarm = watch.look()
    assert "released.json: does not say what is released" in pointer
    assert "the gate transfer of style_report failed" in alarm


@pytest.mark.slow
def test_what_failed_before_the_first_look_is_no_news_but_a_score_is_held_against_it(watch: Watch) -> None:
    watch.evaluate(80, passed=False)
    assert watch.look() == []
    watch.evaluate(60)
    (line,) = watch.look()
    assert "transfer fell to 60.0" in line


@pytest.mark.slow
def test_a_tick_reads_a_bounded_page_and_the_next_goes_on_from_there(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching_sensor, "PAGE", 2)
    watch.look()
    for score in (80, 81, 82):
        watch.evaluate(score, passed=False)
    assert [len(watch.look()) for _ in range(3)] == [2, 1, 0]


@pytest.mark.slow
def test_an_alarm_reaches_the_voices_webhook_and_one_that_is_down_loses_nothing(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(watching_sensor.time, "time", lambda: clock[0])
    write_voice(watch.workspace, watching={"webhook": f"http://127.0.0.1:{free_port()}/{SECRET}"})
    watch.look()
    watch.evaluate(50, passed=False)
    alarm, failure = watch.look()
    assert failure.startswith("http://127.0.0.1/...: message ")
    (waiting,) = watch.outbox()
    assert (waiting["attempts"], waiting["not_before"]) == (1, 1_060)
    assert waiting["message"]["text"] == alarm
    taking = hook()
    with server_that(taking) as url:
        write_voice(watch.workspace, watching={"webhook": f"{url}/{SECRET}"})
        watch.look()
        assert taking.seen == []  # not yet
        clock[0] += 60
        assert watch.look() == []
        assert watch.look() == []
    assert taking.seen == [waiting["message"]]
    assert watch.outbox() == []
    assert not any(SECRET in line for line in watch.logged)
    assert SECRET not in (watch.cursor or "")


@pytest.mark.slow
def test_a_tick_that_is_cut_off_tells_the_same_again_under_the_same_id(watch: Watch) -> None:
    taking = hook()
    with server_that(taking) as url:
        write_voice(watch.workspace, watching={"webhook": url})
        watch.look()
        before = watch.cursor
        watch.evaluate(50, passed=False)
        watch.look()
        watch.cursor = before  # the cursor was never stored
        watch.look()
    first, second = taking.seen
    assert first == second


@pytest.mark.slow
def test_an_alarm_of_a_voice_whose_file_is_broken_waits_until_it_is_mended(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(watching_sensor.time, "time", lambda: clock[0])
    watch.look()
    watch.evaluate(50, passed=False)
    (watch.workspace.voices / f"{VOICE}.yaml").write_text("watching: {webhook: 'hunter2'}\n")
    alarm, waits = watch.look()
    assert "watching.webhook: not an address; http://... or https://... is wanted" in waits
    assert "hunter2" not in waits
    clock[0] += 60
    taking = hook()
    with server_that(taking) as url:
        write_voice(watch.workspace, watching={"webhook": url})
        watch.look()
    assert [message["text"] for message in taking.seen] == [alarm]


@pytest.mark.slow
def test_a_cursor_ahead_of_the_log_misses_nothing_that_comes(watch: Watch) -> None:
    watch.evaluate(80)
    watch.cursor = json.dumps({"after": 10**9, "references": {}})
    assert watch.look() == []
    watch.evaluate(80, passed=False)
    assert len(watch.look()) == 1


def test_a_voices_file_goes_before_the_environment(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert webhook_of(workspace, VOICE) is None
    monkeypatch.setenv(watching_sensor.WEBHOOK, " https://hooks.example.com/all\n")
    assert webhook_of(workspace, VOICE) == "https://hooks.example.com/all"
    write_voice(workspace, watching={"webhook": "https://hooks.example.com/own"})
    assert webhook_of(workspace, VOICE) == "https://hooks.example.com/own"


def test_a_wrong_address_in_the_environment_is_named_and_not_repeated(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(watching_sensor.WEBHOOK, "hunter2")
    with pytest.raises(watching_sensor.GaeaError, match="GAEA_WEBHOOK in the environment: not an address") as fault:
        webhook_of(workspace, VOICE)
    assert "hunter2" not in str(fault.value)


def test_the_configuration_shows_no_webhook(workspace: Workspace) -> None:
    voice = write_voice(workspace, watching={"webhook": "https://hooks.example.com/hunter2"})
    assert "hunter2" not in f"{voice!r}{voice.model_dump()}{voice.model_dump_json()}"


@pytest.mark.parametrize(
    "text", [None, "", "[]", "3", '{"after": -1, "references": {}}', '{"after": 1}', '{"after": 1, "references": 3}']
)
def test_a_cursor_that_is_not_ours_is_no_cursor(text: str | None) -> None:
    assert load_cursor(text) is None


@given(st.text())
def test_any_cursor_can_be_loaded(text: str) -> None:
    assert load_cursor(text) is None or isinstance(load_cursor(text), Cursor)


def test_a_cursor_of_an_earlier_version_keeps_its_scores() -> None:
    score = {"score": 80.0, "low": 70.0, "high": 90.0, "run": "r", "at": "t", "model": "a", "measured_with": "w"}
    before = {"after": 3, "references": {"pocket/style_report/transfer": {"last": score, "anchor": score}}}
    cursor = load_cursor(json.dumps(before))
    assert cursor is not None
    assert list(cursor.references) == ["pocket/transfer/a/w"]
    assert load_cursor(json.dumps(asdict(cursor))) == cursor


@pytest.mark.slow
def test_a_voice_that_cannot_be_evaluated_is_told_of_at_once_and_once(watch: Watch) -> None:
    watch.look()
    for voice in ("gone", VOICE):
        point_to(Path(watch.workspace.data), Released(voice, "0" * 16, "decision.json", "2999-11-09T00:00:00+00:00"))
    (line,) = watch.look()
    assert line.startswith("gone: what is released of it is not evaluated again: ")
    assert "there was no voice file gone.yaml" in line
    assert watch.look() == []
    (Path(watch.workspace.data) / "release" / "gone" / "released.json").unlink()
    assert watch.look() == []


def test_the_sensor_is_stopped_until_a_person_starts_it_and_starts_no_run() -> None:
    assert watched_checks.default_status is dg.DefaultSensorStatus.STOPPED
    assert defs.resolve_sensor_def("watched_checks") is watched_checks
    assert not watched_checks.targets
