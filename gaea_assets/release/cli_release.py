"""`gaea release VOICE`: decide now whether the voice's model is released, and print the decision record."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaea_assets.release.pointer import history, released
from gaea_assets.release.records import TITLES, read_records

if TYPE_CHECKING:
    from gaea_assets.resources import Workspace


def add_parser(commands: Any) -> None:
    """Add the `release` command to the commands of `gaea`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "release", help="decide whether a voice's model is released, or go back", description=__doc__
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("voice", nargs="?", metavar="VOICE", help="decide on this voice's model")
    what.add_argument("--rollback", action="store_true", help="take the released model back: the one before it returns")
    what.add_argument("--list", action="store_true", help="what is released, and all decisions, newest first")
    what.add_argument(
        "--prune", type=_count, metavar="N", help="keep the N newest models of each voice, and the released one"
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Do what was asked for, and print it.

    Raises:
        GaeaError: See `actions`.
    """
    from gaea_assets.release import actions  # imports Dagster: a second that other commands need not wait
    from gaea_assets.resources import Workspace

    workspace = Workspace()
    data = Path(workspace.data)
    if chosen.rollback:
        back = actions.roll_back(data)
        print(f"released again: {back.voice} ({back.model[:12]}), {back.folder}")
    elif chosen.list:
        print(_listing(data))
    elif chosen.prune is not None:
        gone = actions.prune(data, chosen.prune)
        print("\n".join(f"deleted: {folder}" for folder in gone) or "nothing to delete")
    else:
        _decide(workspace, chosen.voice)
    return 0


def _decide(workspace: "Workspace", voice: str) -> None:
    from gaea_assets.release import actions

    done = actions.release(workspace, voice)
    print(done.record.path.with_suffix(".md").read_text("utf-8"))
    print(f"record: {done.record.path}")
    if done.alarm:
        print(f"ALARM: {done.alarm.told}")
    if done.switched:
        print(f"released: {done.switched.voice} ({done.switched.model[:12]}), {done.switched.folder}")


def _listing(data: Path) -> str:
    now = released(data)
    lines = [f"released: {now.voice} ({now.model[:12]}) since {now.at}, {now.folder}" if now else "released: nothing"]
    for past in reversed(history(data)):
        lines.append(
            f"before: {past.released.voice} ({past.released.model[:12]}), {past.event} {past.until}: {past.reason}"
        )
    for record in reversed(read_records(data)):
        model = record.model[:12] if record.model else "-"
        lines.append(f"{record.at[:19]}  {record.voice}  {model}  {TITLES[record.outcome]}: {record.reason}")
    return "\n".join(lines)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)
