"""In which order a reader sees what."""

import pytest

from gaea_assets.blind.order import EARLY, GAP, order
from gaea_assets.blind.plan import Plan
from gaea_assets.blind.sample import take_sample
from gaea_assets.blind.votes import ANSWERS
from gaea_assets_tests.blind.readings import small_plan, votes_of

READERS = ["ana", "ben", "çelik", "d"]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan(count=8, samples=5)


def pairs_of(plan: Plan, reader: str) -> list[int]:
    return [plan.items[item].pair for item in order(plan, reader)]


def test_a_reader_has_an_order_of_their_own_the_same_each_time(plan: Plan) -> None:
    assert order(plan, "ana") == order(plan, "ana")
    assert len({tuple(order(plan, reader)) for reader in READERS}) == len(READERS)


@pytest.mark.parametrize("reader", READERS)
def test_everything_comes_once_and_the_stated_share_again_with_sides_swapped_later(plan: Plan, reader: str) -> None:
    items, pairs = order(plan, reader), pairs_of(plan, reader)
    assert len(set(items)) == len(items)
    assert set(pairs) == set(range(len(plan.pairs)))
    again = [pair for pair in set(pairs) if pairs.count(pair) == 2]
    assert len(again) == 4  # a tenth of 32, rounded up
    for pair in again:
        first, second = (n for n, found in enumerate(pairs) if found == pair)
        assert second - first > GAP
        assert plan.pairs[pair].kind == "pair"
        assert plan.items[items[first]].a == plan.items[items[second]].b


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_who_stops_halfway_has_read_every_prompt(plan: Plan, reader: str) -> None:
    pairs = pairs_of(plan, reader)
    half = [plan.pairs[pair] for pair in pairs[: len(pairs) // 2]]
    assert {pair.prompt_id for pair in half if pair.kind == "pair"} == {
        p.prompt_id for p in plan.pairs if p.kind == "pair"
    }


@pytest.mark.parametrize("reader", READERS)
def test_who_does_not_read_is_known_after_a_few_pairs(plan: Plan, reader: str) -> None:
    beginning = [plan.pairs[pair] for pair in pairs_of(plan, reader)[: EARLY + plan.rule.least_checks]]
    checks = [pair for pair in beginning if pair.kind == "check"]
    assert len(checks) == plan.rule.least_checks
    assert len({"again" in check.texts for check in checks}) == 2  # no habit passes both kinds
    for habit in ANSWERS:
        assert take_sample(plan, votes_of(plan, reader, EARLY + 3, taste=lambda *_: habit), 60).left_out, habit  # noqa: B023


@pytest.mark.parametrize("reader", READERS)
def test_sides_are_balanced(plan: Plan, reader: str) -> None:
    first_seen = {plan.items[item].pair: plan.items[item].a for item in reversed(order(plan, reader))}
    tuned_first = sum(first_seen[pair] == "tuned" for pair in plan.of_kind("pair"))
    assert abs(tuned_first - len(plan.of_kind("pair")) / 2) <= 0.5


def test_over_readers_no_place_gives_a_kind_or_a_side_away(plan: Plan) -> None:
    readers = [f"reader {n}" for n in range(200)]
    seen = [[plan.items[item] for item in order(plan, reader)] for reader in readers]
    for place in range(len(seen[0])):
        pairs = [items[place] for items in seen if plan.pairs[items[place].pair].kind == "pair"]
        base_first = sum(item.a == "base" for item in pairs) / len(pairs)
        assert 0.3 < base_first < 0.7, place
        assert sum(plan.pairs[items[place].pair].kind == "check" for items in seen) / len(readers) < 0.5


@pytest.mark.parametrize(("count", "samples"), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)])
@pytest.mark.parametrize("shares", [(0.0, 0.0), (0.5, 0.5), (0.0, 0.5)])
def test_the_smallest_readings_have_an_order_too(count: int, samples: int, shares: tuple[float, float]) -> None:
    plan = small_plan(count, samples, checks=shares[0], repeats=shares[1])
    assert plan.of_kind("pair")
    items = order(plan, "ana")
    assert len(set(items)) == len(items) >= len(plan.pairs)
