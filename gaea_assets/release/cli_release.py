"""`gaea release VOICE`: decide now whether the voice's model is released, and print the decision record.

Exit status: 0 the model is released, 3 it is not, 4 it waits for readers; 1 a fault, 2 a wrong call.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaea_assets.release.kept import folder_of
from gaea_assets.release.pointer import Released, history, released, released_voices, voices_with_history
from gaea_assets.release.records import TITLES, read_records

if TYPE_CHECKING:
    from gaea_assets.resources import Workspace

EXIT = {"released": 0, "not_released": 3, "waiting": 4}


def add_parser(commands: Any) -> None:
    """Add the `release` command to the commands of `gaea`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "release", help="decide whether a voice's model is released, or go back", description=__doc__
    )
    parser.add_argument("voice", nargs="?", metavar="VOICE", help="decide on this voice's model")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--again", action="store_true", help="decide, and let a model return that was taken back before")
    what.add_argument("--rollback", action="store_true", help="take the released model back: the one before it returns")
    what.add_argument("--withdraw", action="store_true", help="take the released model back, and release none")
    what.add_argument("--list", action="store_true", help="what is released, and all decisions, newest first")
    what.add_argument(
        "--prune", type=_count, metavar="N", help="keep N models of each voice, or of VOICE, and the released one"
    )
    parser.set_defaults(run=lambda chosen: run(parser, chosen))


def run(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    """Do what was asked for, and print it.

    Raises:
        GaeaError: See `actions`.
    """
    from gaea_assets.release import actions  # imports Dagster: a second that other commands need not wait
    from gaea_assets.resources import Workspace

    workspace = Workspace()
    data = Path(workspace.data).resolve()
    if chosen.voice is not None and (chosen.list or chosen.prune is not None):
        _require_known(workspace, data, chosen.voice)
    if chosen.rollback:
        back = actions.roll_back(data, chosen.voice)
        print(f"released again: {_told(data, back)}")
        _tell_outdated(data)
    elif chosen.withdraw:
        gone = actions.withdraw(data, chosen.voice)
        print(f"taken back: {gone.voice} ({gone.model[:12]}); no model of the voice {gone.voice} is released now")
        _tell_outdated(data)
    elif chosen.list:
        print(_listing(data, chosen.voice))
    elif chosen.prune is not None:
        deleted = actions.prune(workspace, chosen.prune, chosen.voice)
        print("\n".join(f"deleted: {folder}" for folder in deleted) or "nothing to delete")
    elif chosen.voice is None:
        parser.error("name a VOICE to decide on, or give --rollback, --withdraw, --list or --prune")
    else:
        return _decide(workspace, chosen.voice, again=chosen.again)
    return 0


def _decide(workspace: "Workspace", voice: str, *, again: bool) -> int:
    from gaea_assets.release import actions

    data = Path(workspace.data).resolve()
    done = actions.release(workspace, voice, again=again)
    print(done.record.path.with_suffix(".md").read_text("utf-8"))
    print(f"record: {done.record.path}")
    if done.alarm:
        print(f"ALARM: {done.alarm.told}")
    if done.switched:
        print(f"released: {_told(data, done.switched)}")
    _tell_outdated(data)
    return EXIT[done.record.outcome]


def _require_known(workspace: "Workspace", data: Path, voice: str) -> None:
    """Refuse a misspelt voice; one that was decided on is known also where its file is gone."""
    if voice not in {folder.name for folder in (data / "release").glob("*/")}:
        workspace.voice(voice)


def _tell_outdated(data: Path) -> None:
    from gaea_assets.serving.outdated import outdated_servers

    for line in outdated_servers(data):
        print(line)


def _told(data: Path, now: Released) -> str:
    return f"{now.voice} ({now.model[:12]}), {folder_of(data, now.voice, now.model)}"


def _listing(data: Path, only: str | None) -> str:
    lines = []
    for voice in (voice for voice in voices_with_history(data) if only in (None, voice)):
        if now := released(data, voice):
            lines.append(f"released: {_told(data, now)}, since {now.at}")
        for past in reversed(history(data, voice)):
            model = past.released.model[:12]
            lines.append(f"before: {voice} ({model}), {past.event} {past.until}: {past.reason}")
    for record in reversed(read_records(data, only)):
        model = record.model[:12] if record.model else "-"
        lines.append(f"{record.at[:19]}  {record.voice}  {model}  {TITLES[record.outcome]}: {record.reason}")
    is_any = any(only in (None, voice) for voice in released_voices(data))
    return "\n".join(lines if is_any else ["released: nothing", *lines])


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)
