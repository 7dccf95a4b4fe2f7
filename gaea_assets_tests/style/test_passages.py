"""The hand-labelled passages: person of narration and markers, counted sentence by sentence."""

from collections import Counter
from pathlib import Path

import pytest

from gaea_assets.style import markers, persons, units
from gaea_assets.style.tokens import paragraphs

FILE = Path(__file__).parent / "data" / "passages.txt"
KINDS = ("italic thoughts", "imperatives", "narrator asides", "generic you", "reader address")


def passages() -> list[tuple[str, dict[str, int], str]]:
    rows = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            person, counts, text = (part.strip() for part in line.split("|", 2))
            labels = dict(zip(KINDS, map(int, counts.split()), strict=True))
            rows.append((person, labels, text.replace(" / ", "\n\n")))
    return rows


ROWS = passages()


def test_the_set_is_large_and_varied() -> None:
    found = Counter(person for person, _, _ in ROWS)
    assert len(ROWS) >= 120
    assert found["second"] >= 40 and found["first"] >= 30 and found["third"] >= 30


def test_person_of_narration() -> None:
    right = sum(_person(text) == ("undecided" if person == "none" else person) for person, _, text in ROWS)
    assert right / len(ROWS) >= 0.94


def test_second_person_is_not_missed_and_not_imagined() -> None:
    second = [_person(text) == "second" for person, _, text in ROWS if person == "second"]
    others = [_person(text) == "second" for person, _, text in ROWS if person != "second"]
    assert sum(second) / len(second) >= 0.97
    assert sum(others) / len(others) <= 0.025


@pytest.mark.parametrize(
    ("kind", "least"), [(KINDS[0], 0.95), (KINDS[1], 0.85), (KINDS[2], 0.8), (KINDS[3], 0.7), (KINDS[4], 0.95)]
)
def test_markers_are_found_where_they_are(kind: str, least: float) -> None:
    column = markers.MARKERS.index(kind)
    true = found = hit = 0
    for _, labels, text in ROWS:
        got = int(markers.count_markers([units.parse(text)], ["x"], frozenset()).events[0, column])
        true, found, hit = true + labels[kind], found + got, hit + min(got, labels[kind])
    assert hit / true >= least, "recall"
    assert hit / found >= least, "precision"


def _person(text: str) -> str:
    return persons.decide(persons.narration_of(paragraphs(units.parse(text).text))).person
