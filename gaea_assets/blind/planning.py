"""From what both models wrote to the plan of a reading."""

import math
import random
import re
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
    passages: Sequence[Prompt],
    prompts: Sequence[Prompt],
    base: Sequence[Continuation],
    tuned: Sequence[Continuation],
    made_from: Mapping[str, Any],
) -> Plan:
    """Plan a reading; the same arguments give the same plan.

    No text of a model stands in two pairs: one that came back with another partner would give itself away.

    Args:
        voice: The voice's name.
        model: Hash of the merged model.
        settings: Length, shares, seed.
        language: ISO 639-1 code of the texts.
        training: The author's training texts by name, to show the voice.
        passages: The same cut as the held-out ones are, for the attention checks: what the author wrote on a
            held-out prompt is shown to nobody, who would hold the models' texts against it.
        prompts: The held-out prompts.
        base: What the base model wrote, several a prompt.
        tuned: The same of the tuned model.
        made_from: Hashes of the texts, for the record.

    Raises:
        GaeaError: There is nothing to compare.
    """
    rng = random.Random(f"{model} {settings.seed}")  # noqa: S311 - no secret: the same plan again
    excerpts = _excerpts(training, rng)
    pairs, left_out = _pairs(prompts, base, tuned, settings, len(excerpts))
    if not pairs:
        raise GaeaError(
            f"voice {voice}: no pair of continuations has {LEAST_WORDS} words on both sides (too short: base "
            f"{left_out['base']}, tuned {left_out['tuned']}); raise evaluation.max_new_tokens"
        )
    rule = AttentionRule()
    wanted = max(rule.least_checks, math.ceil(settings.checks * len(pairs))) if settings.checks else 0
    pairs += _checks(passages, wanted, settings.words, len(excerpts), rng)
    return with_id(
        Plan(
            id="",
            voice=voice,
            model=model,
            seed=settings.seed,
            votes=settings.votes,
            settings={field: getattr(settings, field) for field in FIXED},
            rule=rule,
            made_from=made_from,
            left_out=left_out,
            in_report=max(len(_of(base, prompt)) for prompt in prompts) == 1,
            language=language,
            excerpts=excerpts,
            pairs=tuple(pairs),
            items=_items(pairs, f"{model} {settings.seed}"),
        )
    )


def _pairs(
    prompts: Sequence[Prompt],
    base: Sequence[Continuation],
    tuned: Sequence[Continuation],
    settings: Blind,
    excerpts: int,
) -> tuple[list[Pair], dict[str, int]]:
    """The pairs, and how many were left out because a writer wrote too little."""
    written = {prompt.id: list(zip(_of(base, prompt), _of(tuned, prompt), strict=False)) for prompt in prompts}
    samples = [(prompt, number) for prompt in prompts for number in _unseen(len(written[prompt.id]))]
    pairs: list[Pair] = []
    left_out = {"base": 0, "tuned": 0}
    for place, (prompt, number) in enumerate(samples):
        of_base, of_tuned = written[prompt.id][number]
        cut = same_length(of_base, of_tuned, settings.words)
        if cut is None:
            left_out["base" if len(of_base.split()) < LEAST_WORDS else "tuned"] += 1
            continue
        texts: dict[Writer, str] = {"base": cut[0], "tuned": cut[1]}
        pairs.append(Pair("pair", prompt.id, prompt.text.strip(), place % excerpts, texts))
    return pairs, left_out


def _unseen(count: int) -> range:
    """Numbers of a prompt's continuations, without the first: the style report shows it with its writer's name."""
    return range(1 if count > 1 else 0, count)


def _of(continuations: Sequence[Continuation], prompt: Prompt) -> list[str]:
    return [c.text for c in continuations if c.prompt_id == prompt.id and c.prompt == prompt.text]


def _checks(passages: Sequence[Prompt], wanted: int, most_words: int, excerpts: int, rng: random.Random) -> list[Pair]:
    """Attention checks in which no taste has a part, each on another passage: shuffled and doubled texts by turns."""
    texts = [(passage, up_to_sentence_end((passage.reference or "").strip(), most_words)) for passage in passages]
    able = [(passage, text) for passage, text in texts if len(text.split()) >= LEAST_WORDS]
    checks = []
    for number, (prompt, text) in enumerate(rng.sample(able, min(wanted, len(able)))):
        other: dict[Writer, str] = {"again": text} if number % 2 else {"shuffled": _shuffled(text, rng)}
        checks.append(Pair("check", prompt.id, prompt.text.strip(), number % excerpts, {"author": text, **other}))
    return checks


def _shuffled(text: str, rng: random.Random) -> str:
    """The text with its words in any order; its paragraphs keep their lengths."""
    parts = re.split(r"(\s+)", text)
    parts[::2] = rng.sample(parts[::2], len(parts[::2]))
    return "".join(parts)


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
