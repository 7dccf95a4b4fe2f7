"""The manuscript as chunks, then without oversized ones."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import zip_longest

import dagster as dg
import pandas as pd

from gaea_assets.assets.common import VOICES, faults_in_one_line, materialised
from gaea_assets.checks.gates import require_passed
from gaea_assets.lineage import CODE_VERSION, made_from, require_current
from gaea_assets.manuscript.documents.repairs import Repair
from gaea_assets.manuscript.reading import read_manuscripts
from gaea_assets.manuscript.segmenting import SegmentLimits
from gaea_assets.manuscript.splitting import Limits, broken_rules, split_chunk
from gaea_assets.manuscript.table import chunk_table
from gaea_assets.manuscript.tags.scene_type import TYPES
from gaea_assets.manuscript.tags.themes import themes
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder
from gaea_assets.verdict import listed

LISTED = 200
"""Rows of the table of chunks on an asset's page, which keeps every materialisation's."""
CUT_TOKENS = 2
"""What cutting a part into prompt and completion can add: a full stop and the line ends behind it may be one token."""


@dg.asset(partitions_def=VOICES, kinds={"pandas"}, code_version=CODE_VERSION["raw_chunks"])
def raw_chunks(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """The author's chunks as a table: chunk files as they stand, or documents cut into scenes."""
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        sizes = SegmentLimits.between(voice.manuscript.min_words, voice.manuscript.max_words)
        # Taken before reading: a file edited meanwhile must not count as read.
        inputs = made_from("raw_chunks", workspace, voice)
        manuscript = read_manuscripts(workspace.manuscripts(voice), sizes)
        for repair in manuscript.repairs:
            if repair.warning:
                context.log.warning(f"{repair.source}: {repair.what}")
        table = chunk_table(manuscript.chunks)
        with new_folder(workspace.place("raw_chunks", voice.name), inputs) as folder:
            table.to_parquet(folder / "chunks.parquet", index=False)
        figures = _sizes(table) | _tags(table) | _repairs(manuscript.repairs)
        figures["passed_over"] = dg.MetadataValue.text(listed(manuscript.passed_over, LISTED) or "nothing")
        if voice.manuscript.others:
            figures["manuscripts"] = dg.MetadataValue.md(_balance(table, voice.manuscript.weights))
        return materialised("raw_chunks", workspace, voice.name, figures)


@dg.asset(deps=[raw_chunks], partitions_def=VOICES, kinds={"pandas"}, code_version=CODE_VERSION["split_chunks"])
def split_chunks(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """The chunks, oversized ones split where the narrative turns; the parts concatenate to the chunk."""
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        require_current("raw_chunks", workspace, voice)
        require_passed("raw_chunks", workspace, voice)
        inputs = made_from("split_chunks", workspace, voice)
        encoder = workspace.encoder(voice)
        marks = encoder.count_example("", "", ends_scene=True)
        budget = voice.dataset.max_tokens - 1 - marks - CUT_TOKENS
        count = cache(encoder.count)  # most chunks stay whole, and are asked for again
        limits = Limits(voice.manuscript.max_words, voice.manuscript.min_part_words, budget)
        rows = []
        broken: list[str] = []
        chunks = workspace.chunks(voice.name)
        types = workspace.table("raw_chunks", voice.name)["scene_type"]
        for chunk, following, scene_type in zip_longest(chunks, chunks[1:], types):
            # Parts that the author has split go on in the next file.
            goes_on = following is not None and following.whole == chunk.whole
            parts = split_chunk(chunk, limits, count)
            broken += broken_rules(parts, limits)
            for part in parts:
                rows.append(
                    {
                        "part": part.name,
                        "chunk": chunk.name,
                        "manuscript": chunk.manuscript,
                        "scene_type": scene_type,
                        "text": part.text,
                        "words": part.words,
                        "tokens": marks + count(part.text),
                        "ends_scene": part is parts[-1] and not goes_on,
                    }
                )
        table = pd.DataFrame(rows)
        with new_folder(workspace.place("split_chunks", voice.name), inputs) as folder:
            table.to_parquet(folder / "chunks.parquet", index=False)
        split = table[table["part"] != table["chunk"]]
        figures = _sizes(table) | {
            "split_chunks": int(split["chunk"].nunique()),
            "max_tokens": int(table["tokens"].max()),
            "mean_tokens": float(table["tokens"].mean()),
            "splits": dg.MetadataValue.md(split[["part", "words", "tokens"]].to_markdown(index=False)),
            "broken_rules": dg.MetadataValue.md("\n".join(f"- {line}" for line in broken) or "none"),
        }
        return materialised("split_chunks", workspace, voice.name, figures)


def _balance(table: pd.DataFrame, weights: Mapping[str, float]) -> str:
    """Each manuscript's share of the words, as read and as an epoch shows them."""
    told = table.groupby("manuscript", sort=False).agg(chunks=("chunk", "size"), words=("words", "sum"))
    told["weight"] = [weights[name] for name in told.index]
    shown = told["words"] * told["weight"]
    told["share"] = (told["words"] / told["words"].sum()).map("{:.0%}".format)
    told["share of an epoch"] = (shown / shown.sum()).map("{:.0%}".format)
    return str(told.to_markdown())


def _tags(table: pd.DataFrame) -> dict[str, dg.MetadataValue | int | float]:
    """Shares of chunks by scene type, as numbers that plot over time, and the manuscript's themes."""
    shares = table["scene_type"].value_counts(normalize=True)
    found = themes(list(table["text"]))
    listed = [f"**{kind}s**: " + ", ".join(t.word for t in found if t.kind == kind) for kind in ("word", "name")]
    return {
        **{f"{kind}_share": float(shares.get(kind, 0.0)) for kind in TYPES},
        "tension": float(table["tension"].mean()),
        "themes": dg.MetadataValue.md("\n\n".join(listed)),
    }


def _repairs(repairs: Sequence[Repair]) -> dict[str, dg.MetadataValue | int | float]:
    told = "\n".join(f"- {r.source}{f', line {r.line}' if r.line else ''}: {r.what}" for r in repairs)
    return {"repairs": len(repairs), "repaired": dg.MetadataValue.md(told or "nothing")}


def _sizes(table: pd.DataFrame) -> dict[str, dg.MetadataValue | int | float]:
    columns = [name for name in table.columns if name != "text"]
    shown = table.head(LISTED)
    preview = shown[columns].assign(begins=shown["text"].str.slice(0, 60).str.replace(r"\s+", " ", regex=True))
    more = f"\n\n{len(table) - LISTED} more in chunks.parquet" if len(table) > LISTED else ""
    return {
        "dagster/row_count": len(table),
        "words": int(table["words"].sum()),
        "mean_words": float(table["words"].mean()),
        "min_words": int(table["words"].min()),
        "max_words": int(table["words"].max()),
        "chunks": dg.MetadataValue.md(preview.to_markdown(index=False) + more),
    }
