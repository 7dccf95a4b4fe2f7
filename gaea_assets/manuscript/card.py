"""The dataset card: what a reader of the files must know."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from gaea_assets import charts
from gaea_assets.config import VoiceConfig
from gaea_assets.finetune.cost import UTILISATION
from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.proportions import held_out_table

LONG = 4000
"""Tokens above which a chunk is near the limit of 4,096."""


@dataclass(frozen=True)
class Sizes:
    """Words and tokens, marks included, of each chunk, before or after splitting."""

    words: Sequence[int]
    tokens: Sequence[int]


@dataclass(frozen=True)
class Split:
    """A dataset's two sides.

    Attributes:
        train: Training examples, as often as an epoch shows them.
        validation: Held-out examples.
        left_out: Names of chunks that no prompt could be cut from.
        sharing: Names of chunks that share passages, and are trained on for that.
        unshown: Training examples that no epoch shows, by their manuscript's weight.
    """

    train: Sequence[Example]
    validation: Sequence[Example]
    left_out: Sequence[str]
    sharing: Sequence[str] = ()
    unshown: Sequence[Example] = ()

    @property
    def once(self) -> list[Example]:
        """The training examples, each once, in no order."""
        return list({example.id: example for example in (*self.train, *self.unshown)}.values())


def dataset_card(voice: VoiceConfig, split: Split, read: Sizes, parts: Sizes, seconds: Mapping[str, float]) -> str:
    """A Hugging Face-style `README.md`; the drawings it shows are `histograms`.

    Args:
        voice: Whose dataset it is.
        split: What the two files hold.
        read: The chunks as they were read.
        parts: The chunks after oversized ones were split.
        seconds: Expected training time of one epoch, by device.
    """
    share = f"{voice.dataset.prompt_share_min:.0%} to {voice.dataset.prompt_share_max:.0%}"
    times = "; ".join(f"{_duration(count)} on {device}" for device, count in seconds.items())
    return f"""---
configs:
- config_name: default
  data_files:
  - split: train
    path: train.jsonl
  - split: validation
    path: validation.jsonl
task_categories:
- text-generation
language:
- {voice.manuscript.language}
---
# {voice.name}: prefix-completion examples

Each row is one chunk of the manuscript: the user message is its first {share} of the words, cut at a sentence
end; the assistant message is the rest, to the letter (leading white space belongs to it). No system message.
The loss is on the assistant message only. `ends_scene` is false where the next row goes on with the same
scene, and no end-of-text token follows there. `chunk` names the chunk; its parts are on one side of the split,
but those of a chunk of more than three parts and more than twice the validation share: each of them counts as a chunk.

Tokens are counted in the vocabulary of {_model(voice)}, marks included; every row has fewer than
{voice.dataset.max_tokens:,}.

## The chunks, before and after splitting
| | chunks | words | words each: least, mean, most | tokens each: mean, most | above {LONG:,} tokens |
|---|---|---|---|---|---|
{_sizes("as read", read)}
{_sizes("after splitting", parts)}

![Words a chunk](words.svg)
![Tokens a chunk](tokens.svg)

## The two sides
| | examples | words | tokens | mean tokens | max tokens |
|---|---|---|---|---|---|
{_row("train", split.train)}
{_row("validation", split.validation)}

Validation: {", ".join(e.id for e in split.validation)} (`dataset.seed` {voice.dataset.seed}).
Left out, since no sentence ends where the prompt may end: {", ".join(split.left_out) or "none"}.
Never held out, since they share passages with another chunk: {", ".join(split.sharing) or "none"}.

Held out of all examples, of each scene type and of each manuscript, as near to the share wanted as whole chunks come:

{held_out_table(split.once, split.validation, voice.dataset.validation_share)}

What the two files hold:

{_shares("scene type", [e.scene_type for e in split.train], [e.scene_type for e in split.validation])}
{_manuscripts(voice, split)}
## Training time
One epoch is {sum(e.tokens for e in split.train):,} tokens: {times}. Estimated from the model's
size, computed the fastest way that fits the device, at {100 * UTILISATION:.0f} % of its peak.

