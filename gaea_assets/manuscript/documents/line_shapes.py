"""What a line is by its looks: a scene break, a heading, a title, the end or the middle of a sentence."""

import re

SCENE_BREAK = "* * *"
BREAK_LINE = re.compile(r"(?:[*#~=_+\u00b7\u2022\u2042\u2014\u2013-][^\S\n]*+){3,}+|[#~\u2042\u2766]|\*[^\S\n]*+\*?")
MARKED_HEADING = re.compile(r"(#{1,6})[ \t]++(\S.*)")
ROMAN = "[IVXLCivxlc]{1,8}"
COUNTING = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|first|second|third|fourth|fifth|sixth"
    "|seventh|eighth|ninth|tenth|eleventh|twelfth|last"
)
SPELLED = rf"(?:the\s+)?(?:{COUNTING})(?:[\s-](?:and\s)?(?:{COUNTING})){{0,3}}"
FOREIGN = (
    "chapitre|kapitel|kapittel|cap[i\u00ed]tulo|capitolo|cap[i\u00ed]tol|hoofdstuk|rozdzia\u0142|kapitola"
    "|\u0433\u043b\u0430\u0432\u0430"
)
WORD = r"[^\W\d_]{2,}"
# A chapter with its number; behind a foreign word for it any word counts as one.
COUNTED_CHAPTER = (
    rf"chapter\s+(?:\d{{1,4}}|{ROMAN}|{SPELLED})|chapter\d{{1,4}}|ch(?:ap)?(?:\.\s*|\s+)(?:\d{{1,4}}|{ROMAN})|{SPELLED}\s+chapter|(?:{FOREIGN})\s+(?:\d{{1,4}}|{ROMAN}\b|{WORD})"
    rf"|{WORD}\s+(?:{FOREIGN})"
)
CHAPTER = re.compile(
    rf"(?:(?P<chapter>{COUNTED_CHAPTER})|(?:part|book|volume)\s+(?:\d{{1,4}}|{ROMAN}|{SPELLED})|{SPELLED}\s+(?:part|book)"
    r"|prologue|epilogue|interlude|foreword|preface|afterword|the end)\b",
    re.IGNORECASE,
)
EASTERN_CHAPTER = re.compile(
    "\u7b2c[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343\u96f6\u3007\u4e24\\d]{1,6}"
    "[\u7ae0\u56de\u8282\u7bc0\u90e8\u5377\u7de8\u8bdd\u8a71](?:[\\s:\uff1a].{0,40})?"
)
NOTE = re.compile(
    r"(?:.*\b)?(?:TODO|TO DO|FIXME|XXX+|TK(?:TK)*|TBD|TBC|TBA|WIP|PLACEHOLDER)\b.*"
    r"|[\[({]?INSERT\b.*|[\[({]?(?:ADD|WRITE|REWRITE|REVISE|FIX|MOVE|CUT|CHECK|NTS)\b.*\b(?:HERE|LATER|SCENE|CHAPTER)\b.*",
)
NUMERAL = re.compile(r"(?:\d{1,3}|[IVXLC]{1,8})\.?")
ONLY_NUMBER = re.compile(
    rf"(?:{COUNTED_CHAPTER}|(?:[^\W\d_]{{4,12}}\s+)?(?:\d{{1,4}}|[IVXLC]{{1,8}}|{SPELLED}))[.:]?",
    re.IGNORECASE,
)
SMALL_IN_TITLES = re.compile(
    "about|after|against|among|before|between|from|into|onto|over|than|that|through|till|under|until|upon|versus|with"
    "|without"
)
SUMMARY = re.compile("in which|wherein|containing|showing|how|being", re.IGNORECASE)
HEADING_WORDS, SENTENCE_WORDS, SUMMARY_WORDS = 25, 15, 60
"""A heading has no more words: any, one that ends as a sentence does, one that tells what a chapter is about."""
ISBN = re.compile(r"ISBN\b", re.IGNORECASE)
TITLE_LENGTH = 60
ENDS = tuple(".!?\u2026:;\"'\u201d\u2019\u00bb\u203a)]")
OPENING = "\"'\u201c\u2018\u00ab\u201e"


def kind_of(line: str) -> str:
    """`break`, `heading` or `prose`, by the marks that a line bears; it must not be empty."""
    if not line[0].isalnum() and len(line) < 1000 and BREAK_LINE.fullmatch(line):
        return "break"
    if line[0] == "#" and (match := MARKED_HEADING.fullmatch(line)):
        return "heading" if re.search(r"[^\W_]", match[2]) else "break"
    return "prose"


