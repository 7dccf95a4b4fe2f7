"""The `gaea` command: what can be done without opening the Dagster UI."""

import argparse
import errno
import io
import os
import sys

from gaea_assets.errors import INTERRUPTED, GaeaError

UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR}
"""What the system says of a folder that cannot be written; whatever else it says is a fault of ours, and not hidden."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; a fault of the user's is one line on stderr and status 1, a Ctrl-C one line and status 130."""
    _write_what_the_terminal_can()
    try:
        chosen = _parser().parse_args(arguments)
        status: int = chosen.run(chosen)
        sys.stdout.flush()
        return status
    except GaeaError as error:
        print(f"gaea: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("gaea: stopped by Ctrl-C", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `gaea ... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        print(f"gaea: {where}{error.strerror}; see to the folder's rights and to room on the disk", file=sys.stderr)
        return 1


def _write_what_the_terminal_can() -> None:
    """An author's words may hold what a terminal's encoding has not: shown as an escape, no fault."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    """The commands; imported here, so that a Ctrl-C in the first seconds leaves no traceback either."""
    from gaea_assets.blind import cli_blind
    from gaea_assets.finetune import cli_plan
    from gaea_assets.manuscript import cli_chunks
    from gaea_assets.release import cli_release, cli_remedy
    from gaea_assets.serving import cli_bench, cli_serve
    from gaea_assets.style import cli_score

    parser = argparse.ArgumentParser(prog="gaea", description=__doc__)
    commands = parser.add_subparsers(required=True)
    demo = commands.add_parser("demo", help="materialise all assets of a voice and print its table")
    demo.add_argument("voice", nargs="?", default="pocket", help="a file in configs/voices (default: pocket)")
    demo.set_defaults(run=_demo)
    home = commands.add_parser("home", help="make the Dagster instance folder ready, end killed runs, and print it")
    home.set_defaults(run=_home)
    cli_score.add_parser(commands)
    cli_chunks.add_parser(commands)
    cli_blind.add_parser(commands)
    cli_release.add_parser(commands)
    cli_remedy.add_parser(commands)
    cli_bench.add_parser(commands)
    cli_serve.add_parser(commands)
    cli_plan.add_parser(commands)
    return parser


def _demo(chosen: argparse.Namespace) -> int:
    """Print the table whatever it says: a gate that fails is a result, not an accident."""
    from gaea_assets.demo import run_voice

    run_voice(chosen.voice)
    return 0


def _home(_: argparse.Namespace) -> int:
    """Killed runs are ended here, which `make dev` comes by: they would hold the accelerator."""
    from dagster import DagsterInstance

    from gaea_assets.dead_runs import end_dead_runs
    from gaea_assets.instance import prepare_instance

    print(prepare_instance())
    with DagsterInstance.get() as instance:
        for run in end_dead_runs(instance):
            print(f"run {run} was killed: ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
