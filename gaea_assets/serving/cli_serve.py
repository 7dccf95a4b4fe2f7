"""`gaea serve`, `gaea status`, `gaea stop`: a voice for editors and other OpenAI clients."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gaea_assets.errors import GaeaError

if TYPE_CHECKING:
    from gaea_assets.resources import Workspace
    from gaea_assets.serving.server_plan import ServerPlan
    from gaea_assets.serving.server_state import ServerState


def add_parser(subparsers: Any) -> None:
    """Add `serve`, `status` and `stop` to the subparsers of `gaea`."""
    start = subparsers.add_parser("serve", help="serve a voice's model with vLLM", description=serve.__doc__)
    start.add_argument("voices", nargs="*", metavar="VOICE", help="a file in configs/voices; several with --adapters")
    which = start.add_mutually_exclusive_group()
    which.add_argument("--base", action="store_true", help="the base model, on serving.base_port")
    which.add_argument(
        "--adapters", action="store_true", help="the base with the adapter of each voice named, each under its name"
    )
    which.add_argument(
        "--released",
        action="store_true",
        help="the model that the last positive decision named, of VOICE where several have one",
    )
    start.add_argument("--detach", action="store_true", help="leave it running once it answers")
    start.set_defaults(run=serve)
    listing = subparsers.add_parser("status", help="list what is served", description=status.__doc__)
    listing.set_defaults(run=status)
    end = subparsers.add_parser("stop", help="stop what is served", description=stop.__doc__)
    end.add_argument("name", nargs="?", help="a server as gaea status lists it (default: all of them)")
    end.set_defaults(run=stop)


def serve(chosen: argparse.Namespace) -> int:
    """Serve the voice's merged model, on serving.tuned_port, until Ctrl-C."""
    from gaea_assets.resources import Workspace
    from gaea_assets.serving import lifecycle

    workspace = Workspace()
    plan = _plan(chosen, workspace)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    lifecycle.serve(plan, Path(workspace.data), _say, detach=chosen.detach)
    return 0


def status(_: argparse.Namespace) -> int:
    """List the servers that were started, what they hold, and whether they run, start, or are gone without a stop."""
    from tabulate import tabulate

    from gaea_assets.serving.outdated import outdated_servers
    from gaea_assets.serving.server_state import known_servers, look_at

    rows = []
    for server in known_servers(_data()):
        look = look_at(server)
        pid = "" if look.state == "gone" else server.pid
        held, content = _beneath(_data(), server.folder), (server.content or "-")[:12]
        seen = (server.port, pid, look.state, look.health)
        rows.append((server.name, ", ".join(server.models), held, content, *seen, server.log))
    heads = ("name", "models", "folder", "hash", "port", "pid", "state", "health", "log")
    print(tabulate(rows, heads, disable_numparse=True) if rows else "nothing is served")
    for line in outdated_servers(_data()):
        print(line)
    return 0


def stop(chosen: argparse.Namespace) -> int:
    """Stop a server, or all of them, and wait until their memory is free again."""
    from gaea_assets.serving.lifecycle import stop_server

    data = _data()
    servers = _named(data, chosen.name)
    for server in servers:
        ran = stop_server(data, server)
        _say(f"{server.name}: " + ("stopped" if ran else f"was gone already; its log is {server.log}"))
    if not servers:
        _say("nothing is served")
    return 0


def _named(data: Path, name: str | None) -> list[ServerState]:
    from gaea_assets.serving.server_state import known_servers

    servers = known_servers(data)
    if name is None:
        return servers
    found = [server for server in servers if server.name == name]
    if not found:
        known = ", ".join(server.name for server in servers) or "nothing is"
        raise GaeaError(f"{name} is not served; what is: {known}")
    return found


def _plan(chosen: argparse.Namespace, workspace: Workspace) -> ServerPlan:
    from gaea_assets.serving import server_plan

    if chosen.released:
        if len(chosen.voices) > 1:
            raise GaeaError("one server holds one released model: name one VOICE, and serve each by itself")
        return server_plan.released_model(workspace, next(iter(chosen.voices), None), _say)
    if not chosen.voices:
        raise GaeaError("name a VOICE to serve, or --released")
    voices = [workspace.voice(name) for name in dict.fromkeys(chosen.voices)]
    if chosen.adapters:
        return server_plan.adapted(workspace, voices)
    if len(voices) > 1:
        raise GaeaError("one server holds several voices only with --adapters; or serve each by itself")
    return server_plan.base(workspace, voices[0]) if chosen.base else server_plan.tuned(workspace, voices[0], _say)


def _beneath(data: Path, folder: str) -> str:
    """A folder as seen from the data folder where it lies in it, to keep the table narrow."""
    path = Path(folder)
    return str(path.relative_to(data)) if path.is_relative_to(data) else folder


def _interrupt(*_: object) -> NoReturn:
    """End the server as at Ctrl-C: the terminal was closed, or a service manager asked for it."""
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)


def _data() -> Path:
    from gaea_assets.resources import Workspace

    return Path(Workspace().data)
