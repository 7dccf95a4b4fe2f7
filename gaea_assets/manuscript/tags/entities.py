"""Names of a manuscript: which capitalised words are names, and which of them mean the same one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gaea_assets.manuscript.tags.mentions import FEMALE, MALE, Evidence, is_common, titles
from gaea_assets.manuscript.tags.tag_words import lists

LEAST_MENTIONS = 2
MOST_OF_ONCE = 20
"""Mentions of a single name that a longer one takes which stands once."""
TITLE_SIGN, GIVEN_NAME_SIGN = 100, 2
"""What a title and a common given name say of a sex, in pronouns that follow the name."""


@dataclass(frozen=True)
class Entities:
    """The names of a manuscript.

    Attributes:
        of_form: Name of each written form (`Bennet` and `Miss Bennet` may be one).
        counts: Mentions of each name.
        gender: `he` or `she` for the names whose sex the text shows.
    """

    of_form: Mapping[str, str]
    counts: Mapping[str, int]
    gender: Mapping[str, str]

    def recurring(self, least: int) -> frozenset[str]:
        """Names with at least so many mentions in the manuscript."""
        return frozenset(name for name, count in self.counts.items() if count >= least)


def entities(total: Evidence) -> Entities:
    """Decide the names of a manuscript.

    A form of several words is a name. A single word is one when it is written with a capital more often than without.
    For a word that general fiction knows, only capitals inside sentences count, and one is not enough.
    A single name joins the longer one that holds it
    (`Elizabeth`, `Elizabeth Bennet`) where one of those leads; `Mr Bennet` and `Mrs Bennet` stay two.

    Args:
        total: Evidence of all chunks together.
    """
    counts: Counter[str] = Counter()
    for form in total.strong.keys() | total.weak.keys():
        if is_name(form, total):
            counts[form] += total.strong[form] + total.weak[form]
    of_form = _joined(counts)
    names: Counter[str] = Counter()
    signs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for form, name in of_form.items():
        names[name] += counts[form]
        signs[name].update(total.pointing.get(form, {}))
        if sex := title_gender(form):
            signs[name][sex] += TITLE_SIGN * counts[form]
        elif sex := given_name_gender(form):
            signs[name][sex] += GIVEN_NAME_SIGN * counts[form]
    gender = {name: sex for name, sign in signs.items() if (sex := _leading(sign))}
    return Entities(of_form, names, gender)


def is_name(form: str, total: Evidence) -> bool:
    """Whether a form is a name, by all the evidence of the manuscript."""
    parts = form.split(" ")
    if len(parts) > 1:
        return True
    small = max(0, total.small[form.lower()])
    strong, weak = total.strong[form], total.weak[form]
    if is_common(form):
        return strong > max(small, 1)
    return strong + weak > small


def core(form: str) -> tuple[str, ...]:
    """A form's words without its titles."""
    parts = form.split(" ")
    while len(parts) > 1 and parts[0].lower() in titles():
        parts = parts[1:]
    return tuple(parts)


def title_gender(form: str) -> str:
    """The sex that a form's title gives, or empty."""
    first, _, rest = form.lower().partition(" ")
    if not rest:
        return ""
    return MALE if first in lists()["titles_male"] else FEMALE if first in lists()["titles_female"] else ""


def given_name_gender(form: str) -> str:
    """The sex of a common given name at the head of a form, or empty."""
    first = core(form)[0].lower()
    return MALE if first in lists()["names_male"] else FEMALE if first in lists()["names_female"] else ""


def _joined(counts: Counter[str]) -> dict[str, str]:
    """Name of each form: forms of one core together, then single names with the longer ones that hold them."""
    groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for form in counts:
        groups[core(form)].append(form)
    no_person = lists()["places"] | {"of", "the"}
    holders: defaultdict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for words, forms in groups.items():
        if len(words) > 1 and not no_person & {word.lower() for word in words}:
            for word in words:
                holders[word][words] += sum(counts[form] for form in forms)
    joined: dict[str, str] = {}
    for words, forms in groups.items():
        sexes = {title_gender(form) for form in forms} - {""}
        if len(sexes) > 1:  # Mr and Mrs Bennet
            leader = _most(forms, counts)
            joined |= {form: form if title_gender(form) else leader for form in forms}
            continue
        target = forms
        if len(words) == 1 and (holder := _holder(holders[words[0]], sum(counts[form] for form in forms))):
            target = groups[holder]
        best = _most(target, counts)
        name = " ".join(core(best)) if len(core(best)) > 1 else best
        joined |= dict.fromkeys(forms, name)
    return joined


def _holder(candidates: Counter[tuple[str, ...]], mentions: int) -> tuple[str, ...] | None:
    """The longer name that leads; one that stands once is no name of somebody met everywhere, but two side by side."""
    if not candidates:
        return None
    best, count = candidates.most_common(1)[0]
    return best if count > 0.6 * candidates.total() and (count > 1 or mentions <= MOST_OF_ONCE) else None


def _most(forms: Iterable[str], counts: Counter[str]) -> str:
    return max(sorted(forms), key=lambda form: counts[form])


def _leading(sign: Counter[str]) -> str:
    he, she = sign[MALE], sign[FEMALE]
    return MALE if he > 1.5 * she else FEMALE if she > 1.5 * he else ""
