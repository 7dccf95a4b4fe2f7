"""The `gaea` command: what can be done without opening the Dagster UI."""

import argparse
import sys

from gaea_assets.errors import GaeaError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; a fault of the user's is one line on stderr and status 1."""
    parser = argparse.ArgumentParser(prog="gaea", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="materialise all assets of a voice and print its table")
    demo.add_argument("voice", nargs="?", default="pocket", help="a file in configs/voices (default: pocket)")
    home = commands.add_parser("home", help="make the Dagster instance folder ready and print it")
    chosen = parser.parse_args(arguments)
    del demo, home
    try:
        if chosen.command == "home":
            from gaea_assets.instance import prepare_instance

            print(prepare_instance())
        else:
            from gaea_assets.demo import run_voice

            run_voice(chosen.voice)
    except GaeaError as error:
        print(f"gaea: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
