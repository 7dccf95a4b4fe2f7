"""A running server that holds a model: it is asked, so that the model is measured as it is served."""

from pathlib import Path

from gaea_assets.errors import GaeaError
from gaea_assets.serving.server_state import ServerState, is_alive, known_servers, look_at
from gaea_assets.serving.vllm_server import require_alone


def live_server(data: Path, name: str, model: str) -> ServerState | None:
    """The healthy server of `gaea serve` that holds this very model under this name, or None.

    What a server says of itself proves nothing: it is known by the hash that was written down when it loaded the
    files, by its process, and by that process alone listening on its port.

    Args:
        data: The project's data folder.
        name: What the server calls the model.
        model: Content hash of the model.

    Raises:
        GaeaError: The state of a server cannot be read.
    """
    holders = [server for server in known_servers(data) if server.content == model and name in server.models]
    # The context is written down once the files are known not to have changed while they were loaded.
    loaded = (server for server in holders if server.context is not None)
    return next((server for server in loaded if look_at(server).health == "ok" and _is_alone(server)), None)


def require_still(server: ServerState) -> None:
    """Refuse what was generated while a live server ended, or another program took its port.

    Raises:
        GaeaError: It is no longer the server that was asked at first.
    """
    if not (is_alive(server) and _is_alone(server)):
        raise GaeaError(f"{server.name} at {server.url} ended or shared its port meanwhile; materialise again")


def _is_alone(server: ServerState) -> bool:
    try:
        require_alone(server.pid, server.host, server.port)
    except GaeaError:
        return False
    return True
