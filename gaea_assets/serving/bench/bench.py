"""The whole bench, step by step: warm-up, throughput, context scaling, names."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from gaea_assets.errors import GaeaError
from gaea_assets.serving.bench.client import Answer, Ask, BenchClient, Served, find_model
from gaea_assets.serving.bench.consistency import Names, measure_names
from gaea_assets.serving.bench.load import (
    UNKNOWN_CONTEXT,
    Length,
    Level,
    Scale,
    answer_tokens,
    levels_up_to,
    measure_length,
    measure_level,
    whole,
)
from gaea_assets.serving.bench.prose import filler, opening

Row = TypeVar("Row")
Log = Callable[[str], None]

LIMIT = 3_600.0
"""Seconds after which no further step is begun."""
SAMPLE = 30_000
"""Characters of the warm-up's prompt, by which characters a token are known: about all of the bundled prose."""
GUESS = 4.0
"""Characters a token where the server does not count: about what English has."""


@dataclass
class Result:
    """What was measured; steps that were not reached are missing, and `notes` say why."""

    served: Served
    scale: Scale
    at: str
    counted_by: str
    """`server`, or `stream`: then a token is a piece of the stream, and lengths are guessed."""
    throughput: list[Level] = field(default_factory=list)
    context_scaling: list[Length] = field(default_factory=list)
    names: list[Names] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    """Failed requests by their reason."""
    notes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every step was reached and had an answer."""
        return not self.notes


async def bench(
    url: str,
    model: str | None,
    concurrency: int,
    key: str,
    log: Log,
    begun: Callable[[Result], None] = lambda _: None,
) -> Result:
    """Measure a served model.

    Args:
        url: The server's address, with or without `/v1`.
        model: Name of the model; None where the server has one only.
        concurrency: Most streams at once.
        key: The server's API key, or empty.
        log: Takes one line a step.
        begun: Takes the result before its first step; each step adds to it, so that who breaks off has the others.

    Raises:
        GaeaError: The server does not answer, does not serve the model, or fails the warm-up.
    """
    client = BenchClient(await find_model(url, model, key), key)
    log(f"warming up {client.served.model} at {client.served.url}")
    result = await _warmed_up(client)
    begun(result)
    steps = _Steps(client, result, log)
    scale = result.scale
    await steps.take(
        result.throughput, levels_up_to(concurrency), lambda n: measure_level(client, scale, n), "{} streams at once"
    )
    lengths = scale.lengths(answer_tokens(scale))
    await steps.take(
        result.context_scaling, lengths, lambda n: measure_length(client, scale, n), "a context of {} tokens"
    )
    await steps.take(
        result.names, lengths, lambda n: measure_names(client, scale, n), "names in a context of {} tokens"
    )
    return result


async def _warmed_up(client: BenchClient) -> Result:
    """A first answer, which is not measured: it loads what is loaded late, and shows how long tokens are."""
    context = client.served.context
    text = opening() + filler(min(SAMPLE, 2 * (context or UNKNOWN_CONTEXT)), 0)
    answer = await client.ask(Ask(text, 8))
    if answer.refused:  # a server that is not vLLM may refuse what it does not know
        client.fills = False
        answer = await client.ask(Ask(text, 8))
    if answer.error is not None:
        raise GaeaError(f"{client.served.url}: {client.served.model} does not answer: {answer.error}")
    told = answer.prompt_tokens
    scale = Scale(len(text) / told if told else GUESS, context or UNKNOWN_CONTEXT)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Result(client.served, scale, at, "server" if told else "stream")


class _Steps:
    """Takes the steps of each part until one has no answer at all, the server is gone, or the time is up."""

    def __init__(self, client: BenchClient, result: Result, log: Log) -> None:
        self._client, self._result, self._log = client, result, log
        self._until = time.monotonic() + LIMIT
        self._gone = False

    async def take(
        self,
        rows: list[Row],
        sizes: Sequence[int],
        measure: Callable[[int], Awaitable[tuple[Row, list[Answer]]]],
        title: str,
    ) -> None:
        """Measure each size in turn and append its row."""
        for size in sizes:
            if self._gone:
                return
            what = title.format(f"{size:,}")
            if time.monotonic() > self._until:
                self._result.notes.append(f"{what}, and what follows, was left out: the bench took {LIMIT:g} s")
                return
            self._log(f"measuring {what}")
            row, answers = await measure(size)
            rows.append(row)
            self._result.errors.update(answer.error for answer in answers if answer.error is not None)
            if not whole(answers):
                self._gone = not await self._client.answers()
                rest = "the server does not answer any more, and nothing further" if self._gone else "nothing larger"
                self._result.notes.append(f"{what}: every request failed; {rest} was tried")
                return
