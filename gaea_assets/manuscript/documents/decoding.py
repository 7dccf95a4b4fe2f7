"""Bytes of an author's file to characters."""

import re

import ftfy
from charset_normalizer import from_bytes
from ftfy.badness import is_bad

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.repairs import Repair, places
from gaea_assets.text_language import language_of

BYTE_ORDER_MARKS = (  # UTF-32 before UTF-16: its mark begins with the same two bytes
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
FILE_KINDS = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a zip archive (a .docx, .odt or .epub under another name?)"),
    (b"\xd0\xcf\x11\xe0", "an old Word .doc file or a password-protected document"),
    (b"{\\rtf", "an RTF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
)
CONTROL_BYTES = bytes({*range(9), *range(0x0E, 0x20), 0x7F} - {0x1A, 0x1B})
HIGH_BYTE = re.compile(rb"[\x80-\xff]")
BEYOND_ASCII = [re.compile(rf"\w{{0,20}}{beyond}\w{{0,20}}") for beyond in (r"[^\W\d_a-zA-Z]", r"[^\x00-\x7f]")]
NOT_ASCII = re.compile("[^\x00-\x7f]")
STRAY = re.compile("[\udc80-\udcff]")
FEWEST_UTF_8 = 3  # characters, where something else is more frequent
SAMPLE_BYTES = 500_000
GUESSES = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 mac_roman mac_cyrillic koi8_r cp437 cp850 shift_jis euc_jp gb18030 big5 euc_kr"
)
WESTERN_ENCODINGS = ("cp1252", "mac_roman", "cp437", "cp850")  # Windows, old Macs, DOS; the likelier first
# Languages written in windows-1250, whose letters can make sense in windows-1252, too.
CENTRAL_EUROPEAN = frozenset(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sr"))
LANGUAGE_BYTES = 20_000
NAMES = {"cp1252": "windows-1252", "mac_roman": "MacRoman", "cp1250": "windows-1250", "cp1251": "windows-1251"}
# What Western prose has beyond ASCII: marks, and letters with accents, each where it can stand.
WESTERN = re.compile(
    "[\u2018\u2019\u00ab\u00bb\u2014\u2013\u2026\u00b7\u2022\u00a0\u00a3\u20ac\u00a9\u00ae\u00b0\u00a7\u00bd\u00bc\u00be\u00a1\u00bf]"
    r"|(?<![^\W\d_])[\u201c\u201d\u2039\u203a]|[\u201c\u201d\u2039\u203a](?![^\W\d_])|(?<!\w)[\u201a\u201e](?=\S)"
    r"|(?<=[a-z])[\u00e0-\u00f6\u00f8-\u00ff\u0153\u0161\u017e]|[\u00e0-\u00f6\u00f8-\u00ff\u0153\u0161\u017e](?=[a-z\u00e0-\u00ff])"
    r"|(?<![^\W\d_])[\u00c0-\u00d6\u00d8-\u00de\u0152\u0160\u017d](?=[a-z\u00e0-\u00ff])|\b[\u00e0\u00c0]\b"
)
ACCENTS_BESIDE = re.compile(r"(?=[^\W\d_a-zA-Z]{2})")
MOST_ACCENTS, MOST_ACCENTS_APART = 0.1, 0.125  # for each character of ASCII
# The two bytes of one character, each read as a character; looked for first, since ftfy's own test is slow.
MOJIBAKE = re.compile(
    "[^\x00-\x7f\u201c\u201d\u2018\u2019\u2014\u2013\u2026\u00ab\u00bb\u00a0][^\x00-\x7f]|\u00c3 |[\x80-\x9f]"
)


def decode(content: bytes, source: str) -> tuple[str, list[Repair]]:
    """The text of a file with LF line ends, and what had to be done to get at it.

    UTF-8 and UTF-16 are read with or without a byte order mark; other encodings are guessed. Text that was
    decoded wrongly before it was saved (mojibake) is mended; text that is fine is left to the letter.

    Raises:
        GaeaError: The file is not text, or no encoding fits it.
    """
    text, encoding = _characters(content, source)
    repairs = [Repair(source, 0, f"decoded as {encoding}")] if encoding else []
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        repairs.append(Repair(source, 0, "line ends made LF"))
    text, mended = _mend_mojibake(text, source)
    return text, repairs + mended


def _characters(content: bytes, source: str) -> tuple[str, str]:
    """The text, and the encoding's name where it is worth telling."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), "" if encoding == "utf-8-sig" else encoding.upper()
            except UnicodeDecodeError:
                if encoding == "utf-8-sig":
                    return _characters(content[len(mark) :], source)
                raise _not_text(source, f"is not whole (it begins as {encoding.upper()})") from None
    for beginning, kind in FILE_KINDS:
        if content.startswith(beginning):
            raise _not_text(source, f"is {kind}")
    if (guess := _utf_16(content)) is not None:
        return content.decode(guess), "UTF-16"
    written = content.rstrip(b"\0")  # a crash can fill up a file that was being saved
    if len(written) - len(written.translate(None, CONTROL_BYTES)) > 0.005 * len(written):
        raise _not_text(source, "is not a text file (it is full of control characters)")
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError:
        return _partly_utf_8(content) or _guessed(content, source)


def _not_text(source: str, fault: str) -> GaeaError:
    return GaeaError(f"{source}: the file {fault}; save the manuscript as UTF-8 .txt, .md or .docx")


def _utf_16(content: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of Western text is zero."""
    if len(content) < 2 or len(content) % 2:
        return None
    for encoding, zeros, others in (
        ("utf-16-le", content[1::2], content[::2]),
        ("utf-16-be", content[::2], content[1::2]),
    ):
        if zeros.count(0) > 0.5 * len(zeros) and others.count(0) < 0.01 * len(others) + 1:
            try:
                content.decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
    return None


def _partly_utf_8(content: bytes) -> tuple[str, str] | None:
    """UTF-8 into which something of another encoding was pasted, up to a whole chapter.

    Where there is more of that than of UTF-8, all of it must make sense together in Western prose.
    """
    text = content.decode("utf-8", errors="surrogateescape")
    strays = len(STRAY.findall(text))
    others = len(NOT_ASCII.findall(text)) - strays
    if others < min(FEWEST_UTF_8, 2 * strays):
        return None
    found = {name: _without_strays(text, name) for name in WESTERN_ENCODINGS}
    fits = {name: len(WESTERN.findall(found[name])) for name in found}
    best = max(fits, key=lambda name: fits[name])
    if others < 2 * strays and fits[best] < 0.9 * (strays + others):
        return None
    counted = f"{strays} byte{'' if strays == 1 else 's'}"
    return found[best], f"UTF-8 with {counted} of {NAMES.get(best, best)} in it"


def _without_strays(text: str, encoding: str) -> str:
    return STRAY.sub(lambda match: bytes([ord(match[0]) - 0xDC00]).decode(encoding, errors="ignore"), text)


def _guessed(content: bytes, source: str) -> tuple[str, str]:
    first = HIGH_BYTE.search(content)
    start = max(0, first.start() - 200) if first else 0
    sample = content[start : start + SAMPLE_BYTES]
    found = [_western(sample), *(match.encoding for match in from_bytes(sample, cp_isolation=GUESSES.split()))]
    for encoding in filter(None, found):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        seen = _telling(text, content, encoding)
        return text, f"{NAMES.get(encoding, encoding)}, a guess{f': see whether {seen!r} is right' if seen else ''}"
    raise _not_text(source, "is in an encoding that cannot be told")


def _telling(text: str, content: bytes, encoding: str) -> str:
    """A word beyond ASCII, one that reads otherwise in the next-best encoding where there is such a word."""
    seen = [match for pattern in BEYOND_ASCII for match in pattern.finditer(text)]
    if encoding in ("cp1252", "cp1250"):
        other = content.decode("cp1250" if encoding == "cp1252" else "cp1252", errors="replace")
        seen.sort(key=lambda match: match[0] == other[match.start() : match.end()])
    return seen[0][0] if seen else ""


def _western(sample: bytes) -> str | None:
    """The encoding in which most beyond ASCII makes sense in Western prose, where nearly all of it does.

    A general guesser needs more of it than the odd apostrophe of an English novel.
    """
    high = len(HIGH_BYTE.findall(sample))
    fits = {encoding: WESTERN.findall(sample.decode(encoding, errors="replace")) for encoding in WESTERN_ENCODINGS}
    best = max(fits, key=lambda encoding: len(fits[encoding]))
    # With more accents than that, or with accents side by side, it is a language of another code page.
    accents = sum(character.isalpha() for character in fits[best])
    beside = len(ACCENTS_BESIDE.findall(sample.decode(best, errors="replace")))
    most = (MOST_ACCENTS if beside > 0.1 * accents else MOST_ACCENTS_APART) * (len(sample) - high) + 3
    if len(fits[best]) < 0.9 * high or accents > most:
        return None
    return "cp1250" if best == "cp1252" and _is_central_european(sample[:LANGUAGE_BYTES]) else best


def _is_central_european(sample: bytes) -> bool:
    return language_of(sample.decode("cp1250", errors="replace"))[0] in CENTRAL_EUROPEAN


def _mend_mojibake(text: str, source: str) -> tuple[str, list[Repair]]:
    if text.isascii() or not MOJIBAKE.search(text):
        return text, []
    lines = text.split("\n")
    count, first = 0, None
    for number, line in enumerate(lines):
        if not MOJIBAKE.search(line) or not is_bad(line) or (mended := ftfy.fix_encoding(line)) == line:
            continue
        changes = _changed_words(line, mended)
        count += len(changes)
        first = first or (number + 1, *changes[0])
        lines[number] = mended
    if first is None:
        return text, []
    number, before, after = first
    what = f"mojibake mended in {places(count)}, first: {before!r} -> {after!r}"
    return "\n".join(lines), [Repair(source, number, what)]


def _changed_words(before: str, after: str) -> list[tuple[str, str]]:
    olds, news = before.split(" "), after.split(" ")
    if len(olds) != len(news):
        return [(before[:40], after[:40])]
    return [(old[:40], new[:40]) for old, new in zip(olds, news, strict=True) if old != new]
