"""One base form for the forms of a word, by spelling rules and the words that general fiction knows."""

from __future__ import annotations

from functools import lru_cache

from gaea_assets.manuscript.tags.tag_words import irregular_forms
from gaea_assets.style.lexicon import fiction_words

_EXCEPTIONS = frozenset(
    [
        "evening",
        "news",
        "means",
        "series",
        "species",
        "being",
        "during",
        "nothing",
        "something",
        "anything",
        "everything",
        "morning",
        "king",
        "thing",
        "string",
        "wing",
        "hundred",
        "sacred",
        "wicked",
        "naked",
        "wedding",
        "ceiling",
        "darling",
        "duchess",
        "princess",
        "mattress",
        "always",
        "perhaps",
        "christmas",
        "canvas",
        "this",
        "thus",
        "gas",
        "bus",
        "yes",
        "his",
        "its",
        "was",
        "has",
        "does",
        "goes",
        "less",
        "us",
        "ours",
        "theirs",
        "yours",
    ]
)
_VOWELS = "aeiou"


@lru_cache(maxsize=200_000)
def lemma(word: str) -> str:
    """The base form of a word in lower case: `walked`, `walks` and `walking` give `walk`.

    A base form is taken only if general fiction knows it and uses it at least a fifth as often as the form.
    Irregular forms stay as they are unless `tag_words` lists them.
    """
    if word in _EXCEPTIONS:
        return word
    if word in irregular_forms():
        return irregular_forms()[word]
    known = fiction_words()
    least = known.get(word, 0.0) / 5
    for base in _candidates(word):
        if len(base) >= 3 and base in known and known[base] >= least:
            return base
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and word not in known and len(word) > 3:
        return word[:-1]  # a coinage's plural
    return word


def _candidates(word: str) -> list[str]:
    """Base forms that the spelling allows, likeliest first."""
    if word.endswith("ies") and len(word) > 4:
        return [word[:-3] + "y", word[:-1]]
    if word.endswith("ied") and len(word) > 4:
        return [word[:-3] + "y"]
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return [word[:-2], word[:-1]]
    if word.endswith("ves"):
        return [word[:-1], word[:-3] + "f", word[:-3] + "fe"]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return [word[:-1]]
    for ending in ("ed", "ing"):
        if word.endswith(ending) and any(vowel in word[: -len(ending)] for vowel in _VOWELS):
            stem = word[: -len(ending)]
            if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "lsz":
                return [stem[:-1], stem]
            return [stem + "e", stem] if stem[-1:] in "cvsuz" or stem.endswith(("at", "dg")) else [stem, stem + "e"]
    return []
