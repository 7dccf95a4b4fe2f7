import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import content
from gaea_assets.recorded import MEASURED_WITH, OF_THE_MODEL, require_recorded, require_same_settings
from gaea_assets.release.kept import keep_model
from gaea_assets.release.measured_with import keep, last_measured, measured_then, measuring_basis
from gaea_assets.resources import Workspace
from gaea_assets.store import read_provenance
from gaea_assets_tests.projects import VOICE, put, put_chain, scene, write_chunks, write_voice


def measured(workspace: Workspace) -> str:
    """The merged model has been measured with what lies there; its hash."""
    model = content("merged_model", workspace, VOICE)
    keep(workspace, workspace, VOICE, model)
    return model


def test_an_edited_manuscript_leaves_what_the_model_is_measured_with(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(n + 9) for n in range(1, 6)})
    assert measuring_basis(workspace, VOICE) == workspace


def test_a_dataset_made_anew_is_not_what_the_model_is_measured_with(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    aside = Path(workspace.data) / "aside"
    for asset in MEASURED_WITH:
        shutil.copytree(workspace.place(asset, VOICE), aside / asset / VOICE)
    put(workspace, "prefix_completion_dataset", {"made.txt": "the next book"})
    require_recorded(OF_THE_MODEL, workspace, VOICE)
    with pytest.raises(GaeaError, match=r"was made from another prefix_completion_dataset \(\w{12}\) than"):
        measuring_basis(workspace, VOICE)
    keep(workspace, workspace.model_copy(update={"data": str(aside)}), VOICE, content("merged_model", workspace, VOICE))
    basis = measuring_basis(workspace, VOICE)
    dataset = basis.place("prefix_completion_dataset", VOICE)
    assert dataset.is_relative_to(Path(workspace.data) / "release" / VOICE)
    assert (dataset / "made.txt").read_text() == "prefix_completion_dataset"
    require_same_settings(workspace, basis, voice)
    (dataset / "made.txt").write_text("edited")
    with pytest.raises(GaeaError, match="prefix_completion_dataset/pocket: its files have changed since it was made"):
        measuring_basis(workspace, VOICE)


def test_what_is_kept_is_no_link_to_what_it_was_made_from(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    model = measured(workspace)
    (workspace.place("prefix_completion_dataset", VOICE) / "made.txt").write_text("an editor writes into it")
    then, _ = measured_then(workspace, voice, model)
    assert (then.place("prefix_completion_dataset", VOICE) / "made.txt").read_text() == "prefix_completion_dataset"


def test_the_way_of_measuring_is_that_of_then(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    model = measured(workspace)
    today = write_voice(workspace, evaluation={"temperature": 0.3})
    assert measured_then(workspace, today, model)[1].evaluation == voice.evaluation


def test_what_was_changed_or_not_kept_is_not_measured_with(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    model = measured(workspace)
    with pytest.raises(GaeaError, match="the model another of the voice pocket was measured with was not kept, or was"):
        measured_then(workspace, voice, "another")
    then, _ = measured_then(workspace, voice, model)
    (then.place("baseline_metrics", VOICE) / "made.txt").write_text("edited")
    with pytest.raises(GaeaError, match=r"was changed, so it cannot be measured again"):
        measured_then(workspace, voice, model)


def test_what_a_model_was_measured_with_stays_as_long_as_the_model_does(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    put_chain(workspace, voice)
    released = measured(workspace)
    place = workspace.made("merged_model", VOICE)
    keep_model(Path(workspace.data), place, voice, released, voice.evaluation.model_dump(mode="json"))
    for again in ("second", "third"):
        put(workspace, "merged_model", {"made.txt": again}, {"prompt_format": "plain"})
        newest = measured(workspace)
    kept = Path(workspace.data) / "release" / VOICE / "measured_with"
    assert {folder.name for folder in kept.iterdir()} == {released[:12], newest[:12]}


def test_a_model_was_last_measured_when_either_report_was_made_of_it(workspace: Workspace, voice: VoiceConfig) -> None:
    put_chain(workspace, voice)
    model = content("merged_model", workspace, VOICE)
    assert last_measured(workspace, VOICE, model) is None
    put(workspace, "released_report", {}, {"merged_model": "another"})
    assert last_measured(workspace, VOICE, model) is None
    measured(workspace)
    assert datetime.fromisoformat(last_measured(workspace, VOICE, model) or "") <= datetime.now(UTC)
    put(workspace, "released_report", {}, {"merged_model": model})
    made = read_provenance(workspace.place("released_report", VOICE))
    assert made and last_measured(workspace, VOICE, model) == made.made_at
