"""Whatever encoding a file is in, its characters come out; text that is fine is left to the letter."""

# ruff: noqa: RUF001 (the characters themselves are what is tested)

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.decoding import decode
from gaea_assets.manuscript.documents.repairs import Repair

PROSE = "“I don’t know,” said Zoë — and the café was closed… “Why?” he asked. Nobody had told them.\n"


def decoded(content: bytes) -> str:
    return decode(content, "book.txt")[0]


def said(content: bytes) -> list[str]:
    return [repair.what for repair in decode(content, "book.txt")[1]]


@given(st.text("abz AZ09.,-*_#'\"~\n\t"))
def test_ascii_is_left_to_the_letter(text: str) -> None:
    assert decode(text.encode(), "book.txt") == (text, [])


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "Straight 'quotes' and “curly” ones, ﬁne ligatures, ½, naïve, re\u0301sume\u0301\n",
        "À l’orée du bois, « voilà », dit-elle. Âme, cœur, façade, Noël.\n",
        "Все счастливые семьи\n",
        "吾輩は猫である。\n",
    ],
)
def test_good_utf_8_is_left_to_the_letter(text: str) -> None:
    assert decode(text.encode(), "book.txt") == (text, [])


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "windows-1252"), ("mac_roman", "MacRoman"), ("utf-16", "UTF-16")]
)
@pytest.mark.parametrize("text", [PROSE, PROSE * 50, "I don’t think so.", "He said: “Go”"])
def test_other_encodings_of_english_prose_are_told(text: str, encoding: str, name: str) -> None:
    read, (repair,) = decode(text.encode(encoding), "book.txt")
    assert (read, repair.line) == (text, 0)
    assert repair.what == f"decoded as {name}" or repair.what.startswith(f"decoded as {name}, a guess: see whether ")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "Все счастливые семьи похожи друг на друга.",
            "cp1251",
        ),
        (
            "Příliš žluťoučký kůň úpěl ďábelské ódy. Šel domů a nic neřekl.",
            "cp1250",
        ),
        (
            "Az ablaknál állt, és az utcát nézte. Reggel óta esett az eső, és a lámpák még égtek, mert hűvös volt.",
            "cp1250",
        ),
        (
            "Stajao je kraj prozora i gledao na ulicu. Kiša je padala od jutra. — Neću ići tamo — reče tiho.",
            "cp1250",
        ),
        (
            "Não sei, disse ele. O coração batia-lhe forte, e põe-se a mão no peito: não havia razão para isso.",
            "cp1252",
        ),
        (
            "Ta seisis akna juures ja vaatas tänavale. Õhtul tõusis tuul ja külm öö jõudis kätte, sõber ütles.",
            "cp1252",
        ),
        (
            "Il était une fois, à l’orée de la forêt, une fée. « Voilà », dit-elle.",
            "cp1252",
        ),
    ],
)
def test_other_languages_are_told(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["cp437", "cp850"])
@pytest.mark.parametrize(
    "text",
    [
        "The café was naïve and the garçon à la carte. Señor Müller drank his crème brûlée there every day. " * 3,
        "The café was naïve. " * 30,
        "She went to the café alone.",
    ],
)
def test_text_from_dos_is_told_by_what_makes_sense(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_a_guess_is_said_to_be_one_and_shows_a_word() -> None:
    assert said("She went to the café—alone.".encode("cp1252")) == [
        "decoded as windows-1252, a guess: see whether 'café' is right"
    ]


def test_the_word_shown_is_one_that_the_next_best_guess_reads_otherwise() -> None:
    assert said("A lámpák még égtek, mert hűvös volt az éjszaka, és esett az eső.".encode("cp1250")) == [
        "decoded as windows-1250, a guess: see whether 'hűvös' is right"
    ]


def test_utf_16_needs_no_mark() -> None:
    assert decoded(PROSE.encode("utf-16-le")) == decoded(PROSE.encode("utf-16-be")) == PROSE


def test_a_byte_order_mark_is_no_text() -> None:
    assert decode(codecs.BOM_UTF8 + PROSE.encode(), "book.txt") == (PROSE, [])


def test_bytes_pasted_into_utf_8_do_not_spoil_the_rest() -> None:
    content = PROSE.encode() * 3 + b"and don\x92t"
    assert decoded(content) == PROSE * 3 + "and don’t"
    assert said(content) == ["decoded as UTF-8 with 1 byte of windows-1252 in it"]


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "windows-1252"), ("mac_roman", "MacRoman")])
def test_a_chapter_of_another_encoding_behind_one_in_utf_8_is_read_with_it(
    encoding: str, name: str, times: int
) -> None:
    content = PROSE.encode() + PROSE.encode(encoding) * times
    assert decoded(content) == PROSE * (1 + times)
    assert said(content) == [f"decoded as UTF-8 with {9 * times} bytes of {name} in it"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("He read the sign: “CAFÉ’S” and NOËL— and nobody in the house would own to it. ", "cp1252"),
        ("吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。", "shift_jis"),
    ],
)
def test_other_encodings_that_hold_utf_8_by_chance_are_still_told(text: str, encoding: str) -> None:
    assert decoded((text * 20).encode(encoding)) == text * 20


def test_mojibake_is_mended_where_it_is_and_nowhere_else() -> None:
    bad = "don’t".encode().decode("cp1252")
    text = f"re\u0301sume\u0301, “fine”, ﬁ\nI {bad} know “you”, cafÃ©\n"
    mended, repairs = decode(text.encode(), "book.txt")
    assert mended == "re\u0301sume\u0301, “fine”, ﬁ\nI don’t know “you”, café\n"
    assert [(repair.line, repair.what.split(", first")[0]) for repair in repairs] == [
        (2, "mojibake mended in 2 places")
    ]
    assert repr(bad) in repairs[0].what
    assert decode(mended.encode(), "book.txt") == (mended, [])


@pytest.mark.parametrize(("content", "text"), [(b"a\r\nb\r\n", "a\nb\n"), (b"a\rb", "a\nb"), (b"a\nb\r\nc", "a\nb\nc")])
def test_line_ends_become_lf(content: bytes, text: str) -> None:
    assert decode(content, "book.txt") == (text, [Repair("book.txt", 0, "line ends made LF")])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF"),
        (b"PK\x03\x04\x14\x00", "zip"),
        (b"{\\rtf1\\ansi Hello}", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Word"),
        (bytes(range(256)) * 8, "control characters"),
        (b"\xff\xfe\x00", "UTF-16"),
    ],
)
def test_what_is_not_text_is_refused_with_a_remedy(content: bytes, kind: str) -> None:
    with pytest.raises(GaeaError) as error:
        decode(content, "book.txt")
    assert str(error.value).startswith("book.txt: ") and kind in str(error.value) and "save" in str(error.value)
    assert "\n" not in str(error.value)


@settings(max_examples=40)
@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(content: bytes) -> None:
    try:
        text, repairs = decode(content, "book.txt")
    except GaeaError:
        return
    assert "\r" not in text
    assert decode(content, "book.txt") == (text, repairs)
