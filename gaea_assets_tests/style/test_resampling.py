"""Windows and intervals."""

import numpy as np
import pytest

from gaea_assets.style import resampling


def test_windows_hold_k_different_units_each_and_every_unit_often() -> None:
    w = resampling.draw_windows(37, 10, np.random.default_rng(0))
    assert set(w.sum(1)) == {10.0} and set(np.unique(w)) == {0.0, 1.0}
    assert w.sum(0).min() > 0.5 * w.sum(0).mean()


def test_projection_recovers_additive_effects() -> None:
    rng = np.random.default_rng(1)
    effect = rng.normal(size=40)
    w = resampling.draw_windows(40, 8, rng)
    p = resampling.project((w @ effect)[:, None] / 8, w, [str(i // 5) for i in range(40)])
    draws = np.eye(8) * 8
    expected = effect.reshape(8, 5).mean(1)
    assert p.replicate(draws)[:, 0] == pytest.approx(expected, abs=1e-3)


def test_interval_covers_the_mean_of_few_groups() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        x = rng.normal(size=9)
        draws = rng.multinomial(9, np.full(9, 1 / 9), size=600)
        low, high = resampling.interval(draws @ x / 9, 9)
        hits += low <= 0 <= high
    assert 0.91 <= hits / 300 <= 0.98


def test_one_group_has_no_interval() -> None:
    assert resampling.interval(np.ones(10), 1) == (float("-inf"), float("inf"))


def test_arms_with_the_same_prompts_are_resampled_together() -> None:
    a, b, c = resampling.draw_groups([["x", "y"], ["y", "x"], ["p", "q"]], 50, np.random.default_rng(0))
    assert np.array_equal(a, b[:, ::-1])
    assert not np.array_equal(a, c)


def test_long_arms_are_thinned_but_every_group_stays() -> None:
    rng = np.random.default_rng(3)
    w = resampling.draw_windows(2000, 20, rng)
    assert (w.sum(0) > 0).sum() == resampling.MOST_UNITS
    p = resampling.project(w @ rng.normal(size=(2000, 1)), w, [str(i % 9) for i in range(2000)])
    assert set(p.groups) == {str(i) for i in range(9)} and p.weight.sum() == resampling.MOST_UNITS
