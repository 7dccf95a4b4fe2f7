"""Whether an answer does what was asked, decided by rule."""

# ruff: noqa: RUF001 - typographic quotes

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from gaea_assets.style.lexicon import fiction_words
from gaea_assets.style.tokens import WORD
from gaea_assets.text_language import language_of

LEAST_LANGUAGE_WORDS = 5
LANGUAGES = ("de", "en", "es", "fr", "it", "la", "nl", "pt")
"""Languages that an answer is told between."""
LEAST_DISTINCT = 0.4
"""Share of different words in prose; a story of 120 words has about 0.6, a word said over and over next to none."""
LEAST_ENGLISH = 0.7
"""Share of words that general fiction uses: names and terms of trade are the rest."""
JOINING = 2000.0
"""Uses in a million words of the words that join others (*the*, *is*, *with*): hardly a sentence has none."""

_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)(.{1,300}?)(?<=\S)\1(?![\w*])")
_INTRODUCTION = re.compile(r"\A[^\n]{1,120}:[ \t]*\n+")
_FENCE = re.compile(r"```[ \t]*\w*[ \t]*\n?(.*?)```", re.DOTALL)
_NUMBERED = re.compile(r"^[ \t]*(\d+)[.)][ \t]+(\S.*)$", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*-[ \t]+(\S.*)$", re.MULTILINE)
_LIST_MARK = re.compile(r"^[ \t]*(?:\d+[.)]|[-*•])[ \t]+", re.MULTILINE)
_QUOTATION = re.compile(r'"[^"]*"|“[^”“]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«')
_STOP = re.compile(r"(?P<stop>[.!?…]+)(?P<close>[\"'”’»«)\]]*)(?=\s+[\"'“‘«»„(\[¿¡—–-]*(?P<next>\S)|\s*\Z)")
_NO_END = frozenset("mr mrs ms dr st prof capt gen e.g i.e eg ie vs cf mme mlle sra z.b bzw approx p.ej".split())  # noqa: SIM905
_PERHAPS_END = frozenset("etc usw a.m p.m u.s u.k jr sr co inc ltd no".split())  # noqa: SIM905


def plain(answer: str) -> str:
    """An answer without Markdown emphasis, with plain apostrophes."""
    bare = answer.strip().replace("’", "'")
    for _ in range(2):  # emphasis inside emphasis
        bare = _EMPHASIS.sub(r"\2", bare)
    return bare


def without_introduction(answer: str) -> str:
    """An answer without a first line such as "Here is the list:"."""
    return _INTRODUCTION.sub("", answer.strip())


def exactly(answer: str, allowed: str) -> bool:
    """Whether the answer is this, but for case, quotation marks and a last stop."""
    return answer.strip(" \n.!\"'`“”«»").lower() == allowed


def json_object(answer: str, kinds: Mapping[str, type]) -> bool:
    """Whether the answer is one JSON object with just these keys and values of their kinds.

    Args:
        answer: The object; a code fence and an introductory line are allowed.
        kinds: `str` (not empty) or `int` (not negative; digits in quotation marks will do) by key.

    Returns:
        Whether it is.
    """
    body = without_introduction(answer).strip()
    fenced = _FENCE.fullmatch(body)
    try:
        value = json.loads(fenced[1] if fenced else body)
    except (json.JSONDecodeError, RecursionError):
        return False
    return (
        isinstance(value, dict)
        and set(value) == set(kinds)
        and all(map(_is_kind, map(value.get, kinds), kinds.values()))
    )


def _is_kind(value: object, kind: type) -> bool:
    return str(value).isdecimal() if kind is int else isinstance(value, str) and bool(value.strip())


def numbered_items(answer: str, count: int) -> list[str]:
    """The items of the answer's list; none if they are not numbered from 1 to `count`."""
    found = _NUMBERED.findall(answer)
    right = [int(number) for number, _ in found] == list(range(1, count + 1))
    return [item for _, item in found] if right else []


def only_numbered_items(answer: str) -> bool:
    """Whether nothing but numbered items stands in the answer."""
    return all(_NUMBERED.match(line) for line in answer.splitlines() if line.strip())


def bullets(answer: str, count: int) -> list[str]:
    """What stands behind the answer's bullets ("- "); none if they are not just so many."""
    found = _BULLET.findall(answer)
    return found if len(found) == count else []


def distinct(items: Sequence[str]) -> bool:
    """Whether there are items and no two are the same."""
    return bool(items) and len({" ".join(WORD.findall(item.lower())) for item in items}) == len(items)


def distinct_names(items: Sequence[str], names: str) -> bool:
    """Whether every item begins with one of the names (`white oak`, `the oak: strong`) and no two with the same."""
    pattern = re.compile(rf"(?:[\w']+[ -]){{0,3}}(?:{_alternatives(names)})\b")
    found = [pattern.match(item.lower()) for item in items]
    keys = [re.sub(r"^(?:(?:the|an?|river)[ ])+", "", match[0]) for match in found if match]
    return len(keys) == len(items) and distinct(keys)


def only_names(parts: Sequence[str], names: str) -> bool:
    """Whether every part is a name and nothing else, one or two words before it allowed (`dark blue`)."""
    pattern = re.compile(rf"(?:and )?(?:\w+[ -]){{0,2}}(?:{_alternatives(names)})")
    return distinct(parts) and all(pattern.fullmatch(part.strip().lower()) for part in parts)


def about(answer: str, topic: str) -> bool:
    """Whether one of the topic's words occurs; plurals count, `*` stands for any letters."""
    return bool(re.search(rf"\b(?:{_alternatives(topic)})\b", answer.lower()))


def _alternatives(words: str) -> str:
    return "(?:" + "|".join(words.split()).replace("*", r"\w*") + ")(?:e?s)?"


def prose(answer: str, topic: str, least: int = 4) -> bool:
    """Whether the answer has so many English words, put together as sentences are, and one of the topic's.

    Not the same words over and over, no list of nouns, no made-up ones.
    """
    words = WORD.findall(answer.lower())
    uses = [fiction_words().get(word, 0.0) for word in words]
    return (
        len(words) >= least
        and len(set(words)) >= LEAST_DISTINCT * len(words)
        and sum(map(bool, uses)) >= LEAST_ENGLISH * len(words)
        and any(use >= JOINING for use in uses)
        and about(answer, topic)
    )


def word_range(answer: str, low: int, high: int) -> bool:
    """Whether the answer has from `low` to `high` words, hyphenated ones counted as one or as several."""
    spaced = sum(any(mark.isalnum() for mark in part) for part in answer.split())
    return low <= spaced <= high or low <= len(WORD.findall(answer)) <= high


def sentence_count(answer: str, count: int) -> bool:
    """Whether the answer has just so many sentences.

    Where a stop may or may not end one (`etc. The`, `"Fish!" Maria cried`), either reading will do. Text behind the
    last stop is a sentence.
    """
    text = without_introduction(answer)
    whole = _QUOTATION.fullmatch(text)
    text = _LIST_MARK.sub("", text[1:-1] if whole else text)
    text = _QUOTATION.sub(lambda speech: re.sub(r"[.!?…]+(?=\s)", ",", speech[0]), text)
    sure = doubtful = end = 0
    for match in _STOP.finditer(text):
        likely = _ends_sentence(match)
        sure += likely is True
        doubtful += likely is None
        end = match.end()
    sure += bool(WORD.search(text, end))
    return sure <= count <= sure + doubtful


def _ends_sentence(match: re.Match[str]) -> bool | None:
    """Whether a sentence ends at a stop; None if it may."""
    stop, following = match["stop"], match["next"]
    if following is None:
        return True
    word = re.split(r"[^\w.]", match.string[max(match.start() - 20, 0) : match.start()])[-1].lower()
    if stop == "." and word in _NO_END:
        return False
    short = stop == "." and (word in _PERHAPS_END or (len(word) == 1 and word.isalpha()))
    if short or ".." in stop or "…" in stop or any(mark in "\"'”»«" for mark in match["close"]):
        return False if following.islower() else None
    return True if stop == "." or not following.islower() else None


def in_language(answer: str, code: str) -> bool:
    """Whether the answer has words enough to tell its language, and it is this one (ISO 639-1)."""
    text = without_introduction(answer).lower()
    words = WORD.findall(text)
    if len(words) < LEAST_LANGUAGE_WORDS or len(set(words)) < LEAST_DISTINCT * len(words):
        return False
    return language_of(text, LANGUAGES)[0] == code


def without_letter(answer: str, letter: str) -> bool:
    """Whether the letter is not in the answer."""
    return letter not in answer.lower()


def begins_with(answer: str, word: str) -> bool:
    """Whether the answer's first word is this one, in its case."""
    first = WORD.search(without_introduction(answer))
    return first is not None and first[0] == word


def ends_with(answer: str, words: str) -> bool:
    """Whether the answer ends with these words, but for case and what closes it."""
    return re.search(rf"\b{re.escape(words.lower())}[.!\"'”»]*$", answer.lower().strip()) is not None


def quoted(answer: str) -> bool:
    """Whether the answer is one quotation of three words or more, in double quotation marks of any kind."""
    whole = _QUOTATION.fullmatch(answer.strip())
    return whole is not None and len(set(WORD.findall(whole[0].lower()))) >= 3


def paragraph_count(answer: str, count: int) -> bool:
    """Whether the answer has just so many paragraphs; headings, introductory lines and rules are none."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", answer) if WORD.search(block)]
    return sum(not _is_heading(block) for block in blocks) == count


def _is_heading(block: str) -> bool:
    if "\n" in block:
        return False
    stopped = re.search(r"[.!?…][\"'”»)]*$", block) is not None
    return block.startswith("#") or (not stopped and len(block.split()) <= 12)
