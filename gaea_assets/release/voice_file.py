"""A proposed recipe as a voice file, with a reason beside each line."""

import os
import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from gaea_assets.config import voice_names
from gaea_assets.release.kept import link_or_copy
from gaea_assets.release.remedy import Proposal


def next_name(voice: str, folder: Path) -> str:
    """`<voice>_2`, or the next number that is free."""
    taken = set(voice_names(folder))
    stem = re.sub(r"_\d+$", "", voice)
    stem = stem if stem in taken else voice  # a book may be called 1984
    number = 2
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def voice_file(proposal: Proposal) -> str:
    """The proposal as a voice file: what it is for, and a reason beside each line."""
    head = [f"Proposed by `gaea remedy {proposal.extends}` on {datetime.now(UTC):%Y-%m-%d}: {proposal.problem}."]
    if proposal.passed_over:
        head.append(f"Tried before: {', '.join(proposal.passed_over)}.")
    head += [f"Not mended by this: {other}." for other in proposal.others]
    head += [f"Beside the recipe: {line}" for line in proposal.beside]
    sections: dict[str, list[str]] = {}
    for change in proposal.changes:
        section, name = change.field.split(".")
        line = f"  {_yaml({name: change.after})}"
        sections.setdefault(section, []).append(f"{line:<28} # was {change.was}; {change.why}")
    if set(sections) == {"evaluation"}:
        head.append(
            f"Only what is generated changes: set it in {proposal.extends}.yaml itself to spare another training."
        )
    comment = [
        line for text in head for line in textwrap.wrap(text, 116, initial_indent="# ", subsequent_indent="#   ")
    ]
    body = [line for section, lines in sections.items() for line in (f"{section}:", *lines)]
    return "\n".join([*comment, _yaml({"extends": proposal.extends}), *body]) + "\n"


def write_voice_file(proposal: Proposal, folder: Path) -> Path:
    """Write the voice file under the next free number; a file that is there is never touched.

    Returns:
        Its path.
    """
    beside = folder / f".remedy.new-{os.getpid()}"
    beside.write_text(voice_file(proposal), "utf-8")
    try:
        while True:
            path = folder / f"{next_name(proposal.extends, folder)}.yaml"
            try:
                link_or_copy(beside, path)
                return path
            except FileExistsError:  # another one took the number just now
                continue
    finally:
        beside.unlink()


def _yaml(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(value)).strip()
