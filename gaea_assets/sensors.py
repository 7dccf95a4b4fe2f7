"""Sensors: what the author does in `data/raw`, noticed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg

from gaea_assets.assets.common import VOICES
from gaea_assets.automation import NO_RETRIES, data_assets
from gaea_assets.config import voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import made_from
from gaea_assets.manuscript.reading import files_of
from gaea_assets.resources import Workspace
from gaea_assets.store import digest, read_provenance

INTERVAL = 60
"""Seconds between two looks; files that rest so long are no longer being copied."""
NOT_FILES = ("sizes", "code")
"""What `raw_chunks` is made from besides the author's files."""


@dataclass(frozen=True)
class Seen:
    """How a voice's manuscript was at the last look."""

    fingerprint: str
    read: bool = False
    """Whether it has been read in this state, and compared with what `raw_chunks` was made from."""


@dg.sensor(job=data_assets, minimum_interval_seconds=INTERVAL, default_status=dg.DefaultSensorStatus.STOPPED)
def changed_manuscripts(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
    """Each minute: one run of the data assets for each voice whose manuscript is new or has changed."""
    now: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name in voice_names(workspace.voices):
        try:
            now[name] = fingerprint(_files(workspace, name))
        except (GaeaError, OSError) as error:
            faults[name] = str(error)
            now[name] = digest(str(error))  # so that a fault that stays is logged once
    seen, resting = next_look(load_cursor(context.cursor), now)
    requests = []
    for name in resting:
        if name in faults:
            context.log.warning(f"the manuscript of the voice {name} is passed over: {faults[name]}")
            continue
        try:
            key = _new_state(workspace, name)
        except (GaeaError, OSError) as error:
            faults[name] = str(error)
            seen[name] = replace(seen[name], read=False)
            context.log.warning(f"the manuscript of the voice {name} is passed over, to be read again: {error}")
            continue
        if key:
            requests.append(dg.RunRequest(run_key=f"{name}:{key}", partition_key=name, tags=NO_RETRIES))
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else _why_not(seen, faults),
        cursor=json.dumps({name: asdict(state) for name, state in seen.items()}),
    )


def next_look(seen: Mapping[str, Seen], now: Mapping[str, str]) -> tuple[dict[str, Seen], list[str]]:
    """What to remember, and the voices to be read: those that are as they were at the last look, and unread.

    Args:
        seen: Each voice at the last look.
        now: Fingerprint of each voice's files; voices that are not in it are forgotten.
    """
    resting = [name for name, found in now.items() if seen.get(name) == Seen(found)]
    remembered = {
        name: Seen(found, read=name in resting or seen.get(name) == Seen(found, read=True))
        for name, found in now.items()
    }
    return remembered, resting


def load_cursor(cursor: str | None) -> dict[str, Seen]:
    """Each voice at the last look; empty where there was none, or it is not readable as such."""
    try:
        return {
            name: Seen(str(state["fingerprint"]), state["read"] is True)
            for name, state in json.loads(cursor or "{}").items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def fingerprint(files: Iterable[Path]) -> str:
    """Hash of the files' paths, sizes and times of change: another one whenever they may have changed."""
    states = [(str(path), path.stat()) for path in files]
    return digest([[path, state.st_size, state.st_mtime_ns] for path, state in states])


def _files(workspace: Workspace, name: str) -> list[Path]:
    if not VOICES.has_partition_key(name):
        raise GaeaError(f"{workspace.voices / name}.yaml: a new voice; reload the code location to make it known")
    found = files_of(workspace.manuscripts(workspace.voice(name)))
    return [path for files in found.values() for path in files]


def _new_state(workspace: Workspace, name: str) -> str | None:
    """A key for the state of the files, or None where `raw_chunks` was made from them as they are."""
    made = read_provenance(workspace.place("raw_chunks", name))
    before = _of_files(made.made_from) if made else None
    now = _of_files(made_from("raw_chunks", workspace, workspace.voice(name)))
    if now == before:
        return None
    # Dagster starts one run for a key, ever. An author who takes an edit back wants a run for a state that has had one.
    return digest([now, before, made.made_at if made else None])


def _of_files(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key not in NOT_FILES}


def _why_not(seen: Mapping[str, Seen], faults: Mapping[str, str]) -> str:
    settling = [name for name, state in seen.items() if not state.read and name not in faults]
    told = [f"new or changed, but perhaps still being copied: {', '.join(settling)}"] if settling else []
    told += [f"passed over: {name} ({fault})" for name, fault in faults.items()]
    unchanged = [name for name in seen if name not in settling and name not in faults]
    if unchanged:
        told.insert(0, f"unchanged: {', '.join(unchanged)}")
    return "; ".join(told) or "there are no voices"
