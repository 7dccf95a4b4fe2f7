from datetime import UTC, datetime, timedelta

import pytest

from gaea_assets.watching.overdue import Watched, overdue

RELEASED = "2026-11-01T03:00:00+00:00"
MODEL = Watched("pocket", "0123456789abcdef", RELEASED, 9)


def told(day: int, evaluated: str = "", heard: str = "") -> list[int]:
    """For how many days the model has not been evaluated, where that is told on a day of November."""
    now = datetime(2026, 11, 1, 4, tzinfo=UTC) + timedelta(days=day - 1)
    found = overdue([MODEL], {MODEL.model: evaluated} if evaluated else {}, {MODEL.model: heard} if heard else {}, now)
    return [model.days for model in found]


def test_a_model_is_told_of_after_the_days_without_an_evaluation_since_its_release() -> None:
    assert [told(day) for day in (1, 9, 10, 15)] == [[], [], [9], [14]]


def test_an_evaluation_begins_the_days_anew() -> None:
    assert told(10, evaluated="2026-11-02T03:10:00+00:00") == []
    assert told(12, evaluated="2026-11-02T03:10:00+00:00") == [10]


def test_it_is_told_again_after_as_many_days_more() -> None:
    assert told(11, heard="2026-11-10T04:00:00+00:00") == []
    assert told(19, heard="2026-11-10T04:00:00+00:00") == [18]


def test_another_models_evaluation_says_nothing_of_it() -> None:
    now = datetime(2026, 11, 12, tzinfo=UTC)
    assert len(overdue([MODEL], {"f" * 16: "2026-11-11T03:00:00+00:00"}, {}, now)) == 1


@pytest.mark.parametrize("at", ["2026-11-01T03:00:00", "2026-11-01"])
def test_a_time_without_a_zone_is_taken_too(at: str) -> None:
    model = Watched("pocket", "0123", at, 9)
    assert overdue([model], {}, {}, datetime(2026, 11, 20, tzinfo=UTC))
