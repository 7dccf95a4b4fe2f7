"""Votes: what one is, and the file that keeps them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gaea_assets.blind.files import append_line, locked, read_lines
from gaea_assets.blind.plan import Plan
from gaea_assets.errors import GaeaError

ANSWERS = ("A", "tie", "B")
LONGEST_NOTE = 2000
LONGEST_NAME = 40
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc", "'''")
_PLAN = 16
"""So many characters of the plan's hash stand in a vote."""


@dataclass(frozen=True)
class Vote:
    """A reader's answers to one item."""

    plan: str
    reader: str
    item: str
    closer: str
    """Which side is closer to the author: `A`, `B` or `tie`."""
    better: str
    """Which side is better written."""
    note: str
    at: str
    """When it was given, ISO 8601, UTC."""


@dataclass(frozen=True)
class Votes:
    """What a file of votes holds."""

    votes: Sequence[Vote]
    """In the order they were given; of a reader's votes on one item the first alone."""
    faults: Sequence[str]
    """Lines that are no votes, as a kill in mid-write leaves one: told, and passed over."""


def reader_name(text: str) -> str:
    """The name a reader goes by, so that nobody reads under two spellings.

    Raises:
        GaeaError: It is none.
    """
    name = _one_spelling(text)
    if not 1 <= len(name) <= LONGEST_NAME or not name[0].isalnum() or not all(map(_in_names, name)):
        raise GaeaError(f"{text!r} is no reader's name; give 1 to 40 letters, digits, spaces, dots or hyphens")
    return name


def _one_spelling(text: str) -> str:
    """Small letters of one width, single spaces, and the apostrophe of a keyboard for that of a phone."""
    lower = unicodedata.normalize("NFKC", text).lower().translate(_APOSTROPHES)
    return " ".join(unicodedata.normalize("NFKC", lower).split())


def _in_names(char: str) -> bool:
    # Marks: the vowel signs of many scripts, and what a Turkish capital leaves in small letters.
    return char.isalnum() or char in " .'-_" or unicodedata.category(char).startswith("M")


def cast(plan: Plan, reader: str, item: str, closer: str, better: str, note: str) -> Vote:
    """A vote given now."""
    return Vote(plan.id[:_PLAN], reader, item, closer, better, note, datetime.now(UTC).isoformat(timespec="seconds"))


def save(vote: Vote, path: Path, plan: Plan) -> bool:
    """Append a vote; on return it is on the disk.

    Returns:
        False where the reader has judged the item before: the first answers stand.

    Raises:
        GaeaError: It cannot be written.
    """
    with locked(path) as descriptor:
        before = read_votes(path, plan).votes
        if any((old.reader, old.item) == (vote.reader, vote.item) for old in before):
            return False
        append_line(descriptor, path, asdict(vote))
    return True


def read_votes(path: Path, plan: Plan) -> Votes:
    """The votes of a file.

    Raises:
        GaeaError: A vote is on another plan, so on another model or other texts.
    """
    found: dict[tuple[str, str], Vote] = {}
    faults = []
    for number, line in read_lines(path):
        vote = _vote(line)
        if vote is None:
            faults.append(f"{path}: line {number} is no vote (cut off by a kill?) and does not count")
        elif vote.plan != plan.id[:_PLAN]:
            raise GaeaError(
                f"{path}: line {number}: a vote on another reading ({vote.plan}) than that of the model "
                f"{plan.model[:12]}; such votes do not count: take the line out, or put the right key back"
            )
        elif vote.item not in plan.items:
            faults.append(f"{path}: line {number}: there is no item {vote.item!r}; the vote does not count")
        else:
            found.setdefault((vote.reader, vote.item), vote)
    return Votes(tuple(found.values()), tuple(faults))


def _vote(line: Any) -> Vote | None:
    if not isinstance(line, dict) or line.keys() != Vote.__annotations__.keys():
        return None
    if not all(isinstance(value, str) for value in line.values()):
        return None
    if not {line["closer"], line["better"]} <= set(ANSWERS):
        return None
    return Vote(**line | {"reader": _one_spelling(line["reader"])})  # earlier versions knew more spellings
