"""Quotation marks are of one kind and dashes are dashes."""

# ruff: noqa: RUF001 (the characters themselves are what is tested)

from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import read, said, text


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("said--and", "said—and"),
        ("said -- and", "said — and"),
        ('"But I--"', '"But I—"'),
        ("-- Come in, she said", "— Come in, she said"),
        ("he---well", "he—well"),
        ("the --verbose switch", "the --verbose switch"),
        ("1914--1918", "1914--1918"),
        ("Mr. ----", "Mr. ----"),
    ],
)
def test_hyphens_that_stand_for_a_dash_become_one(tmp_path: Path, written: str, read_as: str) -> None:
    assert text(tmp_path, f"Well then, {written} of it" if written[0] != "-" else written) == (
        f"Well then, {read_as} of it" if written[0] != "-" else read_as
    )


def test_the_minority_of_quotes_follows_the_majority(tmp_path: Path) -> None:
    curly = "“I don’t,” she said. “’Twas you.” ‘Well,’ he said—“no.”\n\n*“Why?”* “(‘Go,’ he’d said.)” “But—”"
    straight = curly.translate({ord("“"): '"', ord("”"): '"', ord("‘"): "'", ord("’"): "'"})
    for uniform in (curly, straight):
        assert read(tmp_path, uniform).repairs == ()
    mixed = read(tmp_path, f"{curly}\n\n{curly}\n\n{straight}")
    assert mixed.text == f"{curly}\n\n{curly}\n\n{curly}"
    assert said(mixed) == [(9, "straight quotes made curly like the others in 19 places")]
    mixed = read(tmp_path, f"{straight}\n\n{straight}\n\n{curly}")
    assert mixed.text == f"{straight}\n\n{straight}\n\n{straight}"
    assert said(mixed) == [(9, "curly quotes made straight like the others in 19 places")]
