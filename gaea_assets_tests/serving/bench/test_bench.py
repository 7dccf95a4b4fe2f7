import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from gaea_assets import cli
from gaea_assets.errors import GaeaError
from gaea_assets.serving.bench import bench as module
from gaea_assets.serving.bench import client, consistency, load
from gaea_assets.serving.bench.bench import Result, bench
from gaea_assets.serving.bench.report import as_json, as_markdown
from gaea_assets_tests.serving.bench.fake import Fake, remembers, serving
from gaea_assets_tests.serving.servers import free_port


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench as it is, with fewer requests and shorter answers."""
    monkeypatch.setattr(load, "ANSWER_TOKENS", 8)
    monkeypatch.setattr(consistency, "TRIALS", 6)
    monkeypatch.setattr(consistency, "FREE", 2)


def measured(fake: Fake, concurrency: int = 2) -> Result:
    with serving(fake) as url:
        return asyncio.run(bench(url, None, concurrency, "", lambda _: None))


def test_a_server_is_measured_from_end_to_end() -> None:
    fake = Fake(write=remembers)
    result = measured(fake)
    assert result.complete
    assert result.counted_by == "server"
    assert result.scale.characters_per_token == pytest.approx(5, rel=0.01)
    assert [(row.concurrency, row.requests, row.errors) for row in result.throughput] == [(1, 8, 0), (2, 8, 0)]
    assert all(row.tokens == 8 * 8 and row.tokens_per_second for row in result.throughput)
    for row, wanted in zip(result.context_scaling, (1024, 1876), strict=True):
        assert row.prompt_tokens == pytest.approx(wanted, rel=0.02)
        assert row.requests - row.errors == 3
    for row in result.names:
        assert (row.trials, row.right, row.errors) == (6, 6, 0)
        assert (row.free_names, row.free_known) == (6, 4)
    assert [row.prompt_tokens for row in result.names] == [1024, 1876]


def test_no_prompt_is_sent_twice_nor_begins_as_another_and_none_is_too_long() -> None:
    fake = Fake(write=remembers)
    measured(fake)
    prompts = [request["prompt"] for request in fake.seen]
    # The free continuations go on from stories that names were called for in; their first lines differ all the same.
    assert len({prompt[:22] for prompt in prompts}) == len(prompts) - 2 * 2
    assert all(len(r["prompt"]) / 5 + r["max_tokens"] <= 2048 for r in fake.seen)


def test_a_server_that_refuses_what_only_vllm_knows_is_measured_without_it() -> None:
    fake = Fake(knows_ignore_eos=False)
    result = measured(fake)
    assert result.complete
    assert not result.errors
    assert ["ignore_eos" in request for request in fake.seen].count(True) == 1  # the warm-up found out


def test_a_server_that_neither_counts_nor_tells_its_context_is_measured_with_a_guess() -> None:
    result = measured(Fake(usage=False, models=[{"id": "m"}]))
    assert (result.counted_by, result.scale.characters_per_token) == ("stream", 4.0)
    assert [row.prompt_tokens for row in result.context_scaling] == [1024, 4096]
    assert "context: not told, 4,700 tried; tokens counted by the stream" in as_markdown(result)


def test_some_failed_requests_are_counted_and_named() -> None:
    result = measured(Fake(breaks=lambda number: "cut" if number % 5 == 4 else ""))
    assert result.complete
    assert result.errors["the stream ended before the answer did"] == sum(
        row.errors for part in (result.throughput, result.context_scaling, result.names) for row in part
    )
    assert "x the stream ended before the answer did" in as_markdown(result)


def test_a_server_that_dies_ends_the_bench_with_what_was_measured() -> None:
    fake = Fake()

    def dies(number: int) -> str:
        fake.gone = number > 8
        return "drop" if fake.gone else ""

    fake.breaks = dies
    result = measured(fake)
    assert not result.complete
    assert [(row.concurrency, row.errors) for row in result.throughput] == [(1, 0), (2, 8)]
    assert (result.context_scaling, result.names) == ([], [])
    assert result.notes == [
        "2 streams at once: every request failed; the server does not answer any more, and nothing further was tried"
    ]


def test_a_length_that_the_server_refuses_ends_its_part_only() -> None:
    fake = Fake()
    fake.breaks = lambda number: "refuse" if len(fake.seen[number]["prompt"]) > 1500 * 5 else ""
    result = measured(fake)
    assert [(row.requests, row.errors) for row in result.context_scaling] == [(3, 0), (3, 3)]
    assert [row.trials for row in result.names] == [6, 0]
    assert len(result.notes) == 2
    assert "nothing larger was tried" in result.notes[0]


def test_a_bench_that_takes_too_long_begins_no_further_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", -1)
    result = measured(Fake())
    assert result.throughput == result.context_scaling == result.names == []
    assert result.notes[0] == "1 streams at once, and what follows, was left out: the bench took -1 s"


def test_a_server_that_fails_the_warm_up_is_not_measured() -> None:
    with pytest.raises(GaeaError, match="pocket-tuned does not answer: BadRequestError"):
        measured(Fake(breaks=lambda _: "refuse"))


def test_a_server_that_hangs_is_not_waited_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LIMIT", 0.2)
    fake = Fake(pause=1)
    with pytest.raises(GaeaError, match="pocket-tuned does not answer"):
        measured(fake)
    assert len(fake.seen) == 1


def test_the_json_holds_numbers_or_null_and_nothing_else() -> None:
    found = as_json(measured(Fake(breaks=lambda number: "drop" if number > 8 else "")))
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    assert found["throughput"][1]["tokens_per_second"] is None
    assert found["complete"] is False


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    status = cli.main(["bench", *arguments])
    return status, capsys.readouterr()


def test_the_command_prints_tables_and_writes_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bench.json"
    with serving(Fake(write=remembers)) as url:
        status, captured = run([url, "--concurrency", "1", "--out", str(out)], capsys)
    assert status == 0
    assert "measuring a context of 1,024 tokens" in captured.err
    titles = [line for line in captured.out.splitlines() if line.startswith("#")]
    assert titles == ["# pocket-tuned", "## Throughput", "## Context", "## Names"]
    assert "100 %" in captured.out
    assert json.loads(out.read_text("utf-8"))["names"][0]["right"] == 6


def test_the_command_prints_one_json_object_and_fails_where_it_is_not_complete(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(Fake(breaks=lambda number: "drop" if number > 0 else "")) as url:
        status, captured = run([url, "--concurrency", "1", "--json"], capsys)
    assert status == 1
    assert json.loads(captured.out)["complete"] is False


def test_the_command_refuses_before_it_measures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    status, captured = run([nowhere, "--out", str(tmp_path / "no" / "bench.json")], capsys)
    assert (status, captured.out) == (1, "")
    assert "a file in a folder that is there is wanted" in captured.err
    status, captured = run([nowhere], capsys)
    assert status == 1
    assert captured.err.startswith(f"gaea: {nowhere}/v1: no OpenAI-compatible server answers there")
    with pytest.raises(SystemExit):
        run([nowhere, "--concurrency", "0"], capsys)


def test_what_was_measured_before_ctrl_c_is_printed_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop_at_the_second_level(number: int) -> str:
        if number == 12:  # a warm-up and 8 requests of the first level are before it
            os.kill(os.getpid(), signal.SIGINT)
        return ""

    with serving(Fake(pause=0.01, breaks=stop_at_the_second_level)) as url:
        assert cli.main(["bench", url, "--concurrency", "2", "--json", "--out", str(tmp_path / "bench.json")]) == 130
    found = json.loads(capsys.readouterr().out)
    assert [row["concurrency"] for row in found["throughput"]] == [1]
    assert found["notes"] == ["stopped by Ctrl-C: what is not here was not measured"]
    assert found["complete"] is False
    assert json.loads((tmp_path / "bench.json").read_text()) == found
