"""The shapes of what a book has around its story, for `front_matter`."""

import re
from re import IGNORECASE, Pattern

_EDGE = r"[\s*_#=~\[\](){}<>.:\u2013\u2014-]*"
_YEAR = r"\b(?:1[5-9]|20)\d\d\b"
_NAMED = r"(?-i:[A-Z])"


def _search(*shapes: str) -> Pattern[str]:
    """Any of the shapes, anywhere in a line."""
    return re.compile("|".join(shapes), IGNORECASE)


def _start(*shapes: str) -> Pattern[str]:
    """Any of the shapes at the start of a line, typographic marks aside."""
    return re.compile(rf"{_EDGE}(?:{'|'.join(shapes)})", IGNORECASE)


def _whole(*shapes: str) -> Pattern[str]:
    """Any of the shapes as the whole of a line, typographic marks aside."""
    return re.compile(rf"{_EDGE}(?:{'|'.join(shapes)}){_EDGE}$", IGNORECASE)


_THANKS = (
    r"\b(?:I(?:['\u2019]d| would)? (?:also )?(?:like|want|wish) to thank"
    r"|(?:my|many|special|heartfelt|huge) thanks (?:also )?(?:to|go)|thank you to"
    r"|I am (?:also )?(?:deeply |very )?(?:grateful|indebted) to|my gratitude)\b[^.!?]{0,300}?"
    r"\b(?:beta[- ]readers?|critique (?:group|partners?)|copy-?editors?|proof-?readers?|cover (?:designer|artist)"
    r"|literary agent|(?:my|our) (?:\w+ )?(?:editor|agent|publisher)s?\b|early readers|this (?:book|novel))"
)
ANYWHERE: tuple[tuple[tuple[str, ...], Pattern[str], str], ...] = (
    (
        ("gutenberg", "pglaf"),
        _search(
            r"Project Gutenberg.{0,80}(?:e-?book|e-?text|licen[cs]e|Literary Archive|www\.|START|END OF)",
            r"(?:START|END) OF (?:THE |THIS )?PROJECT GUTENBERG",
            r"www\.gutenberg\.|pglaf\.org",
        ),
        "Project Gutenberg's own text",
    ),
    (
        ("proofread", "text prepared", "transcriber"),
        _search(
            r"Distributed Proofread(?:ers|ing)",
            r"^\W*E-?text prepared by",
            r"^\W*Transcriber['\u2019]s notes?\b",
        ),
        "a transcriber's text",
    ),
    (
        ("[", "{illust"),
        _search(
            r"\[Illustration\b[^\]]*\]?",
            r"\{illust\.[^}]*\}?",
            r"\[(?:Footnote|Sidenote)\b[^\]]*\]?",
            r"\[(?:Pg|p\.|page) ?\d+\]",
        ),
        "a mark of a transcription",
    ),
    (
        ("isbn",),
        _search(r"\bISBN(?:[- ]?1[03])?\s*(?:\([\w-]+\)\s*)?:?\s*(?=[\dX])[\d\u2010-\u2013 -]{9,16}[\dX]\b"),
        "an ISBN",
    ),
    (
        ("no part of this", "library of congress", "work of fiction", "resemblance", "similarity"),
        _search(
            r"\bno part of this (?:publication|book|work|ebook) may be (?:reproduced|copied|stored|used)",
            r"\bLibrary of Congress (?:Cataloging|Control Number)",
            r"\bThis is a work of fiction\. (?:Any|Names|All|The|Similarit)",
            r"\bany (?:resemblance|similarity) to (?:actual|real|any) (?:persons|people|events)",
        ),
        "an imprint",
    ),
    (
        ("newsletter", "mailing list", "review", ".com", "www.", "http"),
        _search(
            r"\bsign up (?:for|to) (?:my|our|the|his|her) (?:newsletter|mailing list)",
            r"\b(?:leave|leaving|post) (?:a|an honest) review (?:on|at) (?:Amazon|Goodreads)",
            r"\b(?:visit|find) (?:me|him|her|them|us|the author) (?:online )?at (?:www\.|https?:|\w+\.com)",
        ),
        "the back matter of a book",
    ),
    (
        ("author of",),
        _search(
            rf"\bis the (?:\w+[- ]){{0,4}}author of (?:the |more than |over )?(?:{_NAMED}|[*_\d])\S.{{0,120}}"
            r"\b(?:lives|novels?|books|series|stories)\b"
        ),
        "an author's biography",
    ),
    (("thank", "grateful", "gratitude", "indebted"), _search(_THANKS), "thanks to the makers of the book"),
)
"""Certain wherever they stand: words of which one is in the line in lower case, the shape, what it is."""

