from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import dagster as dg
import pytest

from gaea_assets.assets.evaluation import _kept
from gaea_assets.lineage import content
from gaea_assets.release.pointer import Released, point_to
from gaea_assets.resources import Workspace
from gaea_assets_tests.conftest import Made
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, put, run_job, scene, write_voice
from gaea_assets_tests.serving.servers import Quiet, server_that


def release(workspace: Workspace, folder: Path, model: str | None = None) -> None:
    model = model or content("merged_model", workspace, VOICE)
    point_to(Path(workspace.data), Released(VOICE, model, str(folder), "decision.json", "2026-11-21T12:00:00+00:00"))


def test_only_the_released_model_is_looked_for_on_a_server(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, "merged_model", {"config.json": {}})
    voice = workspace.voice(VOICE)
    assert _kept(workspace, voice) is None
    release(workspace, tmp_path / "kept")
    assert _kept(workspace, voice) == tmp_path / "kept"
    put(workspace, "merged_model", {"config.json": {"trained": "again"}})
    assert _kept(workspace, voice) is None


class Live(Quiet):
    """Serves the kept model: scenes to who sends a prompt, likelihoods to who asks for them."""

    root: ClassVar[str] = ""
    continued: ClassVar[list[list[int]]] = []

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self.answer(200, {"data": [{"id": f"{VOICE}-tuned", "root": self.root}]})

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
def test_each_report_of_the_released_model_is_generated_anew_by_its_live_server(
    made: Made, copy: Workspace, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    live = type("ThisLive", (Live,), {"root": str(tmp_path / "kept"), "continued": []})
    release(copy, tmp_path / "kept")
    counts = []
    with server_that(live) as url:
        serving = {**SMALL_RECIPE["serving"], "tuned_port": urlsplit(url).port}
        write_voice(copy, **{**SMALL_RECIPE, "serving": serving})
        for _ in range(2):
            result = run_job(copy, ["style_report"], instance)
            assert result.success, failures(result)
            counts.append(len(live.continued))
    assert counts[1] == 2 * counts[0] > 0
    records = instance.fetch_materializations(dg.AssetKey("style_report"), limit=10).records
    assert len(records) == 2
    texts = (copy.place("style_report", VOICE) / "continuations.jsonl").read_text("utf-8")
    assert scene(len(live.continued[0])).split("\n\n")[0] in texts
