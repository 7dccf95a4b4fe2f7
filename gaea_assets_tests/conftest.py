"""Fixtures that several test modules share."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.lineage import UPSTREAM
from gaea_assets.resources import PROJECT, Workspace
from gaea_assets_tests.projects import (
    SMALL_RECIPE,
    VOICE,
    author_chunks,
    failures,
    run_job,
    scene,
    write_chunks,
    write_voice,
)

# A model of 6 million parameters gains nothing from a second thread, and two wait for one another where
# the cores are shared. Read by torch when it is imported, here and in the processes started.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The tests make instances of their own; a developer's must not be in reach.
os.environ.pop("DAGSTER_HOME", None)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A project of its own: the voice `pocket` on five short chunks."""
    place = Workspace(project=str(tmp_path), data=str(tmp_path / "data"))
    write_voice(place)
    write_chunks(place, {f"chunk_00{n}.txt": scene(n) for n in range(1, 6)})
    return place


@pytest.fixture
def voice(workspace: Workspace) -> VoiceConfig:
    """The configuration of that project's voice."""
    return workspace.voice(VOICE)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that is gone after the test."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@dataclass(frozen=True)
class Made:
    """What one run of the whole pipeline left."""

    workspace: Workspace
    instance: dg.DagsterInstance
    result: dg.ExecuteInProcessResult


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The voice pipeline, run once on a persistent instance; for reading only."""
    root, home = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("home")
    (home / "dagster.yaml").write_bytes((PROJECT / "configs" / "dagster.yaml").read_bytes())
    workspace = Workspace(project=str(root), data=str(root / "data"))
    write_voice(workspace, **SMALL_RECIPE)
    write_chunks(workspace, author_chunks())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        result = run_job(workspace, list(UPSTREAM), instance)
        assert result.success, failures(result)
        yield Made(workspace, instance, result)


@pytest.fixture
def copy(made: Made, tmp_path: Path) -> Workspace:
    """What the pipeline made, to be changed."""
    shutil.copytree(made.workspace.project, tmp_path, dirs_exist_ok=True)
    return Workspace(project=str(tmp_path), data=str(tmp_path / "data"))
