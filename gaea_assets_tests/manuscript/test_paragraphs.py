"""Where a paragraph is speech: at its beginning, at its end, and on into the next."""

import pytest

from gaea_assets.manuscript.paragraphs import Paragraph

SPOKEN = """"Yes," she said, and left.
*"Yes."*
_\u201cYes.\u201d_
\u300c\u306f\u3044\u3002\u300d
TOM: Yes, I know.
MRS. POTTS (aside): Yes.
**Tom:** Yes.
Tom said, "Yes. I know."
Tom said "Yes. I know."
You ask \u201cWhere is he?\u201d
Mr. Lee turned round: \u201cYes.\u201d
Tom said, \u2018I don\u2019t know.\u2019
Sagte er, \u201eJa.\u201c
Tom said, "Go," and went to the door.""".splitlines()
NARRATED = """The road was long.
MR. SMITH went home.
Note: it rained.
I, Tom, am old.
On the wall it said, "No way," and he went on through the whole long night without any rest at all.
In the year 1900, 'tis said, he died.
He called it "home" and the boys' house.""".splitlines()


@pytest.mark.parametrize("text", SPOKEN)
def test_speech_is_known_by_its_beginning(text: str) -> None:
    paragraph = Paragraph(text, 0)
    assert paragraph.begins_spoken and paragraph.ends_spoken and not paragraph.goes_on


@pytest.mark.parametrize("text", NARRATED)
def test_narration_that_quotes_something_is_no_speech(text: str) -> None:
    assert not Paragraph(text, 0).begins_spoken and not Paragraph(text, 0).ends_spoken


@pytest.mark.parametrize(
    "text", ['He rose. "Now the facts."', "He rose. \u201cFacts!\u201d", "He rose. *\u2018Facts.\u2019*"]
)
def test_a_speech_at_the_end_is_known(text: str) -> None:
    assert Paragraph(text, 0).ends_spoken and not Paragraph(text, 0).begins_spoken


@pytest.mark.parametrize(
    "text",
    [
        '"Once upon a time.',
        "Anna said, \u201cOnce upon a time.",
        '"Well," she said, "once.',
        "\u300c\u6614",
        "*\u201cOnce.*",
    ],
)
def test_a_tale_goes_on(text: str) -> None:
    assert Paragraph(text, 0).goes_on and Paragraph(text, 0).ends_spoken


def test_the_end_of_a_tale_is_closed() -> None:
    assert not Paragraph("And so they lived.\u201d", 0).goes_on and not Paragraph('And so they lived."', 0).goes_on
