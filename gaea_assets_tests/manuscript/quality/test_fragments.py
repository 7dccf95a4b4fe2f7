"""Chunk sizes, and what every gate holds to: pure, numbers for figures, one line a fault."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript import quality
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.findings import place, shorten

GATES = (
    quality.mojibake,
    quality.editing_notes,
    quality.front_matter,
    quality.fragments,
    quality.near_duplicates,
    quality.language,
    lambda chunks: quality.person_share(chunks, "second"),
)


def chunk(name: str, text: str) -> Chunk:
    return Chunk(name, text, f"chunk_{name}.txt")


@given(st.lists(st.text(max_size=120), max_size=4))
@settings(max_examples=30, deadline=None)
def test_any_text_gives_one_line_faults_and_plain_numbers_and_stays_as_it_is(texts: list[str]) -> None:
    chunks = [chunk(f"{n:03d}", text) for n, text in enumerate(texts)]
    before = list(chunks)
    for gate in GATES:
        verdict = gate(chunks)
        assert chunks == before
        assert all(fault.isprintable() and fault.startswith("chunk_") and "; " in fault for fault in verdict.faults)
        assert all(type(figure) in (int, float) for figure in verdict.figures.values())
        assert gate(chunks) == verdict


@pytest.mark.parametrize("gate", GATES)
def test_no_chunks_pass(gate) -> None:
    assert gate([]).passed


def test_sizes_at_the_limits_pass_and_those_beside_them_are_named() -> None:
    chunks = [chunk(f"{n:03d}", "word " * n) for n in (799, 800, 900, 2100, 2500, 2501)]
    verdict = quality.fragments(chunks)
    assert [fault.split(",")[0] for fault in verdict.faults] == [
        "chunk_799.txt: line 1: 799 words",
        "chunk_2501.txt: line 1: 2501 words",
    ]
    assert "a fragment, below 800: 'word word" in verdict.faults[0]
    assert "too long, above 2500: 'word word" in verdict.faults[1]
    assert verdict.faults[1].endswith("(a conversation without such a place may have 2875)")
    figures = verdict.figures
    assert (figures["fragments"], figures["too_long"], figures["optimal_share"]) == (1, 1, round(2 / 6, 4))
    assert (figures["least_words"], figures["most_words"]) == (799, 2501)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_every_chunk_is_a_fragment_or_too_long_or_no_fault(sizes: list[int]) -> None:
    chunks = [chunk(f"{n:03d}", "word " * size) for n, size in enumerate(sizes)]
    verdict = quality.fragments(chunks, least=10, most=40, good=(15, 30))
    assert len(verdict.faults) == sum(not 10 <= size <= 40 for size in sizes)
    assert verdict.figures["optimal_share"] == round(sum(15 <= size <= 30 for size in sizes) / len(sizes), 4)


def test_sizes_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(GaeaError, match="least=1000, good=900 to 2100"):
        quality.fragments([], least=1000)


@given(st.text(max_size=400))
def test_shortened_text_is_one_line_of_at_most_60_characters(text: str) -> None:
    short = shorten(text)
    assert len(short) <= 60
    assert "\n" not in short
    if len(" ".join(text.split())) <= 60 and len(text) <= 240:
        assert short == " ".join(text.split())
    else:
        assert short.endswith("...") or len(text) > 240


def test_part_of_a_chunk_is_named() -> None:
    assert place(Chunk("015b", "one\ntwo", "chunk_015.txt"), 4) == "chunk_015.txt, part 015b: line 2"
    assert place(chunk("015", "one\ntwo"), 4) == "chunk_015.txt: line 2"
    assert place(Chunk("001", "one\ntwo", "novel_2001.docx"), 4) == "novel_2001.docx, chunk 001: line 2"
