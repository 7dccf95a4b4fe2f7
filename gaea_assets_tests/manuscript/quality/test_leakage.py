"""Training text on the validation side is found and both examples are named."""

# ruff: noqa: RUF001 - typographic quotes are what this is about

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.quality.leakage import leakage, shared_words


def prose(rng: random.Random, count: int) -> list[str]:
    """Words of uneven frequency in an order that repeats nothing but by chance."""
    return [f"w{int(5000 * rng.random() ** 3)}" for _ in range(count)]


def pairs(*texts: list[str], names: str) -> list[tuple[str, str]]:
    return [(f"{names}{n}", " ".join(text)) for n, text in enumerate(texts, 1)]


@given(st.integers(0, 10**6), st.integers(8, 60), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_longest_shared_run_is_measured_and_its_source_named(seed: int, length: int, source: int) -> None:
    rng = random.Random(seed)
    run = prose(rng, length)
    train = [prose(rng, 400) for _ in range(3)]
    train[source] = [*train[source][:200], "here", *run, "there", *train[source][200:]]
    verdict = leakage(pairs(*train, names="t"), pairs([*prose(rng, 1500), "lo", *run, "hi"], names="v"))
    assert verdict.figures["longest_shared_run"] == length
    assert verdict.passed == (length < 20)
    for fault in verdict.faults:
        assert fault.startswith(f"validation example v1 shares {length} words in a row and ")
        assert f"with training example t{source + 1}: '" in fault


def test_many_short_runs_are_a_leak_though_none_is_long() -> None:
    rng = random.Random(3)
    source = prose(rng, 600)
    copied = [word for at in range(0, 600, 20) for word in source[at : at + 10] + prose(rng, 8)]
    verdict = leakage(pairs(source, names="t"), pairs(copied, prose(rng, 500), names="v"))
    assert [fault.split()[2] for fault in verdict.faults] == ["v1"]
    assert verdict.figures["longest_shared_run"] < 20
    assert verdict.figures["covered_share"] > 0.2


def test_the_same_text_on_both_sides_is_covered_whole() -> None:
    text = prose(random.Random(4), 300)
    verdict = leakage(pairs(text, names="t"), pairs(text, names="v"))
    assert "shares 300 words in a row and 100.0% of its words" in verdict.faults[0]


def test_case_quotes_and_line_ends_make_no_difference() -> None:
    words = "it wasn't the cold that kept you there that night but the lamp and the slow sound of the water below it"
    verdict = leakage([("a", words)], [("b", words.upper().replace("'", "’").replace(" ", ",\n"))])
    assert verdict.figures["longest_shared_run"] == len(words.split())


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_texts_that_share_nothing_long_pass(seed: int) -> None:
    rng = random.Random(seed)
    formula = prose(rng, 7)
    # Words of its own on either side of the formula, so that chance can't lengthen it.
    sides = [
        [[*prose(rng, 200), f"a{side}{n}", *formula, f"b{side}{n}", *prose(rng, 200)] for n in range(3)]
        for side in "tv"
    ]
    verdict = leakage(pairs(*sides[0], names="t"), pairs(*sides[1], names="v"))
    assert verdict.passed
    assert verdict.figures["longest_shared_run"] == 0


@given(st.lists(st.text(alphabet="ab ", max_size=60), max_size=3), st.lists(st.text(alphabet="ab ", max_size=60)))
@settings(deadline=None)
def test_measured_runs_are_those_a_plain_search_finds(train: list[str], validation: list[str]) -> None:
    for text, shared in zip(validation, shared_words(train, validation), strict=True):
        words = text.split()
        runs = [
            n
            for source in (text.split() for text in train)
            for n in range(8, len(words) + 1)
            for at in range(len(words) - n + 1)
            if any(source[k : k + n] == words[at : at + n] for k in range(len(source) - n + 1))
        ]
        assert shared.run == max(runs, default=0)
        assert bool(shared.covered) == bool(runs)
        assert shared.covered <= shared.words == len(words)