def is_chapter(text: str) -> bool:
    """`Chapter 7`, `PART TWO`, `Prologue`: alone, or with a title behind."""
    if len(text) > 2 * TITLE_LENGTH or "\n" in text:
        return False
    line = text.strip("*_")
    if EASTERN_CHAPTER.fullmatch(line):
        return True
    if not line[:1].isupper() or not (match := CHAPTER.match(line)):
        return False
    rest = line[match.end() :].strip()
    title = rest.lstrip(".:\u2014\u2013- ")
    if not title or line.isupper():
        return True
    if match["chapter"] and title != rest and title[-1] == "." and is_title_case(title):
        title = title[:-1]
    if len(title) > TITLE_LENGTH or title[-1:] in (".", ",", ";", ""):
        return False
    if title == rest:  # only its capitals tell it from prose
        return bool(match["chapter"]) and is_title(title.rstrip("?!")) and title[0].isalpha() and is_title_case(title)
    return bool(match["chapter"]) or not begins_lower(title)


def is_numbered_chapter(text: str) -> bool:
    """Whether the text is a chapter with its number, no part and no prologue."""
    if not is_chapter(text):
        return False
    line = text.strip("*_")
    match = CHAPTER.match(line)
    return bool(match and match["chapter"]) or bool(EASTERN_CHAPTER.fullmatch(line))


def is_heading_line(text: str) -> bool:
    """Whether a line can be a heading by its words: a title, a number, a chapter."""
    return not is_note(text) and (is_title(text) or is_chapter(text) or bool(NUMERAL.fullmatch(text)))


def is_prose(title: str) -> bool:
    """Whether what is set as a heading is a paragraph of prose: too long, or long for a sentence."""
    words, bare = len(title.split()), unmarked(title)
    if CHAPTER.match(bare) or SUMMARY.match(bare) or is_title_case(title):
        return words > SUMMARY_WORDS
    return words > HEADING_WORDS or (words > SENTENCE_WORDS and ends(title))


def is_title(text: str, longest: int = TITLE_LENGTH) -> bool:
    """Short, in one line, and neither speech nor a sentence."""
    bare = unmarked(text[: 2 * TITLE_LENGTH + 1])
    return (
        0 < len(bare) <= longest
        and not ISBN.match(bare)
        and "\n" not in text
        and bare[0].isalnum()
        and not bare[0].islower()
        and not bare.endswith((*ENDS, ",", "\u2014", "-"))
        and len(bare.split()) <= longest // 6
    )


def is_stopped_title(text: str) -> bool:
    """`THROWN AWAY.`: a title in capitals or title case with one full stop behind, as a short sentence can be, too."""
    if len(text) > 2 * TITLE_LENGTH or not (bare := unmarked(text)).endswith(".") or not bare[-2:-1].isalnum():
        return False
    return is_title(bare[:-1]) and is_title_case(bare) and not is_note(text)


def is_note(text: str) -> bool:
    """A note to oneself in capitals: `TK`, `INSERT FIGHT SCENE HERE`."""
    return len(text) <= 2 * TITLE_LENGTH and bool(NOTE.fullmatch(text))


def is_only_number(title: str) -> bool:
    """`IV`, `Chapter 4`, `PART TWO`: a heading without a title."""
    return len(title) <= TITLE_LENGTH and bool(ONLY_NUMBER.fullmatch(title))


def is_title_case(text: str) -> bool:
    """All in capitals, or the first word and each of four letters and more, but `with` and its like, with a capital."""
    words = re.findall(r"[^\W\d_](?:[^\W\d_]|['\u2019-](?=[^\W\d_]))*+", text)
    return (
        bool(words)
        and not words[0][0].islower()
        and not any(len(word) > 3 and word[0].islower() and not SMALL_IN_TITLES.fullmatch(word) for word in words)
    )


def unmarked(text: str) -> str:
    """The text without marks of emphasis."""
    return text.replace("*", "").replace("_", "")


def ends(text: str) -> bool:
    """Whether the text stops as a sentence or a speech does."""
    return text.rstrip("*_").endswith(ENDS)


def begins_lower(text: str) -> bool:
    """Whether the text begins with a small letter."""
    return text.lstrip("*_")[:1].islower()
