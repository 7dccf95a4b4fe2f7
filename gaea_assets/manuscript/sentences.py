"""Where sentences end, as far as a prompt is to be cut there."""

import re

# A full stop, question or exclamation mark or ellipsis, what closes around it, then space before what may open a
# sentence; the stops of Chinese and Japanese have no space behind them.
END = re.compile(
    r"""(?P<word>[\w'\u2019]*(?:\.[\w'\u2019]+)*)
    (?:[.!?\u2026]++(?P<close>["'\u201c\u201d\u2019*_)\]\u00ab\u00bb\u2039\u203a]*(?:\s[\u00bb\u203a])?)
        (?=\s+(?:[\u00ab\u2039]\s)?["'\u201c\u201d\u201e\u2018\u201a*_(\[\u2014\u2013\u00ab\u00bb\u2039\u203a\u00bf\u00a1-]*
            (?P<opens>[^\W_])|\s*\Z)
    |[\u3002\uff01\uff1f]++(?P<wide>["'\u201d\u2019*_)\]\u300d\u300f\uff09]*))""",
    re.VERBOSE,
)
ABBREVIATIONS = frozenset(
    "mr mrs ms dr st prof capt col gen lt sgt rev hon jr sr messrs mme mlle vs e.g i.e "  # noqa: SIM905
    "hr fr nr bzw z.b d.h sra srta dra sig dott".split()
)


def sentence_ends(text: str) -> list[int]:
    """Offsets just behind each sentence, closing quotes and asterisks included.

    What follows decides: a sentence opens with any letter but a small one, or with a figure.
    """
    return [
        match.end()
        for match in END.finditer(text)
        if match["close"] is None or not ((match["opens"] or "").islower() or _is_abbreviation(match))
    ]


def _is_abbreviation(match: re.Match[str]) -> bool:
    if match["close"] or match.string[match.end("word") : match.end()] != ".":
        return False
    bare = match["word"].strip("_'\u2019")
    return bare.lower() in ABBREVIATIONS or (len(bare) == 1 and bare.isupper() and bare != "I")
