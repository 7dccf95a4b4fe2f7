"""A running server that holds a model: it is asked, so that the model is measured as it is served."""

import os
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from gaea_assets.errors import GaeaError
from gaea_assets.serving.api_key import VARIABLE
from gaea_assets.serving.generator import Log
from gaea_assets.serving.nearby import models
from gaea_assets.serving.server_state import ServerState, is_alive, known_servers, look_at
from gaea_assets.serving.vllm_server import require_alone


def live_server(data: Path, name: str, model: str, log: Log) -> ServerState | None:
    """The healthy server of `gaea serve` that holds this very model under this name, or None.

    What a server says of itself proves nothing: it is known by the hash that was written down when it loaded the
    files, by its process, and by that process alone listening on its port.

    Args:
        data: The project's data folder.
        name: What the server calls the model.
        model: Content hash of the model.
        log: Takes one line on a server that holds it and does not take the key that is set here.

    Raises:
        GaeaError: The state of a server cannot be read.
    """
    holders = [server for server in known_servers(data) if server.content == model and name in server.models]
    # The context is written down once the files are known not to have changed while they were loaded.
    loaded = (server for server in holders if server.context is not None)
    able = (server for server in loaded if look_at(server).health == "ok" and _is_alone(server))
    return next((server for server in able if _takes_the_key(server, log)), None)


def require_still(server: ServerState) -> None:
    """Refuse what was generated while a live server ended, or another program took its port.

    Raises:
        GaeaError: It is no longer the server that was asked at first.
    """
    if not (is_alive(server) and _is_alone(server)):
        raise GaeaError(f"{server.name} at {server.url} ended or shared its port meanwhile; materialise again")


def _takes_the_key(server: ServerState, log: Log) -> bool:
    """Whether the server answers who has the key of this process: of its health it tells anybody."""
    key = os.environ.get(VARIABLE)
    try:
        models(server.url, key)
        return True
    except (OSError, HTTPException, ValueError) as error:
        why = f"answers {error.code}" if isinstance(error, HTTPError) else "does not answer"
        if isinstance(error, HTTPError) and error.code == HTTPStatus.UNAUTHORIZED:
            why = f"asks for its key, and {VARIABLE} is {'another one' if key else 'not set'} for this process"
        log(f"{server.name} at {server.url} holds the model, but {why}: it is not asked")
        return False


def _is_alone(server: ServerState) -> bool:
    try:
        require_alone(server.pid, server.host, server.port)
    except GaeaError:
        return False
    return True
