"""Typography, sentences, dialogue, italics, names, units."""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.style import dialogue, italics, names, tokens, typography, units

PROSE = st.text(alphabet=st.sampled_from(list("aeIoust NM.,;!?'\"“”‘’—-–*_\n\n é1")), max_size=300)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("'Go,' she said, 'and don't come back.'", "“Go,” she said, “and don't come back.”"),
        ('"Go," she said -- "go."', "“Go,” she said—“go.”"),
        ("“It’s ’tis,” he said.", "“It's 'tis,” he said."),
        ("The boys' coats were 'old' and 'torn'.", "The boys' coats were ‘old’ and ‘torn’."),
        ("He said, \"She said 'go' to me.\"", "He said, “She said ‘go’ to me.”"),
        ("*I can't.* He _really_ did. . . .", "*I can't.* He *really* did..."),
        ("'But the boys' coats are wet,' he said.", "“But the boys' coats are wet,” he said."),
        ("Mr. Hale – the elder – went…", "Mr Hale—the elder—went..."),
        ("«Go», she said.", "“Go”, she said."),
        ("« Go », she said.", "“ Go ”, she said."),
        ("»Go,« she said. »Now.«", "“Go,” she said. “Now.”"),
        ("»Go,» she said. »Now.»", "“Go,” she said. “Now.”"),
        ("„Go,“ she said. „Now.“", "“Go,” she said. “Now.”"),
        ("„He said ‚no‘ to me,“ she said.", "“He said ‘no’ to me,” she said."),
        ("「Go,」 she said. 「Now.」", "“Go,” she said. “Now.”"),
        ("『Go,』 she said.", "“Go,” she said."),
    ],
)
def test_typography_is_one(raw: str, canonical: str) -> None:
    assert typography.normalise(raw) == canonical


@given(PROSE)
@settings(max_examples=150, deadline=None)
def test_normalising_never_crashes_and_keeps_every_word(text: str) -> None:
    result = typography.normalise(text)
    assert "\r" not in result and '"' not in result and "…" not in result
    assert [w for w in tokens.words(result.replace("'", " ")) if w] == [
        w for w in tokens.words(text.replace("’", " ").replace("'", " ").replace("‘", " ").replace("_", " ")) if w
    ]


def test_curly_and_straight_quotes_give_the_same_counts() -> None:
    straight = 'He said, "Don\'t go," and went.\n\n"Why?" she asked. "It\'s late."'
    curly = "He said, “Don’t go,” and went.\n\n“Why?” she asked. “It’s late.”"
    assert typography.normalise(straight) == typography.normalise(curly)


def test_sentences_keep_titles_initials_and_speech_tags_together() -> None:
    text = typography.normalise('Mr. A. Hale rose. "Go!" she said. "Why?" Alan asked. He left.')
    assert tokens.sentences(text) == ["Mr A. Hale rose.", "“Go!” she said.", "“Why?”", "Alan asked.", "He left."]


def test_speech_over_several_paragraphs_is_speech() -> None:
    text = typography.normalise('"I went.\n\n"I came back.\n\n"I slept," she said, rising.\n\nNobody spoke.')
    told, spoken = dialogue.split(tokens.paragraphs(text))
    assert [t.replace("“”", "").strip() for t in told] == ["", "", "she said, rising.", "Nobody spoke."]
    assert spoken[0] == "I went."


def test_speech_opened_once_only() -> None:
    paragraphs = ["“I went.", "I came back.", "I slept,” she said.", "Nobody spoke."]
    told, spoken = dialogue.split(paragraphs)
    assert told[1] == "" and spoken[1] == "I came back."
    assert told[2].strip() == "she said." and told[3] == "Nobody spoke."


