"""Which votes count."""

import random
from dataclasses import replace

import pytest

from gaea_assets.blind.plan import Plan
from gaea_assets.blind.sample import take_sample
from gaea_assets_tests.blind.readings import (
    attentive,
    likes_the_base,
    likes_the_tuned,
    reads_nothing,
    side_of,
    small_plan,
    votes_of,
)

TASTES = {"ana": likes_the_tuned, "ben": likes_the_base, "cleo": attentive(lambda *_: "tie")}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan(count=8, samples=5)


def test_pairs_count_and_repeats_and_checks_do_not(plan: Plan) -> None:
    sample = take_sample(plan, votes_of(plan, "ana"), 60)
    (ana,) = sample.readers
    assert (len(ana.pairs), len(ana.repeats), len(ana.checks)) == (32, 4, 5)
    assert sample.missing == 60 - 32
    assert ana.checks == [True] * 5


def test_the_sample_ends_at_the_vote_that_was_wanted_and_later_ones_change_nothing(plan: Plan) -> None:
    votes = votes_of(plan, "ana") + votes_of(plan, "ben")
    sample = take_sample(plan, votes, 40)
    assert sample.missing == 0
    assert sum(len(reader.pairs) for reader in sample.readers) == 40
    assert take_sample(plan, [*votes, *votes_of(plan, "cleo", taste=likes_the_base)], 40) == sample


def test_a_reader_who_fails_the_checks_is_left_out_and_others_must_vote_instead(plan: Plan) -> None:
    votes = votes_of(plan, "ana", taste=reads_nothing) + votes_of(plan, "ben")
    sample = take_sample(plan, votes, 40)
    assert [reader.name for reader in sample.readers] == ["ben"]
    assert [reader.name for reader in sample.left_out] == ["ana"]
    assert sample.missing == 8


def test_whoever_reads_stays_in_whichever_model_they_like(plan: Plan) -> None:
    votes = [v for name, taste in TASTES.items() for v in votes_of(plan, name, taste=taste)]
    sample = take_sample(plan, votes, 200)
    assert {reader.name for reader in sample.readers} == TASTES.keys()
    assert not sample.left_out


def test_checks_of_an_earlier_plan_which_asked_for_a_taste_leave_nobody_out(plan: Plan) -> None:
    pairs = tuple(
        replace(p, texts={"author": p.texts["author"], "base": "so"}) if p.kind == "check" else p for p in plan.pairs
    )
    items = {
        name: replace(item, a="author" if item.a == "author" else "base", b="author" if item.b == "author" else "base")
        if pairs[item.pair].kind == "check"
        else item
        for name, item in plan.items.items()
    }
    earlier = replace(plan, pairs=pairs, items=items)
    votes = votes_of(earlier, "ana", taste=lambda plan, item: side_of(plan, item, "base"))
    sample = take_sample(earlier, votes, 60)
    assert [(reader.name, reader.checks) for reader in sample.readers] == [("ana", [])]


def test_in_whatever_order_readers_come_each_vote_counts_once(plan: Plan) -> None:
    votes = [*votes_of(plan, "ana"), *votes_of(plan, "ben")]
    random.Random(0).shuffle(votes)
    sample = take_sample(plan, votes, 64)
    assert sample.missing == 0
    assert sorted(len(reader.pairs) for reader in sample.readers) == [32, 32]
