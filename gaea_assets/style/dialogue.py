"""Tell narration from dialogue in canonical text: speech stands between `“` and `”` or opens with a dash."""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

# ruff: noqa: SIM905 - word lists read better as text

from __future__ import annotations

import re
from collections.abc import Sequence

from gaea_assets.style.tokens import WORD, sentences

# Speech ends at its closing quote, or with the paragraph: a speaker who goes on in the next one leaves it
# open.
_SPEECH = re.compile(r"“[^”]*(?:”|$)")


def spans(paragraph: str) -> list[tuple[int, int]]:
    """Character ranges of one paragraph's speech, quotes included.

    A speech left open runs to the paragraph's end (multi-paragraph speech: the next paragraph opens anew by
    custom; where it does not, the quote was lost, and the damage ends with the paragraph).
    """
    return [match.span() for match in _SPEECH.finditer(paragraph)]


def narration(paragraph: str) -> str:
    """The paragraph with speech cut out; `“”` stays in its place so that sentences do not run together."""
    return _SPEECH.sub("“”", paragraph) if "“" in paragraph else paragraph


def speech(paragraph: str) -> str:
    """Only the speech of a paragraph, joined by blanks."""
    return " ".join(paragraph[start:end].strip("“”") for start, end in spans(paragraph))


def split(paragraph_list: Sequence[str]) -> tuple[list[str], list[str]]:
    """Narration and speech of paragraphs in order.

    Handles a speech of several paragraphs in the old way too, in which only the first paragraph opens it: a
    paragraph without any quote between an open one and one that closes without opening belongs to the speech.
    Speech that opens with a dash (`quoted`) is speech where the text marks it so.

    Args:
        paragraph_list: Canonical paragraphs.

    Returns:
        Narration and speech of each paragraph; either may be empty.
    """
    paragraph_list = quoted(paragraph_list)
    told: list[str] = []
    spoken: list[str] = []
    for text, inside in zip(paragraph_list, _continued(paragraph_list), strict=True):
        if inside:
            head, mark, tail = text.partition("”")
            told.append(narration(tail) if mark else "")
            spoken.append(" ".join(part for part in (head, speech(tail)) if part))
        else:
            told.append(narration(text))
            spoken.append(speech(text))
    return told, spoken


_DASHED = re.compile(r"—(?=[^\W_]|[‘'*¿¡]|\.\.\.)")
_SAYING = (
    "said|says|say|asked|asks|ask|answered|answers|replied|replies|cried|cries|called|calls|whispered|whispers|shouted|"
    "shouts|murmured|murmurs|muttered|mutters|exclaimed|exclaims|added|adds|returned|repeated|repeats|continued|"
    "continues|began|begins|insisted|insists|demanded|demands|inquired|enquired|observed|remarked|remarks|declared|"
    "declares|screamed|screams|growled|growls|sighed|sighs|laughed|laughs|went on|goes on|agreed|agrees|interrupted|"
    "responded|responds|protested|breathed|yelled|snapped|begged|explained|explains|suggested|ventured|announced|"
    "told (?:him|her|me|them|us|you)|tells (?:him|her|me|them|us|you)"
)
_SPEAKER = (
    r"(?:he|she|they|we|I|(?:the|his|her|my|their|our|your|an?|one of the) \w+(?: \w+)?|"
    r"[A-Z][\w']*(?: (?:the )?[A-Z][\w']*){0,2})"
)
# *he said*, but not *he said it was you*, which is a part of the speech.
_TAG = re.compile(
    rf"(?:^|(?P<stop>[,!?—]|\.\.\.) ?)(?P<tag>(?:(?P<who>{_SPEAKER}) (?:\w+ly )?(?:{_SAYING})\b"
    rf"(?! (?:it|that|so|you|he|she|I|we|they|this|what|nothing|there|the|an?|no|yes|not)\b)"
    rf"|(?:{_SAYING}) (?P<whom>{_SPEAKER})\b))"
)
_ADDRESSES = re.compile(
    r"\b(?:I|[Yy]ou|[Mm]e|[Mm]y|[Yy]our|[Ww]e|[Oo]ur|[Uu]s|I'm|[Yy]ou're|I'll|I've|I'd|[Ww]e'll|[Ww]e're|"
    r"[Yy]ou'll|[Yy]ou've)\b|[?]"
)
_ADDRESSES_SECOND = re.compile(r"\b[Yy]ou(?:r|rs|'\w+)?\b|[?]")
_PAST = frozenset(
    "was were had did came went fell stood rose took gave saw knew began broke brought caught chose drank drew drove "
    "fled flew forgot got grew held hung kept knelt laid lay led left let lit lost made met paid put ran rang read "
    "rode said sang sank sat sent set shook shut slept smelt spat spoke sprang stole struck swallowed swept swung "
    "thought threw told took tore turned understood went wept woke wore wrote felt found bent leant leapt bit could "
    "would".split()
)


