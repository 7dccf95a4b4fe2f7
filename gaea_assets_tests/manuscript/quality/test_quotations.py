"""What is quoted in a line is told from what is not, whatever the marks are."""

import pytest

from gaea_assets.manuscript.quality.quotations import quotation_around


@pytest.mark.parametrize(
    ("line", "quoted"),
    [
        ('He read "X marks it" aloud.', "X marks it"),
        ("\u201cThe X,\u201d he said, \u201cis here.\u201d", "The X,"),
        ("\u201eDas X ist da\u201c, sagte er.", "Das X ist da"),
        ("\u00abX\u00bb, dit-il.", "X"),
        ("'It isn't X,' she said.", "It isn't X,"),
        ("\u2018It isn\u2019t X,\u2019 she said.", "It isn\u2019t X,"),
        ('"The speech of X goes on', "The speech of X goes on"),
        ('"Come," he said to X, "now."', None),
        ("The dogs' X and the cats' bowl", None),
        ("It's X, isn't it?", None),
        ('A 5" X and a 6" one', None),
        ("X", None),
    ],
)
def test_what_is_quoted_around_a_place(line: str, quoted: str | None) -> None:
    assert quotation_around(line, line.index("X")) == quoted
