from datetime import UTC, datetime, timedelta

import pytest

from gaea_assets.watching.messages import Unwatched
from gaea_assets.watching.overdue import Watched, latest, overdue, untold

RELEASED = "2026-11-01T03:00:00+00:00"
MODEL = Watched("pocket", "0123456789abcdef", RELEASED, 9)


def told(day: int, heard: str | None = None) -> list[int]:
    """For how many days the model has not been evaluated, where that is told on a day of November."""
    now = datetime(2026, 11, 1, 4, tzinfo=UTC) + timedelta(days=day - 1)
    return [model.days for model in overdue([MODEL], {MODEL.model: heard} if heard else {}, now)]


def test_a_model_is_told_of_after_the_days_without_an_evaluation() -> None:
    assert [told(day) for day in (1, 9, 10, 15)] == [[], [], [9], [14]]


def test_it_is_told_again_after_as_many_days_more() -> None:
    assert told(11, heard="2026-11-10T04:00:00+00:00") == []
    assert told(19, heard="2026-11-10T04:00:00+00:00") == [18]


def test_an_evaluation_after_it_was_told_begins_the_days_anew() -> None:
    assert told(12, heard="2026-10-20T04:00:00+00:00") == [11]


@pytest.mark.parametrize("at", ["2026-11-01T03:00:00", "2026-11-01"])
def test_a_time_without_a_zone_is_taken_too(at: str) -> None:
    assert overdue([Watched("pocket", "0123", at, 9)], {}, datetime(2026, 11, 20, tzinfo=UTC))


def test_the_latest_of_the_times_that_there_are() -> None:
    assert latest("2026-11-01T03:00:00+00:00", None, "2026-11-01T03:30:00+01:00") == "2026-11-01T03:00:00+00:00"


def test_a_voice_that_cannot_be_evaluated_is_told_of_at_once_and_again_after_the_days() -> None:
    told: dict[str, str] = {}
    days = []
    for day in range(1, 21):
        found = Unwatched("pocket", "released.json: does not say", f"2026-11-{day:02d}T04:00:00+00:00")
        for voice in untold([found], told, 9):
            told[voice.key] = voice.now
            days.append(day)
    assert days == [1, 10, 19]
    assert untold([Unwatched("pocket", "another fault", found.now)], told, 9)


def test_what_is_told_of_it_names_the_fault() -> None:
    message = Unwatched("pocket", "released.json: does not say", "2026-11-01T04:00:00+00:00").message()
    assert message["text"] == "pocket: what is released of it is not evaluated again: released.json: does not say"
    assert message["reasons"] == ["not_evaluated"]
    assert message["id"].startswith("unwatched-pocket-")
