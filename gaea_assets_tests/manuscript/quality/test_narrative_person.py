"""Chunks told in another person are named; dialogue and italic thoughts do not count."""

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.narrative_person import person_share

SECOND = (
    "You take the lamp from its hook and go down to the water. The steps are wet, and you count them as you always do. "
    "At the last one you stop, because your hand has begun to shake, and you wait until it is your own again. "
)
THIRD = (
    "He took the lamp from its hook and went down to the water. The steps were wet, and he counted them as he always "
    "did. At the last one he stopped, because his hand had begun to shake, and he waited until she called to him. "
)
FIRST = (
    "I took the lamp from its hook and went down to the water. The steps were wet, and I counted them as I always did. "
    "At the last one I stopped, because my hand had begun to shake, and I waited until it was mine again. "
)
TEXTS = {"first": FIRST, "second": SECOND, "third": THIRD}


def chunk(number: int, text: str) -> Chunk:
    return Chunk(f"{number:03d}", text, f"chunk_{number:03d}.txt")


@pytest.mark.parametrize("declared", TEXTS)
@pytest.mark.parametrize("other", TEXTS)
def test_chunk_in_another_person_is_named(declared: str, other: str) -> None:
    chunks = [chunk(1, TEXTS[declared] * 8), chunk(2, TEXTS[other] * 8)]
    verdict = person_share(chunks, declared)
    if other == declared:
        assert verdict.passed
        assert verdict.figures["person_share"] == 1
        return
    (fault,) = verdict.faults
    assert fault.startswith(f"chunk_002.txt: line 1: told in the {other} person in 1 of 1 windows, in the {declared}")
    assert verdict.figures["person_share"] == 0.5
    assert verdict.figures["other_person_chunks"] == 1


def test_share_goes_over_windows_and_a_scene_that_turns_late_is_no_fault() -> None:
    verdict = person_share([chunk(1, SECOND * 24 + "\n\n" + THIRD * 8)], "second")
    assert verdict.passed
    assert 0.5 < verdict.figures["person_share"] < 1
    assert verdict.figures["decided_windows"] == verdict.figures["windows"] > 2


def test_dialogue_does_not_count() -> None:
    speech = '"I was cold, and I told him that I was, and he gave me his coat," she says. '
    assert person_share([chunk(1, (SECOND + "\n\n" + speech + "\n\n") * 8)], "second").passed


@pytest.mark.parametrize("text", ["", "Rain. Stone. The sea.", '"Come in," she says.'])
def test_chunk_without_a_decided_window_is_no_fault(text: str) -> None:
    verdict = person_share([chunk(1, text)], "second")
    assert verdict.passed
    assert verdict.figures["person_share"] == 0


def test_unknown_person_is_refused() -> None:
    with pytest.raises(GaeaError, match="person: 'fourth' is not allowed; give one of first, second, third"):
        person_share([], "fourth")
