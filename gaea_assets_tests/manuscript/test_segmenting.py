"""A manuscript in scenes: nothing lost, explicit breaks kept, long scenes cut where the narrative turns."""

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript import segmenting
from gaea_assets.manuscript.boundaries import boundary_scores
from gaea_assets.manuscript.paragraphs import Paragraph, paragraphs
from gaea_assets.manuscript.segmenting import Segment, SegmentLimits, segment
from gaea_assets.manuscript.splitting import cheapest_starts, way_back

LIMITS = SegmentLimits(least=8, good_from=10, ideal_from=12, ideal_to=15, good_to=20, most=26)
WORDS = ["night", "street", "lamp", "water", "stone", "sentinel", "walks", "waits", "turns", "hears", "under"]
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=2, max_size=11).map(" ".join)
PROSE = st.one_of(
    SENTENCE,
    SENTENCE.map("The next morning {}.".format),
    SENTENCE.map("  {}\nand on.".format),
    SENTENCE.map('"{}," she says.'.format),
)
BREAK = st.sampled_from(["# Chapter One", "# Chapter Two", "* * *"])
PARAGRAPH = st.one_of(PROSE, PROSE, PROSE, PROSE, PROSE, BREAK)
GAP = st.sampled_from(["\n\n", "\n\n", "\n\n\n", "\n \n"])
TEXT = st.tuples(
    st.sampled_from(["", "\n", "\n\n"]), st.lists(st.tuples(PARAGRAPH, GAP), max_size=16), st.sampled_from(["", "end"])
).map(lambda drawn: drawn[0] + "".join(para + gap for para, gap in drawn[1]) + drawn[2])
SCENE = st.lists(PROSE, min_size=1, max_size=9).map("\n\n".join)


def prose(words: int, mark: str = "word") -> str:
    return " ".join([mark] * words)


def segments_or_fault(text: str, limits: SegmentLimits = LIMITS) -> list[Segment] | str:
    try:
        return segment(text, limits)
    except GaeaError as error:
        return str(error)


def scores_of(paras: Sequence[Paragraph], *, within_tales: bool = False) -> np.ndarray:
    """Scores that anyone can follow, -inf where `boundary_scores` has it in a scene."""
    scores = np.array([2.0 * para.text.startswith("The next") + len(para.text) % 7 / 10 - 3 for para in paras])
    for gap, (before, para) in enumerate(pairwise(paras), start=1):
        if before.is_dialogue and para.is_dialogue:
            scores[gap] = -math.inf
    scores[:1] = -math.inf
    return scores


def ways(text: str, limits: SegmentLimits) -> list[tuple[int, float, tuple[int, ...]]]:
    """All ways to cut a scene into two parts or more within the limits: parts not good, cost, gaps."""
    paras = paragraphs(text)
    scores = scores_of(paras)
    words = [len(para.text.split()) for para in paras]
    found = []
    for count in range(1, len(paras)):
        for gaps in combinations([gap for gap in range(1, len(paras)) if scores[gap] > -math.inf], count):
            sizes = [sum(words[a:b]) for a, b in pairwise([0, *gaps, len(paras)])]
            if all(limits.least <= size <= limits.most for size in sizes):
                beyond = sum(not limits.good_from <= size <= limits.good_to for size in sizes)
                distance = sum(max((12 - size) / 2, (size - 15) / 5, 0) for size in sizes)
                found.append((beyond, distance - sum(scores[gap] + segmenting.CUT for gap in gaps), gaps))
    return found


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_nothing_is_lost_or_moved(text: str) -> None:
    found = segments_or_fault(text)
    if isinstance(found, str):
        return
    assert "".join(part.text for part in found) == text
    assert [text[part.start : part.start + len(part.text)] for part in found] == [part.text for part in found]
    told = [para.text.split() for para in paragraphs(text) if not para.is_break]
    assert [word for part in found for word in part.prose.split()] == [word for para in told for word in para]
    for part in found:
        assert part.prose in part.text
        assert part.prose == part.prose.strip("\n")
        assert part.words == len(part.prose.split())


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_sizes_break_a_limit_only_as_the_rules_say(text: str) -> None:
    found = segments_or_fault(text)
    if isinstance(found, str):
        return
    inside = [part.score is not None for part in found] + [False]
    for part, begins_inside, ends_inside in zip(found, inside, inside[1:], strict=False):
        assert part.words <= LIMITS.most
        if begins_inside or ends_inside:
            assert part.words >= LIMITS.least


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_explicit_breaks_begin_segments_and_the_rest_begins_outside_dialogue(text: str) -> None:
    found = segments_or_fault(text)
    if isinstance(found, str):
        return
    for before, part in pairwise(found):
        first, last = paragraphs(part.text)[0], paragraphs(before.text)[-1]
        assert first.is_break == (part.score is None)
        assert part.score is None or not (first.is_dialogue and last.is_dialogue)
        assert part.why.startswith("narrative boundary") == (part.score is not None)
    for part in found:
        told = [para for para in paragraphs(part.text) if not para.is_break]
        assert bool(told) == bool(part.words)
        assert all(not para.is_break for para in paragraphs(part.prose))
    if len(found) > 1:
        assert all(part.words for part in found)


