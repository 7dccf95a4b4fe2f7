"""A model server in this process: it streams as it is told to, and fails as model servers do."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gaea_assets_tests.serving.servers import free_port, running

CHARACTERS = 5
"""Of a token, for this server."""


@dataclass
class Fake:
    """What the server is told, and what it saw."""

    write: Callable[[dict[str, Any]], list[str]] = lambda request: [" word"] * request["max_tokens"]
    """Pieces of the answer to a request."""
    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "pocket-tuned", "max_model_len": 2048}])
    pause: float = 0.0
    """Seconds before each piece."""
    usage: Any = True
    """Whether tokens are counted, or what is told in place of the counts."""
    knows_ignore_eos: bool = True
    breaks: Callable[[int], str] = lambda number: ""
    """How the answer to the n-th request fails: `refuse`, `drop`, `error`, `cut`, `silent` or not at all."""
    key: str = ""
    gone: bool = False
    seen: list[dict[str, Any]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    async def list_models(self, request: Request) -> Response:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return JSONResponse({"error": {"message": "no key"}}, 401)
        if self.gone:
            return JSONResponse({}, 503)
        return JSONResponse({"object": "list", "data": [{"object": "model", **model} for model in self.models]})

    async def complete(self, request: Request) -> Response:
        asked = await request.json()
        number = len(self.seen)
        self.seen.append(asked)
        fault = self.breaks(number)
        if fault == "refuse" or ("ignore_eos" in asked and not self.knows_ignore_eos):
            return JSONResponse({"error": {"message": "not\nthis", "code": 400}}, 400)
        return StreamingResponse(self._stream(asked, fault), media_type="text/event-stream")

    async def _stream(self, asked: dict[str, Any], fault: str) -> AsyncIterator[str]:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            pieces = self.write(asked) if fault != "silent" else []
            for number, piece in enumerate(pieces):
                await asyncio.sleep(self.pause)
                if number == 2 and fault == "drop":
                    raise ConnectionError("the engine is gone")
                if number == 2 and fault == "error":
                    yield self._event({"error": {"message": "EngineCore encountered an issue.", "code": 500}})
                    return
                if number == 2 and fault == "cut":
                    return
                yield self._event(self._chunk([{"index": 0, "text": piece, "finish_reason": None}]))
            yield self._event(self._chunk([{"index": 0, "text": "", "finish_reason": "length"}]))
            if self.usage:
                counts = {"prompt_tokens": len(asked["prompt"]) // CHARACTERS, "completion_tokens": len(pieces)}
                told = {**counts, "total_tokens": sum(counts.values())} if self.usage is True else self.usage
                yield self._event({**self._chunk([]), "usage": told})
            yield "data: [DONE]\n\n"
        finally:
            self.under_way -= 1

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": "1", "object": "text_completion", "created": 0, "model": "pocket-tuned", "choices": choices}

    def _event(self, value: dict[str, Any]) -> str:
        return f"data: {json.dumps(value)}\n\n"


@contextmanager
def serving(fake: Fake) -> Iterator[str]:
    """The address of the server."""
    routes = [
        Route("/v1/models", fake.list_models),
        Route("/v1/completions", fake.complete, methods=["POST"]),
    ]
    port = free_port()
    with running(Starlette(routes=routes), port) as address:
        yield address


CALLED = re.compile(r"The (\w+) was called (\w+) (\w+)\.")


def remembers(request: dict[str, Any]) -> list[str]:
    """Answers a story's end with the name called for, and anything else with a sentence about two of its names."""
    people = {role: (first, last) for role, first, last in CALLED.findall(request["prompt"])}
    asked = re.search(r"The (\w+) bent down and said, \"My name is$", request["prompt"])
    if asked:
        return [f" {part}" for part in people[asked[1]]] + ['," said the stranger.']
    if people:
        first = next(iter(people.values()))[0]
        return [" They", " looked", f" at {first}", " and", " at", " Belinda.", " Then", f" {first}", " left."]
    return [" word"] * request["max_tokens"]
