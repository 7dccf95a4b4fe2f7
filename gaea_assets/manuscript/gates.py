"""The gates on chunks and examples, as plain functions."""

from collections import defaultdict
from collections.abc import Sequence

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.sentences import sentence_ends
from gaea_assets.verdict import Verdict

LOOK_AHEAD = 200
"""Characters behind a prompt that tell whether a sentence ends there."""


def not_empty(chunks: Sequence[Chunk]) -> Verdict:
    """Every chunk has words."""
    faults = [f"{chunk.source}: holds no words; remove it" for chunk in chunks if not chunk.words]
    return Verdict(faults, {"chunks": len(chunks), "words": sum(chunk.words for chunk in chunks)})


def no_duplicates(chunks: Sequence[Chunk]) -> Verdict:
    """No two chunks have the same text, differences in white space and case aside."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for chunk in chunks:
        by_text[" ".join(chunk.text.casefold().split())].append(chunk.source)
    faults = [f"{' and '.join(names)} hold the same text; keep one" for names in by_text.values() if len(names) > 1]
    return Verdict(faults, {"chunks": len(chunks), "different_texts": len(by_text)})


def nothing_lost(whole: Sequence[Chunk], parts: Sequence[tuple[str, str]]) -> Verdict:
    """The parts of each chunk concatenate to the chunk.

    Args:
        whole: The chunks before splitting.
        parts: Pairs of chunk name and text of a part, in order.
    """
    joined: dict[str, str] = defaultdict(str)
    for name, text in parts:
        joined[name] += text
    originals = {chunk.name: chunk.text for chunk in whole}
    faults = [
        f"chunk {name}: its parts do not give the chunk back ({len(joined.get(name, ''))} characters of "
        f"{len(originals.get(name, ''))}); materialise split_chunks again"
        for name in sorted(originals.keys() | joined.keys())
        if joined.get(name) != originals.get(name)
    ]
    return Verdict(faults, {"chunks": len(originals), "parts": len(parts)})


def within_budget(names: Sequence[str], tokens: Sequence[int], limit: int) -> Verdict:
    """Every part has fewer tokens than the limit, marks included."""
    faults = [
        f"part {name}: {count} tokens, {limit} or more; lower manuscript.max_words"
        for name, count in zip(names, tokens, strict=True)
        if count >= limit
    ]
    return Verdict(faults, {"parts": len(names), "max_tokens": max(tokens, default=0), "limit": limit})


def below_limit(examples: Sequence[Example], limit: int) -> Verdict:
    """Every example has fewer tokens than the limit, marks included."""
    verdict = within_budget([e.id for e in examples], [e.tokens for e in examples], limit)
    mean = sum(e.tokens for e in examples) / max(1, len(examples))
    return Verdict(verdict.faults, {**verdict.figures, "mean_tokens": round(mean, 1)})


def prompts_well_cut(examples: Sequence[Example], share_min: float, share_max: float) -> Verdict:
    """Every prompt is the wanted share of its piece and ends where a sentence ends."""
    faults, shares = [], []
    for example in examples:
        text = example.text
        share = len(example.prompt.split()) / max(1, len(text.split()))
        shares.append(share)
        if not share_min <= share <= share_max:
            faults.append(
                f"example {example.id}: the prompt is {share:.1%} of the words, not {share_min:.0%} to {share_max:.0%}"
            )
        # Whether a sentence ends there hangs on the next word at most: the whole text says the same, later.
        if len(example.prompt) not in sentence_ends(text[: len(example.prompt) + LOOK_AHEAD]):
            faults.append(f"example {example.id}: the prompt ends inside a sentence: ...{example.prompt[-40:]!r}")
    return Verdict(
        faults,
        {"least_share": round(min(shares, default=0), 4), "largest_share": round(max(shares, default=0), 4)},
    )


def no_system_message(rows: Sequence[dict]) -> Verdict:
    """Every row is one user and one assistant message; the system prompt comes at inference time."""
    faults = [
        f"example {row.get('id')}: roles are {roles}, not user, assistant"
        for row in rows
        if (roles := [message.get("role") for message in row.get("messages", [])]) != ["user", "assistant"]
    ]
    return Verdict(faults, {"examples": len(rows)})


def sides_apart(train: Sequence[Example], validation: Sequence[Example]) -> Verdict:
    """No chunk is on both sides of the split, and neither side is empty."""
    shared = {example.chunk for example in train} & {example.chunk for example in validation}
    faults = [
        f"chunk {name} is in training and in validation; materialise the dataset again" for name in sorted(shared)
    ]
    faults += [
        f"the {side} side is empty" for side, rows in (("training", train), ("validation", validation)) if not rows
    ]
    return Verdict(faults, {"train": len(train), "validation": len(validation)})