LINE: tuple[tuple[Pattern[str], str], ...] = (
    (
        _start(
            rf"(?:\u00a9|copyright(?: \u00a9| \(c\)|,| by| {_YEAR}))(?=.*(?:{_YEAR}|reserved|\bby\b))",
            rf"(?<=\()c\) (?=.*{_YEAR})",
            r"(?:all|some) rights reserved\b",
            r"copyright[\s.]*$",
        ),
        "a copyright line",
    ),
    (
        _start(
            rf"(?:first|originally) published (?:in|by)\b.*(?:{_YEAR}|\bby\b)",
            r"(?:first|second|third|\d+\w\w) (?:(?:\w+ )?edition|printing)\b[^.!?]{0,30}$",
            rf"printed (?:and bound )?in (?:the )?{_NAMED}[\w. ]{{2,40}}$",
            rf"(?:published|typeset|distributed) by {_NAMED}[^!?]{{2,60}}$",
            r"(?:cover|jacket|book|interior) (?:design|art|artwork|illustration|photo\w*)s? (?:by|copyright|\u00a9)\b",
            r"printing history",
        ),
        "an imprint",
    ),
    (_whole("(?:table of )?contents"), "a table of contents"),
    (re.compile(r"\S.{1,70}?\s?(?:\.\s?){5,}\d{1,4}$"), "a row of a table of contents"),
    (
        _whole(
            r"acknowledge?ments?|dedication|colophon|imprint|list of illustrations|half[- ]title",
            r"about the (?:author|translator|publisher|illustrator)s?",
            rf"also by(?: (?:the|this|same) author| {_NAMED}.{{2,40}})?|(?:also )?by the same author",
            rf"(?:other )?(?:books|works|novels|titles) by {_NAMED}.{{2,40}}",
            rf"praise for (?:\S+ )?{_NAMED}.{{2,60}}",
            r"(?:author|translator|publisher)['\u2019]?s note",
        ),
        "a heading of front or back matter",
    ),
    (
        _whole(
            "the end|finis|fin",
            r"end of (?:chapter|book|part|volume|the (?:first|second|third|fourth|fifth|last)) ?[\w ]{0,20}",
            "end of (?:sample|excerpt|preview)",
        ),
        "an end mark",
    ),
    (
        _start(
            r"(?:this book is )?dedicated to\b", rf"in (?:loving )?memory of {_NAMED}[^.!?]*$", r"this book is for\b"
        ),
        "a dedication",
    ),
    (
        re.compile(
            r"\W*(?:page|pg\.?|p\.) ?(?:\| ?)?\d{1,4}(?: ?(?:/|\||of) ?\d{1,4})?\W*$|\d{1,4} of \d{2,4}$"
            r"|\[ ?\d{1,4} ?\]$|\d{1,4} ?\|$|\| ?\d{1,4}$"
            r"|[A-Z][\w' .-]{1,30}\s*/\s*[^/]{2,40}/\s*\d{1,4}$",
            IGNORECASE,
        ),
        "a page number",
    ),
    (
        re.compile(
            r"\d{1,4}\s*\|\s*[A-Z\u00c0-\u00dc][^|]{1,60}(?<![.!?\"\u201d])$"
            r"|[A-Z\u00c0-\u00dc][^|.!?\"\u201d]*\s[^|.!?\"\u201d]{1,58}\s\|\s*\d{1,4}$"
        ),
        "a running head",
    ),
)
"""What is certain as a short line of its own."""

