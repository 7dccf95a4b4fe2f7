"""Where a chunk may name somebody, and what they do there: the evidence that `entities` and `pov` decide by."""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache, lru_cache

from gaea_assets.manuscript.tags.lemmas import lemma
from gaea_assets.manuscript.tags.tag_words import BIT, VERB_BITS, classes, irregular_forms, lists
from gaea_assets.manuscript.tags.telling import Sentence, Telling
from gaea_assets.style.lexicon import fiction_words

_CAPITAL = r"(?:O'[A-Z]\w++|[A-Z][a-zà-öø-ÿ]++(?:-?[A-Za-zà-öø-ÿ]++)*+)(?!'(?!s\b)\w)"
_RUN = rf"{_CAPITAL}(?: (?:(?:of|de|la|le|du|von|van|del|della|di|da|of the) )?{_CAPITAL})*"
RUN = re.compile(rf"(?<![\w'-])(?:(?P<pronoun>[Hh]e|[Ss]he|[Hh]is|[Hh]er|[Hh]im)\b(?!')|(?P<run>{_RUN}))")
_NEXT = re.compile(r"(?:, who)? (?P<one>[a-z']+)(?: (?P<two>[a-z']+))?(?: (?P<three>[a-z']+))?")
_INVERTED = re.compile(r"(?:”|“”),? (?P<verb>[a-z]+) $")
_ADDRESS = re.compile(r"\byou\b", re.IGNORECASE)
_STARTS = re.compile(r"(?:^|[.!?:;…][”’\"')]*|[“‘(—*]|\.\.\.)\s*[“‘(*]*$")
_VOCATIVE_BEFORE = re.compile(
    r"(?:^|[,.!?—“]|\.\.\.)\s*(?:my |dear |my dear |o |oh |old |no |yes |well )*$", re.IGNORECASE
)
_VOCATIVE_AFTER = re.compile(r"[,.!?:;—…]|$")
_PREPOSITION = re.compile(
    r"\b(?:of|to|with|by|at|for|from|in|on|into|upon|towards?|behind|beside|near|like|than|under|over|after|before|about|"
    r"against|between|past|the|an?|his|her|their|my|your|our) $",
    re.IGNORECASE,
)
_AUXILIARY = frozenset(
    "was were is are am had has have did does do would could should might must may can will shall cannot didn't hadn't "  # noqa: SIM905
    "wasn't "
    "couldn't wouldn't isn't doesn't can't won't been never still also only just always now then at once had".split()
)
FEMALE, MALE = "she", "he"
GENDER = {"he": MALE, "his": MALE, "him": MALE, "she": FEMALE, "her": FEMALE}


@dataclass(frozen=True)
class Event:
    """One place in the narration that names or points at somebody.

    Attributes:
        form: The name as written without a possessive ending, or empty for a pronoun.
        gender: `he` or `she` for a pronoun, else empty.
        role: `mental` as subject of a verb of mind or sense, `inner` before a word of inner life (*her fear*),
            `subject` before another verb, `object` behind a preposition or article, `other`.
    """

    form: str
    gender: str
    role: str


event = cache(Event)
"""The one event of each form, gender and role: a manuscript has few kinds."""


@dataclass
class Evidence:
    """What a whole manuscript says of its capitalised words.

    Attributes:
        strong: How often each form is written inside a sentence, where only a name has a capital.
        weak: How often each form opens a sentence, where every word has one.
        small: How often each word of narration is written in lower case.
        pointing: How often `he` or `she` follows each form in its sentence.
    """

    strong: Counter[str] = field(default_factory=Counter)
    weak: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)
    pointing: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, more: Evidence) -> None:
        """Add what other chunks of the manuscript say."""
        self.strong.update(more.strong)
        self.weak.update(more.weak)
        self.small.update(more.small)
        for form, pronouns in more.pointing.items():
            self.pointing[form].update(pronouns)


@dataclass(frozen=True)
class Mentions:
    """What one chunk says of names.

    Attributes:
        events: Of the narration, in order.
        forms: Every form in narration, speech and thoughts, with how often it is written.
        vocative: How often each form is called in the speech of others than *I* or *you*.
    """

    events: list[Event]
    forms: Counter[str]
    vocative: Counter[str]


def mentions(parsed: Telling, evidence: Evidence) -> Mentions:
    """Collect what one chunk says of names, and add it to the evidence of the manuscript."""
    found = Mentions([], Counter(), Counter())
    evidence.small.update(word for sentence in parsed.told for word in sentence.words)
    for sentence in parsed.told:
        _read(sentence, found, evidence)
    for speech in parsed.spoken:
        _hear(speech.text, speech.own, found, evidence)
    for thought in parsed.thoughts:
        _hear(thought, not _ADDRESS.search(thought), found, evidence)
    return found