@given(TEXT)
@settings(max_examples=30, deadline=None)
def test_segmenting_is_deterministic(text: str) -> None:
    assert segments_or_fault(text) == segments_or_fault(text)


@given(SCENE)
@settings(max_examples=150, deadline=None)
def test_a_long_scene_is_cut_at_the_least_cost_of_all_ways(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmenting, "boundary_scores", scores_of)
        found = segments_or_fault(text)
    words = len(text.split())
    possible = ways(text, LIMITS)
    if words <= LIMITS.good_to or (words <= LIMITS.most and not possible):
        assert not isinstance(found, str) and [part.text for part in found] == [text]
        return
    if not possible:
        assert isinstance(found, str) and "no paragraph boundary outside dialogue" in found
        return
    assert not isinstance(found, str)
    starts = {para.start: gap for gap, para in enumerate(paragraphs(text))}
    gaps = tuple(starts[part.start] for part in found[1:])
    beyond, cost = min((beyond, cost) for beyond, cost, _ in possible)
    chosen = {way: (beyond, cost) for beyond, cost, way in possible}[gaps]
    assert chosen == (beyond, pytest.approx(cost, abs=1e-6))


@given(SCENE)
@settings(max_examples=50, deadline=None)
def test_candidates_are_other_places_within_the_limits_best_first(text: str) -> None:
    found = segments_or_fault(text)
    if isinstance(found, str):
        return
    for before, part in pairwise(found):
        scores = [other.score for other in part.others]
        assert scores == sorted(scores, reverse=True) and len(scores) <= segmenting.OTHERS
        for other in part.others:
            assert other.before + other.behind == before.words + part.words
            assert other.before != before.words
            assert min(other.before, other.behind) >= LIMITS.least
            assert max(other.before, other.behind) <= LIMITS.most


def test_chapters_and_reasons() -> None:
    text = (
        "A dedication.\n\n# Part One\n\n# Chapter One\n\nShe waits.\n\n* * *\n\nShe goes.\n\n"
        "# Chapter Two\n\n* * *\n\nHe stays.\n\n* * *\n\n"
    )
    found = segment(text)
    assert [(part.prose, part.chapter, part.why) for part in found] == [
        ("A dedication.", None, "beginning"),
        ("She waits.", "Part One: Chapter One", "heading: Part One: Chapter One"),
        ("She goes.", "Part One: Chapter One", "scene break"),
        ("He stays.", "Chapter Two", "heading: Chapter Two"),
    ]
    assert found[1].text.startswith("# Part One\n\n# Chapter One")
    assert found[-1].text.endswith("* * *\n\n")


@pytest.mark.parametrize("text", ["# Chapter One", "\n\n", "* * *\n\n# Chapter One\n"])
def test_a_document_without_prose_is_one_segment_of_no_words(text: str) -> None:
    (found,) = segment(text)
    assert (found.text, found.prose, found.words) == (text, "", 0)
    assert segment("") == []


def test_a_scene_is_cut_where_it_turns_and_the_reason_says_so() -> None:
    harbour = ["The boats lay at the quay, and the nets dried on the wall above the tide and the weed."] * 5
    turn = "The next morning Miriam rode out over the hills to the monastery, where the snow had begun to fall."
    hills = ["Snow covered the path, and the monks carried wood from the forest to the chapel stove."] * 5
    text = "\n\n".join([*harbour, turn, *hills])
    first, second = segment(text, SegmentLimits(30, 40, 60, 120, 130, 160))
    assert second.prose.startswith("The next morning Miriam")
    score = boundary_scores(paragraphs(text))[5]
    assert second.score == pytest.approx(score)
    assert second.why == f"narrative boundary, log-odds {score:.1f}"
    assert first.score is None and not first.others and second.others


def test_a_scene_between_good_and_most_that_cannot_be_cut_stays_whole() -> None:
    speeches = "\n\n".join(f'"{prose(5)}"' for _ in range(5))
    assert [part.words for part in segment(speeches, LIMITS)] == [25]


def test_a_tale_told_in_one_speech_is_cut_between_its_paragraphs() -> None:
    tale = [f'"{prose(6)}' for _ in range(7)]
    found = segment("\n\n".join([*tale, f'"{prose(6)}"']), LIMITS)
    assert len(found) > 1 and all(LIMITS.least <= part.words <= LIMITS.most for part in found)


def test_a_tale_stays_whole_where_narration_offers_a_place() -> None:
    tale = "\n\n".join([f'"{prose(6)}', f'"{prose(6)}"'])
    found = segment("\n\n".join([tale, prose(4), tale, prose(4)]), LIMITS)
    assert len(found) > 1
    assert sum(part.prose.count(tale) for part in found) == 2


@pytest.mark.parametrize(
    "opening", ["\u201e{}\u201c", "\u2014{}", "\u2013 {}", "- {}", "\u00bb{}\u00ab", "\u2039{}\u203a"]
)
def test_speech_of_any_language_is_not_cut(opening: str) -> None:
    speeches = "\n\n".join(opening.format(prose(5)) for _ in range(6))
    with pytest.raises(GaeaError, match="no paragraph boundary outside dialogue"):
        segment(speeches, LIMITS)


def test_pure_dialogue_above_most_names_line_chapter_and_remedy() -> None:
    speeches = "\n\n".join(f'"{prose(5)}"' for _ in range(6))
    with pytest.raises(GaeaError) as error:
        segment(f"# Chapter One\n\nShe waits.\n\n# Chapter Two\n\n{speeches}\n\n* * *\n\n{speeches}", LIMITS)
    assert str(error.value) == (
        "line 7 (under Chapter Two): no paragraph boundary outside dialogue gives parts of 8 to 26 words of this scene "
        'of 30; its longest stretch without one begins here (""word word word word word""): put a line `* * *` between '
        "blank lines where it may be split; the same from line 21 on"
    )


def test_the_line_named_is_where_the_longest_stretch_without_a_boundary_begins() -> None:
    text = "\n\n".join([prose(10), prose(10), prose(9), prose(30), prose(12)])
    with pytest.raises(GaeaError, match=r"^line 7: no paragraph boundary"):
        segment(text, LIMITS)


def test_the_remedy_helps() -> None:
    speeches = [f'"{prose(5)}"' for _ in range(6)]
    found = segment("\n\n".join([*speeches[:3], "* * *", *speeches[3:]]), LIMITS)
    assert [(part.words, part.why) for part in found] == [(15, "beginning"), (15, "scene break")]


def test_scores_of_blocks_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(1)
    texts = [" ".join(draw.choice(WORDS, draw.integers(5, 40))) + "." for _ in range(400)]
    paras = paragraphs("\n\n".join(texts))
    words = np.cumsum([0, *(len(para.text.split()) for para in paras)])
    monkeypatch.setattr(segmenting, "BLOCK", 1500)
    assert len(list(segmenting.blocks(words))) > 5
    assert segmenting._scores(paras, words, False) == pytest.approx(boundary_scores(paras), abs=1e-9)


def test_no_more_is_scored_at_a_time_than_a_block_and_its_margins(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def counted(paras: Sequence[Paragraph], *, within_tales: bool) -> np.ndarray:
        seen.append(len(paras))
        return scores_of(paras)

    monkeypatch.setattr(segmenting, "boundary_scores", counted)
    monkeypatch.setattr(segmenting, "BLOCK", 500)
    text = "\n\n".join(prose(10) for _ in range(1000))
    found = segment(text, SegmentLimits(100, 120, 150, 200, 260, 300))
    assert "".join(part.text for part in found) == text
    assert max(seen) <= 50 + 2 * segmenting.MARGIN and len(seen) == 20


def test_the_search_looks_no_farther_back_than_a_part_may_reach() -> None:
    count, looked = 2000, 0

    def costs(end: int, starts: np.ndarray) -> np.ndarray:
        nonlocal looked
        looked += len(starts)
        return np.full(len(starts), 1.0)

    gaps = np.arange(count + 1)
    starts = cheapest_starts(np.maximum(gaps - 9, 0), np.maximum(gaps - 3, 0), np.zeros(count + 1), costs)
    assert looked <= 6 * count
    assert len(way_back(starts)) == 1 + math.ceil(count / 9)


@pytest.mark.parametrize("sizes", [(0, 1, 2, 3, 4, 5), (8, 10, 9, 15, 20, 26), (8, 10, 12, 15, 20, 19)])
def test_sizes_that_do_not_rise_are_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(GaeaError, match="sizes of segments"):
        SegmentLimits(*sizes)


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_limits_between_two_sizes_keep_to_them(least: int, most: int) -> None:
    if least > most:
        with pytest.raises(GaeaError, match=f"at least {least} and at most {most} words"):
            SegmentLimits.between(least, most)
        return
    limits = SegmentLimits.between(least, most)
    assert (limits.least, limits.most) == (least, most)
    assert SegmentLimits.between(800, 2500) == SegmentLimits()
