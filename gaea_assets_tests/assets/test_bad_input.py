"""Each bad input gives one line that names the file or field and the remedy, and spoils nothing made before."""

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError

from gaea_assets.base import files
from gaea_assets.lineage import UPSTREAM, made_from
from gaea_assets.resources import Workspace
from gaea_assets.store import Provenance, read_provenance
from gaea_assets_tests.projects import VOICE, failures, put, put_chain, run_job, scene, write_chunks, write_voice

TEXT_ASSETS = ["raw_chunks", "split_chunks", "prefix_completion_dataset"]


@pytest.fixture
def made_before(workspace: Workspace) -> dict[str, Provenance | None]:
    """What an earlier, good run left."""
    assert run_job(workspace, TEXT_ASSETS).success
    return provenances(workspace)


def provenances(workspace: Workspace) -> dict[str, Provenance | None]:
    return {asset: read_provenance(workspace.place(asset, VOICE)) for asset in TEXT_ASSETS}


def remove_manuscript(workspace: Workspace) -> None:
    folder = write_chunks(workspace, {})
    folder.rmdir()


BAD_MANUSCRIPTS: list[tuple[str, Callable[[Workspace], object], str, tuple[str, ...]]] = [
    (
        "no folder",
        remove_manuscript,
        "raw_chunks",
        ("manuscript.folder: no folder", "raw/book", "put the manuscript there"),
    ),
    (
        "empty folder",
        lambda workspace: write_chunks(workspace, {}),
        "raw_chunks",
        ("manuscript.folder: no manuscript in", "raw/book", "chunks as chunk_001.txt"),
    ),
    (
        "a binary file",
        lambda workspace: write_chunks(workspace, {"chunk_001.txt": bytes(range(32)) * 20}),
        "raw_chunks",
        ("chunk_001.txt: the file is not a text file", "save the manuscript as UTF-8"),
    ),
    (
        "no boundary to split at",
        lambda workspace: write_chunks(workspace, {"chunk_001.txt": scene(1, 100).replace("\n\n", " ")}),
        "split_chunks",
        ("chunk_001.txt: ", "a paragraph of it alone is above 2875 words", "a line `* * *` between blank lines"),
    ),
]


@pytest.mark.parametrize(
    ("spoil", "step", "said"), [case[1:] for case in BAD_MANUSCRIPTS], ids=[c[0] for c in BAD_MANUSCRIPTS]
)
def test_a_bad_manuscript_is_one_line_and_spoils_nothing(
    workspace: Workspace,
    made_before: dict[str, Provenance | None],
    spoil: Callable[[Workspace], object],
    step: str,
    said: tuple[str, ...],
) -> None:
    spoil(workspace)
    result = run_job(workspace, TEXT_ASSETS)
    assert not result.success
    assert list(failures(result)) == [step]
    line = failures(result)[step]
    assert "\n" not in line
    for part in said:
        assert part in line
    after = provenances(workspace)
    kept = TEXT_ASSETS[TEXT_ASSETS.index(step) :]
    assert {asset: after[asset] for asset in kept} == {asset: made_before[asset] for asset in kept}


def test_a_wrong_field_is_refused_before_anything_runs(workspace: Workspace) -> None:
    path = workspace.voices / f"{VOICE}.yaml"
    path.write_text(path.read_text("utf-8") + "training: {rank: 4096, lerning_rate: 1}\n", "utf-8")
    found = failures(run_job(workspace, TEXT_ASSETS))
    assert list(found) == ["raw_chunks"]
    assert f"{path}: training.rank: 4096 given; " in found["raw_chunks"]
    assert "training.lerning_rate: no such field; allowed here: method, rank" in found["raw_chunks"]


def hub_that_answers(monkeypatch: pytest.MonkeyPatch, error: type[HfHubHTTPError], token: str | None) -> None:
    def download(*_: object, **__: object) -> Path:
        request = httpx2.Request("GET", "http://127.0.0.1/model")
        raise error("403 Forbidden", response=httpx2.Response(403, request=request))

    monkeypatch.setattr(files, "snapshot_download", download)
    monkeypatch.setattr(files, "get_token", lambda: token)


