"""A server that people use, from its start to its end: its files, its state, its end by Ctrl-C, stop or a fault."""

import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import psutil

from gaea_assets.base.files import read_json
from gaea_assets.errors import GaeaError
from gaea_assets.serving.api_key import api_key
from gaea_assets.serving.editor import continue_config
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.nearby import models
from gaea_assets.serving.server_plan import ServerPlan, require_loaded
from gaea_assets.serving.server_state import (
    ServerState,
    forget,
    is_alive,
    known_server,
    known_servers,
    may_have_left,
    note_stopping,
    place_of,
    remember,
)
from gaea_assets.serving.vllm_command import Extras
from gaea_assets.serving.vllm_fault import explain
from gaea_assets.serving.vllm_server import await_health, require_vllm, start, stop
from gaea_assets.store import alone_in, write_whole

Say = Callable[[str], None]
EDITOR = "continue.yaml"


def serve(plan: ServerPlan, data: Path, say: Say, *, detach: bool) -> None:
    """Start a server; return when it has been stopped, or with `detach` as soon as it answers.

    A KeyboardInterrupt ends the server in good order, whatever it is at.

    Args:
        plan: What to serve.
        data: The project's data folder.
        say: Takes one line of progress.
        detach: Leave the server running.

    Raises:
        GaeaError: vLLM is missing, the port or the name is taken, the server does not come up, or ends by itself.
    """
    require_vllm()
    key = api_key(plan.voice.serving.host)
    place = ModelPlace(plan.folder, plan.model, plan.port, data / "logs" / "serving" / f"{plan.name}.log")
    process, server = _start(plan, place, data, key)
    try:
        say(f"starting {plan.name} on port {plan.port}: {plan.folder} (log: {place.log_file})")
        await_health(process, place, plan.voice.serving, server.host, say)
        require_loaded(plan)
        server = replace(server, context=_context(server, key))
        remember(data, server)
        _tell(server, _write_editor(plan, data, server, key), say)
        if others := plan.otherwise_sampled:
            say(
                f"a server has one sampling for requests that name none, here that of {plan.voice.name}; judged "
                f"otherwise: {', '.join(others)}: name temperature and top_p (the editor's file does)"
            )
        if detach:
            say(f"it runs until: gaea stop {plan.name}")
            return
        say("Ctrl-C stops it")
        process.wait()
    except KeyboardInterrupt:
        say(f"stopping {plan.name}")
        stop_server(data, server)
        if server.context is None:
            raise GaeaError(f"{plan.name} was stopped before it answered") from None
        return
    except BaseException:
        stop_server(data, server)
        raise
    stop(process.pid)  # what is left of it, if its first process was killed alone
    if known_server(data, plan.name) == server:  # else `gaea stop` has ended it
        raise GaeaError(
            f"{plan.name} ended by itself (status {process.returncode}): "
            f"{explain(place.log_file, plan.voice.serving)}; the whole log is {place.log_file}"
        )
    say(f"{plan.name} was stopped")


def stop_server(data: Path, server: ServerState) -> bool:
    """Stop a server, or what is left of it, and forget it.

    Returns:
        Whether it still ran.

    Raises:
        GaeaError: It belongs to another user.
    """
    ran = is_alive(server)
    note_stopping(data, server)  # first: this tells the command that waits for it that the end is wanted
    try:
        if may_have_left(server):
            stop(server.pid)
    except PermissionError:
        remember(data, server)
        raise GaeaError(f"{server.name}: process {server.pid} belongs to another user, who may stop it") from None
    forget(data, server)  # last: whoever is killed while it ends leaves it on the list, to be stopped again
    return ran


def end_left_over(data: Path) -> None:
    """End what killed servers have left: worker processes that nobody can reach any more, and that hold memory."""
    for server in known_servers(data):
        if not is_alive(server) and may_have_left(server):
            with suppress(PermissionError):  # another user's
                stop(server.pid)


def _start(
    plan: ServerPlan, place: ModelPlace, data: Path, key: str | None
) -> tuple[subprocess.Popen[bytes], ServerState]:
    """Start the process and note it, so that from its first moment `gaea status` knows of it."""
    serving = plan.voice.serving
    with alone_in(place_of(data)):  # two never start under one name
        _require_not_served(plan, data)
        end_left_over(data)
        process = start(place, serving, _extras(plan, place_of(data) / plan.name, key))
        try:
            state = ServerState(
                plan.name,
                plan.models,
                str(plan.folder),
                serving.host,
                plan.port,
                process.pid,
                psutil.Process(process.pid).create_time(),
                str(place.log_file),
                content=plan.content,
            )
            remember(data, state)
        except BaseException:
            stop(process.pid)
            raise
    return process, state


def _require_not_served(plan: ServerPlan, data: Path) -> None:
    for server in filter(is_alive, known_servers(data)):
        if server.stopping and (server.name == plan.name or server.port == plan.port):
            raise GaeaError(
                f"{server.name} on port {server.port} is being stopped: start again when gaea status no longer lists "
                f"it, or gaea stop {server.name} once more"
            )
        if server.name == plan.name:
            other = f" with another model ({(server.content or 'unknown')[:12]}, wanted {(plan.content or '')[:12]})"
            raise GaeaError(
                f"{plan.name} is served already{other if server.content != plan.content else ''}, at {server.url}: see "
                f"gaea status, or gaea stop {plan.name}"
            )
        if server.port == plan.port:
            raise GaeaError(
                f"port {plan.port} is taken by {server.name}: gaea stop {server.name}, or choose another under "
                f"serving.base_port or serving.tuned_port of the voice {plan.voice.name}"
            )


def _extras(plan: ServerPlan, folder: Path, key: str | None) -> Extras:
    """Write the files that vLLM reads: the trained prompt format, where it ends, and the sampling that was judged."""
    folder.mkdir(parents=True, exist_ok=True)
    template = plan.template
    if template is None:
        template = folder / "chat_template.jinja"
        write_whole(template, plan.encoder.marks.chat_template())
    own = read_json(plan.folder, "generation_config.json").get("eos_token_id")
    ends = {plan.encoder.end_id, *(own if isinstance(own, list) else [own] if own is not None else [])}
    sampling = plan.voice.evaluation
    generation = {
        "eos_token_id": sorted(ends),
        "do_sample": sampling.temperature > 0,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
    }
    write_whole(folder / "generation_config.json", json.dumps(generation, indent=1) + "\n")
    return Extras(plan.voice.serving.host, key, plan.adapters, plan.rank, template, folder)


def _context(server: ServerState, key: str | None) -> int:
    """The context that the server says it has: with `auto` it decided itself."""
    try:
        told = [model.get("max_model_len") for model in models(server.url, key)]
        return next(int(context) for context in told if context)  # adapters have none
    except (OSError, HTTPException, ValueError, TypeError, StopIteration):
        raise GaeaError(f"{server.url} does not tell its models as vLLM does; its log is {server.log}") from None


def _write_editor(plan: ServerPlan, data: Path, server: ServerState, key: str | None) -> Path:
    path = place_of(data) / plan.name / EDITOR
    write_whole(path, continue_config(server, plan.voice, plan.encoder, key=key is not None, voices=plan.voices))
    return path


def _tell(server: ServerState, editor: Path, say: Say) -> None:
    say(f"{server.name} answers at {server.url}")
    say(f"models: {', '.join(server.models)}; context: {server.context:,} tokens")
    say(f"for Continue, the editor plug-in: {editor}")
