"""`gaea remedy VOICE`: write the next recipe for a voice that does not pass, as a voice file with its reasons."""

import argparse
from typing import Any

from gaea_assets.release.voice_file import next_name, voice_file, write_voice_file


def add_parser(commands: Any) -> None:
    """Add the `remedy` command to the commands of `gaea`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "remedy", help="propose the next recipe for a voice that does not pass", description=__doc__
    )
    parser.add_argument("voice", metavar="VOICE", help="a voice that has a style report, or at least an adapter")
    parser.add_argument("--dry-run", action="store_true", help="print the voice file, write nothing")
    parser.add_argument("--out-of-memory", action="store_true", help="its training ran out of memory")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Propose, and print the proposal.

    Raises:
        GaeaError: The voice has not been trained and judged, or there is no recipe left to propose.
    """
    from gaea_assets.release.next_recipe import next_recipe  # imports Dagster: a second that others need not wait
    from gaea_assets.resources import Workspace

    workspace = Workspace()
    proposal = next_recipe(workspace, workspace.voice(chosen.voice), out_of_memory=chosen.out_of_memory)
    if proposal is None:
        print(f"{chosen.voice}: nothing is wrong that another recipe could mend; decide with `gaea release`")
        return 0
    print(voice_file(proposal), end="")
    if chosen.dry_run:
        print(f"\n# would be written as {workspace.voices / next_name(chosen.voice, workspace.voices)}.yaml")
        return 0
    path = write_voice_file(proposal, workspace.voices)
    print(f"\nwritten: {path}\nnext: make demo VOICE={path.stem}, or reload the code location and materialise it")
    return 0
