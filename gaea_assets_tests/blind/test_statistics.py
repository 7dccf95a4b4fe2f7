"""Win rates, and how sure they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gaea_assets.blind.statistics import wilson, win_rate
from gaea_assets_tests.blind.readings import Crowd, coverage, power

Z = float(stats.norm.ppf(0.975))


@pytest.mark.parametrize(("won", "votes"), [(0, 60), (30, 60), (44, 60), (60, 60), (1, 1)])
def test_wilsons_interval_is_scipys(won: int, votes: int) -> None:
    expected = stats.binomtest(won, votes).proportion_ci(0.95, method="wilson")
    assert wilson(won / votes, votes, Z) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_ties_are_half_a_vote() -> None:
    found = win_rate([1.0, 0.5, 0.5, 0.0], ["a", "b"] * 2, ["p", "p", "q", "q"], 0.95)
    assert found.rate == 0.5


def test_votes_of_one_mind_on_each_prompt_say_little_more_than_the_prompts() -> None:
    rng = np.random.default_rng(0)
    by_prompt = (rng.random(12) < 0.6).astype(float)
    won, prompts = np.repeat(by_prompt, 5).tolist(), [f"p{n}" for n in np.repeat(np.arange(12), 5)]
    alike = win_rate(won, ["ana"] * 60, prompts, 0.95)
    assert 11 < alike.effective < 16
    assert alike.low < alike.wilson[0] and alike.high > alike.wilson[1]


def test_readers_of_two_minds_widen_the_interval() -> None:
    readers = ["ana"] * 30 + ["ben"] * 30
    prompts = [f"p{n % 10}" for n in range(60)]
    apart = win_rate([1.0] * 27 + [0.0] * 3 + [1.0] * 9 + [0.0] * 21, readers, prompts, 0.95)
    agreed = win_rate(([1.0] * 18 + [0.0] * 12) * 2, readers, prompts, 0.95)
    assert apart.rate == agreed.rate == 0.6
    assert apart.low < agreed.low - 0.05
    assert apart.effective < agreed.effective / 2


def test_more_readers_and_prompts_make_as_many_votes_worth_more() -> None:
    won = [float(n) for n in np.random.default_rng(2).random(60) < 0.7]

    def effective(readers: int, prompts: int) -> float:
        return win_rate(
            won, [f"r{n % readers}" for n in range(60)], [f"p{n % prompts}" for n in range(60)], 0.95
        ).effective

    assert effective(2, 7) < effective(5, 7) < effective(20, 30)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_votes_that_are_all_one_say_less_than_independent_ones(rate: float) -> None:
    found = win_rate([rate] * 60, [f"r{n % 3}" for n in range(60)], [f"p{n % 8}" for n in range(60)], 0.95)
    assert found.low <= rate <= found.high
    assert found.effective < 60
    assert 0.05 < found.high - found.low < 0.25


def test_votes_are_never_worth_more_than_they_are() -> None:
    # Every prompt is judged half and half: clusters more alike than chance.
    found = win_rate([1.0, 0.0] * 30, ["ana"] * 60, [f"p{n // 2}" for n in range(60)], 0.95)
    assert found.effective <= 60
    assert found.low <= found.wilson[0] and found.high >= found.wilson[1]


def test_a_higher_level_is_a_wider_interval() -> None:
    votes = ([1.0, 1.0, 0.0] * 20, ["a", "b", "c", "d"] * 15, [f"p{n % 7}" for n in range(60)])
    usual, strict = win_rate(*votes, 0.95), win_rate(*votes, 0.975)
    assert strict.low < usual.low and strict.high > usual.high


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 3), st.integers(0, 5)), min_size=1))
@settings(max_examples=100, deadline=None)
def test_whatever_the_votes_the_interval_holds_the_rate(votes: list[tuple[float, int, int]]) -> None:
    won, readers, prompts = zip(*votes, strict=True)
    found = win_rate(won, [str(r) for r in readers], [str(p) for p in prompts], 0.95)
    assert 0 <= found.low <= found.rate + 1e-9 and found.rate - 1e-9 <= found.high <= 1
    assert 0 < found.effective <= found.votes


@pytest.mark.parametrize(
    "crowd",
    [
        Crowd(readers=1, prompts=8, votes=32, spread=0.5, rate=0.6),
        Crowd(readers=2, prompts=8, votes=60, spread=0.5, rate=0.6),
        Crowd(readers=3, prompts=8, votes=60, spread=0.3, rate=0.6),
        Crowd(readers=5, prompts=24, votes=60, spread=0.5, rate=0.8),
    ],
    ids=str,
)
def test_the_interval_covers_readers_and_prompts_it_has_not_seen(crowd: Crowd) -> None:
    found = coverage(crowd, 400)
    # Three standard errors of 400 draws away from 95 and 2.5.
    assert found["held"] >= 91.7
    assert found["above"] <= 4.9


@pytest.mark.parametrize("careless", [0.0, 0.4])
def test_checks_that_no_taste_has_a_part_in_prove_no_more_than_there_is(careless: float) -> None:
    crowd = Crowd(readers=5, prompts=8, votes=60, spread=0.5, rate=0.6, careless=careless)
    assert power(crowd, 0.6, 400) <= 4.9  # 2.5 wanted; three standard errors of 400 draws


def test_leaving_out_readers_by_their_taste_would_prove_too_much() -> None:
    crowd = Crowd(readers=5, prompts=8, votes=60, spread=0.5, rate=0.6, checked="taste")
    assert power(crowd, 0.6, 400) > 10


def test_taking_bunched_votes_for_independent_ones_would_prove_too_much() -> None:
    found = coverage(Crowd(readers=2, prompts=8, votes=54, spread=0.5, rate=0.6), 400)
    assert found["wilson_held"] < 80
    assert found["wilson_above"] > 10 > found["above"]
