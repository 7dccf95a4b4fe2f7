"""What is shown to the readers, and which side is which: fixed in a file before the first vote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from gaea_assets.blind.files import ReadingFiles, locked
from gaea_assets.config import Blind
from gaea_assets.errors import GaeaError
from gaea_assets.store import digest, write_whole

Writer = Literal["author", "base", "tuned", "shuffled", "again"]
"""`shuffled`: the author's text with its words in any order; `again`: the author's text once more."""
Kind = Literal["pair", "check"]
FIXED = ("target", "words", "checks", "repeats")
"""Settings that must be what they were when the reading was planned; `votes` may be raised."""


@dataclass(frozen=True)
class Pair:
    """Two texts that go on from one prompt."""

    kind: Kind
    """`pair`: base and tuned model, it counts; `check`: the author's text, and the same shuffled or once more."""
    prompt_id: str
    prompt: str
    excerpt: int
    """Which of the author's excerpts stands above it."""
    texts: Mapping[Writer, str]


@dataclass(frozen=True)
class Item:
    """A pair as it is shown: with its sides."""

    pair: int
    a: Writer
    b: Writer

    def chosen(self, answer: str) -> float:
        """What an answer says of the text that is not the base model's: 1 preferred, 0.5 a tie, 0 not."""
        if answer == "tie":
            return 0.5
        return float((self.a if answer == "A" else self.b) != "base")

    def right(self, answer: str) -> bool | None:
        """Whether an answer to an attention check is the one that whoever has read both texts gives.

        None where taste has a part in it: readings planned earlier asked for the author or the base model, and whom
        that leaves out are those who do not prefer the author's voice.
        """
        if "again" in (self.a, self.b):
            return answer == "tie"
        if "shuffled" in (self.a, self.b):
            return answer == ("A" if self.b == "shuffled" else "B")
        return None


@dataclass(frozen=True)
class AttentionRule:
    """Readers who often miss what nobody misses who has read both texts are left out, whatever their taste."""

    least_checks: int = 3
    """With fewer checks judged a reader stays in."""
    least_share: float = 2 / 3
    """Least share of the checks that was answered rightly."""

    def leaves_out(self, judged: Sequence[bool]) -> bool:
        """Whether a reader with these answers to the checks (right or not) is left out."""
        return len(judged) >= self.least_checks and sum(judged) / len(judged) < self.least_share - 1e-9


@dataclass(frozen=True)
class Plan:
    """One reading."""

    id: str
    """Hash of everything else here; every vote carries it."""
    voice: str
    model: str
    seed: int
    votes: int
    """Votes wanted when it was planned."""
    settings: Mapping[str, float]
    rule: AttentionRule
    made_from: Mapping[str, Any]
    """Content hashes of the texts, and how they were sampled."""
    left_out: Mapping[str, int]
    """Pairs left out since this writer wrote too little."""
    in_report: bool
    """Whether the texts stand in the style report too, with their writers: there is one a prompt only."""
    language: str
    excerpts: Sequence[str]
    pairs: Sequence[Pair]
    items: Mapping[str, Item]

    def of_kind(self, kind: Kind) -> list[int]:
        """Indices of the pairs of a kind."""
        return [index for index, pair in enumerate(self.pairs) if pair.kind == kind]

    def shown(self, item: str) -> tuple[Pair, str, str]:
        """The pair of an item, and its texts A and B."""
        found = self.items[item]
        pair = self.pairs[found.pair]
        return pair, pair.texts[found.a], pair.texts[found.b]


def with_id(plan: Plan) -> Plan:
    """The plan with the hash of its content."""
    return replace(plan, id=digest({**asdict(plan), "id": ""}))


def write_once(plan: Plan, files: ReadingFiles) -> Plan:
    """Write the key, unless there is one already: that one stays, and is what is read.

    Returns:
        The plan that lies there now.

    Raises:
        GaeaError: It cannot be written, or what lies there is no key of this model.
    """
    with locked(files.folder / ".lock"):
        if not files.key.exists():
            try:
                write_whole(files.key, json.dumps(asdict(plan), ensure_ascii=False, indent=1) + "\n")
            except OSError as error:
                raise GaeaError(f"{files.key}: not saved ({error.strerror}); make room on the disk") from None
    found = read_plan(files)
    assert found is not None  # noqa: S101 - it has just been seen
    return found


def read_plan(files: ReadingFiles) -> Plan | None:
    """The plan of a reading, or None where there is none.

    Raises:
        GaeaError: The key is not as it was written, or is another model's.
    """
    try:
        fields = json.loads(files.key.read_text("utf-8"))
        plan = Plan(
            **{
                **fields,
                "rule": AttentionRule(**fields["rule"]),
                "pairs": tuple(Pair(**pair) for pair in fields["pairs"]),
                "items": {name: Item(**item) for name, item in fields["items"].items()},
            }
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GaeaError(f"{files.key}: cannot be read ({error.strerror}); see to its rights") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise GaeaError(f"{files.key}: not readable as a key ({error}); {_REMEDY}") from None
    if with_id(plan).id != plan.id:
        raise GaeaError(f"{files.key}: changed since it was written; {_REMEDY}")
    if (plan.model, plan.seed) != (files.model, files.seed):
        raise GaeaError(f"{files.key}: the key of another model or seed; {_REMEDY}")
    return plan


_REMEDY = "put the file back from a copy, or read anew under another blind.seed"


def require_settings(plan: Plan, settings: Blind, files: ReadingFiles) -> None:
    """Refuse settings other than those that were fixed before the first vote.

    Raises:
        GaeaError: A setting has changed, or fewer votes are wanted than at first.
    """
    for field in FIXED:
        if plan.settings[field] != getattr(settings, field):
            raise GaeaError(
                f"blind.{field}: {getattr(settings, field):g} given, but the reading was fixed with "
                f"{plan.settings[field]:g} before its first vote ({files.key}); put it back, or read anew under "
                f"another blind.seed"
            )
    if settings.votes < plan.votes:
        raise GaeaError(
            f"blind.votes: {settings.votes} given, but the reading was fixed with {plan.votes} before its first vote "
            f"({files.key}); the number may only be raised"
        )
