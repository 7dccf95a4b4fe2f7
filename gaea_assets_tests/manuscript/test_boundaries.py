"""The measured boundary score: weights and figures agree, cues count, recorded splits of the sample manuscript."""

import json
import math
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from gaea_assets.manuscript.boundaries import BREAK_SCORE, boundary_scores, load_weights, log_odds
from gaea_assets.manuscript.boundary_features import features, lexicon_words
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.paragraphs import paragraphs
from gaea_assets.manuscript.splitting import Limits, split_chunk

RECORDED = json.loads((Path(__file__).parent / "data" / "recorded_splits.json").read_text(encoding="utf-8"))
MANUSCRIPT = Path(__file__).parents[2] / "data" / "raw" / "visions_of_gaea"
LIMITS = Limits(max_words=2500, min_words=600, max_tokens=10**6)
TEXTS = [
    "Haji held the lamp while Alan worked at the lock, and neither of them spoke.",
    '"It is done," Alan said.',
    "They shut the door behind them and slept.",
    "The next morning the harbour was full of ships. Mira Voss had come down from the hills before dawn with nine "
    "mules, and she stood among the ropes and counted sacks until the sun was well above the breakwater.",
    '"How many?" asked the clerk.',
    "She told him.",
]


def test_weights_and_figures_have_the_same_names() -> None:
    weights = load_weights()
    assert set(weights.features) == set(features(TEXTS))
    assert set(weights.lexicons) == set(lexicon_words(TEXTS))
    assert all(math.isfinite(value) for values in weights.features.values() for value in values)


def test_a_new_time_place_and_person_is_the_likeliest_boundary() -> None:
    scores = log_odds(TEXTS)
    assert scores[1:].argmax() + 1 == 3


def test_breaks_win_and_forbidden_gaps_are_out() -> None:
    text = '"One."\n\n"Two."\n\nHe went.\n\n* * *\n\nThe next day it rained.\n\nIt rained on.'
    scores = boundary_scores(paragraphs(text))
    assert np.isneginf(scores[[0, 1, 3]]).all()
    assert scores[4] == BREAK_SCORE
    assert np.isfinite(scores[[2, 5]]).all() and scores[[2, 5]].max() < BREAK_SCORE


@pytest.mark.parametrize(
    "texts", [[], ["One."], ["* * *", "—"], ["...", "!"], ["1914", "2"], ['"', "'"], ["你好", "再见"]]
)
def test_odd_texts_have_finite_scores(texts: list[str]) -> None:
    scores = log_odds(texts)
    assert scores.shape == (len(texts),) and np.isfinite(scores).all()


def test_score_does_not_know_the_position_in_the_text() -> None:
    filler = [f"You walk along the wall and count the stones, {n} of them." for n in range(40)]
    early, late = [*filler, *TEXTS, *filler * 4], [*filler * 4, *TEXTS, *filler]
    assert log_odds(early)[40:46] == pytest.approx(log_odds(late)[160:166], abs=1e-6)


def test_long_text_is_scored_as_its_surroundings_are() -> None:
    long = [*TEXTS, *(f"You walk along the wall, {n}." for n in range(250))] * 3
    assert log_odds(long)[256 + 3] == pytest.approx(log_odds(long[100:420])[156 + 3], abs=1e-6)


def recorded_and_found(record: dict) -> tuple[int, int]:
    """Paragraph that the second part was recorded to begin with, and the one it begins with."""
    text = (MANUSCRIPT / f"{record['chunk']}.txt").read_text(encoding="utf-8").strip()
    parts = split_chunk(Chunk("1", text, record["chunk"]), LIMITS, lambda piece: len(piece.split()))
    assert len(parts) == 2
    paras = paragraphs(text)
    numbers = {para.start: number for number, para in enumerate(paras)}
    (recorded,) = [n for n, para in enumerate(paras) if para.text.startswith(record["second_part_starts"])]
    return recorded, numbers[next(accumulate(len(part.text) for part in parts))]


@pytest.mark.parametrize("record", RECORDED, ids=[record["chunk"] for record in RECORDED])
def test_recorded_split_is_found_within_one_paragraph(record: dict) -> None:
    recorded, found = recorded_and_found(record)
    assert abs(recorded - found) <= 1
