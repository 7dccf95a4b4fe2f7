"""What both models write from the same prompts: held-out passages of the author, and the author's own."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from gaea_assets.base.encoder import Encoder
from gaea_assets.config import Evaluation
from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.paragraphs import paragraphs
from gaea_assets.manuscript.sentences import sentence_ends
from gaea_assets.serving.generator import Generator, Sampling


@dataclass(frozen=True)
class Prompt:
    """Something to continue."""

    id: str
    text: str
    reference: str | None
    """How the author went on; None for an opening that is only to be read."""


@dataclass(frozen=True)
class Continuation:
    """What a model wrote from a prompt."""

    prompt_id: str
    prompt: str
    text: str
    ended: bool


def heldout_prompts(validation: Sequence[Example], settings: Evaluation) -> list[Prompt]:
    """Cut the held-out examples into passages; the beginning of each is the prompt, the rest the reference.

    Several passages an example, since a few chunks alone would be too few prompts to tell chance from style.
    """
    prompts = []
    for example in validation:
        for number, passage in enumerate(_passages(example.text, settings.passage_words)):
            end = _prompt_end(passage, settings.prompt_words)
            if end is not None:
                prompts.append(Prompt(f"{example.id}-{number + 1}", passage[:end], passage[end:].strip()))
    return prompts


def openings(settings: Evaluation) -> list[Prompt]:
    """The openings of the user's own that the configuration names."""
    return [Prompt(f"opening-{i + 1}", text, None) for i, text in enumerate(settings.prompts)]


def continue_all(
    prompts: Sequence[Prompt], generator: Generator, encoder: Encoder, settings: Evaluation
) -> list[Continuation]:
    """Let a model continue each prompt `samples_per_prompt` times; the same seeds for every model."""
    wanted = [prompt for prompt in prompts for _ in range(settings.samples_per_prompt)]
    sampling = Sampling(settings.max_new_tokens, settings.temperature, settings.top_p, settings.seed)
    generations = generator.generate([encoder.prompt_ids(prompt.text) for prompt in wanted], sampling)
    return [
        Continuation(prompt.id, prompt.text, generation.text, generation.ended)
        for prompt, generation in zip(wanted, generations, strict=True)
    ]


def write_continuations(continuations: Sequence[Continuation], path: Path) -> None:
    """One a line, as JSON."""
    path.write_text("".join(json.dumps(asdict(c), ensure_ascii=False) + "\n" for c in continuations), "utf-8")


def read_continuations(path: Path) -> list[Continuation]:
    """The continuations of a file that `write_continuations` made."""
    return [Continuation(**json.loads(line)) for line in path.read_text("utf-8").split("\n") if line]


def _passages(text: str, words: int) -> list[str]:
    """Runs of whole paragraphs of at least `words` words, as they stand; a short rest joins the last."""
    starts, count = [0], 0
    for paragraph in paragraphs(text):
        if count >= words:
            starts.append(paragraph.start)
            count = 0
        count += len(paragraph.text.split())
    if len(starts) > 1 and count < words / 2:
        starts.pop()
    return [text[start:end].strip("\n") for start, end in pairwise([*starts, len(text)])]


def _prompt_end(passage: str, words: int) -> int | None:
    """Offset of the sentence end nearest to the wanted number of words."""
    ends = [end for end in sentence_ends(passage) if passage[end:].strip()]
    return min(ends, key=lambda end: abs(len(passage[:end].split()) - words), default=None)
