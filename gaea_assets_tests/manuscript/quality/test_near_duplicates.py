"""Two drafts of one scene are found at both places; refrains and formulas are left alone."""

# ruff: noqa: RUF001 - typographic quotes are what this is about

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.near_duplicates import near_duplicates, twins
from gaea_assets.manuscript.quality.ngrams import Vocabulary, word_spans, words_of


def chunk(number: int, words: list[str]) -> Chunk:
    # Lines of twelve words, paragraphs of five lines.
    lines = [" ".join(words[at : at + 12]) for at in range(0, len(words), 12)]
    text = "\n".join(line + ("\n" if n % 5 == 4 else "") for n, line in enumerate(lines, 1))
    return Chunk(f"{number:03d}", text.strip(), f"chunk_{number:03d}.txt")


def prose(rng: random.Random, count: int) -> list[str]:
    """Words of uneven frequency in an order that repeats nothing but by chance."""
    return [f"w{int(5000 * rng.random() ** 3)}" for _ in range(count)]


def edited(rng: random.Random, words: list[str], share: float) -> list[str]:
    """The words with a share of them replaced, dropped or followed by a new one."""
    out: list[str] = []
    for word in words:
        change = rng.random() / share
        if change < 0.6:
            out.append(rng.choice(words))
        elif change < 0.8:
            continue
        else:
            out += [word, rng.choice(words)] if change < 1 else [word]
    return out


@given(st.integers(0, 10**6), st.integers(120, 400), st.sampled_from([0.001, 0.05, 0.1]))
@settings(max_examples=25, deadline=None)
def test_edited_draft_is_found_at_both_places(seed: int, length: int, share: float) -> None:
    rng = random.Random(seed)
    scene = prose(rng, length)
    before, after = prose(rng, 300), prose(rng, 300)
    chunks = [chunk(1, before + scene), chunk(2, prose(rng, 900)), chunk(3, edited(rng, scene, share) + after)]
    verdict = near_duplicates(chunks)
    assert verdict.faults
    assert all("chunk_001.txt: line" in fault and "chunk_003.txt: line" in fault for fault in verdict.faults)
    assert verdict.figures["longest_passage"] >= 0.3 * length
    assert verdict.figures["repeated_words"] <= 1.1 * length + 20


def test_places_lines_and_words_are_named() -> None:
    rng = random.Random(5)
    scene = prose(rng, 120)
    verdict = near_duplicates([chunk(1, prose(rng, 60) + scene), chunk(2, prose(rng, 24) + scene)])
    (fault,) = verdict.faults
    assert fault.startswith("chunk_001.txt: line 7: 120 words stand nearly the same in chunk_002.txt: line 3 (100%")
    assert fault.endswith("; keep one of the two")
    assert verdict.figures["repeated_words"] == 120


def test_passage_repeated_within_a_chunk_is_found() -> None:
    rng = random.Random(6)
    scene = prose(rng, 90)
    verdict = near_duplicates([chunk(1, scene + prose(rng, 200) + scene)])
    assert [fault.count("chunk_001.txt") for fault in verdict.faults] == [2]


def test_scene_with_sentences_put_in_and_taken_out_is_found_whole() -> None:
    rng = random.Random(7)
    scene = prose(rng, 300)
    draft = scene[:90] + prose(rng, 14) + scene[90:200] + scene[212:]
    verdict = near_duplicates([chunk(1, scene), chunk(2, draft)])
    assert verdict.figures["repeated_words"] >= 270


@pytest.mark.parametrize("length", [6, 20, 40])
def test_refrain_in_every_chunk_is_left_alone(length: int) -> None:
    rng = random.Random(length)
    refrain = prose(rng, length)
    chunks = [chunk(n, prose(rng, 300) + refrain + prose(rng, 200)) for n in range(12)]
    assert near_duplicates(chunks).passed


def test_song_that_repeats_its_line_and_a_chant_are_left_alone() -> None:
    rng = random.Random(9)
    refrain = prose(rng, 9)
    song = [word for _ in range(20) for word in prose(rng, 20) + refrain]
    assert near_duplicates([chunk(1, song), chunk(2, ["om"] * 400)]).passed


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_prose_that_repeats_nothing_passes(seed: int) -> None:
    rng = random.Random(seed)
    assert near_duplicates([chunk(n, prose(rng, 1500)) for n in range(4)]).passed


def test_longer_passages_can_be_asked_for() -> None:
    rng = random.Random(11)
    scene = prose(rng, 80)
    chunks = [chunk(1, scene), chunk(2, scene)]
    assert not near_duplicates(chunks).passed
    assert near_duplicates(chunks, least_words=81).passed


@given(st.lists(st.text(alphabet="ab cd'’\n.", max_size=60), max_size=4), st.integers(1, 4))
def test_no_ngram_reaches_from_one_text_into_the_next(texts: list[str], n: int) -> None:
    words = Vocabulary().read(texts)
    _, places = words.ngrams(n)
    lengths = [len(words_of(text)) for text in texts]
    assert len(places) == sum(max(0, length - n + 1) for length in lengths)
    for text, length in zip(texts, lengths, strict=True):
        assert len(word_spans(text)) == length
    assert list(twins(words)) == []
