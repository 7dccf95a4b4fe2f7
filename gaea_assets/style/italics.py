"""Italic passages, and which of them are thoughts.

CommonMark emphasis is parsed by markdown-it-py; only paragraphs that hold a `*` are parsed, so a long text
stays cheap.
"""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

# ruff: noqa: SIM905 - word lists read better as text

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt

from gaea_assets.style.tokens import WORD

_SENTENCE_LIKE = re.compile(r"[.!?…][”’]?$")
_CLAUSE_WORDS = frozenset(
    "i you he she it we they me my your his her our their this that these those there here what why "
    "how who when where is are was were am be been do does did don't can can't could will won't would "
    "should shall must may might have has had not no never i'm you're it's he's she's that's let if "
    "but".split()
)
_SMALL = frozenset("a an and at by de du for from in la le of on or the to with".split())


_CALLS = frozenset("please oh o god lord thank thanks dear damn bless jesus christ help yes sorry goodbye".split())
_WHO = (
    r"(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey|[Ww]e|[Yy]ou|I|(?:[Tt]he|[Hh]is|[Hh]er|[Mm]y|[Yy]our) \w+|[A-Z]\w+(?: [A-Z]\w+)?)"
)
_THINKING = (
    r"(?:th(?:ought|inks?)|wonder(?:ed|s)?|reflect(?:ed|s)|mus(?:ed|es)|pray(?:ed|s)?|reason(?:ed|s)|decid(?:ed|es)|"
    r"realis(?:ed|es)|realiz(?:ed|es)|remember(?:ed|s)?|(?:told|tells?) (?:himself|herself|themselves|myself|yourself))"
)
_WRITING = (
    r"(?:wrote|writes?|written|reads?|said|says?|typed|printed|signed|sang|sings?|chanted|shouted|asked|replied|answered|"
    r"cried)"
)
_THOUGHT_AFTER = re.compile(
    rf"[,.!?]?\s*(?:{_WHO} (?:\w+ly )?{_THINKING}|{_THINKING} {_WHO})\b"
    r"(?! (?:it|that|of|about|him|her)\b)"
)
_THOUGHT_BEFORE = re.compile(rf"\b(?:{_WHO} (?:\w+ly )?{_THINKING}|{_THINKING} {_WHO})[,:]\s*$")
_WRITTEN_AFTER = re.compile(rf",?\s*(?:{_WHO} (?:\w+ly )?{_WRITING}|{_WRITING} {_WHO})\b")
_WRITTEN_BEFORE = re.compile(rf"\b{_WHO} (?:\w+ly )?{_WRITING}[,:]\s*$")


@dataclass(frozen=True)
class Italic:
    """One italic passage.

    Attributes:
        text: What stands in italics.
        thought: Whether it is a thought (a sentence of its own) rather than emphasis, a title or a foreign
            word.
    """

    text: str
    thought: bool


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("zero").enable("emphasis")


def pieces(paragraph: str) -> list[tuple[str, bool]]:
    """Cut a canonical paragraph into runs of plain (False) and italic (True) text, without the marks."""
    if "*" not in paragraph:
        return [(paragraph, False)]
    runs: list[tuple[str, bool]] = []
    depth = 0
    for token in _parser().parseInline(paragraph)[0].children or []:
        if token.type in ("em_open", "strong_open"):
            depth += token.type == "em_open"
        elif token.type in ("em_close", "strong_close"):
            depth -= token.type == "em_close"
        elif token.content:
            if runs and runs[-1][1] == (depth > 0):
                runs[-1] = (runs[-1][0] + token.content, depth > 0)
            else:
                runs.append((token.content, depth > 0))
    return runs


def find(paragraph: str) -> list[Italic]:
    """Italic passages of one paragraph's narration, told apart into thoughts and emphasis."""
    runs = pieces(paragraph)
    return [
        Italic(text, _is_thought(text, "".join(r[0] for r in runs[:i]), "".join(r[0] for r in runs[i + 1 :])))
        for i, (text, italic) in enumerate(runs)
        if italic and WORD.search(text)
    ]


def without_thoughts(paragraph: str) -> str:
    """The paragraph without its italic thoughts; emphasised words stay, without their marks."""
    if "*" not in paragraph:
        return paragraph
    runs = pieces(paragraph)
    kept = []
    for i, (text, italic) in enumerate(runs):
        before, after = "".join(r[0] for r in runs[:i]), "".join(r[0] for r in runs[i + 1 :])
        kept.append(" " if italic and _is_thought(text, before, after) else text)
    return "".join(kept)


def _is_thought(text: str, before: str, after: str) -> bool:
    """A thought stands as a sentence: its own beginning and end, or a clause that *he thought* brings in."""
    words = WORD.findall(text)
    tag = after if after.startswith(",") or after.lstrip()[:1].islower() else ""
    begins = not before.strip() or before.rstrip()[-1] in ".!?…:—”’,"
    if not words or _WRITTEN_AFTER.match(tag) or _WRITTEN_BEFORE.search(before[-80:]):
        return False
    if begins and (_THOUGHT_AFTER.match(tag) or _THOUGHT_BEFORE.search(before[-80:])):
        return True
    if _is_title(words, text.rstrip()):
        return False
    ends = bool(_SENTENCE_LIKE.search(text.rstrip())) or not after.strip()
    clause = any(word.lower() in _CLAUSE_WORDS for word in words)
    fresh = text.lstrip("“‘ ")[:1].isupper() or not before.strip()
    if len(words) == 1:
        alone = not before.strip(" “") or bool(_SENTENCE_LIKE.search(before.rstrip()))
        return fresh and alone and bool(_SENTENCE_LIKE.search(text.rstrip()))
    if not begins:
        return False
    return (ends and (fresh or clause)) or (fresh and clause and len(words) >= 3)


def _is_title(words: list[str], text: str) -> bool:
    """Whether every word that a title would capitalise is capitalised, of two words or more.

    A call on somebody (*Please God.*, *Run, Alan.*) is none.
    """
    weighty = [word for word in words if word.lower() not in _SMALL]
    if len(words) < 2 or not weighty or words[0].lower() in _CALLS:
        return False
    if len(words) == 2 and "," in text and text.endswith((".", "!", "?")):
        return False
    return all(word[0].isupper() for word in weighty) and not any(w.lower() in _CLAUSE_WORDS for w in words)