def quoted(paragraph_list: Sequence[str]) -> list[str]:
    """Paragraphs with dash dialogue put in quotes: `—Go, said Ann` becomes `“Go,” said Ann`.

    A dash that opens a paragraph opens speech only where the text speaks so: more paragraphs open with one than
    hold a quotation, and one of them has a speech tag, or there are two at least that ask, cry or stand among others.

    Args:
        paragraph_list: Canonical paragraphs.
    """
    texts = list(paragraph_list)
    dashed = [text for text in texts if _DASHED.match(text)]
    if not dashed or len(dashed) <= sum("“" in text for text in texts):
        return texts
    several = len(dashed) >= 2 and (2 * len(dashed) <= len(texts) or any("?" in text or "!" in text for text in dashed))
    if not several and not any(_TAG.search(text, 1) for text in dashed):
        return texts
    return [_quote_dashed(text) if _DASHED.match(text) else text for text in texts]


def _quote_dashed(paragraph: str) -> str:
    """Put the speech of one paragraph that opens with a dash in quotes.

    Speech runs to its tag (a verb of saying). What follows the tag in its sentence is narration unless it speaks
    of *I* or *you*; a dash after the tag opens speech again. A later sentence is narration when it goes on about the
    speaker in the past: *He threw the match away*.
    """
    out: list[tuple[bool, str]] = []
    speaking, names = True, set[str]()
    segments = paragraph[1:].replace("“", "‘").replace("”", "’").split("—")
    for number, segment in enumerate(segments):
        after_tag = bool(out) and not out[-1][0]
        if number and segments[number - 1].rstrip().endswith((".", "!", "?")):
            speaking = True
        for place, piece in enumerate(sentences(segment)):
            tag = _TAG.search(piece) if speaking else None
            if tag and (tag["stop"] or number or place):
                names |= _subjects(tag)
                out += _around_tag(piece, tag)
                continue
            if names and not (place == 0 and after_tag):
                speaking = not _narrates(piece, names) and (speaking or bool(_ADDRESSES.search(piece)))
            out.append((speaking, piece))
    return _joined(out)


def _subjects(tag: re.Match[str]) -> set[str]:
    who = tag["who"] or tag["whom"]
    first = who.split()[0]
    return {first} if first in ("I", "he", "she", "they", "we") else {first if first[0].isupper() else "", "he", "she"}


def _around_tag(piece: str, tag: re.Match[str]) -> list[tuple[bool, str]]:
    start = tag.start("tag")
    told, comma, rest = piece[start:].partition(",")
    found = [(True, piece[:start].rstrip())] if start else []
    speaks = _ADDRESSES_SECOND if (tag["who"] or tag["whom"]) in ("I", "we") else _ADDRESSES
    if comma and speaks.search(rest):
        return [*found, (False, told + ","), (True, rest.strip())]
    return [*found, (False, piece[start:])]


def _narrates(piece: str, names: set[str]) -> bool:
    """Whether a sentence after the tag tells what the speaker did rather than being said by them."""
    words = WORD.findall(piece)
    if len(words) < 2 or _ADDRESSES_SECOND.search(piece) or ("I" not in names and _ADDRESSES.search(piece)):
        return False
    lower = {name.lower() for name in names}
    verb = words[2] if words[1].endswith("ly") and len(words) > 2 else words[1]
    return words[0].lower() in lower and (verb in _PAST or verb.endswith("ed"))


def _joined(parts: Sequence[tuple[bool, str]]) -> str:
    """Speech and narration in order, neighbouring speech within one pair of quotes."""
    out: list[str] = []
    for place, (speech_here, text) in enumerate(parts):
        opens = speech_here and (place == 0 or not parts[place - 1][0])
        closes = speech_here and (place + 1 == len(parts) or not parts[place + 1][0])
        out.append(("“" if opens else "") + text + ("”" if closes else ""))
    return " ".join(out)


def _continued(texts: Sequence[str], reach: int = 6) -> list[bool]:
    """For each paragraph, whether it begins inside a speech that an earlier paragraph left open."""
    inside = [False] * len(texts)
    index = 0
    while index < len(texts):
        if _left_open(texts[index]):
            end = _where_closed(texts, index + 1, reach)
            for place in range(index + 1, end):
                inside[place] = True
            index = max(index + 1, end)
        else:
            index += 1
    return inside


def _left_open(text: str) -> bool:
    return text.rfind("“") > text.rfind("”")


def _where_closed(texts: Sequence[str], start: int, reach: int) -> int:
    """One past the paragraph that closes the speech without opening one first, or `start` if none does."""
    for place in range(start, min(start + reach, len(texts))):
        opened, closed = texts[place].find("“"), texts[place].find("”")
        if closed >= 0 and (opened < 0 or closed < opened):
            return place + 1
        if opened >= 0:
            return start
    return start
