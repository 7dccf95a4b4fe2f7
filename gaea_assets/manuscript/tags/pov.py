"""The point-of-view character of a chunk."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gaea_assets.manuscript.tags.entities import Entities
from gaea_assets.manuscript.tags.mentions import Mentions
from gaea_assets.manuscript.tags.telling import Telling

WEIGHT = {"mental": 3.0, "inner": 2.0, "subject": 1.0, "other": 0.25, "object": 0.1}
"""What a place in the narration adds to its character: as subject of a verb of mind or sense, *her fear*, subject,
neither, object."""
INNER_WEIGHT = WEIGHT | {"subject": 0.0, "other": 0.0, "object": 0.0}
_LEADING = frozenset({"mental", "inner", "subject"})
LEAST = 2.0
LEAD = 1.2
"""The first must have so much, and so many times the second, to lead."""
GIVEN = 2.0
"""What one sentence like *my name is Ada* weighs, in calls."""
MOST_TOLD = 0.25
"""A name that others call is that of *you* or *I* if the chunk's narration has it at most so many times as often."""
OFTEN = 0.05
"""It must be called once in twenty of the chunks told by *I* or *you*."""
SOLE_SHARE = 0.1
"""Of those chunks, that call the name of the only one who tells."""
_OWN_NAME = re.compile(
    r"\b(?:(?:[Mm]y|[Yy]our) (?:own )?name (?:is|was)|I am called|[Cc]all me|I,|[Yy]ou,) "
    r"(?P<name>[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
)
_PERSON_OF = {"first": "I", "second": "you"}


@dataclass(frozen=True)
class Calls:
    """Who is called by name in the chunks that *I* or *you* tell.

    Attributes:
        everywhere: Calls of each name.
        most: Calls of the name that is called most, at least 1.
        least: A name called less is nobody's who tells.
        sole: The one who tells them all, if one name is called in a tenth of them and the narration hardly has it.
    """

    everywhere: Counter[str]
    most: int
    least: float
    sole: str | None


def calls_of(chunks: Iterable[Mentions], names: Entities) -> Calls:
    """Count the calls in the chunks told by *I* or *you*."""
    everywhere: Counter[str] = Counter()
    chunks_called: Counter[str] = Counter()
    told: Counter[str] = Counter()
    number = 0
    for found in chunks:
        here = _calls_of(found, names)
        everywhere.update(here)
        chunks_called.update(here.keys())
        told.update(_told(found, names))
        number += 1
    sole = [
        name
        for name, count in chunks_called.most_common()
        if count >= max(2.0, SOLE_SHARE * number) and told[name] <= MOST_TOLD * everywhere[name]
    ]
    most = max(everywhere.values(), default=1)
    return Calls(everywhere, most, OFTEN * number, sole[0] if len(sole) == 1 else None)


def point_of_view(
    person: str, found: Mentions, own: Counter[str], names: Entities, calls: Calls, in_scene: bool
) -> str | None:
    """Whose eyes a chunk is told through.

    Args:
        person: Person of the narration.
        found: The chunk's mentions.
        own: Names that the narration gives to its *I* or *you*.
        names: The manuscript's names.
        calls: Who is called in the manuscript.
        in_scene: Whether the chunk is more than exposition, in which doing things alone does not lead.

    Returns:
        `I` or `you` in the first and second person, or the name that others call that one by; in the third person
        the name that thinks, feels and does most; None where nobody leads.
    """
    if person in _PERSON_OF:
        return calls.sole or _called(found, own, names, calls) or _PERSON_OF[person]
    return _leader(_scores(found, names, WEIGHT if in_scene else INNER_WEIGHT), LEAST, LEAD)


def _scores(found: Mentions, names: Entities, weights: Mapping[str, float]) -> dict[str, float]:
    """How much each name leads; a pronoun counts for the last name of its sex."""
    scores: defaultdict[str, float] = defaultdict(float)
    last: dict[str, str] = {}
    waiting: defaultdict[str, float] = defaultdict(float)
    for event in found.events:
        weight = weights[event.role]
        if event.form:
            name = names.of_form.get(event.form)
            if name is None:
                continue
            scores[name] += weight
            for sex in _sexes(name, names):
                if event.role in _LEADING or (event.role == "other" and sex not in last):
                    last[sex] = name
        elif event.gender in last:
            scores[last[event.gender]] += weight
        else:
            waiting[event.gender] += weight
    _give_waiting(scores, waiting, names)
    return scores


def _give_waiting(scores: dict[str, float], waiting: dict[str, float], names: Entities) -> None:
    """Pronouns before any name of their sex count for the one of that sex that leads."""
    for sex, weight in waiting.items():
        fitting = [name for name in scores if sex in _sexes(name, names)]
        if fitting:
            scores[max(fitting, key=lambda name: scores[name])] += weight


def _sexes(name: str, names: Entities) -> Iterable[str]:
    sex = names.gender.get(name)
    return (sex,) if sex else ("he", "she")


def own_names(parsed: Telling) -> Counter[str]:
    """Names that the narration gives to its *I* or *you*: `My name is Ada`, `you, Ada, know`."""
    return Counter(match["name"] for sentence in parsed.told for match in _OWN_NAME.finditer(sentence.text))


def _called(found: Mentions, own: Counter[str], names: Entities, calls: Calls) -> str | None:
    """The name of *I* or *you* in one chunk: given as theirs, or called by others and hardly ever in the narration."""
    here, told = _calls_of(found, names), _told(found, names)
    scores: defaultdict[str, float] = defaultdict(float)
    for name, count in here.items():
        if told[name] <= MOST_TOLD * count and calls.everywhere[name] >= calls.least:
            scores[name] = count + calls.everywhere[name] / calls.most
    for form, count in own.items():
        if given := names.of_form.get(form):
            scores[given] += GIVEN * count
    return _leader(scores, 1.0, 1.05)


def _calls_of(found: Mentions, names: Entities) -> Counter[str]:
    here: Counter[str] = Counter()
    for form, count in found.vocative.items():
        if name := names.of_form.get(form):
            here[name] += count
    return here


def _told(found: Mentions, names: Entities) -> Counter[str]:
    return Counter(name for event in found.events if event.form and (name := names.of_form.get(event.form)))


def _leader(scores: Mapping[str, float], least: float, lead: float) -> str | None:
    """The first of the scores, if it has so much and so many times the second."""
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:2]
    if not ranked or ranked[0][1] < least or (len(ranked) > 1 and ranked[0][1] < lead * ranked[1][1]):
        return None
    return ranked[0][0]
