"""Whole chunks are held out so that everything comes as near to its share as they allow."""

import math
from collections import Counter
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.proportions import groups, held_out_table, in_proportion
from gaea_assets.manuscript.sides import split_by_chunk

PARTS = st.lists(st.sampled_from("adie"), min_size=1, max_size=6)
"""The scene types of a chunk's parts."""
SHARES = st.sampled_from([0.05, 0.1, 0.15, 0.25, 0.5])


def chunk(name: str, book: str, types: list[str] | str) -> list[Example]:
    return [
        Example(f"{name}{n}", name, "You wait.", " It is night.", True, 12, kind, book) for n, kind in enumerate(types)
    ]


def made(chunks: list[tuple[str, list[str]]]) -> list[Example]:
    return [e for n, (book, types) in enumerate(chunks) for e in chunk(f"{n:03}", book, types)]


def off(examples: list[Example], held_out: set[str], share: float) -> Fraction:
    """The squared deviations, reckoned anew, in whole numbers."""
    total: Counter[tuple[str, ...]] = Counter()
    held: Counter[tuple[str, ...]] = Counter()
    for e in examples:
        for group in ((), ("book", e.manuscript), ("type", e.scene_type), (e.manuscript, e.scene_type)):
            total[group] += 1
            held[group] += e.chunk in held_out
    rate = Fraction(math.ceil(Fraction(str(share)) * len(examples)), len(examples))
    return sum(((held[group] - rate * count) ** 2 for group, count in total.items()), Fraction())


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), PARTS), min_size=2, max_size=20),
    SHARES,
    st.integers(0, 99),
    st.sets(st.integers(0, 24), max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_no_chunk_more_or_less_and_no_exchange_of_two_comes_nearer(
    chunks: list[tuple[str, list[str]]], share: float, seed: int, sharing: set[int]
) -> None:
    examples = made(chunks)
    names = {e.chunk for e in examples}
    trained_on = {f"{n:03}" for n in sharing}
    train, validation = split_by_chunk(examples, share, seed, trained_on)
    held = {e.chunk for e in validation}
    free = names - trained_on or names
    assert held <= free and train and validation
    here = off(examples, held, share)
    for out, taken in product([None, *held], [None, *(free - held)]):
        other = held - {out} | ({taken} if taken else set())
        if other and other != names:
            assert off(examples, other, share) >= here


@given(st.lists(st.sampled_from("adie"), min_size=2, max_size=80), st.floats(0.02, 0.5), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_of_chunks_without_parts_each_scene_type_is_within_one_of_its_share(
    types: list[str], share: float, seed: int
) -> None:
    examples = made([("x", [kind]) for kind in types])
    _, validation = split_by_chunk(examples, share, seed)
    assert len(validation) == min(math.ceil(round(share * len(types), 6)), len(types) - 1)
    held = Counter(e.scene_type for e in validation)
    for kind, count in Counter(types).items():
        assert abs(held[kind] - len(validation) / len(types) * count) < 1


@pytest.mark.parametrize("seed", range(12))
def test_a_novel_of_long_scenes_and_a_small_second_manuscript_are_both_held_out_in_proportion(seed: int) -> None:
    novel = [("novel", list(types)) for types in ["d", "aa", "dd", "ddd", "ded", "aia", "dad", "ddaad", "i", "e"] * 2]
    examples = made([*novel, *(("tales", list(types)) for types in ["ei", "ada", "ddda", "dd", "ad"])])
    _, validation = split_by_chunk(examples, 0.1, seed)
    held, all_of = groups(validation), groups(examples)
    assert {book: held[book, "*"] for book in ("novel", "tales")} == {"novel": 5, "tales": 2}
    assert all(abs(held["*", kind] - 0.1 * all_of["*", kind]) < 1.5 for kind in "adie")


def test_a_scene_counts_by_the_types_of_all_its_parts() -> None:
    """By the type of its last part, `action` would stand for all four scenes."""
    examples = made([("x", ["d", "d", "a"]), ("x", ["d", "d", "a"]), ("x", ["d", "d", "a"]), ("x", ["a"] * 3)])
    held = [{e.chunk for e in split_by_chunk(examples, 0.25, seed)[1]} for seed in range(20)]
    assert {"003"} not in held and len({*map(frozenset, held)}) == 3


def test_the_share_wanted_is_rounded_up_to_whole_examples_but_not_by_rounding_of_the_machine() -> None:
    assert in_proportion(made([("x", ["a"])] * 100), 0.07)["*", "*"] == pytest.approx(7)
    assert in_proportion(made([("x", ["a"])] * 41), 0.1)["x", "a"] == pytest.approx(5)


def test_the_table_tells_every_manuscript_and_type_once() -> None:
    train, validation = chunk("001", "x", "aad") + chunk("002", "y", "a"), chunk("003", "y", "dd")
    rows = held_out_table(train, validation, 0.1).splitlines()[2:]
    assert [row.split(" | ")[:2] for row in rows] == [
        [f"| {book}", kind] for book in ("all", "x", "y") for kind in ("all", "a", "d")
    ]
    assert rows[0] == "| all | all | 6 | 0.6 | 2 (33%) |" and rows[-1] == "| y | d | 2 | 0.2 | 2 (100%) |"
    assert len(held_out_table(chunk("001", "x", "ad"), chunk("003", "x", "dd"), 0.1).splitlines()) == 2 + 3
