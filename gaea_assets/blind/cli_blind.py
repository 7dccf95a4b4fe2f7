"""`gaea blind VOICE [--reader NAME] [--port N]`: read what base and tuned model wrote, not knowing which is which."""

from __future__ import annotations

import argparse
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.plan import Plan, read_plan, require_settings, write_once
from gaea_assets.blind.planning import make_plan
from gaea_assets.blind.sample import take_sample
from gaea_assets.blind.votes import read_votes, reader_name
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.serving.continuations import heldout_prompts, read_continuations
from gaea_assets.store import read_provenance

if TYPE_CHECKING:
    from gaea_assets.config import VoiceConfig
    from gaea_assets.resources import Workspace

PORT = 8010


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `blind` command to the subparsers of `gaea`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "blind", help="read base and tuned model side by side, blind, and vote", description=__doc__
    )
    parser.add_argument("voice", metavar="VOICE", help="a file in configs/voices")
    parser.add_argument("--reader", metavar="NAME", help="who reads (default: the page asks)")
    parser.add_argument("--port", type=_port, default=PORT, metavar="N", help=f"port on 127.0.0.1 (default: {PORT})")
    parser.set_defaults(run=run)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1024 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1024 to 65535")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C.

    Args:
        args: As parsed by `add_parser`'s parser.

    Returns:
        Exit status 0.

    Raises:
        GaeaError: There is nothing to read, the reading's files are spoilt, or the port is taken.
    """
    from gaea_assets.release.evidence import why_not_released
    from gaea_assets.resources import Workspace

    workspace = Workspace()
    voice = workspace.voice(args.voice)
    reader = reader_name(args.reader) if args.reader is not None else None
    files, plan = prepare(workspace, voice)
    if fault := why_not_released(workspace, voice):
        print(f"warning: whatever is voted, this model will not be released as it is: {fault}")
    votes = read_votes(files.votes, plan)
    for fault in votes.faults:
        print(f"warning: {fault}")
    if plan.in_report:
        print(
            "warning: a prompt has one continuation only, which the style report shows with its writer's name: let "
            "nobody vote who has seen the report, or raise evaluation.samples_per_prompt"
        )
    missing = take_sample(plan, votes.votes, voice.blind.votes).missing
    serve(plan, files, voice.blind.votes, args.port, reader, f"{_about(plan, voice.blind.votes)}\n{_missing(missing)}")
    return 0


def prepare(workspace: Workspace, voice: VoiceConfig) -> tuple[ReadingFiles, Plan]:
    """The reading of the model that lies there now, planned if it has not been.

    Raises:
        GaeaError: Something it needs has not been made, or does not belong to this model.
    """
    from gaea_assets.lineage import content
    from gaea_assets.release.measured_with import measuring_basis

    files = ReadingFiles.of(
        Path(workspace.data), voice.name, content("merged_model", workspace, voice.name), voice.blind.seed
    )
    plan = read_plan(files)
    if plan is None:
        basis = measuring_basis(workspace, voice.name, unedited=False)
        made_from = _require_matching(workspace, basis, voice)
        plan = write_once(_plan(workspace, basis, voice, files.model, made_from), files)
    require_settings(plan, voice.blind, files)
    return files, plan


def _require_matching(workspace: Workspace, basis: Workspace, voice: VoiceConfig) -> dict[str, Any]:
    """Where the texts come from, if all of them belong together and their prompts can be told by today's settings.

    The files are not held against their hashes: a model has many gigabytes, and the asset does so at the end.
    """
    from gaea_assets.lineage import content
    from gaea_assets.recorded import OF_THE_MODEL, require_recorded
    from gaea_assets.release.evidence import require_known_writers

    require_recorded(OF_THE_MODEL, workspace, voice.name, unedited=False)
    roots = {"baseline_metrics": basis, "style_report": workspace}
    for asset, root in roots.items():
        place = root.made(asset, voice.name)
        found = read_provenance(place)
        if found is None or found.made_from.get("evaluation") != voice.evaluation.model_dump(mode="json"):
            raise GaeaError(
                f"{place} does not match what it would be made from now (changed: evaluation); put it back, or "
                f"materialise {asset} of the voice {voice.name} again"
            )
    require_known_writers(workspace, voice.name)
    return {
        **{asset: content(asset, root, voice.name) for asset, root in roots.items()},
        "evaluation": voice.evaluation.model_dump(mode="json"),
    }


def _plan(workspace: Workspace, basis: Workspace, voice: VoiceConfig, model: str, made_from: dict[str, Any]) -> Plan:
    dataset = basis.made("prefix_completion_dataset", voice.name)
    training = {example.id: example for example in read_jsonl(dataset / "train.jsonl")}  # weights repeat some
    return make_plan(
        voice.name,
        model,
        voice.blind,
        voice.manuscript.language,
        {name: example.text for name, example in training.items()},
        heldout_prompts(list(training.values()), voice.evaluation),
        heldout_prompts(read_jsonl(dataset / "validation.jsonl"), voice.evaluation),
        read_continuations(basis.made("baseline_metrics", voice.name) / "continuations.jsonl"),
        read_continuations(workspace.made("style_report", voice.name) / "continuations.jsonl"),
        made_from,
    )


def serve(plan: Plan, files: ReadingFiles, votes: int, port: int, reader: str | None, told: str) -> None:
    """Serve the page on the loopback interface until a signal to stop.

    Raises:
        GaeaError: The port is taken.
    """
    import uvicorn

    from gaea_assets.blind.page import BlindPage

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
            listening.listen()
        except OSError as error:
            raise GaeaError(f"--port {port}: not free ({error.strerror}); give another one") from None
        path = f"readers/{quote(reader, safe='')}" if reader else ""
        print(f"{told}\nhttp://127.0.0.1:{port}/{path}  (Ctrl-C stops; every vote is kept)", flush=True)
        config = uvicorn.Config(
            BlindPage(plan, files, votes, reader).app(),
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        with suppress(KeyboardInterrupt):  # uvicorn has shut down then, and passes the signal on
            uvicorn.Server(config).run(sockets=[listening])


def _about(plan: Plan, wanted: int) -> str:
    pairs, checks = len(plan.of_kind("pair")), len(plan.of_kind("check"))
    prompts = len({plan.pairs[pair].prompt_id for pair in plan.of_kind("pair")})
    readers = -(-wanted // pairs)
    enough = "one reader can give" if readers == 1 else f"at least {readers} readers are needed for"
    return f"{plan.voice}: {pairs} pairs on {prompts} prompts, {checks} attention checks; {enough} the {wanted} votes"


def _missing(missing: int) -> str:
    if missing:
        return f"{missing} votes are missing; the key stays closed until then"
    return "all votes are in: materialise blind_evaluation to open the key"
