"""Where in a line somebody speaks or reads: what stands in quotation marks."""

import re

# A speech that goes on in the next paragraph is not closed; an apostrophe neither opens nor closes.
_QUOTED = re.compile(
    r'(?<!\w)"(?=\S)(?P<straight>[^"\n]*)(?:"|$)'
    r"|[\u201c\u201e](?P<curly>[^\u201c\u201d\n]*)(?:[\u201c\u201d]|$)"
    r"|\u00ab(?P<angle>[^\u00ab\u00bb\n]*)(?:\u00bb|$)"
    r"|(?<!\w)['\u2018](?=\S)(?P<single>(?:[^'\u2019\n]|['\u2019](?=\w))*)['\u2019](?!\w)"
)


def quotation_around(line: str, start: int) -> str | None:
    """What is quoted at a place of a line, from its opening mark on, without the marks; None where nothing is."""
    for match in _QUOTED.finditer(line):
        if match.start() < start < match.end():
            return next(said for said in match.groups() if said is not None)
    return None
