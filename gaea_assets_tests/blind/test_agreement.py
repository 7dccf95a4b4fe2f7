"""Agreement between rows of answers."""

import pytest

from gaea_assets.blind.agreement import Agreement, agreement


def test_full_agreement_is_one_and_full_disagreement_below_zero() -> None:
    answers = dict(enumerate([1, 0, 1, 0.5, 0, 1]))
    assert agreement({"ana": answers, "ben": answers}) == Agreement(pytest.approx(1.0), 100.0, 6)
    turned = {key: 1 - value for key, value in answers.items()}
    found = agreement({"ana": answers, "ben": turned})
    assert found.alpha is not None and found.alpha < 0
    assert found.same == pytest.approx(100 / 6)


def test_krippendorffs_own_example_of_nominal_data() -> None:
    # Krippendorff (2011), Computing Krippendorff's alpha-reliability, section A: two observers, binary data.
    ana = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    ben = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    found = agreement({"ana": dict(enumerate(map(float, ana))), "ben": dict(enumerate(map(float, ben)))})
    assert found.alpha == pytest.approx(0.095, abs=5e-4)
    assert found.same == 60.0


def test_an_answer_apart_by_a_tie_disagrees_less_than_the_opposite() -> None:
    first = dict(enumerate([1, 1, 0, 0, 0.5, 0.5]))
    near = agreement({"a": first, "b": {**first, 0: 0.5}}).alpha
    far = agreement({"a": first, "b": {**first, 0: 0.0}}).alpha
    assert near is not None and far is not None and near > far


def test_only_what_both_judged_is_compared() -> None:
    found = agreement({"ana": {1: 1.0, 2: 0.0, 3: 0.5}, "ben": {2: 0.0, 3: 0.5, 4: 1.0}, "cleo": {}})
    assert (found.same, found.compared) == (100.0, 2)


def test_where_nothing_varies_or_nothing_is_shared_it_is_undefined() -> None:
    assert agreement({"ana": {1: 1.0, 2: 1.0}, "ben": {1: 1.0, 2: 1.0}}) == Agreement(None, 100.0, 2)
    assert agreement({"ana": {1: 1.0}, "ben": {2: 1.0}}) == Agreement(None, None, 0)
    assert agreement({"ana": {1: 1.0}}) == Agreement(None, None, 0)
    assert agreement({}) == Agreement(None, None, 0)
