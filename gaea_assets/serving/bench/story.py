"""Small stories that name their people early and ask for one of the names late."""

import random
import re
from dataclasses import dataclass
from typing import Literal

from gaea_assets.serving.bench import prose
from gaea_assets.serving.bench.load import Scale
from gaea_assets.style.names import is_name, proper_names
from gaea_assets.style.units import parse

CAST = 4
FIRST_NAMES = """
    Oskar Mirela Tobias Ingrid Pavel Leonie Casimir Noor Anselm Brigid Dmitri Zadie Ravi Signe Otto Yara
"""
SURNAMES = """
    Tull Vance Harrow Quill Ostrander Pell Ruskin Wexley Yarrow Zimmer Calder Drummond Farrow Lisle Maddox Sorley
"""
ROLES = {
    "ferryman": "rowed with one arm, because a winch had taken the other",
    "lamplighter": "hummed the same four notes on every ladder",
    "midwife": "kept a tame jackdaw in a flour sack",
    "clockmaker": "could not tell red from green",
    "smuggler": "paid every debt in pepper",
    "organist": "slept in the bell loft since the fire",
    "cartographer": "drew every coast from memory and never left the house",
    "apothecary": "wrote with chalk on a black apron",
}
TOGETHER = "\n\nThat evening the four people of that coast met on the steps above the water, and"
"""Calls for names, but for none in particular."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*")  # noqa: RUF001
_SENTENCE_END = re.compile(r"[.!?\"”\n]")

Outcome = Literal["right", "confused", "invented", "none"]
"""The name called for; another one of the story; one that is not in it; no name at all."""


@dataclass(frozen=True)
class Story:
    """A context, and whose name its end calls for."""

    text: str
    """People first, then prose that has nothing to do with them."""
    cue: str
    """What is added to call for the name."""
    called: str
    """First name and surname."""
    others: tuple[str, ...]


def story(scale: Scale, tokens: int, seed: int) -> Story:
    """A story of about so many tokens, cue included; the same people for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    roles = chance.sample(sorted(ROLES), CAST)
    names = [
        f"{first} {last}"
        for first, last in zip(
            chance.sample(_free(FIRST_NAMES), CAST), chance.sample(_free(SURNAMES), CAST), strict=True
        )
    ]
    people = " ".join(
        f"The {role} was called {name}. {name.split()[0]} {ROLES[role]}."
        for role, name in zip(roles, names, strict=True)
    )
    which = chance.randrange(CAST)
    cue = (
        f"\n\nThat evening the {roles[which]} came up the steps at last, the one who {ROLES[roles[which]]}. The child "
        f'had forgotten and asked for the name. The {roles[which]} bent down and said, "My name is'
    )
    start = f"{prose.opening()}Four people lived on that coast. {people}\n\n"
    room = round(tokens * scale.characters_per_token) - len(start) - len(cue)
    between = prose.filler(max(1, room), seed)
    others = tuple(name for number, name in enumerate(names) if number != which)
    return Story(start + between, cue, names[which], others)


def outcome(found: Story, completion: str) -> Outcome:
    """Whom the completion of a story and its cue names first, in its first sentence."""
    sentence = _SENTENCE_END.split(completion.lstrip(), maxsplit=1)[0]
    capitalised = [word for word in _WORD.findall(sentence) if word[0].isupper() and word != "I"]
    others = {part for name in found.others for part in name.split()}
    for word in capitalised:
        if word in found.called.split():
            return "right"
        if word in others:
            return "confused"
    return "invented" if capitalised else "none"


def names_in(context: str, continuation: str) -> tuple[int, int]:
    """How often a free continuation uses a name, and how many of these stand in the context.

    Returns:
        Mentions of names, and those among them whose word the context has.
    """
    sentences = [sentence.words for sentence in parse(continuation).sentences]
    names = proper_names(sentences)
    known = set(_WORD.findall(context))
    mentions = [word.removesuffix("'s") for words in sentences for word in words if is_name(word, names)]
    return len(mentions), sum(word in known for word in mentions)


def _free(names: str) -> list[str]:
    """Names that the prose between does not use itself."""
    used = prose.words()
    return [name for name in names.split() if name.lower() not in used]
