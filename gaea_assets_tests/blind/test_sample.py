"""Which votes count."""

import random

import pytest

from gaea_assets.blind.plan import Plan
from gaea_assets.blind.sample import take_sample
from gaea_assets_tests.blind.readings import likes_the_base, small_plan, votes_of


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan(count=8, samples=5)


def test_pairs_count_and_repeats_and_checks_do_not(plan: Plan) -> None:
    sample = take_sample(plan, votes_of(plan, "ana"), 60)
    (ana,) = sample.readers
    assert (len(ana.pairs), len(ana.repeats), len(ana.checks)) == (27, 3, 5)
    assert sample.missing == 60 - 27
    assert ana.checks == [1.0] * 5


def test_the_sample_ends_at_the_vote_that_was_wanted_and_later_ones_change_nothing(plan: Plan) -> None:
    votes = votes_of(plan, "ana") + votes_of(plan, "ben")
    sample = take_sample(plan, votes, 40)
    assert sample.missing == 0
    assert sum(len(reader.pairs) for reader in sample.readers) == 40
    assert take_sample(plan, [*votes, *votes_of(plan, "cleo", taste=likes_the_base)], 40) == sample


def test_a_reader_who_fails_the_checks_is_left_out_and_others_must_vote_instead(plan: Plan) -> None:
    votes = votes_of(plan, "ana", taste=likes_the_base) + votes_of(plan, "ben")
    sample = take_sample(plan, votes, 30)
    assert [reader.name for reader in sample.readers] == ["ben"]
    assert [reader.name for reader in sample.left_out] == ["ana"]
    assert sample.missing == 3


def test_in_whatever_order_readers_come_each_vote_counts_once(plan: Plan) -> None:
    votes = [*votes_of(plan, "ana"), *votes_of(plan, "ben")]
    random.Random(0).shuffle(votes)
    sample = take_sample(plan, votes, 54)
    assert sample.missing == 0
    assert sorted(len(reader.pairs) for reader in sample.readers) == [27, 27]
