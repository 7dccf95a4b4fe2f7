import json
import os
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import dagster as dg
import psutil
import pytest

from gaea_assets.lineage import content
from gaea_assets.release.evidence import gather
from gaea_assets.resources import Workspace
from gaea_assets.serving.server_state import ServerState, remember
from gaea_assets.store import alone_in, read_provenance
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, put, run_job, scene, write_chunks, write_voice
from gaea_assets_tests.serving.servers import Quiet, server_that


class Live(Quiet):
    """Serves a model: scenes to who sends a prompt, likelihoods to who asks for them."""

    continued: ClassVar[list[list[int]]] = []

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.answer(200, {"data": []})

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        asked = self.read_request()
        choice = {"index": 0, "text": "", "finish_reason": "stop", "logprobs": None}
        if "prompt_logprobs" in asked:
            known = [{str(token): {"logprob": -2.0}} for token in asked["prompt"][1:]]
            choice["prompt_logprobs"] = [None, *known]
        else:
            self.continued.append(asked["prompt"])
            choice["text"] = scene(len(asked["prompt"]))
        self.answer(200, {"id": "1", "object": "text_completion", "created": 0, "model": "m", "choices": [choice]})


@pytest.mark.slow
def test_each_report_is_generated_anew_by_the_live_server_of_the_model(
    made: Made, copy: Workspace, instance: dg.DagsterInstance
) -> None:
    live = type("ThisLive", (Live,), {"continued": []})
    counts = []
    with server_that(live) as url:
        serve(copy, urlsplit(url).port or 0, content("merged_model", copy, VOICE))
        write_chunks(copy, {"chunk_001.txt": scene(77)})  # the author goes on writing, and a sensor follows
        put(copy, "prefix_completion_dataset", {"train.jsonl": "", "validation.jsonl": ""})
        for _ in range(2):
            result = run_job(copy, ["style_report"], instance)
            assert result.success, failures(result)
            counts.append(len(live.continued))
    assert counts[1] == 2 * counts[0] > 0
    records = instance.fetch_materializations(dg.AssetKey("style_report"), limit=10).records
    assert len(records) == 2
    texts = (copy.place("style_report", VOICE) / "continuations.jsonl").read_text("utf-8")
    assert scene(len(live.continued[0])).split("\n\n")[0] in texts
    assert written_by(copy) == {
        "base": {"by": "transformers, in process", "verified": True},
        "tuned": {"by": "the live server pocket-released", "verified": True},
    }


@pytest.mark.slow
def test_a_server_that_nobody_here_started_writes_a_report_that_says_so(
    made: Made, copy: Workspace, instance: dg.DagsterInstance
) -> None:
    live = type("ThisLive", (Live,), {"continued": []})
    with server_that(live) as url:
        serve(copy, urlsplit(url).port or 0, "f" * 64)  # it holds another model
        write_voice(copy, **{**SMALL_RECIPE, "serving": {"url": url, "engine": "vllm"}})
        result = run_job(copy, ["style_report"], instance)
    assert result.success, failures(result)
    by = f"the server at {url} (serving.url)"
    assert written_by(copy)["tuned"] == {"by": by, "verified": False}
    page = (copy.place("style_report", VOICE) / "report.html").read_text("utf-8")
    assert f"{by} (UNVERIFIED: nobody knows whose weights it holds)" in page
    assert "take serving.url out of the voice" in (gather(copy, copy.voice(VOICE)).obstacle or "")


@pytest.mark.slow
def test_a_model_made_anew_while_it_is_measured_gets_no_report(
    made: Made, copy: Workspace, instance: dg.DagsterInstance
) -> None:
    class Slow(Live):
        def do_POST(self) -> None:  # noqa: N802 - named by http.server
            with alone_in(Path(copy.data)):
                put(copy, "merged_model", {"config.json": {"made": "anew"}})
            super().do_POST()

    before = read_provenance(copy.place("style_report", VOICE))
    with server_that(Slow) as url:
        serve(copy, urlsplit(url).port or 0, content("merged_model", copy, VOICE))
        result = run_job(copy, ["style_report"], instance)
    assert failures(result)["style_report"].startswith("the model of pocket, or what it is measured with, was made an")
    assert read_provenance(copy.place("style_report", VOICE)) == before


def serve(workspace: Workspace, port: int, model: str) -> None:
    """Note a server of this process as `gaea serve` does."""
    started, names = psutil.Process().create_time(), (f"{VOICE}-tuned",)
    server = ServerState("pocket-released", names, "/kept", "127.0.0.1", port, os.getpid(), started, "/l", 64, model)
    remember(Path(workspace.data), server)


def written_by(workspace: Workspace) -> dict[str, dict[str, object]]:
    """Who wrote the texts of the report."""
    return json.loads((workspace.place("style_report", VOICE) / "report.json").read_text("utf-8"))["generated_by"]