@pytest.mark.parametrize(
    ("raw", "quoted"),
    [
        (
            "—Go, said Ann. I am cold. She shut the door.\n\n—No.",
            ["“Go,” said Ann. “I am cold.” She shut the door.", "“No.”"],
        ),
        ("—I will, he said, —when I can.\n\n—Do.", ["“I will,” he said, “when I can.”", "“Do.”"]),
        (
            "– Tell me, the old man cried, you were there!\n\nHe rose.",
            ["“Tell me,” the old man cried, “you were there!”", "He rose."],
        ),
        ("—You know, he said it was you.\n\n—No!", ["“You know, he said it was you.”", "“No!”"]),
        (
            'He stopped.\n\n—And then the lights went out.\n\n"Go," said Ann.',
            ["He stopped.", "—And then the lights went out.", "“Go,” said Ann."],
        ),
        (
            "—Then the lights went out over the town.\n\nHe walked.",
            ["—Then the lights went out over the town.", "He walked."],
        ),
    ],
)
def test_speech_that_opens_with_a_dash_where_the_text_speaks_so(raw: str, quoted: list[str]) -> None:
    assert dialogue.quoted(tokens.paragraphs(typography.normalise(raw))) == quoted


@given(PROSE)
@settings(max_examples=100, deadline=None)
def test_dash_dialogue_keeps_every_word_in_order(text: str) -> None:
    parts = tokens.paragraphs(typography.normalise("—Go, he said.\n\n—" + text))
    assert [tokens.words(p) for p in dialogue.quoted(parts)] == [tokens.words(p) for p in parts]


@pytest.mark.parametrize(
    ("text", "thoughts"),
    [
        ("*Am I still here?* You wait.", ["Am I still here?"]),
        ("You do *not* wait.", []),
        ("She was reading *The Times* again.", []),
        ("He thought, *I should go now.*", ["I should go now."]),
        ("It had a certain *je ne sais quoi* about it.", []),
        ("*Run.*", ["Run."]),
        ("2 * 3 * 4 is twenty-four.", []),
        ("*Never*, thought Anna.", ["Never"]),
        ("*Thank God.* She sat.", ["Thank God."]),
        ("*Run, Alan.* He ran.", ["Run, Alan."]),
        ("He wondered, *why now*, and turned.", ["why now"]),
        ("He stopped. *Gone.* She knew it at once.", ["Gone."]),
        ("*I can't do this.* He said nothing.", ["I can't do this."]),
        ("*You stay here*, it said.", []),
        ("The sign read, *Keep out.*", []),
        ("*The Sea Wolf.* She shut it.", []),
        ("It was *hers*, he thought.", []),
        ("*Nothing here is yours, Haji. Nothing ever was.*", ["Nothing here is yours, Haji. Nothing ever was."]),
    ],
)
def test_thoughts_are_told_from_emphasis(text: str, thoughts: list[str]) -> None:
    assert [i.text for i in italics.find(text) if i.thought] == thoughts


def test_names_are_found_but_not_words_that_begin_sentences() -> None:
    passage = units.parse("Night fell. Then Haji met Alan. The night was cold, and Haji's coat was thin. I know Haji.")
    found = names.proper_names(s.words for s in passage.sentences)
    assert found == {"Haji", "Alan"}
    assert names.is_name("Haji's", found) and not names.is_name("Night", found)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=200))
def test_units_are_gapless_and_about_as_long_as_wanted(lengths: list[int]) -> None:
    numbers = units.unit_numbers(lengths)
    assert numbers[0] == 0 and set(np.diff(numbers)) <= {0, 1}
    sizes = np.bincount(numbers, lengths)
    assert sizes.sum() == sum(lengths)
    assert numbers[-1] + 1 <= max(1, round(sum(lengths) / units.UNIT_WORDS))


def test_char_codes_ignore_case_accents_and_quote_shapes() -> None:
    assert np.array_equal(units.char_codes("Café “Go”"), units.char_codes('cafe "go"'))


def test_empty_text_has_no_sentences() -> None:
    assert units.parse(" \n\n * * *\n\n ").sentences == []
