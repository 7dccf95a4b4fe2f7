"""Servers that hold another model of a voice than the released one, or one that was taken back; and what to do."""

from pathlib import Path

from gaea_assets.errors import GaeaError
from gaea_assets.release.pointer import released, released_voices, withdrawn
from gaea_assets.serving.server_state import ServerState, is_alive, is_of_a_run, known_servers


def outdated_servers(data: Path) -> list[str]:
    """One line for each running server that holds another model than the released one, or one that was taken back.

    A pointer or a state that cannot be read is told as such a line: what led here has been done by then.
    """
    try:
        return _outdated(data)
    except GaeaError as error:
        return [str(error)]


def _outdated(data: Path) -> list[str]:
    pointers = [now for voice in released_voices(data) if (now := released(data, voice))]
    names = {f"{now.voice}-tuned": now for now in pointers}
    lines = []
    for server in filter(is_alive, known_servers(data)):
        if is_of_a_run(server):
            continue  # ends by itself
        for now in (names[model] for model in server.models if model in names):
            if server.content != now.model:
                lines.append(
                    f"{server.name} still serves {(server.content or 'unknown')[:12]}, and {now.model[:12]} is "
                    f"released of {now.voice}; restart it: gaea stop {server.name} && "
                    f"gaea serve {now.voice} --released"
                )
        if server.content and names.keys().isdisjoint(server.models) and _was_taken_back(data, server):
            lines.append(
                f"{server.name} still serves {server.content[:12]}, which was taken back; stop it: gaea stop "
                f"{server.name}"
            )
    return lines


def _was_taken_back(data: Path, server: ServerState) -> bool:
    voices = [model.removesuffix("-tuned") for model in server.models]
    return any(withdrawn(data, voice, server.content or "") for voice in voices)
