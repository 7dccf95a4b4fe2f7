"""The examples that a trainer reads."""

from collections.abc import Sequence

import dagster as dg
import pandas as pd

from gaea_assets import charts
from gaea_assets.assets.chunks import split_chunks
from gaea_assets.assets.common import VOICES, faults_in_one_line, materialised
from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import read_json
from gaea_assets.checks.gates import require_passed
from gaea_assets.config import Dataset, VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.plan import card_seconds
from gaea_assets.lineage import CODE_VERSION, made_from, require_current
from gaea_assets.manuscript.card import Sizes, Split, dataset_card, histograms
from gaea_assets.manuscript.examples import Example, Piece, make_example, write_jsonl
from gaea_assets.manuscript.sides import sharing_chunks, split_by_chunk, units_held_out, weighted
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder


@dg.asset(
    deps=[split_chunks], partitions_def=VOICES, kinds={"jsonl"}, code_version=CODE_VERSION["prefix_completion_dataset"]
)
def prefix_completion_dataset(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """Each chunk as a prompt (its first 5-10 %) and a completion, in messages form, split by chunk."""
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        require_current("split_chunks", workspace, voice)
        require_passed("split_chunks", workspace, voice)
        encoder, settings = workspace.encoder(voice), voice.dataset
        table = workspace.table("split_chunks", voice.name)
        made, left_out = _examples(table, encoder, settings)
        if left_out:
            context.log.warning(
                f"left out, since no sentence ends between {settings.prompt_share_min:.0%} and "
                f"{settings.prompt_share_max:.0%} of their words: {len(left_out)} chunks, named in the dataset card"
            )
        sharing = sharing_chunks(made)
        once, validation = split_by_chunk(made, settings.validation_share, settings.seed, trained_on=sharing)
        train = weighted(once, voice.manuscript.weights, settings.seed)
        shown = {example.id for example in train}
        unshown = [example for example in once if example.id not in shown]
        split = Split(train, validation, left_out, sharing, unshown)
        read, parts = _sizes_read(workspace, voice, encoder), Sizes(list(table["words"]), list(table["tokens"]))
        drawings = histograms(read, parts, voice.manuscript.max_words, settings.max_tokens)
        seconds = _seconds_an_epoch(workspace, voice, split.train)
        inputs = made_from("prefix_completion_dataset", workspace, voice)
        with new_folder(workspace.place("prefix_completion_dataset", voice.name), inputs) as folder:
            write_jsonl(split.train, folder / "train.jsonl")
            write_jsonl(validation, folder / "validation.jsonl")
            (folder / "README.md").write_text(dataset_card(voice, split, read, parts, seconds), "utf-8")
            # For other trainers; without it they render the base's own template, which may trim the messages.
            (folder / "chat_template.jinja").write_text(encoder.marks.chat_template(), "utf-8")
            for name, drawing in drawings.items():
                (folder / name).write_text(drawing, "utf-8")
        return materialised(
            "prefix_completion_dataset",
            workspace,
            voice.name,
            {
                "dagster/row_count": len(split.train) + len(validation),
                "train_examples": len(split.train),
                "validation_examples": len(validation),
                "left_out": len(left_out),
                "train_tokens": sum(example.tokens for example in split.train),
                "max_tokens": max(example.tokens for example in made),
                "mean_tokens": sum(example.tokens for example in made) / len(made),
                **{f"expected seconds an epoch, {device}": count for device, count in seconds.items()},
                "histograms": dg.MetadataValue.md("\n\n".join(f"![]({charts.data_url(d)})" for d in drawings.values())),
                "preview": dg.MetadataValue.md(_preview(split.train[:3])),
            },
        )


def _examples(table: pd.DataFrame, encoder: Encoder, settings: Dataset) -> tuple[list[Example], list[str]]:
    """The examples, and the chunks that none could be made of."""
    made: list[Example] = []
    left_out: list[str] = []
    units = units_held_out(list(table["part"]), settings.validation_share)
    for row, unit in zip(table.to_dict("records"), units, strict=True):
        piece = Piece(row["part"], unit, row["text"], row["ends_scene"], row["scene_type"], row["manuscript"])
        example = make_example(piece, encoder, settings.prompt_share_min, settings.prompt_share_max)
        if example is None:
            left_out.append(piece.name)
        else:
            made.append(example)
    if not made:
        shares = f"{settings.prompt_share_min:.0%} and {settings.prompt_share_max:.0%}"
        raise GaeaError(
            f"dataset.prompt_share_max: no chunk of {len(table)} (most words: {table['words'].max():,}) has a sentence "
            f"that ends between {shares} of its words; add longer scenes, or widen the shares"
        )
    return made, left_out


def _sizes_read(workspace: Workspace, voice: VoiceConfig, encoder: Encoder) -> Sizes:
    chunks = workspace.chunks(voice.name)
    marks = encoder.count_example("", "", ends_scene=True)
    return Sizes([chunk.words for chunk in chunks], [marks + encoder.count(chunk.text) for chunk in chunks])


def _seconds_an_epoch(workspace: Workspace, voice: VoiceConfig, train: Sequence[Example]) -> dict[str, float]:
    config = read_json(workspace.base(voice), "config.json")
    return card_seconds(config, voice.training, [example.tokens for example in train])


def _preview(examples: Sequence[Example]) -> str:
    """The prompt in full and the beginning of the completion."""
    return "\n\n---\n\n".join(
        f"**{e.id}** ({e.tokens} tokens)\n\n> {_quoted(e.prompt)}\n\n{e.completion.strip()[:300]} ..." for e in examples
    )


def _quoted(text: str) -> str:
    return text.replace("\n", "\n> ")
