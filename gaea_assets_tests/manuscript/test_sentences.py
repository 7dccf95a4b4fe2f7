"""Sentence ends and paragraphs."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.paragraphs import Paragraph, paragraphs
from gaea_assets.manuscript.sentences import sentence_ends

PROSE = st.text(st.sampled_from(list("aIMr N.,;!?'\"*_()\u2026\u2019\u201c\u201d\u2014\n\t1")), max_size=120)


def sentences(text: str) -> list[str]:
    ends = sentence_ends(text)
    return [text[start:end].strip() for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    "wanted",
    [
        ["You wait.", "She comes!", "Why?", "Nobody says\u2026", "It is 9.30.", "So."],
        ['"Go," she said.', '"Why?"', '"Because."', "He went."],
        ["\u201cGo.\u201d", "\u2018Why?\u2019", "*Run.*", "_Now!_", "(Late.)", "You ran."],
        ["Mr. Hale and Dr. Orlo came with Capt. A. B. Voss.", "They sat."],
        ["'Mr. Hale is here,' she said.", "'Good.'"],
        ["_Mrs. Dunnet_ waits.", "*Dr. Orlo* does not."],
        ["\u2018Mr. Hale is here,\u2019 she said.", "Go on."],
        ["It was I.", "You knew."],
        ["What?!", "No\u2014", "Yes."][:1],
        ["You waited... and waited.", "Then..."],
        ["wait...What.", "Go."],
        ["At e.g. Harrow they stop.", "You go on."],
        ["Il dort.", "\u00ab Oui. \u00bb", "\u00c9lan.", "\u00c0 lui."],
        ["Er kam.", "\u201eJa.\u201c", "\u00bbNein.\u00ab", "\u00c4pfel lagen da, z.B. Birnen."],
        ["\u00bfQu\u00e9?", "\u00a1S\u00ed!", "\u00c9l vino."],
        [
            "\u041e\u043d \u043f\u0440\u0438\u0448\u0451\u043b.",
            "\u00ab\u0414\u0430\u00bb, \u2014 \u0441\u043a\u0430\u0437\u0430\u043b \u043e\u043d.",
            "\u041e\u043d\u0430 \u0443\u0448\u043b\u0430!",
        ],
    ],
)
def test_sentences_are_told_apart(wanted: list[str]) -> None:
    assert sentences(" ".join(wanted)) == wanted


def test_the_stops_of_japanese_need_no_space() -> None:
    assert sentences("\u5f7c\u306f\u6765\u305f\u3002\u300c\u306f\u3044\u3002\u300d\u7d42\u308f\u308a") == [
        "\u5f7c\u306f\u6765\u305f\u3002",
        "\u300c\u306f\u3044\u3002\u300d",
    ]


def test_sentence_ends_at_the_end_of_a_paragraph() -> None:
    assert sentences("You wait.\n\n*No.*\n\nIt is night") == ["You wait.", "*No.*"]


@given(PROSE)
@settings(max_examples=60, deadline=None)
def test_ends_are_increasing_and_lie_between_words(text: str) -> None:
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert all(text[:end] == text[:end].rstrip() and (end == len(text) or text[end].isspace()) for end in ends)


@given(PROSE, PROSE)
@settings(max_examples=60, deadline=None)
def test_an_end_stays_one_whatever_follows_the_next_word(text: str, more: str) -> None:
    # A prompt is cut in the beginning of a chunk; the gate looks at the whole.
    text = text.rstrip()
    inside = [end for end in sentence_ends(text) if end < len(text)]
    assert [end for end in sentence_ends(text + " " + more) if end < len(text)] == inside


@pytest.mark.parametrize(
    "text", ["." * 2000 + " a", "'" * 2000, "a." * 1000 + " b", "_" * 2000, "!" * 2000 + ")" * 500]
)
def test_long_runs_of_marks_take_no_time(text: str) -> None:
    started = time.process_time()
    sentence_ends(text)
    assert time.process_time() - started < 2


@given(PROSE)
@settings(max_examples=60, deadline=None)
def test_paragraphs_hold_every_word_at_its_place(text: str) -> None:
    found = paragraphs(text)
    assert " ".join(p.text for p in found).split() == text.split()
    assert all(text.startswith(p.text, p.start) and p.text.strip() for p in found)
    assert [p.start for p in found] == sorted({p.start for p in found})


@given(PROSE)
@settings(max_examples=60, deadline=None)
def test_paragraphs_begin_at_line_starts(text: str) -> None:
    assert all(p.start == 0 or text[p.start - 1] == "\n" for p in paragraphs(text))


def test_paragraphs_are_set_apart_by_blank_lines_or_else_by_lines() -> None:
    assert [p.text for p in paragraphs("a\nb\n \t\n\n  c")] == ["a\nb", "  c"]
    assert [p.text for p in paragraphs("a\nb\nc")] == ["a", "b", "c"]
    assert paragraphs(" \n\n ") == []


@pytest.mark.parametrize(
    "line",
    [
        "* * *",
        "***",
        "---",
        "- - -",
        "\u2014\u2014\u2014",
        "#",
        "*",
        "\u2042",
        "~~~",
        "\u2022 \u2022 \u2022",
        "  ***  ",
        "# Title",
        "### One day",
        "Chapter 1",
        "CHAPTER XII",
        "Chapter Seven: The Fall",
        "Chapter Twenty-Two",
        "Part II",
        "PART THE FIRST",
        "Book Three",
        "Part 2 - Night",
        "Book the Fourth",
    ],
)
def test_scene_breaks_and_headings_are_no_prose(line: str) -> None:
    assert Paragraph(line, 0).is_break


@pytest.mark.parametrize(
    "line",
    [
        "Part of you wants to stay.",
        "Book in hand, you walk on.",
        "Part with it, she says.",
        "*You wait.*",
        "--",
        "a***",
        "Chapter after chapter you read, and when the lamp went out you read on in the dark by the window.",
        "#1 of 28",
    ],
)
def test_prose_that_looks_like_a_heading_is_prose(line: str) -> None:
    assert not Paragraph(line, 0).is_break


@pytest.mark.parametrize("line", ['"Go."', "\u201cGo.\u201d", "\u2018Go.\u2019", "'Go.'", "\u00abGo\u00bb", '  "Go."'])
def test_paragraph_that_opens_with_a_quote_is_dialogue(line: str) -> None:
    assert Paragraph(line, 0).is_dialogue
    assert not Paragraph("You say, " + line, 0).is_dialogue
