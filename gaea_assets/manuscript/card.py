"""The dataset card: what a reader of the files must know."""

from collections.abc import Sequence

import numpy as np

from gaea_assets.config import VoiceConfig
from gaea_assets.manuscript.examples import Example


def dataset_card(
    voice: VoiceConfig, train: Sequence[Example], validation: Sequence[Example], left_out: Sequence[str]
) -> str:
    """A Hugging Face-style `README.md` for the two files.

    Args:
        voice: Whose dataset it is.
        train: Training examples.
        validation: Held-out examples.
        left_out: Names of chunks that no prompt could be cut from.
    """
    share = f"{voice.dataset.prompt_share_min:.0%} to {voice.dataset.prompt_share_max:.0%}"
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
---
# {voice.name}: prefix-completion examples

Each row is one chunk of the manuscript: the user message is its first {share} of the words, cut at a sentence
end; the assistant message is the rest, to the letter (leading white space belongs to it). No system message.
The loss is on the assistant message only. `ends_scene` is false where the next row goes on with the same
scene, and no end-of-text token follows there. Parts of one chunk (`chunk`) are on one side of the split.

Tokens are counted in the vocabulary of {voice.base.model}, marks included; every row has fewer than
{voice.dataset.max_tokens}.

| | examples | words | tokens | mean tokens | max tokens |
|---|---|---|---|---|---|
{_row("train", train)}
{_row("validation", validation)}

Validation chunks: {", ".join(e.id for e in validation)} (seed {voice.dataset.seed}).
Left out, since no sentence ends where the prompt may end: {", ".join(left_out) or "none"}.

Axolotl reads the files with `type: chat_template`, `field_messages: messages` (it trims the messages).
"""


def _row(name: str, examples: Sequence[Example]) -> str:
    tokens = [example.tokens for example in examples]
    words = sum(len((example.prompt + example.completion).split()) for example in examples)
    return f"| {name} | {len(examples)} | {words:,} | {sum(tokens):,} | {np.mean(tokens):.0f} | {max(tokens)} |"