TITLE_PAGE = re.compile(
    rf"{_EDGE}(?i:a novel(?:la)?(?: (?:by|of) .{{2,40}})?|a short story|by){_EDGE}$"
    rf"|{_EDGE}(?:by|BY|By) (?:[A-Z][\w.'\u2019-]*\s?){{2,4}}$"
)
DEDICATION = re.compile(
    r"[*_\s]*(?:(?:For|To) (?:(?:my|our|the memory of|all (?:those|who|my)|everyone who|anyone who)\b"
    r"|[A-Z][a-z]+,? (?:and|who|with)\b)|For [A-Z][a-z]+(?=[*_\s]*$))[^.!?:;\"\u201d]*\.?[*_\s]*$"
)
CLAUSE = re.compile(r", (?:the|a|it|I|he|she|they|you|we|there|this|that|his|her|[A-Z][a-z]+ (?:was|had|is))\b")
"""A sentence that only begins like a dedication: `For my part, I was glad.`"""
CONTENTS_ROW = re.compile(
    r"(?i:(?:chapter|part|book)\s+(?:\d+|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|twenty|"
    r"(?:twenty|thirty|forty|fifty)-\w+|eleven|twelve)\b[^\"\u201d]{0,60}$)"
    r"|(?i:(?:prologue|epilogue|introduction|preface|foreword|afterword|appendix)(?:[\s.]*[\divxlc]*)$)"
    r"|[IVXLC]{1,7}\.\s+[A-Z\u00c0-\u00dc][^.!?\"\u201d]{1,60}$|.{2,60}?(?:\s*\.){3,}\s*\d+$"
    r"|[^.!?\"\u201d]{2,50}\t+\s*\d{1,4}$"
)
NUMBER = re.compile(r"[-\u2013\u2014\[({]?\s?\d{1,4}\s?[-\u2013\u2014\])}]?")
UNFINISHED = re.compile(r"[\w,]$")
"""The end of a line that stops inside a sentence."""
_CAPITALS = r"[A-Z\u00c0-\u00dc][A-Z\u00c0-\u00dc'\u2019&,.:-]*"
_TITLE = (
    rf"(?:{_CAPITALS}(?: {_CAPITALS}){{0,7}}"
    r"|[A-Z\u00c0-\u00dc][\w'\u2019-]+"
    r"(?: (?:of|the|and|an?|in|to|on|at|for|by|with|from|[A-Z\u00c0-\u00dc][\w'\u2019-]*)){1,7})"
)
HEAD = re.compile(rf"(?P<title>{_TITLE})\s+(?P<page>\d{{1,3}})|(?P<before>\d{{1,3}})\s+(?P<behind>{_TITLE})")
HEAD_HINT = re.compile(
    r"^[^\S\n]*\d{1,3}\s[^\S\n]*[A-Z\u00c0-\u00dc]|^[^\S\n]*[A-Z\u00c0-\u00dc][^\n]{2,70}\s\d{1,3}[^\S\n]*$",
    re.MULTILINE,
)
COUNTED = re.compile(
    r"\b(?:chapter|part|book|volume|vol|scene|act|section|canto|psalm|verse|letter|episode|season|stage|round|issue"
    r"|day|night|week|month|year|hour|minute|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|room|floor|apartment|flat|platform|gate|ward|cell|sector|zone|block|unit|deck|bay|highway|route"
    r"|level|log|entry|record|recording|tape|file|case|subject|patient|exhibit|item|count|score|number|no|nr|rank|lvl"
    r"|class|type|mark|mk|version|draft|table|figure|plate|appendix|rule|lesson|step|question|test|trial|attempt|take"
    r"|chapitre|kapitel|teil|[HMSX]P|str|dex|con|int|wis|cha|agi|vit|atk|def|exp)\.?$",
    re.IGNORECASE,
)
"""What is counted under headings of its own: `LOG ENTRY 12`, `Highway 61`."""
