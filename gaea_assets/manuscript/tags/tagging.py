"""Tags of chunks: person, point of view, scene type, tension, dialogue and names, each by a stated rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gaea_assets.manuscript.tags.entities import LEAST_MENTIONS, entities
from gaea_assets.manuscript.tags.mentions import Evidence, Mentions, mentions
from gaea_assets.manuscript.tags.pov import calls_of, own_names, point_of_view
from gaea_assets.manuscript.tags.scene_type import SceneType, scene_type
from gaea_assets.manuscript.tags.telling import Telling, telling
from gaea_assets.manuscript.tags.tension import tension
from gaea_assets.parallel import batches, each
from gaea_assets.style import persons

LEVELS = ("low", "middle", "high")
"""Tension below a third, up to two thirds, above."""
BATCH = 64
"""Chunks read in one go, in a process of their own where there are many."""


@dataclass(frozen=True)
class Tags:
    """What a chunk is tagged with.

    Attributes:
        person: Person of the narration: `first`, `second`, `third`, or `undecided`.
        pov: Point-of-view character: a name, `I` or `you` where nobody gives one, None where nobody leads.
        scene_type: `action`, `dialogue`, `introspection` or `exposition`.
        scene_shares: Share of the words in each scene type; they sum to 1.
        tension: From 0, calm, to 1, tense.
        dialogue_share: Share of words in speech.
        names: Names in this chunk that recur in the manuscript, most frequent here first.
    """

    person: str
    pov: str | None
    scene_type: str
    scene_shares: Mapping[str, float]
    tension: float
    dialogue_share: float
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Draft:
    """A chunk's tags as far as the chunk alone decides them."""

    person: str
    scene: SceneType
    tension: float
    dialogue_share: float
    found: Mentions
    own: Counter[str]


def tag_chunks(texts: Sequence[str], least_mentions: int = LEAST_MENTIONS) -> list[Tags]:
    """Tag the chunks of one manuscript.

    Args:
        texts: The chunks in their order, as the author wrote them. All of them together decide what is a name.
        least_mentions: A name recurs if the manuscript has it so many times.

    Returns:
        One `Tags` a chunk.
    """
    evidence = Evidence()
    drafts: list[_Draft] = []
    for found, seen in each(_drafts, batches(texts, BATCH), sum(map(len, texts))):
        drafts += found
        evidence.add(seen)
    names = entities(evidence)
    recurring = names.recurring(least_mentions)
    calls = calls_of((draft.found for draft in drafts if draft.person in ("first", "second")), names)
    tags = []
    for draft in drafts:
        here: Counter[str] = Counter()
        for form, count in draft.found.forms.items():
            if (name := names.of_form.get(form)) in recurring and name:
                here[name] += count
        tags.append(
            Tags(
                person=draft.person,
                pov=point_of_view(
                    draft.person, draft.found, draft.own, names, calls, draft.scene.scene_type != "exposition"
                ),
                scene_type=draft.scene.scene_type,
                scene_shares=draft.scene.shares,
                tension=draft.tension,
                dialogue_share=draft.dialogue_share,
                names=tuple(sorted(here, key=lambda name: (-here[name], name))),
            )
        )
    return tags


def person_of(parsed: Telling) -> str:
    """The person that holds for most words of the narration; of the italics where all of it is in italics.

    A window with as many *I* and *we* as *you* is a teller's who addresses somebody, not second-person narration.
    """
    words: Counter[str] = Counter()
    for window in persons.windows(parsed.paragraphs) if parsed.told else [persons.decide(parsed.thoughts)]:
        person = "first" if window.person == "second" and window.first >= window.second else window.person
        words[person] += window.words
    decided = [person for person, _ in words.most_common() if person != "undecided"]
    return decided[0] if decided else "undecided"


def _drafts(texts: Sequence[str]) -> tuple[list[_Draft], Evidence]:
    evidence = Evidence()
    return [_draft(text, evidence) for text in texts], evidence


def _draft(text: str, evidence: Evidence) -> _Draft:
    parsed = telling(text)
    told = sum(len(sentence.words) for sentence in parsed.told)
    spoken = parsed.spoken_words
    return _Draft(
        person=person_of(parsed),
        scene=scene_type(parsed),
        tension=tension(parsed.paragraphs),
        dialogue_share=spoken / max(1, told + spoken + parsed.thought_words),
        found=mentions(parsed, evidence),
        own=own_names(parsed),
    )
