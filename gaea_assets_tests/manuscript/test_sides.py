"""The split keeps parts together and each kind in proportion; weights repeat and leave out."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.gates import sides_apart
from gaea_assets.manuscript.sides import sharing_chunks, split_by_chunk, units_held_out, weighted


def example(name: str, chunk: str | None = None, scene_type: str = "", manuscript: str = "") -> Example:
    return Example(name, chunk or name, "You wait.", " It is night.", True, 12, scene_type, manuscript)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=60), st.floats(0.01, 0.5), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_parts_of_one_chunk_stay_on_one_side(chunks: list[int], share: float, seed: int) -> None:
    examples = [example(f"{chunk}-{i}", str(chunk)) for i, chunk in enumerate(chunks)]
    if len(set(chunks)) < 2:
        with pytest.raises(GaeaError):
            split_by_chunk(examples, share, seed)
        return
    train, validation = split_by_chunk(examples, share, seed)
    assert sides_apart(train, validation).passed
    assert [e for e in examples if e in train] == train
    assert sorted(e.id for e in train + validation) == sorted(e.id for e in examples)
    assert split_by_chunk(examples, share, seed) == (train, validation)


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        (["001a", "001b", "001c", "002"], ["001", "001", "001", "002"]),
        (["001a", "001b", "001c", "001d", "002"], ["001a", "001b", "001c", "001d", "002"]),
        (["001a", "001b"], ["001a", "001b"]),  # held out whole, it would leave nothing to train on
        (["tales/001a", "tales/001b", "001"], ["tales/001", "tales/001", "001"]),
    ],
)
def test_parts_are_held_out_with_their_chunk_unless_it_is_too_long(parts: list[str], wanted: list[str]) -> None:
    assert units_held_out(parts, 0.1) == wanted


def test_a_chapter_of_five_parts_is_held_out_whole_from_a_novel() -> None:
    parts = [f"{chapter:03d}{letter}" for chapter in range(1, 11) for letter in "abcde"]
    assert units_held_out(parts, 0.1) == [f"{chapter:03d}" for chapter in range(1, 11) for _ in "abcde"]


def test_forty_chunks_are_split_36_to_4_and_by_the_seed() -> None:
    examples = [example(f"{n:03}") for n in range(40)]
    train, validation = split_by_chunk(examples, 0.10, 0)
    assert (len(train), len(validation)) == (36, 4)
    assert split_by_chunk(examples, 0.10, 1)[1] != validation


@given(
    st.lists(st.tuples(st.sampled_from("adie"), st.sampled_from("xy")), min_size=2, max_size=80),
    st.floats(0.02, 0.5),
    st.integers(0, 99),
)
@settings(max_examples=100, deadline=None)
def test_each_kind_is_held_out_in_proportion_to_within_one(
    kinds: list[tuple[str, str]], share: float, seed: int
) -> None:
    examples = [example(f"{n:03}", None, kind, book) for n, (kind, book) in enumerate(kinds)]
    _, validation = split_by_chunk(examples, share, seed)
    rate = len(validation) / len(examples)
    assert len(validation) == min(-(-share * len(examples) // 1), len(examples) - 1)
    heldout = Counter((e.scene_type, e.manuscript) for e in validation)
    for kind, count in Counter(kinds).items():
        assert abs(heldout[kind] - rate * count) < 1 + 1e-9


SONG = "one by the lamp and the lamp burns low two by the wall and it is time to go and three in the road"


def holding(name: str, text: str) -> Example:
    return Example(name, name.rstrip("ab"), f"{name} waits here.", f" {text} {name} goes home.", True, 12)


def test_chunks_that_share_a_song_are_trained_on() -> None:
    words = [f"word{n}" for n in range(300)]
    examples = [holding(f"{n:03}", " ".join(words[15 * n : 15 * n + 15])) for n in range(20)]
    examples[4], examples[9] = holding("004", SONG), holding("009", SONG.upper())
    examples.append(holding("011b", " ".join(words[165:180]) + " again"))  # a part repeats a part of its own chunk
    assert sharing_chunks(examples) == ["004", "009"]
    for seed in range(30):
        _, validation = split_by_chunk(examples, 0.1, seed, trained_on=["004", "009"])
        assert len(validation) in (2, 3) and not {"004", "009"} & {e.chunk for e in validation}


def test_where_every_chunk_shares_the_song_some_are_held_out_all_the_same() -> None:
    examples = [holding(f"{n:03}", SONG) for n in range(10)]
    sharing = sharing_chunks(examples)
    assert len(sharing) == 10
    assert len(split_by_chunk(examples, 0.1, 0, trained_on=sharing)[1]) == 1


def test_every_chunk_of_a_kind_can_be_held_out() -> None:
    examples = [example(f"{n:03}", None, "action" if n % 2 else "dialogue") for n in range(20)]
    seen = {e.id for seed in range(60) for e in split_by_chunk(examples, 0.1, seed)[1]}
    assert seen == {e.id for e in examples}


def test_one_chunk_cannot_be_split_and_says_how_many_are_needed() -> None:
    with pytest.raises(GaeaError, match=r"^the dataset has 1 chunk\(s\); at least 2 are needed to hold one out"):
        split_by_chunk([example("015a", "015"), example("015b", "015")], 0.1, 0)


@given(st.integers(1, 40), st.floats(0.1, 8), st.integers(0, 9))
@settings(max_examples=80, deadline=None)
def test_a_weight_is_how_often_an_epoch_shows_an_example(count: int, weight: float, seed: int) -> None:
    main = [example(f"{n:03}", manuscript="main") for n in range(3)]
    tales = [example(f"tales/{n:03}", manuscript="tales") for n in range(count)]
    rows = weighted([*main, *tales], {"main": 1.0, "tales": weight}, seed)
    shown = Counter(row.id for row in rows)
    assert [row for row in rows if row.manuscript == "main"] == main
    assert sum(shown[e.id] for e in tales) == int(weight) * count + max(round(weight % 1 * count), weight < 1)
    assert {shown[e.id] for e in tales} <= {int(weight), int(weight) + 1}
    assert rows == weighted([*main, *tales], {"main": 1.0, "tales": weight}, seed)


def test_a_small_weight_leaves_one_example() -> None:
    (row,) = weighted([example(f"tales/{n:03}", manuscript="tales") for n in range(3)], {"tales": 0.1}, 0)
    assert row.manuscript == "tales"


def test_two_drafts_of_a_chunk_are_trained_on_though_no_run_is_long() -> None:
    words = [f"word{n}" for n in range(400)]
    examples = [holding(f"{n:03}", " ".join(words[20 * n : 20 * n + 20])) for n in range(20)]
    draft = words[60:80]
    draft[9] = draft[18] = "changed"
    examples.append(holding("030", " ".join(draft)))
    assert sharing_chunks(examples) == ["003", "030"]
