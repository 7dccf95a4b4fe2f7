"""The examples that a trainer reads."""

import dagster as dg
import pandas as pd

from gaea_assets.assets.chunks import split_chunks
from gaea_assets.assets.common import VOICES, faults_in_one_line, materialised
from gaea_assets.checks.gates import require_passed
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import CODE_VERSION, made_from, require_current
from gaea_assets.manuscript.card import dataset_card
from gaea_assets.manuscript.chunk import chunk_number
from gaea_assets.manuscript.examples import Example, Piece, make_example, split_by_chunk, write_jsonl
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
        made: list[Example] = []
        left_out: list[str] = []
        for row in table.to_dict("records"):
            piece = Piece(row["part"], f"{chunk_number(row['chunk']):03d}", row["text"], row["ends_scene"])
            example = make_example(piece, encoder, settings.prompt_share_min, settings.prompt_share_max)
            if example is None:
                left_out.append(piece.name)
                context.log.warning(
                    f"chunk {piece.name} is left out: no sentence of it ends between "
                    f"{settings.prompt_share_min:.0%} and {settings.prompt_share_max:.0%} of its words"
                )
            else:
                made.append(example)
        if not made:
            raise GaeaError("dataset.prompt_share_max: no chunk has a sentence that ends within the shares; widen them")
        train, validation = split_by_chunk(made, settings.validation_share, settings.seed)
        inputs = made_from("prefix_completion_dataset", workspace, voice)
        with new_folder(workspace.place("prefix_completion_dataset", voice.name), inputs) as folder:
            write_jsonl(train, folder / "train.jsonl")
            write_jsonl(validation, folder / "validation.jsonl")
            (folder / "README.md").write_text(dataset_card(voice, train, validation, left_out), "utf-8")
        tokens = pd.Series([example.tokens for example in made])
        return materialised(
            "prefix_completion_dataset",
            workspace,
            voice.name,
            {
                "dagster/row_count": len(made),
                "train_examples": len(train),
                "validation_examples": len(validation),
                "left_out": len(left_out),
                "train_tokens": sum(example.tokens for example in train),
                "max_tokens": int(tokens.max()),
                "mean_tokens": float(tokens.mean()),
                "preview": dg.MetadataValue.md(_preview(train[:3])),
            },
        )


def _preview(examples: list[Example]) -> str:
    """The prompt in full and the beginning of the completion."""
    return "\n\n---\n\n".join(
        f"**{e.id}** ({e.tokens} tokens)\n\n> {_quoted(e.prompt)}\n\n{e.completion.strip()[:300]} ..." for e in examples
    )


def _quoted(text: str) -> str:
    return text.replace("\n", "\n> ")