## Other trainers
Axolotl reads the files with `type: chat_template`, `field_messages: messages` and the `chat_template.jinja` beside them
(its built-in `llama3` trims the messages); it puts an end mark after every row, also where `ends_scene` is false.
"""


def histograms(read: Sizes, parts: Sizes, max_words: int, max_tokens: int) -> dict[str, str]:
    """By file name, SVG drawings of the chunks' words and tokens before and after splitting.

    Args:
        read: The chunks as they were read.
        parts: The chunks after oversized ones were split.
        max_words: Most words of a chunk.
        max_tokens: Every example has fewer tokens.
    """
    return {
        f"{what}.svg": charts.histogram(
            {"as read": getattr(read, what), "after splitting": getattr(parts, what)}, f"{what} a chunk", limit
        )
        for what, limit in (("words", max_words), ("tokens", max_tokens))
    }


def _model(voice: VoiceConfig) -> str:
    """The base model as configured; of a folder somewhere on this machine its own name."""
    model = PurePath(voice.base.model)
    return model.name if model.is_absolute() or ".." in model.parts or "~" in model.parts else voice.base.model


def _sizes(name: str, sizes: Sizes) -> str:
    words, tokens = np.asarray(sizes.words), np.asarray(sizes.tokens)
    return (
        f"| {name} | {len(words)} | {words.sum():,} | {words.min():,}, {words.mean():,.0f}, {words.max():,} | "
        f"{tokens.mean():,.0f}, {tokens.max():,} | {(tokens > LONG).sum()} |"
    )


def _row(name: str, examples: Sequence[Example]) -> str:
    tokens = [example.tokens for example in examples]
    words = sum(len(example.text.split()) for example in examples)
    return f"| {name} | {len(examples)} | {words:,} | {sum(tokens):,} | {np.mean(tokens):,.0f} | {max(tokens):,} |"


def _shares(what: str, train: Sequence[str], validation: Sequence[str]) -> str:
    rows = "\n".join(
        f"| {kind} | {_share(train.count(kind), len(train))} | {_share(validation.count(kind), len(validation))} |"
        for kind in sorted({*train, *validation})
    )
    return f"| {what} | train | validation |\n|---|---|---|\n{rows}\n"


def _share(count: int, total: int) -> str:
    return f"{count} ({count / max(1, total):.0%})"


def _manuscripts(voice: VoiceConfig, split: Split) -> str:
    weights = voice.manuscript.weights
    if len(weights) < 2:
        return ""
    told = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    unshown = ", ".join(example.id for example in split.unshown)
    return (
        "\n"
        + _shares("manuscript", _named(split.train), _named(split.validation))
        + "\n"
        + _balance(list(weights), [*split.once, *split.validation], split.train)
        + f"\nWeights, by which an epoch shows a manuscript's training examples more than once or in part: {told}.\n"
        + f"In neither file, since their manuscript's weight leaves them out: {unshown or 'none'}.\n"
    )


def _balance(manuscripts: Sequence[str], examples: Sequence[Example], shown: Sequence[Example]) -> str:
    """Each manuscript's words and share: in all examples, and in what an epoch shows."""
    counts = [Counter[str](), Counter[str]()]
    for count, side in zip(counts, (examples, shown), strict=True):
        for example in side:
            count[example.manuscript] += len(example.text.split())
    rows = "\n".join(f"| {name} | {' | '.join(_words(count, name) for count in counts)} |" for name in manuscripts)
    return f"| manuscript | words of its examples | words an epoch |\n|---|---|---|\n{rows}\n"


def _words(count: Counter[str], name: str) -> str:
    return f"{count[name]:,} ({count[name] / max(1, count.total()):.0%})"


def _named(examples: Iterable[Example]) -> list[str]:
    return [example.manuscript for example in examples]


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "under a second"
    if seconds < 120:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} minutes" if seconds < 7200 else f"about {seconds / 3600:.1f} hours"
