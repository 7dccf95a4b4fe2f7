"""From what both models wrote to the plan of a reading."""

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from gaea_assets.blind.cutting import LEAST_WORDS, same_length, up_to_sentence_end
from gaea_assets.blind.plan import FIXED, AttentionRule, Item, Pair, Plan, Writer, with_id
from gaea_assets.config import Blind
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.paragraphs import paragraphs
from gaea_assets.serving.continuations import Continuation, Prompt
from gaea_assets.store import digest

EXCERPTS = 12
EXCERPT_WORDS = 180
"""Longest excerpt, in words."""


def make_plan(
    voice: str,
    model: str,
    settings: Blind,
    language: str,
    training: Mapping[str, str],
    prompts: Sequence[Prompt],
    base: Sequence[Continuation],
    tuned: Sequence[Continuation],
    made_from: Mapping[str, Any],
) -> Plan:
    """Plan a reading; the same arguments give the same plan.

    No text stands in two pairs: one that came back with another partner would give itself away.

    Args:
        voice: The voice's name.
        model: Hash of the merged model.
        settings: Length, shares, seed.
        language: ISO 639-1 code of the texts.
        training: The author's training texts by name, to show the voice.
        prompts: The held-out prompts, with how the author went on.
        base: What the base model wrote, several a prompt.
        tuned: The same of the tuned model.
        made_from: Hashes of the texts, for the record.

    Raises:
        GaeaError: There is nothing to compare.
    """
    rng = random.Random(f"{model} {settings.seed}")  # noqa: S311 - no secret: the same plan again
    excerpts = _excerpts(training, rng)
    pairs, left_out = _pairs(prompts, base, tuned, settings, len(excerpts), rng)
    if not any(pair.kind == "pair" for pair in pairs):
        raise GaeaError(
            f"voice {voice}: no pair of continuations has {LEAST_WORDS} words on both sides (too short: base "
            f"{left_out['base']}, tuned {left_out['tuned']}); raise evaluation.max_new_tokens"
        )
    return with_id(
        Plan(
            id="",
            voice=voice,
            model=model,
            seed=settings.seed,
            votes=settings.votes,
            settings={field: getattr(settings, field) for field in FIXED},
            rule=AttentionRule(),
            made_from=made_from,
            left_out=left_out,
            in_report=max(len(_of(base, prompt)) for prompt in prompts) == 1,
            language=language,
            excerpts=excerpts,
            pairs=pairs,
            items=_items(pairs, f"{model} {settings.seed}"),
        )
    )


def _pairs(
    prompts: Sequence[Prompt],
    base: Sequence[Continuation],
    tuned: Sequence[Continuation],
    settings: Blind,
    excerpts: int,
    rng: random.Random,
) -> tuple[tuple[Pair, ...], dict[str, int]]:
    """The pairs and checks, and how many were left out because a writer wrote too little."""
    written = {prompt.id: list(zip(_of(base, prompt), _of(tuned, prompt), strict=False)) for prompt in prompts}
    samples = [(prompt, number) for prompt in prompts for number in _unseen(len(written[prompt.id]))]
    checks = _checks(samples, settings.checks, rng)
    pairs: list[Pair] = []
    left_out: dict[str, int] = {"base": 0, "tuned": 0, "author": 0}
    for place, (prompt, number) in enumerate(samples):
        of_base, of_tuned = written[prompt.id][number]
        check = (prompt.id, number) in checks
        other: Writer = "author" if check else "tuned"
        cut = same_length(of_base, (prompt.reference or "") if check else of_tuned, settings.words)
        if cut is None:
            left_out["base" if len(of_base.split()) < LEAST_WORDS else other] += 1
            continue
        texts: dict[Writer, str] = {"base": cut[0], other: cut[1]}
        pairs.append(Pair("check" if check else "pair", prompt.id, prompt.text.strip(), place % excerpts, texts))
    return tuple(pairs), left_out


def _unseen(count: int) -> range:
    """Numbers of a prompt's continuations, without the first: the style report shows it with its writer's name."""
    return range(1 if count > 1 else 0, count)


def _of(continuations: Sequence[Continuation], prompt: Prompt) -> list[str]:
    return [c.text for c in continuations if c.prompt_id == prompt.id and c.prompt == prompt.text]


def _checks(samples: Sequence[tuple[Prompt, int]], share: float, rng: random.Random) -> set[tuple[str, int]]:
    """Samples that are shown beside the author's text instead of the tuned model's; at most one a prompt."""
    wanted = math.ceil(len(samples) * share / (1 + share))
    able: dict[str, list[int]] = {}
    for prompt, sample in samples:
        if len((prompt.reference or "").split()) >= LEAST_WORDS:
            able.setdefault(prompt.id, []).append(sample)
    left = max(len(samples) - 1, 0)  # a pair at least
    chosen = rng.sample(sorted(able), min(wanted, len(able), left))
    return {(prompt, rng.choice(able[prompt])) for prompt in chosen}


def _items(pairs: Sequence[Pair], seed: str) -> dict[str, Item]:
    """Each pair both ways round; what an item is called tells neither its pair nor its sides."""
    items = {}
    for index, pair in enumerate(pairs):
        first, second = sorted(pair.texts)
        for a, b in ((first, second), (second, first)):
            items[digest([seed, index, a])[:16]] = Item(index, a, b)
    return dict(sorted(items.items()))


def _excerpts(training: Mapping[str, str], rng: random.Random) -> tuple[str, ...]:
    """Passages of different training texts, each from the beginning of a paragraph to the end of a sentence.

    Raises:
        GaeaError: There is no training text.
    """
    found = []
    for name in rng.sample(sorted(training), len(training)):
        parts = [part for part in paragraphs(training[name]) if not part.is_break]
        counts = [len(part.text.split()) for part in parts]
        starts = [n for n in range(len(parts)) if n == 0 or sum(counts[n:]) >= EXCERPT_WORDS]
        if starts:
            passage = "\n\n".join(part.text.strip() for part in parts[rng.choice(starts) :])
            found.append(up_to_sentence_end(passage, EXCERPT_WORDS))
        if len(found) == EXCERPTS:
            break
    if not found:
        raise GaeaError("the training side has no text to show; materialise prefix_completion_dataset again")
    return tuple(found)
