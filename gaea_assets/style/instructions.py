"""Instructions whose answers can be checked without a judge, and their checkers."""

# ruff: noqa: E501 - typographic quotes; a table of instructions

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gaea_assets.style.tokens import WORD, count_words

_NUMBERED = re.compile(r"^\s*(\d+)[.)]\s+\S", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*•]\s+\S", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?]+[.!?]+")
_COMMON: Mapping[str, frozenset[str]] = {
    "en": frozenset(["the", "and", "of", "to", "a", "in", "is", "that", "it", "was", "for", "with", "as", "are"]),
    "de": frozenset(["der", "die", "und", "das", "ist", "nicht", "ein", "eine", "zu", "den", "mit", "auf", "es", "im"]),
    "fr": frozenset(["le", "la", "les", "et", "des", "est", "un", "une", "dans", "que", "qui", "pour", "pas", "du"]),
    "es": frozenset(["el", "la", "los", "y", "de", "es", "un", "una", "en", "que", "por", "con", "no", "del"]),
}


@dataclass(frozen=True)
class Instruction:
    """An instruction whose answer can be checked without a judge.

    Attributes:
        id: Stable name.
        prompt: What the model is asked.
        check: Whether an answer does what was asked.
    """

    id: str
    prompt: str
    check: Callable[[str], bool]


def is_json_object(answer: str, keys: Sequence[str]) -> bool:
    """Whether the answer, a code fence allowed, is one JSON object with just these keys."""
    body = re.sub(r"^```(?:json)?\s*|\s*```$", "", answer.strip())
    try:
        value = json.loads(body)
    except json.JSONDecodeError:
        return False
    return isinstance(value, dict) and set(value) == set(keys)


def numbered_items(answer: str, count: int) -> bool:
    """Whether the answer has a list numbered from 1 to `count`, and no more."""
    return [int(n) for n in _NUMBERED.findall(answer)] == list(range(1, count + 1))


def bullets(answer: str, count: int) -> bool:
    """Whether the answer has just so many bullet points."""
    return len(_BULLET.findall(answer)) == count


def word_range(answer: str, low: int, high: int) -> bool:
    """Whether the answer has from `low` to `high` words."""
    return low <= count_words(answer) <= high


def sentence_count(answer: str, count: int) -> bool:
    """Whether the answer has just so many sentences."""
    return len(_SENTENCE.findall(answer.strip())) == count


def language(answer: str, code: str) -> bool:
    """Whether the answer is in a language, by its commonest words (en, de, fr, es)."""
    words = [word.lower() for word in WORD.findall(answer)]
    hits = {name: sum(word in common for word in words) for name, common in _COMMON.items()}
    return bool(words) and hits[code] > 0 and hits[code] == max(hits.values())


def without_letter(answer: str, letter: str) -> bool:
    """Whether the answer has words and none with the letter."""
    return count_words(answer) > 0 and letter not in answer.lower()


def has_all(answer: str, words: Sequence[str]) -> bool:
    """Whether every one of the words stands in the answer."""
    found = {word.lower() for word in WORD.findall(answer)}
    return all(word in found for word in words)


def exactly(answer: str, *allowed: str) -> bool:
    """Whether the answer is one of these, but for case and a last stop."""
    return answer.strip().strip(".!\"'").lower() in allowed


INSTRUCTIONS: tuple[Instruction, ...] = (
    Instruction("list-5", "List five kinds of tree as a numbered list and nothing else.", lambda a: numbered_items(a, 5)),
    Instruction("list-3", "Give three reasons to sleep well, as a numbered list.", lambda a: numbered_items(a, 3)),
    Instruction("list-7", "Name the days of the week as a numbered list.", lambda a: numbered_items(a, 7)),
    Instruction("bullets-4", "Name four rivers of Europe, one bullet point each, starting with '- '.", lambda a: bullets(a, 4)),
    Instruction("bullets-6", "Give six kitchen tools as bullet points starting with '- '.", lambda a: bullets(a, 6)),
    Instruction("words-50", "Describe the sea in 40 to 60 words.", lambda a: word_range(a, 40, 60)),
    Instruction("words-20", "Explain rain in at most 20 words.", lambda a: word_range(a, 3, 20)),
    Instruction("words-100", "Tell a story about a lost key in 80 to 120 words.", lambda a: word_range(a, 80, 120)),
    Instruction("sentences-3", "Describe a market in exactly three sentences.", lambda a: sentence_count(a, 3)),
    Instruction("sentences-1", "Say in exactly one sentence what a bridge is for.", lambda a: sentence_count(a, 1)),
    Instruction("json-2", 'Answer with a JSON object with just the keys "name" and "age" for an invented person.',
                lambda a: is_json_object(a, ["name", "age"])),
    Instruction("json-3", 'Answer with a JSON object with just the keys "title", "author" and "year" for an invented book.',
                lambda a: is_json_object(a, ["title", "author", "year"])),
    Instruction("upper", "Write one sentence about winter in capital letters only.",
                lambda a: a.isupper() and count_words(a) >= 3),
    Instruction("lower", "Write one sentence about summer in lower case letters only.",
                lambda a: a == a.lower() and count_words(a) >= 3),
    Instruction("german", "Beschreibe in zwei Sätzen einen Wald.", lambda a: language(a, "de")),
    Instruction("french", "Décris une maison en deux phrases.", lambda a: language(a, "fr")),
    Instruction("spanish", "Describe en dos frases una ciudad.", lambda a: language(a, "es")),
    Instruction("english", "Describe a mountain in two sentences. Answer in English.", lambda a: language(a, "en")),
    Instruction("to-german", "Translate into German: The house is old and the garden is not small.",
                lambda a: language(a, "de")),
    Instruction("no-z", "Write one sentence about a horse without using the letter z.", lambda a: without_letter(a, "z")),
    Instruction("use-words", "Write one sentence that uses the words lantern, bread and river.",
                lambda a: has_all(a, ["lantern", "bread", "river"])),
    Instruction("yes-no", "Is seven greater than three? Answer with yes or no only.", lambda a: exactly(a, "yes")),
    Instruction("sum", "What is 17 plus 25? Answer with the number only.", lambda a: exactly(a, "42")),
    Instruction("opposite", "What is the opposite of hot? Answer with one word.", lambda a: exactly(a, "cold")),
    Instruction("capital", "What is the capital of France? Answer with one word.", lambda a: exactly(a, "paris")),
    Instruction("end-phrase", "Say something about tea and end your answer with the words: That is all.",
                lambda a: a.strip().endswith("That is all.")),
    Instruction("start-word", "Write a sentence that begins with the word Tomorrow.",
                lambda a: a.strip().startswith("Tomorrow")),
    Instruction("quoted", "Put your whole answer, a proverb, between double quotation marks.",
                lambda a: len(a.strip()) > 2 and a.strip()[0] in '"“' and a.strip()[-1] in '"”'),
    Instruction("commas", "Name four colours, separated by commas, and nothing else.",
                lambda a: len([part for part in a.strip(" .\n").split(",") if part.strip()]) == 4),
    Instruction("paragraphs", "Write two short paragraphs about bees, parted by a blank line.",
                lambda a: len([part for part in re.split(r"\n\s*\n", a.strip()) if part.strip()]) == 2),
)  # fmt: skip


def followed(answers: Mapping[str, str]) -> dict[str, bool]:
    """Check answers.

    Args:
        answers: Answer by instruction id; ids that are missing count as not followed.

    Returns:
        Whether each instruction was followed.
    """
    return {item.id: item.id in answers and item.check(answers[item.id]) for item in INSTRUCTIONS}
