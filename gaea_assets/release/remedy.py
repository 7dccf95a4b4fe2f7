"""The next recipe for a voice that does not pass: one that no voice here has tried."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gaea_assets.config import VoiceConfig, load_voice, voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import NOT_LEARNT
from gaea_assets.release.problems import Findings, Problem, find_problems
from gaea_assets.release.recipe_steps import Step
from gaea_assets.store import digest
from gaea_assets.verdict import listed

RECIPE = {"manuscript", "base", "dataset", "training", "evaluation"}
"""Sections that decide what a voice writes."""


@dataclass(frozen=True)
class Change:
    """One field of the next recipe."""

    field: str
    """As `section.field`."""
    before: Any
    after: Any
    why: str

    @property
    def was(self) -> str:
        """The value before, as a person writes it."""
        return f"{self.before:g}" if isinstance(self.before, float) else str(self.before)


@dataclass(frozen=True)
class Proposal:
    """The next recipe."""

    extends: str
    """The voice that it changes."""
    problem: str
    """What it is to mend, with figures."""
    changes: tuple[Change, ...]
    passed_over: tuple[str, ...]
    """Voices that tried what would have come first."""
    others: tuple[str, ...]
    """What else is wrong, for the recipe after this one."""
    beside: tuple[str, ...] = ()
    """What no recipe mends: the author's part."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class NoRecipeLeftError(GaeaError):
    """Every recipe that could mend a voice has been tried, or none can."""

    def __init__(self, told: str, beside: Iterable[str]) -> None:
        """Say what is wrong, and what no recipe mends."""
        super().__init__(" ".join([f"{told}.", *beside]))
        self.told = told
        """What is wrong, without what no recipe mends."""


def propose(voice: VoiceConfig, found: Findings, tried: Iterable[VoiceConfig]) -> Proposal | None:
    """The likeliest recipe that has not been tried.

    Args:
        voice: The recipe that did not pass.
        found: What is wrong with it.
        tried: The voices there are.

    Returns:
        The proposal; None where nothing is wrong.

    Raises:
        NoRecipeLeftError: Every recipe that could mend it has been tried, or none can.
    """
    problems = find_problems(found)
    if not problems:
        return None
    beside = tuple(dict.fromkeys(line for problem in problems for line in problem.beside))
    known = {recipe_hash(other): other.name for other in (*tried, voice)}
    passed_over: list[str] = []
    for problem in problems:
        for moves in problem.moves:
            changes, next_voice = _moved(voice, moves, problem, found)
            if not changes:
                continue
            name = known.get(recipe_hash(next_voice))
            if name is None:
                others = tuple(other.told for other in problems if other is not problem)
                over = tuple(dict.fromkeys(passed_over))
                return Proposal(voice.name, problem.told, changes, over, others, beside)
            passed_over.append(name)
    tried_names = f" that has not been tried ({listed(sorted(set(passed_over)), 5)})" if passed_over else ""
    raise NoRecipeLeftError(f"{voice.name}: {problems[0].told}: there is no recipe to propose{tried_names}", beside)


def recipe_hash(voice: VoiceConfig) -> str:
    """Tells recipes apart: the same for two voices that would give the same model and the same report."""
    return digest(voice.model_dump(mode="json", include=RECIPE, exclude={"training": set(NOT_LEARNT)}))


def _moved(
    voice: VoiceConfig, moves: Iterable[Step], problem: Problem, found: Findings
) -> tuple[tuple[Change, ...], VoiceConfig]:
    """The changes of several moves in a row, and the voice after them."""
    now, why = voice, {}
    for move in moves:
        for field, value in move.values(now, found.curve).items():
            now = _with(now, field, value)
            why[field] = f"{problem.short}: {move.effect}"
    try:
        VoiceConfig.model_validate(now.model_dump())
    except ValidationError:  # the voice's other fields leave no room for it
        return (), voice
    changes = (Change(field, _value(voice, field), _value(now, field), reason) for field, reason in why.items())
    return tuple(change for change in changes if change.before != change.after), now


def _with(voice: VoiceConfig, field: str, value: Any) -> VoiceConfig:
    section, name = field.split(".")
    return voice.model_copy(update={section: getattr(voice, section).model_copy(update={name: value})})


def _value(voice: VoiceConfig, field: str) -> Any:
    section, name = field.split(".")
    return getattr(getattr(voice, section), name)


def known_voices(folder: Path) -> list[VoiceConfig]:
    """The voices of a folder that load; one with a fault cannot have been tried as it is."""
    found = []
    for name in voice_names(folder):
        try:
            found.append(load_voice(name, folder))
        except GaeaError:
            continue
    return found
