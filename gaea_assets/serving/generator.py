"""The interface that both engines have, and the choice between them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from gaea_assets.base.encoder import Encoder
from gaea_assets.config import Serving

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
    released: Path | None = None
    """Folder of the same model where it is the released one: a server that runs on it is asked, whatever the engine."""


@contextmanager
def open_generator(place: ModelPlace, encoder: Encoder, serving: Serving, log: Log) -> Iterator[Generator]:
    """A generator for the model, stopped at the end.

    Args:
        place: The model.
        encoder: Decodes the ids and knows the end mark.
        serving: Engine, address, limits.
        log: Takes one line of progress.

    Raises:
        GaeaError: The engine is not installed, or its server does not start or stops answering.
    """
    if place.released is not None:
        from gaea_assets.serving.live import live_server
        from gaea_assets.serving.vllm_client import VllmClient

        if live := live_server(place, serving.host):
            log(f"generating with the live server of the released model at {live}")
            yield VllmClient(live, place.name, encoder.end_id, "see `gaea status`")
            return
    if serving.engine == "transformers" or (serving.engine == "auto" and not serving.url and find_spec("vllm") is None):
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
