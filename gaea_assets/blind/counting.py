"""From the files of a reading to its result, if it may be opened."""

from typing import Any

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.looks import take_look
from gaea_assets.blind.plan import read_plan, require_settings
from gaea_assets.blind.result import evaluate
from gaea_assets.blind.sample import take_sample
from gaea_assets.blind.votes import read_votes
from gaea_assets.config import Blind
from gaea_assets.errors import GaeaError


def count_votes(files: ReadingFiles, voice: str, settings: Blind) -> dict[str, Any]:
    """The result of a reading as JSON values.

    Args:
        files: The reading's files, of the model that is judged.
        voice: The voice's name.
        settings: As the voice's configuration has them now.

    Raises:
        GaeaError: Votes are missing or of another model, or the settings or the key are not what they were.
    """
    plan = read_plan(files)
    if plan is None:
        others = sorted(path.name for path in files.folder.glob("*.votes.jsonl") if path != files.votes)
        told = f"; votes on other models or seeds do not count ({', '.join(others)})" if others else ""
        raise GaeaError(
            f"{files.folder}: nobody has read the model {files.model[:12]} yet, so all {settings.votes} votes are "
            f"missing{told}; run `gaea blind {voice}`"
        )
    require_settings(plan, settings, files)
    found = read_votes(files.votes, plan)
    sample = take_sample(plan, found.votes, settings.votes)
    if sample.missing:
        out = ", ".join(reader.name for reader in sample.left_out)
        told = f" (left out, having failed the attention checks: {out})" if out else ""
        raise GaeaError(
            f"{files.votes}: {sample.missing} of {settings.votes} votes are missing{told}; run `gaea blind {voice}`"
        )
    return evaluate(plan, sample, take_look(files, plan, settings.votes)) | {"faults": list(found.faults)}
