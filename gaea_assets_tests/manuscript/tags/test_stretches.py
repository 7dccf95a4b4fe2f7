"""No word and no count is lost when sentences are summed to stretches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.manuscript.tags.stretches import rates
from gaea_assets.manuscript.tags.tag_words import BIT

SENTENCES = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.lists(st.sampled_from([BIT["calm"], BIT["danger"], BIT["calm"] | BIT["force"]]), max_size=5),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=30,
)


@given(SENTENCES, st.integers(20, 100))
def test_rates_times_words_are_the_counts(sentences: list[tuple[int, list[int], int]], size: int) -> None:
    lengths = [length for length, _, _ in sentences]
    classed = [found for _, found, _ in sentences]
    figures, words = rates(lengths, classed, ("calm", "danger"), [[marks] for _, _, marks in sentences], size)
    assert words.sum() == sum(lengths)
    flat = [bits for found in classed for bits in found]
    wanted = [sum(bool(bits & BIT[name]) for bits in flat) for name in ("calm", "danger")]
    counted = (figures * np.maximum(words, size / 4)[:, None]).sum(0)
    assert counted == pytest.approx([*wanted, sum(marks for _, _, marks in sentences)])
