"""What every asset shares: the voices as partitions, the user's faults as one line, the description of an output."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg

from gaea_assets.config import voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import content
from gaea_assets.resources import PROJECT, Workspace

VOICES = dg.StaticPartitionsDefinition(voice_names(PROJECT / "configs" / "voices"))
ACCELERATOR = "accelerator"
"""Pool of everything that holds a GPU; its limit is in configs/dagster.yaml."""


@contextmanager
def faults_in_one_line() -> Iterator[None]:
    """Turn a fault of the user's into a failure without a traceback that is not tried again."""
    try:
        yield
    except GaeaError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def materialised(asset: str, workspace: Workspace, voice: str, metadata: Mapping[str, Any]) -> dg.MaterializeResult:
    """The result of an asset: where it lies, its figures, and its content as data version."""
    return dg.MaterializeResult(
        metadata={"folder": dg.MetadataValue.path(str(workspace.place(asset, voice))), **metadata},
        data_version=dg.DataVersion(content(asset, workspace, voice)),
    )