@pytest.mark.parametrize(
    ("token", "lack"), [(None, "no token is set"), ("hf_x", "the token given has no access to it")]
)
def test_a_gated_base_model_names_the_token(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, token: str | None, lack: str
) -> None:
    write_voice(workspace, base={"model": "meta-llama/Llama-3.1-8B-Instruct"})
    hub_that_answers(monkeypatch, GatedRepoError, token)
    found = failures(run_job(workspace, TEXT_ASSETS))
    assert list(found) == ["split_chunks"]
    line = found["split_chunks"]
    assert line.startswith(f"base.model: meta-llama/Llama-3.1-8B-Instruct is gated and {lack}: accept its licence")
    assert "set HF_TOKEN" in line
    assert workspace.place("raw_chunks", VOICE).is_dir()


@pytest.mark.parametrize("asset", list(UPSTREAM)[1:])
def test_an_asset_whose_input_is_missing_names_what_to_materialise(workspace: Workspace, asset: str) -> None:
    found = failures(run_job(workspace, [asset]))
    # A finished model is measured with what it was made from, whatever the manuscript is by now.
    first = "prefix_completion_dataset" if asset == "style_report" else "raw_chunks"
    assert f"not made yet; materialise {first} of the voice pocket first" in found[asset]


@pytest.mark.parametrize("asset", ["prefix_completion_dataset", "baseline_metrics", "qlora_adapter", "merged_model"])
def test_an_asset_refuses_an_input_that_is_out_of_date(workspace: Workspace, asset: str) -> None:
    put_chain(workspace, workspace.voice(VOICE))
    write_voice(workspace, manuscript={"max_words": 2000})
    found = failures(run_job(workspace, [asset]))
    assert list(found) == [asset]
    assert "changed: limits); materialise split_chunks of the voice pocket again" in found[asset]


@pytest.mark.parametrize("asset", ["baseline_metrics", "qlora_adapter"])
def test_no_gpu_time_goes_into_a_dataset_that_did_not_pass_its_gates(
    workspace: Workspace, made_before: dict[str, Provenance | None], asset: str
) -> None:
    dataset = workspace.made("prefix_completion_dataset", VOICE)
    train = (dataset / "train.jsonl").read_text("utf-8")
    inputs = made_from("prefix_completion_dataset", workspace, workspace.voice(VOICE))
    put(workspace, "prefix_completion_dataset", {"train.jsonl": train, "validation.jsonl": train}, inputs)
    found = failures(run_job(workspace, [asset]))
    assert "prefix_completion_dataset did not pass its gate sides_apart: chunk" in found[asset]


def test_a_dataset_of_one_chunk_cannot_hold_one_out(workspace: Workspace) -> None:
    write_chunks(workspace, {"chunk_001.txt": scene(1)})
    found = failures(run_job(workspace, TEXT_ASSETS))
    assert "at least 2 are needed to hold one out" in found["prefix_completion_dataset"]


def test_a_manuscript_of_a_few_words_is_told_to_grow(workspace: Workspace) -> None:
    write_chunks(workspace, {"chunk_001.txt": "You wait. It rains.", "chunk_002.txt": "You go. It is late now."})
    found = failures(run_job(workspace, TEXT_ASSETS))
    told = "no chunk of 2 (most words: 6) has a sentence that ends between 5% and 10% of its words; add longer scenes"
    assert told in found["prefix_completion_dataset"]


def test_a_gate_that_failed_in_one_run_is_not_passed_by_the_next(workspace: Workspace) -> None:
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(min(n, 3)) for n in range(1, 5)})
    assert not run_job(workspace, ["raw_chunks"]).success
    found = failures(run_job(workspace, ["split_chunks"]))
    assert "raw_chunks did not pass its gate no_duplicates: chunk_003.txt and chunk_004.txt" in found["split_chunks"]
