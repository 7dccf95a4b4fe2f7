"""What a chat assistant says around a text that it wrote or rewrote.

A speaker's words stand in quotation marks, a letter's lack a word for a piece of text; but letters and scripts hold
offers, hopes and refusals too, so that these are sure only beside an announcement or a name.
"""

import re
from collections.abc import Iterable

_WORK = (
    r"(?:scene|chapter|version|draft|passage|text|story|paragraph|dialogue|excerpt|rewrite|revision|continuation"
    r"|section|prose|outline|summary|description|opening|ending)s?\b"
)
_DONE = (
    r"(?:revised|rewritten|edited|polished|updated|expanded|improved|reworked|refined|shortened|cleaned-up"
    r"|humani[sz]ed)"
)
_AGREED = r"(?:sure(?:\ thing)?|certainly|absolutely|of\ course|definitely|great|gladly|okay|ok|got\ it|understood)"
_HERE = r"here(?:['\u2019]s|\s+is|\s+are)\s+(?:the|an?|your|my|some|one|two|three|four|five|\d+)\s+(?:[\w,-]+\s+){0,5}?"
SURE = re.compile(
    rf"""^[*_\#>\s]{{0,4}}(?:
    {_AGREED}[!,.:]\s+{_HERE}{_WORK}[^\n"\u201d]{{0,120}}:\W*$
    |{_AGREED}!\s+(?=[^\n]{{0,60}}\b(?:{_DONE}|your|in\s+the\s+style)\b){_HERE}{_WORK}
    |{_HERE}continuation\s+of\s+(?:the|your)\s+{_WORK}:\W*$
    |(?:{_AGREED}[!,.]\s+)?(?:here(?:['\u2019]s|\s+is)|below\s+is)\s+(?:the|an?|your|my)\s+(?:[\w,-]+\s+){{0,3}}?
        {_DONE}\s+(?:[\w,-]+\s+){{0,3}}?{_WORK}[^\n"\u201d]{{0,120}}:\W*$
    |{_AGREED}!\s+I(?:['\u2019]ll|\s+will|\s+can|['\u2019]d\s+be\s+happy\s+to)\s+(?:help\s+(?:you\s+)?)?
        (?:re)?(?:write|vise|work|continue|expand|edit)\s[^\n"\u201d]{{0,60}}{_WORK}
    |(?:I(?:['\u2019]m|\s+am)\s+sorry,?\s+(?:but\s+)?)?(?:as|I(?:['\u2019]m|\s+am)(?:\s+just|\s+only)?)\s+an?\s+
        (?:(?:AI|artificial\s+intelligence|large)\s+language\s+model|AI\s+developed\s+by)\b
    |ChatGPT(?:\s+said)?:
    )[^\n]*|:contentReference\[oaicite[^\n]*|\u3010\d+\u2020[^\u3011\n]*\u3011""",
    re.IGNORECASE | re.VERBOSE,
)
LIKELY = re.compile(
    rf"""^[*_\#>\s]{{0,4}}(?:
    I(?:['\u2019]m|\s+am)\s+sorry,?\s+but\s+I\s+(?:can['\u2019]?t|cannot|am\s+unable\s+to)\s+
        (?:fulfill?|assist\s+with|help\s+with)\s+(?:this|that|your)\s+request
    |I\s+hope\s+(?:this|that|these)\s+(?:helps?|(?:is|was)\s+helpful)[.!]*(?:\W*$|\s+(?:let\s+me\s+know|feel\s+free
        |if\s+you|happy\s+writing|good\s+luck\s+with\s+your))
    |I\s+hope\s+(?:this|the)\s+(?:{_DONE}\s+(?:[\w-]+\s+){{0,2}}?{_WORK}|(?:version|rewrite|revision)\s+
        (?:works|captures|meets|helps|feels|is\s+better)\b)
    |if\s+you(?:['\u2019]d|\s+would)?\s+(?:like|want),?\s+I\s+can\s+(?:also\s+)?
        (?:continue|expand|adjust|revise|rewrite|write|make|add)\b[^.?\n"\u201d]{{0,60}}(?:{_WORK}|tone\b)
    |(?:please\s+)?let\s+me\s+know\s+(?:if|how)\s+you(?:['\u2019]d|\s+would)?\s+(?:like|want|prefer|need)\s+
        (?:me\s+to\s+(?:(?:continue|expand|adjust|revise|rewrite|tweak|modify|refine|edit)\b
            |(?:make|add|change|write|include|try|create|provide)\s[^.\n"\u201d]{{0,60}}(?:{_WORK}|changes\b|adjustments\b|tone\b|details?\b))
        |(?:any|some|more|further|a\s+different|another)\s+(?:[\w-]+\s+){{0,3}}?
            (?:changes|adjustments|revisions|edits|tweaks|modifications|refinements|{_WORK}))
    |would\s+you\s+like\s+me\s+to\s+(?:continue|expand|adjust|revise|rewrite|write|make|add)\b[^.?\n"\u201d]{{0,80}}
        (?:{_WORK}|tone\b|changes\b)[^.?\n"\u201d]{{0,40}}\?\W*$
    |feel\s+free\s+to\s+(?:adjust|modify|tweak|customi[sz]e)\b
    )[^\n]*""",
    re.IGNORECASE | re.VERBOSE,
)


def speaks(lines: Iterable[str]) -> bool:
    """Whether a chat assistant announces its text, or is named, in one of the lines."""
    return any(SURE.search(line) for line in lines)
