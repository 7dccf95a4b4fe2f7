"""Find training text on the validation side of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gaea_assets.manuscript.quality.findings import shorten
from gaea_assets.manuscript.quality.ngrams import Ints, Vocabulary, word_spans
from gaea_assets.verdict import Verdict

GRAM = 8
"""Words of a run that chance hardly shares: the longest that authors share with their own other books is 6 to 9."""
RUN_FAILS = 20
COVERAGE_FAILS = 0.05
MOST_PLACES = 50
"""Training places followed for one run of words: a formula that stands oftener tells nothing about its source."""


@dataclass(frozen=True)
class Shared:
    """What a validation text shares with the training texts."""

    words: int
    run: int
    """Words of the longest shared run; 0 below `GRAM`."""
    run_start: int
    """First word of the run in the validation text."""
    source: int
    """Number of the training text with the run."""
    covered: int
    """Words inside shared runs of `GRAM` words or more."""


def leakage(train_texts: Sequence[tuple[str, str]], validation_texts: Sequence[tuple[str, str]]) -> Verdict:
    """No validation text shares a run of 20 words, or more than 5 % of its words in 8-word runs, with training.

    Should block: a loss on text that was trained on says nothing, and the best checkpoint is chosen by it; the remedy
    (put the two on one side, or drop a draft) costs a minute.

    `style.memorisation` looks for near copies too and pays with an alignment of each; here whole datasets are compared,
    by sorting.

    Args:
        train_texts: Pairs of id and text.
        validation_texts: Pairs of id and text.

    Returns:
        A fault for each validation text that leaks; figures `training_texts`, `validation_texts`,
        `longest_shared_run` (0 below 8 words), `covered_share` (of all validation words), `leaking_texts`.
    """
    names = [name for name, _ in train_texts]
    faults: list[str] = []
    found = list(shared_words([text for _, text in train_texts], [text for _, text in validation_texts]))
    for (name, text), shared in zip(validation_texts, found, strict=True):
        share = shared.covered / max(1, shared.words)
        if shared.run < RUN_FAILS and share <= COVERAGE_FAILS:
            continue
        spans = word_spans(text)
        start, end = spans[shared.run_start][0], spans[shared.run_start + shared.run - 1][1]
        faults.append(
            f"validation example {name} shares {shared.run} words in a row and {share:.1%} of its words with training "
            f"example {names[shared.source]}: {shorten(text[start:end])!r}; put both on one side or drop one"
        )
    return Verdict(
        faults,
        {
            "training_texts": len(train_texts),
            "validation_texts": len(validation_texts),
            "longest_shared_run": max((shared.run for shared in found), default=0),
            "covered_share": round(sum(s.covered for s in found) / max(1, sum(s.words for s in found)), 4),
            "leaking_texts": len(faults),
        },
    )


def shared_words(train_texts: Sequence[str], validation_texts: Sequence[str]) -> Iterator[Shared]:
    """What each validation text shares with the training texts, in order."""
    vocabulary = Vocabulary()
    train, validation = vocabulary.read(train_texts), vocabulary.read(validation_texts)
    known, known_places = train.ngrams(GRAM)
    order = np.argsort(known, kind="stable")
    known, known_places = known[order], known_places[order]
    hashes, places = validation.ngrams(GRAM)
    low = np.searchsorted(known, hashes, "left")
    count = np.searchsorted(known, hashes, "right") - low
    for start, end in zip(validation.starts[:-1], validation.starts[1:], strict=True):
        inside = slice(*np.searchsorted(places, [start, end]))
        hit = np.flatnonzero(count[inside]) + inside.start
        if not len(hit):
            yield Shared(int(end - start), 0, 0, 0, 0)
            continue
        followed = np.minimum(count[hit], MOST_PLACES)
        here = np.repeat(places[hit], followed)
        step = np.arange(followed.sum()) - np.repeat(np.cumsum(followed) - followed, followed)
        there = known_places[np.repeat(low[hit], followed) + step]
        run, first, at = _longest(here, there)
        fresh = np.minimum(np.diff(places[hit]), GRAM).sum() + GRAM
        source = int(train.text_of(np.array([at]))[0])
        yield Shared(int(end - start), run, first - int(start), source, int(fresh))


def _longest(here: Ints, there: Ints) -> tuple[int, int, int]:
    """Words of the longest run, and where it begins on either side, from the places of equal n-grams."""
    order = np.lexsort((here, there - here))
    here, there = here[order], there[order]
    new = (np.diff(here) != 1) | (np.diff(there) != 1)
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])
    lengths = np.diff([*starts, len(here)])
    best = int(np.argmax(lengths))
    return int(lengths[best]) + GRAM - 1, int(here[starts[best]]), int(there[starts[best]])
