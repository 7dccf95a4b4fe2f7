"""What is told of a reading that is undecided, and whether it comes true."""

import numpy as np
import pytest

from gaea_assets.blind.outlook import MOST_VOTES, Outlook, outlook
from gaea_assets.blind.statistics import WinRate, win_rate
from gaea_assets_tests.blind.readings import Crowd, promises

KEY = [3] * 8
"""Pairs on each of eight prompts."""


def mixed(rate: float, votes: int = 60, readers: int = 6, prompts: int = 8) -> WinRate:
    """Votes in which neither readers nor prompts are alike, beyond chance."""
    won = [1.0] * round(rate * votes) + [0.0] * (votes - round(rate * votes))
    order = np.random.default_rng(1).permutation(votes)
    return win_rate(
        [won[n] for n in order],
        [f"r{n % readers}" for n in range(votes)],
        [f"p{n // readers % prompts}" for n in range(votes)],
        0.95,
    )


def test_farther_from_the_target_fewer_votes_settle_it() -> None:
    near, far = (outlook(mixed(rate, prompts=24), 0.6, 0.975, [3] * 24).more_votes for rate in (0.74, 0.76))
    assert near is not None and far is not None
    assert 0 < far < near <= MOST_VOTES


def test_a_higher_level_wants_more_votes() -> None:
    found = mixed(0.75, prompts=24)
    usual, strict = (outlook(found, 0.6, level, [3] * 24).more_votes for level in (0.95, 0.975))
    assert usual is not None and strict is not None
    assert usual < strict


def test_a_rate_below_the_target_is_settled_too() -> None:
    assert outlook(mixed(0.4, prompts=24), 0.55, 0.975, [3] * 24).more_votes


def test_a_rate_at_the_target_is_settled_by_nothing() -> None:
    assert outlook(mixed(0.6), 0.6, 0.975, KEY) == Outlook()


def test_prompts_that_go_apart_leave_it_undecided_whoever_reads_them() -> None:
    # Each prompt is judged alike by all: 6 of 8 for the tuned model, however many come and judge them so too.
    by_prompt = [1.0] * 6 + [0.0] * 2

    def reading(readers: int) -> WinRate:
        return win_rate(
            by_prompt * readers,
            [f"r{n}" for n in range(readers) for _ in by_prompt],
            [f"p{n}" for n in range(8)] * readers,
            0.975,
        )

    told = outlook(reading(4), 0.6, 0.975, KEY)
    assert reading(2000).low < 0.6 < reading(2000).high
    assert told.more_votes is None
    assert told.prompts is not None and told.votes is not None
    assert told.prompts > 100 and told.votes == 4 * told.prompts and told.readers == round(told.prompts / 2)


def test_prompts_that_nobody_has_read_yet_are_reckoned_with() -> None:
    # Half of the prompts have been read: further votes come on the others too.
    found = mixed(0.76, prompts=12)
    few, many = outlook(found, 0.6, 0.975, [5] * 12), outlook(found, 0.6, 0.975, [5] * 60)
    assert many.more_votes is not None
    assert few.more_votes is None or few.more_votes > many.more_votes


def test_one_reader_goes_on_alone_until_there_are_no_pairs_left() -> None:
    found = mixed(0.77, votes=30, readers=1, prompts=30)
    alone = outlook(found, 0.6, 0.95, [5] * 30)
    assert alone.more_votes is not None and alone.more_votes <= 120
    assert alone.more_readers == 0
    others = outlook(found, 0.6, 0.95, [1] * 30)
    # Others have minds of their own, so that many of them are wanted.
    assert others.more_votes is not None and others.more_readers is not None
    assert others.more_votes > 2 * alone.more_votes
    assert others.more_readers == -(-others.more_votes // 30)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.3, 0.5])
def test_the_votes_told_settle_half_of_the_readings_or_more(spread: float) -> None:
    kept = promises(Crowd(readers=3, prompts=8, votes=60, spread=spread, rate=0.6), 0.6, 400)
    assert len(kept.more_votes) >= 30
    assert np.mean(kept.more_votes) >= 0.4  # half wanted; 1.6 standard errors or more below it
    assert np.mean(kept.prompts) >= 0.4
    assert kept.nothing  # with a true rate of 60 % nothing can be settled
