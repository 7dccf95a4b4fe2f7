"""What is not seen is left out."""

# ruff: noqa: RUF001 (the characters themselves are what is tested)

from gaea_assets.manuscript.documents.cleaning import clean_characters


def test_what_is_not_seen_is_left_out() -> None:
    text, repairs = clean_characters("one\u00a0two\nsoft\u00adly\u200b\ufeff \x07here\ntwo\u2028lines", "book.txt")
    assert text == "one two\nsoftly here\ntwo\nlines"
    assert {(repair.line, repair.what) for repair in repairs} == {
        (1, "no-break and other special spaces made plain spaces in 1 place"),
        (2, "zero-width characters and soft hyphens left out in 3 places"),
        (2, "control characters left out in 1 place"),
        (3, "line separators made line ends in 1 place"),
    }


def test_joiners_that_spell_stay() -> None:
    persian, family = "می\u200cخواهم", "\U0001f468\u200d\U0001f469"
    assert clean_characters(f"{persian} {family} a\u200db", "book.txt")[0] == f"{persian} {family} ab"


def test_ligatures_of_a_printed_page_are_letters() -> None:
    text, repairs = clean_characters("So\ufb00, the \ufb01re and the \ufb02oor of the o\ufb03ce", "book.txt")
    assert text == "Soff, the fire and the floor of the office"
    assert [repair.what for repair in repairs] == [
        "ligatures of a printed page (\ufb01, \ufb02) made letters in 4 places"
    ]
