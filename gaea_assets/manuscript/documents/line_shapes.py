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
CHAPTER = re.compile(
    rf"(?:(?:chapter|part|book|volume|chapitre|kapitel|cap[i\u00ed]tulo|capitolo|hoofdstuk|\u0433\u043b\u0430\u0432\u0430)\s+"
    rf"(?:\d{{1,4}}|{ROMAN}|(?:the\s+)?(?:{COUNTING})(?:[\s-](?:{COUNTING}))?)"
    r"|prologue|epilogue|interlude|foreword|preface|afterword|the end)\b",
    re.IGNORECASE,
)
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
    if not line[:1].isupper() or not (match := CHAPTER.match(line)):
        return False
    rest = line[match.end() :].strip()
    title = rest.lstrip(".:\u2014\u2013- ")
    if not title or line.isupper():
        return True
    return title != rest and len(title) <= TITLE_LENGTH and title[-1] not in ".,;" and not begins_lower(title)


def is_title(text: str) -> bool:
    """Short, in one line, and neither speech nor a sentence."""
    bare = unmarked(text[: 2 * TITLE_LENGTH + 1])
    return (
        0 < len(bare) <= TITLE_LENGTH
        and "\n" not in text
        and bare[0].isalnum()
        and not bare[0].islower()
        and not bare.endswith((*ENDS, ",", "\u2014", "-"))
        and len(bare.split()) <= 10
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
