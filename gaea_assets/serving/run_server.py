"""A server that an asset starts for itself: `gaea status` lists it, and a killed run leaves none behind for long."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from gaea_assets.config import Serving
from gaea_assets.errors import GaeaError
from gaea_assets.serving import vllm_server
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.lifecycle import end_left_over, stop_server
from gaea_assets.serving.server_state import OF_A_RUN, ServerState, forget, known_server, place_of, remember
from gaea_assets.store import alone_in


@contextmanager
def server_of_a_run(place: ModelPlace, serving: Serving, data: Path, log: Callable[[str], None]) -> Iterator[str]:
    """Serve a model on the loopback interface for as long as the context is open, on another port if its own is held.

    Where a run was killed alone, its server goes on, and holds its memory: the next one ends it first.

    Args:
        place: The model, and the port it is served on where that is free.
        serving: The voice's settings.
        data: The project's data folder.
        log: Takes one line of progress.

    Yields:
        The server's address.

    Raises:
        GaeaError: vLLM is not installed, or the server does not come up.
    """
    name = f"{place.name}{OF_A_RUN}"
    with alone_in(place_of(data) / name):  # two runs wait for each other; a kill gives the lock back
        if left := known_server(data, name):
            log(f"ending {name}, which a run that was killed has left behind")
            stop_server(data, left)
        end_left_over(data)
        place = _on_a_free_port(place, log)
        states: list[ServerState] = []

        def note(pid: int) -> None:
            started = psutil.Process(pid).create_time()
            folder, log_file = str(place.folder), str(place.log_file)
            states.append(
                ServerState(name, (place.name,), folder, vllm_server.HOST, place.port, pid, started, log_file)
            )
            remember(data, states[0])

        try:
            with vllm_server.running_server(place, serving, log, note) as url:
                yield url
        finally:
            for state in states:
                forget(data, state)


def _on_a_free_port(place: ModelPlace, log: Callable[[str], None]) -> ModelPlace:
    try:
        vllm_server.require_free(vllm_server.HOST, place.port)
    except GaeaError:
        with socket.socket() as probe:
            probe.bind((vllm_server.HOST, 0))
            free = int(probe.getsockname()[1])
        log(f"port {place.port} is held by another program: taking {free}")
        return replace(place, port=free)
    return place
