"""Ask a served model, one stream a request, and note when each piece of the answer came."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import openai

from gaea_assets.errors import GaeaError
from gaea_assets.serving.nearby import is_nearby

LIMIT = 300.0
"""Seconds for one request, from its start to the answer's end."""


@dataclass(frozen=True)
class Ask:
    """One request."""

    prompt: str
    max_tokens: int
    temperature: float = 0.0
    fill: bool = True
    """Whether the answer is to go on to `max_tokens` whatever the model would end, so that all are of one length."""


@dataclass(frozen=True)
class Answer:
    """What came of a request; times are in seconds of one monotonic clock."""

    sent: float
    done: float
    text: str = ""
    prompt_tokens: int | None = None
    """As the server counts; None where it does not say."""
    tokens: int = 0
    """Of the answer, as the server counts; pieces of the stream where it does not say."""
    pieces: tuple[float, ...] = ()
    """When each piece of text came."""
    error: str | None = None
    """Why there is no whole answer, in one line."""
    refused: bool = False
    """Whether the server answered with a status of refusal."""


@dataclass(frozen=True)
class Served:
    """A model and what its server says of it."""

    url: str
    """With `/v1`."""
    model: str
    context: int | None
    """Tokens that prompt and answer may have together; None where the server does not say."""


class BenchClient:
    """Streams from one model of an OpenAI-compatible server.

    Args:
        served: The model.
        key: The server's API key; empty where it wants none.
    """

    def __init__(self, served: Served, key: str) -> None:
        self.served = served
        self._client = _client(served.url, key)
        self.fills = True
        """Whether the server takes vLLM's `ignore_eos`; set to False by who finds that it does not."""

    async def all(self, asks: Sequence[Ask], streams: int) -> list[Answer]:
        """The answers in order, `streams` requests under way at once as long as there are so many."""
        room = asyncio.Semaphore(streams)

        async def one(ask: Ask) -> Answer:
            async with room:
                return await self.ask(ask)

        return list(await asyncio.gather(*(one(ask) for ask in asks)))

    async def ask(self, ask: Ask) -> Answer:
        """One answer; whatever went wrong is in its `error`."""
        heard = _Heard(time.perf_counter())
        try:
            async with asyncio.timeout(LIMIT):
                await self._stream(ask, heard)
        except TimeoutError:
            return heard.answer(f"no end within {LIMIT:g} s")
        except openai.APIStatusError as error:
            return replace(heard.answer(one_line(error)), refused=True)
        except Exception as error:  # a bench counts failures of any kind: of status, connection, stream or content
            return heard.answer(one_line(error))
        if not heard.finished:
            return heard.answer("the stream ended before the answer did")
        return heard.answer(None if heard.pieces else "an answer without text")

    async def answers(self) -> bool:
        """Whether the server still lists its models."""
        try:
            await self._client.models.list(timeout=10)
        except openai.OpenAIError:
            return False
        return True

    async def _stream(self, ask: Ask, heard: "_Heard") -> None:
        stream = await self._client.completions.create(
            model=self.served.model,
            prompt=ask.prompt,
            max_tokens=ask.max_tokens,
            temperature=ask.temperature,
            stream=True,
            stream_options={"include_usage": True},
            extra_body={"ignore_eos": True} if ask.fill and self.fills else None,
        )
        async with stream:
            async for event in stream:
                heard.hear(event)


class _Heard:
    """An answer while it comes in."""

    def __init__(self, sent: float) -> None:
        self.sent = sent
        self.pieces: list[float] = []
        self.texts: list[str] = []
        self.usage: Any = None
        self.finished = False

    def hear(self, event: Any) -> None:
        self.usage = event.usage or self.usage
        for choice in event.choices:
            if choice.text:
                self.pieces.append(time.perf_counter())
                self.texts.append(choice.text)
            self.finished = self.finished or choice.finish_reason is not None

    def answer(self, error: str | None) -> Answer:
        return Answer(
            sent=self.sent,
            done=time.perf_counter(),
            text="".join(self.texts),
            prompt_tokens=_count(getattr(self.usage, "prompt_tokens", None)),
            tokens=_count(getattr(self.usage, "completion_tokens", None)) or len(self.pieces),
            pieces=tuple(self.pieces),
            error=error,
        )


async def find_model(url: str, model: str | None, key: str) -> Served:
    """The model to be measured, and its context.

    Args:
        url: The server's address, with or without `/v1`.
        model: Its name on the server; None where it serves one only.
        key: The server's API key, or empty.

    Raises:
        GaeaError: No such server answers, or it does not serve the model.
    """
    if not _is_address(url):
        raise GaeaError(f"{url}: no address of a server; http://127.0.0.1:8002 is one")
    base = f"{url.rstrip('/').removesuffix('/v1')}/v1"
    try:
        listed = (await _client(base, key).models.list(timeout=30)).data
        cards = {card.id: card.model_extra or {} for card in listed if isinstance(card.id, str)}
    except openai.AuthenticationError:
        raise GaeaError(f"{base}: the server wants its API key: export GAEA_API_KEY=...") from None
    except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
        raise GaeaError(f"{base}: no OpenAI-compatible server answers there ({one_line(error)})") from None
    name = model or (next(iter(cards)) if len(cards) == 1 else None)
    if name not in cards:
        asked = f"does not serve {name}" if name else "serves several models, or none: name one with --model"
        raise GaeaError(f"{base}: it {asked}; it serves: {', '.join(cards) or 'nothing'}")
    parent = cards.get(str(cards[name].get("parent")), {})
    context = cards[name].get("max_model_len") or parent.get("max_model_len")  # an adapter's card leaves it out
    return Served(base, name, _count(context))


def one_line(error: BaseException) -> str:
    """A failure in at most 200 characters, with what is behind it where that is known."""
    behind = f" {error.__cause__}" if error.__cause__ else ""
    return " ".join(f"{type(error).__name__}: {error}{behind}".split())[:200]


def _count(told: object) -> int | None:
    """A number of tokens that a server tells; None where that is none."""
    return told if type(told) is int and told > 0 else None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _client(url: str, key: str) -> openai.AsyncOpenAI:
    http = openai.DefaultAsyncHttpxClient(trust_env=not is_nearby(url))
    return openai.AsyncOpenAI(base_url=url, api_key=key or "none", timeout=LIMIT, max_retries=0, http_client=http)
