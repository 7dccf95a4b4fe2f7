"""A manuscript's chunks as a table: one row a chunk, with its tags."""

from collections.abc import Sequence
from itertools import groupby

import pandas as pd

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.tags.tagging import tag_chunks


def chunk_table(chunks: Sequence[Chunk]) -> pd.DataFrame:
    """One row a chunk: text, source, counts and tags (`tags.Tags`; `names` joined by commas).

    Args:
        chunks: Those of one manuscript together: it decides what is a name.
    """
    tags = [
        tag
        for _, group in groupby(chunks, key=lambda chunk: chunk.manuscript)
        for tag in tag_chunks([chunk.text for chunk in group])
    ]
    return pd.DataFrame(
        {
            "chunk": [chunk.name for chunk in chunks],
            "manuscript": [chunk.manuscript for chunk in chunks],
            "source": [chunk.source for chunk in chunks],
            "chapter": [chunk.chapter for chunk in chunks],
            "text": [chunk.text for chunk in chunks],
            "words": [chunk.words for chunk in chunks],
            "person": [tag.person for tag in tags],
            "pov": [tag.pov or "" for tag in tags],
            "scene_type": [tag.scene_type for tag in tags],
            "tension": [round(tag.tension, 2) for tag in tags],
            "dialogue_share": [round(tag.dialogue_share, 2) for tag in tags],
            "names": [", ".join(tag.names) for tag in tags],
        }
    )
