"""Chunks to prefix-completion examples, and their files."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from gaea_assets.base.encoder import Encoder
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.sentences import sentence_ends


@dataclass(frozen=True)
class Piece:
    """A chunk, or a part of one, as it goes into the dataset."""

    name: str
    """`015`, or `015a` for a part."""
    chunk: str
    """The chunk it comes from; parts of one chunk stay on one side of the split."""
    text: str
    ends_scene: bool
    """False for a part that the next part continues."""
    scene_type: str = ""
    manuscript: str = ""


@dataclass(frozen=True)
class Example:
    """A prompt and its completion; together exactly the piece's text."""

    id: str
    chunk: str
    prompt: str
    completion: str
    ends_scene: bool
    tokens: int
    """Tokens of the whole example in the base model's vocabulary, marks included."""
    scene_type: str = ""
    manuscript: str = ""

    @property
    def text(self) -> str:
        """The piece it was made of."""
        return self.prompt + self.completion

    def as_row(self) -> dict[str, Any]:
        """The messages form that other trainers read too, without a system message."""
        return {
            "id": self.id,
            "chunk": self.chunk,
            "manuscript": self.manuscript,
            "scene_type": self.scene_type,
            "messages": [
                {"role": "user", "content": self.prompt},
                {"role": "assistant", "content": self.completion},
            ],
            "ends_scene": self.ends_scene,
            "tokens": self.tokens,
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> "Example":
        """The example of a row that `as_row` made."""
        (prompt, completion) = (message["content"] for message in row["messages"])
        return cls(
            id=row["id"],
            chunk=row["chunk"],
            prompt=prompt,
            completion=completion,
            ends_scene=row["ends_scene"],
            tokens=row["tokens"],
            scene_type=row["scene_type"],
            manuscript=row["manuscript"],
        )


def prompt_end(text: str, share_min: float, share_max: float) -> int | None:
    """Offset of the sentence end that lies in the wanted share of the words, nearest to its middle.

    Returns:
        The offset, or None where no sentence ends there.
    """
    total = len(text.split())
    if total < 2:
        return None
    within = islice(re.finditer(r"\S+", text), min(total, int(total * share_max) + 2))
    word_ends = [match.end() for match in within]
    beginning = text[: word_ends[-1]]
    shares = {end: bisect_right(word_ends, end) / total for end in sentence_ends(beginning)}
    fitting = [end for end, share in shares.items() if share_min <= share <= share_max]
    middle = (share_min + share_max) / 2
    return min(fitting, key=lambda end: abs(shares[end] - middle), default=None)


def make_example(piece: Piece, encoder: Encoder, share_min: float, share_max: float) -> Example | None:
    """Cut a piece into prompt and completion; None where no sentence ends within the shares."""
    end = prompt_end(piece.text, share_min, share_max)
    if end is None:
        return None
    prompt, completion = piece.text[:end], piece.text[end:]
    tokens = encoder.count_example(prompt, completion, ends_scene=piece.ends_scene)
    return Example(
        piece.name, piece.chunk, prompt, completion, piece.ends_scene, tokens, piece.scene_type, piece.manuscript
    )


def write_jsonl(examples: Iterable[Example], path: Path) -> None:
    """One row a line, UTF-8."""
    lines = (json.dumps(example.as_row(), ensure_ascii=False) + "\n" for example in examples)
    path.write_text("".join(lines), "utf-8")


def read_jsonl(path: Path) -> list[Example]:
    """The examples of a file that `write_jsonl` made.

    Raises:
        GaeaError: A line is not such a row.
    """
    examples = []
    # Not splitlines(): it also splits at U+2028, which a JSON string may hold.
    lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    for number, line in enumerate(lines if lines != [""] else [], start=1):
        try:
            examples.append(Example.from_row(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise GaeaError(
                f"{path}: line {number}: not an example ({error}); materialise prefix_completion_dataset again"
            ) from None
    return examples
