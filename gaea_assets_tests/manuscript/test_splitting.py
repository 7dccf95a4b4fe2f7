"""Oversized chunks split where the narrative turns; nothing lost, limits held, never between two speeches."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript import splitting
from gaea_assets.manuscript.boundaries import BETWEEN_SPEECHES, Dialogue, boundary_scores
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.paragraphs import Paragraph, paragraphs
from gaea_assets.manuscript.splitting import Limits, _letters, broken_rules, split_chunk

LIMITS = Limits(max_words=30, min_words=8, max_tokens=60)
UTMOST = 34
"""Fifteen percent above the most words."""
WORDS = ["night", "street", "lamp", "water", "stone", "Unit", "sentinel", "walks", "waits", "turns", "hears", "under"]
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=2, max_size=9).map(" ".join)
PARAGRAPH = st.one_of(
    SENTENCE,
    SENTENCE.map('"{}," she says.'.format),
    SENTENCE.map("The next morning {}.".format),
    SENTENCE.map("  {}.".format),
    st.just("* * *"),
)
TEXT = st.lists(st.tuples(PARAGRAPH, st.sampled_from(["\n\n", "\n\n\n", "\n \n"])), min_size=1, max_size=14).map(
    lambda pairs: "".join(p + gap for p, gap in pairs).rstrip()
)


def scores_of(paras: Sequence[Paragraph], *, dialogue: Dialogue = Dialogue.NEVER) -> np.ndarray:
    """Where a text may be split as `boundary_scores` has it, but scores that anyone can follow."""
    scores = np.array([float(para.text.startswith("The next")) + len(para.text) % 7 / 10 for para in paras])
    for gap, (before, para) in enumerate(pairwise(paras), start=1):
        if para.is_break:
            scores[gap] = -math.inf
        elif before.is_break:
            scores[gap] = 20
        elif before.ends_spoken and para.begins_spoken:
            scores[gap] -= BETWEEN_SPEECHES if dialogue is Dialogue.SPEECHES else math.inf
    scores[:1] = -math.inf
    return scores


@pytest.fixture(autouse=True, scope="module")
def _plain_scores() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "boundary_scores", scores_of)
        yield


def tokens(text: str) -> int:
    """Not additive, as no real vocabulary is: a run of white space is one token, whatever stands beside it."""
    return len(re.findall(r"\s+|\w{1,4}|[^\w\s]", text))


def chunk(text: str) -> Chunk:
    return Chunk("015", text, "chunk_015.txt")


def parts_of(text: str, limits: Limits = LIMITS) -> list[Chunk]:
    return split_chunk(chunk(text), limits, tokens)


def prose(words: int, mark: str = "word") -> str:
    return " ".join([mark] * words)


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_parts_give_the_chunk_back_and_keep_to_the_limits(text: str) -> None:
    whole = chunk(text)
    try:
        parts = parts_of(text)
    except GaeaError:
        return
    assert "".join(part.text for part in parts) == text
    told = " ".join(broken_rules(parts, LIMITS))
    if (whole.words <= LIMITS.max_words and tokens(text) <= LIMITS.max_tokens) or len(parts) == 1:
        assert parts == [whole] and ("above 30" in told) == (whole.words > LIMITS.max_words)
        return
    assert [part.name for part in parts] == [f"015{letter}" for letter in "abcdefghijklmnop"[: len(parts)]]
    for part in parts:
        assert part.words <= UTMOST and tokens(part.text) <= LIMITS.max_tokens
        assert part.words >= LIMITS.min_words or f"{part.name}: {part.words} words, below 8" in told
        assert part.words <= LIMITS.max_words or f"{part.name}: {part.words} words, above 30" in told
        assert part.source == "chunk_015.txt"


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_no_part_begins_between_two_speeches_untold_or_with_a_scene_break(text: str) -> None:
    try:
        parts = parts_of(text)
    except GaeaError:
        return
    for before, after in pairwise(parts):
        last, first = paragraphs(before.text)[-1], paragraphs(after.text)[0]
        between = last.ends_spoken and first.begins_spoken
        assert (f"part {after.name}: begins between two speeches" in " ".join(broken_rules(parts, LIMITS))) == between
        assert not first.is_break
        assert before.text.endswith("\n")


@given(TEXT)
@settings(max_examples=50, deadline=None)
def test_splitting_is_deterministic_and_leaves_the_chunk_alone(text: str) -> None:
    whole = chunk(text)

    def outcome() -> list[Chunk] | str:
        try:
            return split_chunk(whole, LIMITS, tokens)
        except GaeaError as error:
            return str(error)

    assert outcome() == outcome()
    assert whole == chunk(text)


@given(TEXT)
@settings(max_examples=50, deadline=None)
def test_split_is_the_best_of_all_with_the_fewest_parts(text: str) -> None:
    assume(len(text.split()) > LIMITS.max_words)
    limits = Limits(LIMITS.max_words, LIMITS.min_words, 10**6)
    paras = paragraphs(text)
    scores = scores_of(paras)
    allowed = [gap for gap in range(1, len(paras)) if math.isfinite(scores[gap])]
    assume(len(allowed) <= 10)
    possible: list[tuple[int, float]] = []
    for count in range(1, len(allowed) + 1):
        for gaps in combinations(allowed, count):
            edges = [0, *(paras[gap].start for gap in gaps), len(text)]
            sizes = [len(text[a:b].split()) for a, b in pairwise(edges)]
            if all(limits.min_words <= size <= limits.max_words for size in sizes):
                possible.append((count + 1, -sum(scores[gap] for gap in gaps)))
    if not possible:
        assert broken_rules(parts_of(text, limits), limits)
        return
    parts = parts_of(text, limits)
    starts = {para.start: gap for gap, para in enumerate(paras)}
    lengths = [len(part.text) for part in parts]
    chosen = [starts[sum(lengths[:i])] for i in range(1, len(parts))]
    assert (len(parts), -sum(scores[gap] for gap in chosen)) == pytest.approx(min(possible))


def test_chunk_at_the_limits_is_returned_as_it_is() -> None:
    whole = chunk(prose(30))
    assert split_chunk(whole, LIMITS, lambda _: 60) == [whole]


def test_chunk_above_the_tokens_alone_is_split() -> None:
    text = "\n\n".join(prose(9) for _ in range(3))
    parts = split_chunk(chunk(text), Limits(100, 5, 20), lambda piece: len(piece.split()))
    assert [part.words for part in parts] == [18, 9] or [part.words for part in parts] == [9, 18]


def test_scene_break_wins_over_a_turn_and_a_turn_over_nothing() -> None:
    same = "\n\n".join(prose(10, "lamp") for _ in range(2))
    turn = "\n\nThe next morning " + prose(8, "lamp") + "\n\n"
    parts = parts_of(f"{same}{turn}{same}", Limits(30, 8, 999))
    assert parts[1].text.startswith("The next morning")
    parts = parts_of(f"{prose(10, 'lamp')}\n\n* * *\n\n{prose(10, 'lamp')}{turn}{prose(5, 'lamp')}", Limits(30, 8, 999))
    assert parts[0].text.endswith("* * *\n\n")


def test_splitter_and_scorer_agree_on_where_a_text_may_be_split(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f'{prose(9)}.\n\n"{prose(9)}."\n\n"{prose(9)}."\n\n{prose(9)}.',
        f"{prose(9)}.\n\n{prose(9)}.\n\n* * *\n\n{prose(9)}.\n\n{prose(9)}.",
        f"{prose(9)}.\n\nPart of you {prose(9)}.\n\n{prose(9)}.\n\n{prose(9)}.",
    ]
    for text in texts:
        paras = paragraphs(text)
        assert list(np.isfinite(boundary_scores(paras))) == list(np.isfinite(scores_of(paras)))
    monkeypatch.setattr(splitting, "boundary_scores", boundary_scores)
    first, second = parts_of(texts[1], Limits(30, 8, 999))
    assert first.text.endswith("* * *\n\n") and second.words == 18


@pytest.mark.parametrize(
    ("text", "sizes", "told"),
    [
        ("\n\n".join([f'"{prose(8)}"'] * 4), [32], "chunk_015.txt, part 015: 32 words, above 30"),
        ("\n\n".join([f'"{prose(9)}"'] * 5), None, "begins between two speeches"),
        (f"{prose(3)}\n\n{prose(29)}", [32], "32 words, above 30"),
        (f"{prose(3)}\n\n{prose(33)}", [3, 33], "part 015a: 3 words, below 8"),
    ],
    ids=["a_little_too_long", "nothing_but_speech", "too_short_a_part", "much_too_short_a_part"],
)
def test_chunk_with_no_place_to_split_is_treated_least_badly_and_told(
    text: str, sizes: list[int] | None, told: str
) -> None:
    limits = Limits(30, 8, 999)
    parts = parts_of(text, limits)
    assert sizes is None or [part.words for part in parts] == sizes
    assert told in " ".join(broken_rules(parts, limits))
    assert "".join(part.text for part in parts) == text and max(part.words for part in parts) <= UTMOST


def test_good_parts_break_no_rule() -> None:
    parts = parts_of("\n\n".join([prose(10)] * 5), Limits(30, 8, 999))
    assert len(parts) == 2 and broken_rules(parts, Limits(30, 8, 999)) == []


@pytest.mark.parametrize("text", [prose(40), f"{prose(5)}\n\n{prose(40)}"], ids=["one_paragraph", "one_of_two"])
def test_paragraph_above_the_limits_names_file_sizes_and_remedy(text: str) -> None:
    with pytest.raises(GaeaError) as error:
        parts_of(text)
    assert str(error.value) == (
        f"chunk_015.txt: {len(text.split())} words, {tokens(text)} tokens, and a paragraph of it alone is above 34 "
        "words or 60 tokens: put a blank line, or a line `* * *` between blank lines, where it may be split, or "
        "change manuscript.max_words"
    )


def test_the_remedy_helps() -> None:
    speeches = [f'"{prose(9)}"' for _ in range(5)]
    parts = parts_of("\n\n".join([*speeches[:2], "* * *", *speeches[2:]]))
    assert [part.words for part in parts] == [21, 27] and not broken_rules(parts, LIMITS)


def test_sum_over_paragraphs_that_is_short_of_the_whole_is_made_up_for() -> None:
    # Joined paragraphs count three more than their sum: the first cut is over the limit by that.
    text = "\n\n".join(prose(10, mark) for mark in ("lamp", "stone", "water", "night"))

    def count(piece: str) -> int:
        return len(piece.split()) + 3 * piece.strip().count("\n\n")

    parts = split_chunk(chunk(text), Limits(100, 5, 30), count)
    assert "".join(part.text for part in parts) == text
    assert all(count(part.text) <= 30 for part in parts)


def test_letters_go_on_behind_z() -> None:
    letters = _letters(80)
    assert letters[:3] == ["a", "b", "c"] and letters[25:28] == ["z", "aa", "ab"] and letters[52] == "ba"
    assert len(set(letters)) == 80
