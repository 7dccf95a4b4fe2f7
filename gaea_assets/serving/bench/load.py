"""Throughput by concurrency, latency, and how both change with the length of the context."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gaea_assets.serving.bench.client import Answer, Ask, BenchClient
from gaea_assets.serving.bench.prose import filler, opening

PROMPT_TOKENS, ANSWER_TOKENS = 256, 128
"""Of a request under load; in proportion less where they would take more than half of the context."""
LEAST_REQUESTS = 8
REPEATS = 3
"""Requests at each length of the context, one after the other."""
LENGTHS = tuple(1024 * 4**power for power in range(8))
"""Tokens of a prompt; the longest that fits is measured too."""
UNKNOWN_CONTEXT = 4_700
"""Assumed where the server does not say what it allows."""
SPARE = 0.08
"""Share of the context left free: a prompt's tokens are known only after it was sent, and in 2,000 characters of
the bundled prose their number varies by 5 %."""


@dataclass(frozen=True)
class Spread:
    """Middle and upper end of times, in seconds."""

    median: float
    p95: float


@dataclass(frozen=True)
class Level:
    """So many streams at once."""

    concurrency: int
    requests: int
    errors: int
    seconds: float
    """From the first request to the last answer."""
    tokens: int
    """Generated in whole answers."""
    tokens_per_second: float | None
    """Of all streams together."""
    first_token: Spread | None
    """Seconds from a request to the first piece of its answer."""
    inter_token: Spread | None
    """Seconds from one piece of an answer to the next."""


@dataclass(frozen=True)
class Length:
    """One length of the context, one stream."""

    prompt_tokens: int
    """As the server counted (median); as wanted where it does not say."""
    requests: int
    errors: int
    tokens_per_second: float | None
    """After the first token (median)."""
    prompt_tokens_per_second: float | None
    """Tokens of the prompt by time to first token (median)."""
    first_token: Spread | None


@dataclass(frozen=True)
class Scale:
    """What turns tokens into characters for this model."""

    characters_per_token: float
    context: int

    def prompt(self, tokens: int, seed: int) -> str:
        """A prompt of about so many tokens that begins like no other."""
        start = opening()
        return start + filler(max(1, round(tokens * self.characters_per_token) - len(start)), seed)

    def lengths(self, answer_tokens: int) -> list[int]:
        """Lengths of a prompt that leave room for the answer, rising; the last is the longest that fits."""
        longest = int(self.context * (1 - SPARE)) - answer_tokens
        below = [length for length in LENGTHS if length <= longest]
        near = bool(below) and longest < 1.25 * below[-1]
        return below if near or longest < 1 else [*below, longest]


def levels_up_to(concurrency: int) -> list[int]:
    """1, 2, 4, ... and the wanted number last."""
    powers = [2**power for power in range(concurrency.bit_length()) if 2**power < concurrency]
    return [*powers, concurrency]


async def measure_level(client: BenchClient, scale: Scale, concurrency: int) -> tuple[Level, list[Answer]]:
    """Throughput and latency with so many streams at once: at least two rounds of them."""
    part = min(1.0, scale.context / 2 / (PROMPT_TOKENS + ANSWER_TOKENS))
    prompt, answer = int(part * PROMPT_TOKENS), max(2, int(part * ANSWER_TOKENS))
    count = max(LEAST_REQUESTS, 2 * concurrency)
    asks = [Ask(scale.prompt(prompt, number), answer, temperature=1.0) for number in range(count)]
    answers = await client.all(asks, concurrency)
    return summarise(concurrency, answers), answers


async def measure_length(client: BenchClient, scale: Scale, tokens: int) -> tuple[Length, list[Answer]]:
    """Speed with a context of about so many tokens."""
    asks = [Ask(scale.prompt(tokens, n), answer_tokens(scale), temperature=1.0) for n in range(REPEATS)]
    answers = await client.all(asks, 1)
    good = whole(answers)
    speeds = [(a.tokens - 1) / (a.pieces[-1] - a.pieces[0]) for a in good if len(a.pieces) > 1]
    counts = [a.prompt_tokens for a in good if a.prompt_tokens]
    reading = [a.prompt_tokens / (a.pieces[0] - a.sent) for a in good if a.prompt_tokens]
    return (
        Length(
            prompt_tokens=int(np.median(counts)) if counts else tokens,
            requests=len(answers),
            errors=len(answers) - len(good),
            tokens_per_second=_median(speeds),
            prompt_tokens_per_second=_median(reading),
            first_token=spread([a.pieces[0] - a.sent for a in good]),
        ),
        answers,
    )


def answer_tokens(scale: Scale) -> int:
    """Tokens of an answer behind a long context."""
    return min(ANSWER_TOKENS, max(2, scale.context // 4))


def summarise(concurrency: int, answers: Sequence[Answer]) -> Level:
    """The figures of one level; tokens of broken answers are not counted, the time spent on them is."""
    good = whole(answers)
    seconds = max(a.done for a in answers) - min(a.sent for a in answers)
    tokens = sum(a.tokens for a in good)
    return Level(
        concurrency=concurrency,
        requests=len(answers),
        errors=len(answers) - len(good),
        seconds=seconds,
        tokens=tokens,
        tokens_per_second=tokens / seconds if good and seconds > 0 else None,
        first_token=spread([a.pieces[0] - a.sent for a in good]),
        inter_token=spread([float(gap) for a in good for gap in np.diff(a.pieces)]),
    )


def whole(answers: Sequence[Answer]) -> list[Answer]:
    """The answers that came to their end."""
    return [answer for answer in answers if answer.error is None]


def spread(seconds: Sequence[float]) -> Spread | None:
    """Median and 95th percentile; None of nothing."""
    if not seconds:
        return None
    return Spread(float(np.median(seconds)), float(np.percentile(seconds, 95)))


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None
