"""Small projects for the tests to work in: a voice file, a manuscript, hand-made outputs."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from gaea_assets.config import VoiceConfig
from gaea_assets.definitions import build_defs
from gaea_assets.lineage import UPSTREAM, made_from
from gaea_assets.resources import PROJECT, Workspace
from gaea_assets.store import new_folder

VOICE = "pocket"
"""A name that is a partition key; what its file says is each test's own."""
BASE = PROJECT / "data" / "pocket_base"
PLACES = (
    "quay",
    "granary",
    "wall",
    "ferry",
    "orchard",
    "mill",
    "tower",
    "market",
    "weir",
    "garden",
    "chapel",
    "bridge",
)
THINGS = ("lamps", "ropes", "gulls", "nets", "bells", "coins", "jars", "crates", "keys", "oars", "boats", "letters")
PEOPLE = ("warden", "pilot", "widow", "clerk", "baker", "smith", "child", "captain", "weaver", "priest", "sailor")
DEEDS = ("count", "carry", "hide", "watch", "follow", "sort", "bury", "weigh", "mend", "open", "polish", "steal")
SENTENCES = (
    "You {} {} near the {} {}.",
    "The {} and {} {} your {}.",
    "Past {} and {} you {} {}.",
    "{} {} {}, and the {} {} frighten you.",
)


def scene(number: int, paragraphs: int = 8) -> str:
    """Prose of about 32 words a paragraph, different for each number: no two scenes share eight words in a row."""
    r = random.Random(number)
    words = [*PLACES, *THINGS, *PEOPLE, *DEEDS]

    def sentence() -> str:
        return r.choice(SENTENCES).format(*r.sample(words, 5)).capitalize()

    return "\n\n".join(" ".join(sentence() for _ in range(4)) for _ in range(paragraphs))


def write_chunks(workspace: Workspace, chunks: Mapping[str, str | bytes]) -> Path:
    """Put the files of the manuscript `book` there, and nothing else."""
    folder = Path(workspace.data) / "raw" / "book"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in chunks.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def workspace_class(workspace: Workspace) -> type[Workspace]:
    """What to put in `resources.Workspace`'s place for a command to work on this project: a class, for annotations."""

    class Here(Workspace):
        project: str = workspace.project
        data: str = workspace.data

    return Here


def write_voice(workspace: Workspace, **sections: Mapping[str, Any]) -> VoiceConfig:
    """Write the voice file; sections given are laid over the smallest that is valid."""
    fields: dict[str, Any] = {"manuscript": {"folder": "book"}, "base": {"model": str(BASE)}}
    for name, section in sections.items():
        fields[name] = {**fields.get(name, {}), **section}
    workspace.voices.mkdir(parents=True, exist_ok=True)
    (workspace.voices / f"{VOICE}.yaml").write_text(yaml.safe_dump(fields), "utf-8")
    return workspace.voice(VOICE)


def put(workspace: Workspace, asset: str, files: Mapping[str, Any], inputs: Mapping[str, Any] | None = None) -> Path:
    """A finished output folder with hand-made files; what is not text or bytes is written as JSON."""
    place = workspace.place(asset, VOICE)
    with new_folder(place, inputs or {}) as folder:
        for name, value in files.items():
            content = value if isinstance(value, (str, bytes)) else json.dumps(value)
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def put_chain(workspace: Workspace, voice: VoiceConfig, *assets: str) -> None:
    """The assets (all, unless named) as if they had been made one from another just now."""
    for asset in assets or UPSTREAM:
        put(workspace, asset, {"made.txt": asset}, made_from(asset, workspace, voice))


def run_job(
    workspace: Workspace,
    assets: list[str],
    instance: dg.DagsterInstance | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dg.ExecuteInProcessResult:
    """Materialise assets of the voice with their checks, as the UI does."""
    defs = build_defs({"workspace": workspace, **(overrides or {})})
    return defs.resolve_job_def("voice_pipeline").execute_in_process(
        instance=instance,
        partition_key=VOICE,
        asset_selection=[dg.AssetKey(asset) for asset in assets],
        run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        raise_on_error=False,
    )


def failures(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Failed steps of a run, each with the description that the UI shows."""
    found = {}
    for event in result.all_events:
        if event.is_step_failure and event.step_key:
            data = event.step_failure_data.user_failure_data
            found[event.step_key] = (data.description or "") if data else f"unexplained: {event.message}"
    return found


def author_chunks(count: int = 8) -> dict[str, str]:
    """Short chunks of the sample manuscript, cut at paragraph ends; the second is oversized."""
    files = sorted((PROJECT / "data" / "raw" / "visions_of_gaea").glob("chunk_*.txt"))[:count]
    return {
        path.name: first_words(path.read_text("utf-8"), 480 if number == 2 else 180)
        for number, path in enumerate(files, start=1)
    }


def first_words(text: str, words: int) -> str:
    """Whole paragraphs from the beginning, at least so many words."""
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        if sum(len(p.split()) for p in kept) >= words:
            break
        kept.append(paragraph)
    return "\n\n".join(kept)


SMALL_RECIPE: dict[str, Mapping[str, Any]] = {
    # Shares wide enough for the paragraphs of any manuscript.
    "manuscript": {"min_words": 200, "max_words": 400, "min_part_words": 100},
    "dataset": {"prompt_share_min": 0.02, "prompt_share_max": 0.25, "validation_share": 0.3},
    "training": {
        "rank": 4,
        "alpha": 8,
        "learning_rate": 5e-3,
        "epochs": 2,
        "accumulation": 2,
        "gradient_checkpointing": False,
    },
    "evaluation": {"passage_words": 100, "prompt_words": 20, "samples_per_prompt": 2, "max_new_tokens": 100},
    "serving": {"engine": "transformers"},
}
"""The whole pipeline in a minute: nine examples, no good voice."""
