"""The interface that both engines have, and the choice between them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gaea_assets.base.encoder import Encoder
from gaea_assets.config import Serving

if TYPE_CHECKING:
    from gaea_assets.serving.server_state import ServerState

Log = Callable[[str], None]


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn."""

    max_new_tokens: int
    temperature: float
    """0 takes the likeliest token."""
    top_p: float
    seed: int
    """Seed of the first prompt; each further prompt has the next one."""


@dataclass(frozen=True)
class Generation:
    """One continuation."""

    text: str
    ended: bool
    """Whether the model ended it; else it was cut at `max_new_tokens`."""


class Generator(Protocol):
    """Continues prompts that are given as token ids, so that no engine tokenises them its own way."""

    def generate(self, prompts: Sequence[list[int]], sampling: Sampling) -> list[Generation]:
        """One continuation for each prompt, in order."""

    def log_likelihoods(self, passages: Sequence[list[int]]) -> list[float]:
        """Log-likelihood of each passage's ids after the first, given those before: in nats, summed."""


@dataclass(frozen=True)
class ModelPlace:
    """A model to generate with."""

    folder: Path
    name: str
    """What a server calls it."""
    port: int
    log_file: Path
    """Where a server writes its log."""
    data: Path | None = None
    """The project's data folder: a server that is started for a run is written down there."""


@dataclass(frozen=True)
class Origin:
    """Where texts come from."""

    by: str
    """The engine or the server, in words."""
    verified: bool
    """Whether it is known whose weights wrote them: not of a server that was started elsewhere."""


def origin(serving: Serving, live: "ServerState | None") -> Origin:
    """Where `open_generator` takes texts from with these arguments."""
    if live is not None:
        return Origin(f"the live server {live.name}", verified=True)
    if _in_process(serving):
        return Origin("transformers, in process", verified=True)
    if serving.url:
        return Origin(f"the server at {serving.url} (serving.url)", verified=False)
    return Origin("vLLM, started for it", verified=True)


@contextmanager
def open_generator(
    place: ModelPlace, encoder: Encoder, serving: Serving, log: Log, live: "ServerState | None" = None
) -> Iterator[Generator]:
    """A generator for the model, stopped at the end.

    Args:
        place: The model.
        encoder: Decodes the ids and knows the end mark.
        serving: Engine, address, limits.
        log: Takes one line of progress.
        live: A running server that holds the model (`live.live_server`): it is asked, whatever the engine.

    Raises:
        GaeaError: The engine is not installed, or its server does not start or stops answering.
    """
    if live is not None:
        from gaea_assets.serving.live import require_still
        from gaea_assets.serving.vllm_client import VllmClient

        log(f"generating with the live server {live.name} at {live.url}")
        yield VllmClient(live.url, place.name, encoder.end_id, "see `gaea status`")
        require_still(live)
        return
    if _in_process(serving):
        from gaea_assets.serving.in_process import InProcess

        log(f"generating with transformers in process from {place.folder}")
        yield InProcess(place.folder, encoder, log)
        return

    from gaea_assets.serving.run_server import server_of_a_run
    from gaea_assets.serving.vllm_client import VllmClient
    from gaea_assets.serving.vllm_server import running_server

    if serving.url:
        log(f"generating with the server at {serving.url}")
        yield VllmClient(serving.url, place.name, encoder.end_id, "see the server's own log")
        return
    with server_of_a_run(place, serving, place.data, log) if place.data else running_server(place, serving, log) as url:
        yield VllmClient(url, place.name, encoder.end_id, f"its log is {place.log_file}")


def _in_process(serving: Serving) -> bool:
    return serving.engine == "transformers" or (
        serving.engine == "auto" and not serving.url and find_spec("vllm") is None
    )