def _read(sentence: Sentence, found: Mentions, evidence: Evidence) -> None:
    """Note the names and pronouns of one sentence of narration."""
    text = sentence.text
    last = ""
    for match in RUN.finditer(text):
        pronoun = (match["pronoun"] or "").lower()
        if pronoun:
            found.events.append(event("", GENDER[pronoun], _role(text, match, pronoun)))
            if last and not _is_object(text, match, pronoun):
                evidence.pointing[last][GENDER[pronoun]] += 1
            continue
        for word in match["run"].split(" "):
            evidence.small[word.lower()] -= 1
        if form := _note(text, match, False, found, evidence):
            found.events.append(event(form, "", _role(text, match, "")))
            last = form if not last or last == form else ""


def _is_object(text: str, match: re.Match[str], pronoun: str) -> bool:
    """Whether a pronoun is no subject and no possessive: behind a name's verb, *him* is somebody else."""
    if pronoun != "her":
        return pronoun == "him"
    after = _NEXT.match(text, match.end())
    return not after or text[match.end()] == "," or after["one"] in lists()["function"]


def _hear(speech: str, own: bool, found: Mentions, evidence: Evidence) -> None:
    """Note the names in one speech, and whom it calls; whom *I* or *you* call is somebody else."""
    for match in RUN.finditer(speech):
        form = "" if match["pronoun"] else _note(speech, match, True, found, evidence)
        begin = match.end() - len(form)
        before, after = speech[max(0, begin - 20) : begin], speech[match.end() :]
        if form and not own and _VOCATIVE_BEFORE.search(before) and _VOCATIVE_AFTER.match(after):
            found.vocative[form] += 1


def _note(text: str, match: re.Match[str], spoken: bool, found: Mentions, evidence: Evidence) -> str:
    """Count one run of capitalised words without what is no part of a name; empty where nothing is left."""
    parts = match["run"].split(" ")
    before = text[max(0, match.start() - 6) : match.start()]
    # The pieces of one speech are joined by a blank, so that a new one may begin behind a comma.
    opens = bool(_STARTS.search(before)) or (spoken and before.endswith(", ") and is_common(parts[0]))
    while parts and parts[0].lower() not in titles():
        first = parts[0].lower()
        leads_on = len(parts) > 1 and (opens or parts[1].lower() in titles())
        if not (
            first == parts[0] or first in _never() or (leads_on and is_common(first) and first not in lists()["places"])
        ):
            break
        parts, opens = parts[1:], opens and first == parts[0]
    while parts and (parts[-1].islower() or parts[-1].lower() in _never_last()):
        parts = parts[:-1]
    if not parts or all(part.lower() in titles() for part in parts):
        return ""
    form = sys.intern(" ".join(parts))
    (evidence.weak if opens and len(parts) == 1 else evidence.strong)[form] += 1
    found.forms[form] += 1
    return form


def _role(text: str, match: re.Match[str], pronoun: str) -> str:
    """What the one named at a place does there."""
    end = match.end()
    if text.startswith("'s ", end) or pronoun in ("his", "her"):
        noun = _NEXT.match(text, end + 2 * text.startswith("'s", end))
        return "inner" if noun and classes().get(noun["one"] or "", 0) & BIT["inner"] else "other"
    before = text[max(0, match.start() - 14) : match.start()]
    if said := _INVERTED.search(before):
        return "subject" if classes().get(said["verb"], 0) & BIT["speech"] else "other"
    if pronoun == "him":
        return "other"
    if _PREPOSITION.search(before):
        return "other" if pronoun else "object"
    after = _NEXT.match(text, end)
    if not after or not after["one"]:
        return "other"
    return _done([word for word in after.groups() if word], bool(pronoun))


def _done(words: list[str], surely: bool) -> str:
    """The role of a subject by the words behind it; `surely` a subject if it is a pronoun."""
    helped = surely
    for word in words:
        bits = classes().get(word, 0)
        if bits & (BIT["mental"] | BIT["perception"]):
            return "mental"
        if word in _AUXILIARY or word.endswith("ly"):
            helped = True
        elif bits & VERB_BITS or word in irregular_forms() or (len(word) > 3 and word.endswith(("ed", "s"))):
            return "subject"
        else:
            break
    return "subject" if helped else "other"


@lru_cache(maxsize=100_000)
def is_common(word: str) -> bool:
    """Whether general fiction writes a word, or all parts of a hyphened one, in lower case."""
    known = fiction_words()
    return all(part in known or lemma(part) in known for part in word.lower().split("-"))


@cache
def _never() -> frozenset[str]:
    return lists()["no_names"] | lists()["function"]


@cache
def _never_last() -> frozenset[str]:
    return _never() - lists()["numbers"]


@cache
def titles() -> frozenset[str]:
    """Words that stand before a name as its title, and are no name alone."""
    return lists()["titles"] | lists()["titles_male"] | lists()["titles_female"]
