from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.finetune.packing import packed, shares, step_shares

LENGTHS = st.lists(st.integers(1, 4096), min_size=1, max_size=40)


@given(LENGTHS, st.integers(1, 9000))
def test_every_example_stands_in_one_group_and_no_group_is_too_large(lengths: list[int], most: int) -> None:
    groups = packed(lengths, most)
    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    assert all(len(group) == 1 or sum(lengths[i] for i in group) <= most for group in groups)


@given(LENGTHS, st.integers(1, 9000))
def test_no_two_groups_would_fit_into_one(lengths: list[int], most: int) -> None:
    sizes = sorted(sum(lengths[i] for i in group) for group in packed(lengths, most))
    assert len(sizes) < 2 or sizes[0] + sizes[1] > most


@given(LENGTHS, st.integers(1, 9000), st.integers(1, 8))
def test_processes_get_about_equally_many_groups_and_together_all(
    lengths: list[int], most: int, processes: int
) -> None:
    groups = packed(lengths, most)
    dealt = shares(groups, lengths, processes)
    assert len(dealt) == processes
    sizes = [len(share) for share in dealt]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(group for share in dealt for group in share) == sorted(groups)


@given(LENGTHS, st.integers(1, 9000))
def test_one_process_computes_a_step_as_it_is_packed(lengths: list[int], most: int) -> None:
    assert sorted(step_shares(lengths, most, 1)[0]) == sorted(packed(lengths, most))


def test_no_process_stands_idle_for_the_sake_of_full_groups() -> None:
    assert all(len(share) == 1 for share in step_shares([1000] * 8, 8192, 2))
    assert step_shares([1000], 8192, 2) == [[[0]], []]
