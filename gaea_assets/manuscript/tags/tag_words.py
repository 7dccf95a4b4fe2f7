"""The word lists behind the tags, as one table from word to classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data" / "tag_words.json"
VERBS = ("motion", "force", "handling", "mental", "speech", "state", "perception")
"""Lists of base forms; every inflected form belongs to the class."""
WORDS = ("inner", "modal", "habit", "setting", "adverbs", "sudden", "danger", "arousal", "pressure", "calm")
"""Lists of words as they stand."""
BIT = {name: 1 << place for place, name in enumerate((*VERBS, *WORDS))}
VERB_BITS = sum(BIT[name] for name in VERBS)
_DOUBLING = frozenset("bdgmnprt")


@cache
def lists() -> dict[str, frozenset[str]]:
    """Every word list by name, as the data file has them."""
    return {name: frozenset(value.split()) for name, value in _data().items() if isinstance(value, str)}


@cache
def classes() -> dict[str, int]:
    """Classes of each word in lower case, as a sum of `BIT`."""
    irregular = _data()["irregular"]
    assert isinstance(irregular, dict)  # noqa: S101 - for the type checker
    table: dict[str, int] = {}
    for name in VERBS:
        for base in lists()[name]:
            for form in forms(base, irregular.get(base, "")):
                table[form] = table.get(form, 0) | BIT[name]
    for name in WORDS:
        for word in lists()[name]:
            table[word] = table.get(word, 0) | BIT[name]
    return table


@cache
def irregular_forms() -> dict[str, str]:
    """Base form of each irregular form that the word lists know."""
    irregular = _data()["irregular"]
    assert isinstance(irregular, dict)  # noqa: S101 - for the type checker
    return {form: base for base, past in irregular.items() for form in past.split()}


def count_classes(found: Sequence[int], rows: Sequence[int], height: int, names: Sequence[str]) -> NDArray[np.float64]:
    """Count the words of each class by row.

    Args:
        found: Classes of each word that has some, as in `classes`.
        rows: The row of each of them.
        height: Number of rows.
        names: Classes to count.

    Returns:
        Shape (rows, classes).
    """
    shifts = np.array([BIT[name].bit_length() - 1 for name in names])
    members = (np.array(found, np.int64).reshape(-1, 1) >> shifts) & 1
    where = np.array(rows, np.int64)
    columns = [np.bincount(where, members[:, column], height) for column in range(len(names))]
    return np.stack(columns, 1) if columns else np.zeros((height, 0))


def forms(base: str, irregular: str = "") -> set[str]:
    """A verb's base form and inflected forms.

    Args:
        base: The base form.
        irregular: Past forms (and others that no rule gives), set apart by blanks; they replace the regular past.
    """
    vowels = "aeiou"
    stem = base[:-1] if base.endswith("e") and not base.endswith(("ee", "ye", "oe")) else base
    double = len(base) in (3, 4) and base[-1] in _DOUBLING and base[-2] in vowels and base[-3] not in vowels
    if double:
        stem = base + base[-1]
    consonant_y = base.endswith("y") and base[-2] not in vowels
    third = (
        base[:-1] + "ies" if consonant_y else base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    )
    past = base[:-1] + "ied" if consonant_y else stem + "ed"
    return {base, third, stem + "ing", *(irregular.split() or [past])}


@cache
def _data() -> dict[str, str | dict[str, str]]:
    loaded: dict[str, str | dict[str, str]] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded
