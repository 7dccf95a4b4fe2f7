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
from gaea_assets.manuscript.boundaries import BETWEEN_SPEECHES, Dialogue, boundary_scores
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


def scores_of(paras: Sequence[Paragraph], *, dialogue: Dialogue = Dialogue.NEVER) -> np.ndarray:
    """Scores that anyone can follow, out of the question where `boundary_scores` has it in a scene."""
    scores = np.array([2.0 * para.text.startswith("The next") + len(para.text) % 7 / 10 - 3 for para in paras])
    for gap, (before, para) in enumerate(pairwise(paras), start=1):
        if before.ends_spoken and para.begins_spoken:
            scores[gap] -= BETWEEN_SPEECHES if dialogue is Dialogue.SPEECHES else math.inf
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
        assert part.words <= LIMITS.utmost
        if part.words > LIMITS.most:
            assert "above 26" in part.exception
        if (begins_inside or ends_inside) and part.words < LIMITS.least:
            assert "below 8" in part.exception


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_explicit_breaks_begin_segments_and_the_rest_begins_outside_dialogue(text: str) -> None:
    found = segments_or_fault(text)
    if isinstance(found, str):
        return
    for before, part in pairwise(found):
        first, last = paragraphs(part.text)[0], paragraphs(before.text)[-1]
        assert first.is_break == (part.score is None)
        spoken = last.ends_spoken and first.begins_spoken and part.score is not None
        assert ("begins between two speeches" in part.exception) == spoken
        told = "between two speeches" if spoken else "narrative boundary"
        assert part.why.startswith(told) == (part.score is not None)
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
    assert not isinstance(found, str)
    if not possible:
        if words <= LIMITS.utmost:
            assert [part.text for part in found] == [text]
        assert any(part.exception for part in found)
        return
    assert not any(part.exception for part in found)
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
        ("He stays.", "Part One: Chapter Two", "heading: Chapter Two"),
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
    "speech",
    [
        '"{}"', "\u201e{}\u201c", "\u2014{}", "\u2013 {}", "- {}", "\u00bb{}\u00ab", "\u2039{}\u203a", "\u300c{}\u300d",
        '*"{}."*', "TOM: {}", "**Tom:** {}", "MRS. POTTS (aside): {}", 'Tom said, "{}."',
        "Mr. Lee answered: \u201c{}.\u201d",
    ],
)  # fmt: skip
def test_a_conversation_of_any_form_is_cut_only_where_nothing_else_will_do(speech: str) -> None:
    talk = [speech.format(prose(4)) for _ in range(3)]
    found = segment("\n\n".join([*talk, prose(4), *talk, prose(4), *talk]), LIMITS)
    assert len(found) > 1 and not any(part.exception for part in found)
    whole = segment("\n\n".join(talk), SegmentLimits(5, 6, 7, 8, 9, 22))
    assert len(whole) == 1
    cut = segment("\n\n".join(talk * 3), LIMITS)
    assert all(part.words <= LIMITS.utmost for part in cut)
    assert all("begins between two speeches" in part.exception for part in cut[1:]) and len(cut) > 1


def test_no_cut_between_a_speech_that_ends_a_paragraph_and_its_answer() -> None:
    talk = [prose(6) + ' "Here are the facts."', '"On Saturday ' + prose(6) + '"']
    found = segment("\n\n".join(talk * 4), LIMITS)
    assert len(found) > 1 and not any(part.exception for part in found)
    assert not any(part.prose.startswith('"') for part in found)


@pytest.mark.parametrize(
    "text", [f'{prose(4)} "No entry" on it.', f'On a sign it said, "No entry," and {prose(12)}.', f"I {prose(9)}."]
)
def test_narration_that_only_quotes_something_is_cut(text: str) -> None:
    assert not any(part.exception for part in segment("\n\n".join([text] * 8), LIMITS))


def test_a_conversation_a_little_above_the_most_stays_whole_and_is_told() -> None:
    speeches = "\n\n".join([*[f'"{prose(5)}"'] * 5, f'"{prose(4)}"'])
    _, part = segment(f"# Chapter One\n\nShe waits.\n\n# Chapter Two\n\n{speeches}", LIMITS)
    assert part.words == LIMITS.utmost == 29
    assert part.exception == (
        'under Chapter Two: the chunk that begins ""word word word word word" "word word word..." has 29 words, above '
        "26: no boundary outside dialogue gives parts of 8 to 26 words there; put a line `* * *` between blank lines "
        "where you would rather split it"
    )


def test_a_longer_conversation_is_cut_between_speeches_where_the_narrative_turns_most() -> None:
    speeches = [f'"{prose(5)}"'] * 4
    text = "\n\n".join([*speeches, f'"The next morning {prose(2)}"', *speeches])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmenting, "boundary_scores", scores_of)
        patch.setattr(segmenting, "CUT", 0.0)
        first, second = segment(text.replace('"The', "\u201cThe"), SegmentLimits(8, 10, 12, 25, 26, 30))
    assert not first.exception and "begins between two speeches" in second.exception
    assert second.score is not None and abs(second.score) < 100


def test_a_conversation_among_paragraphs_too_long_to_share_a_part_leaves_a_short_part_and_tells_it() -> None:
    found = segment("\n\n".join([prose(25), f'"{prose(6)}"', prose(25)]), LIMITS)
    assert [part.words for part in found] == [25, 6, 25] or max(part.words for part in found) <= LIMITS.utmost
    assert any("below 8" in part.exception for part in found)


def test_a_paragraph_longer_than_any_chunk_is_refused_by_chapter_and_first_words() -> None:
    text = "\n\n".join(["# Chapter Two", prose(10), prose(10), prose(9), prose(30, "mark"), prose(12)])
    with pytest.raises(GaeaError) as error:
        segment(text, LIMITS)
    assert str(error.value) == (
        'under Chapter Two: the paragraph that begins "mark mark mark mark mark mark mark mark..." has 30 words, and a '
        "chunk 29 at most: put a blank line, or a line `* * *` between blank lines, where it may be split"
    )


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
    assert segmenting._scores(paras, words, Dialogue.NEVER) == pytest.approx(boundary_scores(paras), abs=1e-9)


def test_no_more_is_scored_at_a_time_than_a_block_and_its_margins(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def counted(paras: Sequence[Paragraph], *, dialogue: Dialogue) -> np.ndarray:
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
