"""Characters of Word's symbol fonts, whose codes are no Unicode."""

import re

from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement

PRIVATE = re.compile("[\ue000-\uf8ff]")
PICTURE_FONTS = re.compile(r"wingdings|webdings|zapf ?dingbats|bookshelf symbol|monotype sorts", re.IGNORECASE)
FROM_PRIVATE = 0xF000
# Adobe's Symbol encoding (Unicode Consortium, VENDORS/ADOBE/symbol.txt), the letters and the marks of prose.
SYMBOL = dict(
    zip(
        map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
        "\u0391\u0392\u03a7\u0394\u0395\u03a6\u0393\u0397\u0399\u03d1\u039a\u039b\u039c\u039d\u039f\u03a0\u0398\u03a1"
        "\u03a3\u03a4\u03a5\u03c2\u03a9\u039e\u03a8\u0396\u03b1\u03b2\u03c7\u03b4\u03b5\u03c6\u03b3\u03b7\u03b9\u03d5"
        "\u03ba\u03bb\u03bc\u03bd\u03bf\u03c0\u03b8\u03c1\u03c3\u03c4\u03c5\u03d6\u03c9\u03be\u03c8\u03b6",
        strict=True,
    )
) | dict(
    zip(
        (0x2D, 0xA2, 0xA5, 0xA7, 0xA8, 0xA9, 0xAA, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1, 0xB2, 0xB4, 0xB7, 0xBC, 0xBE),
        "\u2212\u2032\u221e\u2663\u2666\u2665\u2660\u2190\u2191\u2192\u2193\u00b0\u00b1\u2033\u00d7\u2022\u2026\u2014",
        strict=True,
    )
)  # fmt: skip


def symbol(element: BaseOxmlElement) -> str:
    """The character that Insert > Symbol put there; a private-use one for a picture, nothing where it has no code."""
    font = element.get(qn("w:font"), "")
    try:
        code = int(element.get(qn("w:char"), ""), 16)
        return "" if code == 0 else in_font(chr(code), font)
    except (ValueError, OverflowError):
        return ""


def in_font(text: str, font: str) -> str:
    """`text` as Unicode that a run shows in a font."""
    if PICTURE_FONTS.match(font):
        return "".join(char if char.isspace() else chr(FROM_PRIVATE + (ord(char) & 0xFF)) for char in text)
    if font.strip().lower() != "symbol":
        return text
    return "".join(SYMBOL.get(code := ord(char) & 0xFF, chr(code) if code < 0x7F else char) for char in text)


def font_of(run: BaseOxmlElement) -> str:
    """The font that a run names for Latin text; empty where it names none."""
    fonts = run.find("w:rPr/w:rFonts", nsmap)
    return "" if fonts is None else fonts.get(qn("w:ascii"), "")
