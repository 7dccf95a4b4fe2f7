"""Chunks' names: those of a scene's parts say that they belong together."""

from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.manuscript.chunk import CHUNK_FILE, names_of_parts, whole_chunk


def test_parts_of_a_scene_have_its_number_and_a_letter() -> None:
    assert names_of_parts([True, True, False, True]) == ["001", "002a", "002b", "003"]
    assert names_of_parts([]) == []


def test_names_have_three_digits_or_as_many_as_needed() -> None:
    names = names_of_parts([True] * 1000)
    assert (names[0], names[-1]) == ("0001", "1000")


def test_a_scene_of_more_parts_than_letters_goes_on_under_the_next_number() -> None:
    names = names_of_parts([True, *[False] * 26, True])
    assert names[25:] == ["001z", "002", "003"]


@given(st.lists(st.booleans(), max_size=80))
def test_names_are_unique_rise_and_keep_scenes_apart(begins: list[bool]) -> None:
    names = names_of_parts(begins)
    assert len(set(names)) == len(names) == len(begins)
    assert names == sorted(names)
    assert all(CHUNK_FILE.fullmatch(f"chunk_{name}.txt") for name in names)
    assert all(
        whole_chunk(before) != whole_chunk(name)
        for before, name, begin in zip(names, names[1:], begins[1:], strict=False)
        if begin
    )
