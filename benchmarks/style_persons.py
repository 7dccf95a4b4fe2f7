"""Person of narration on whole books: first against third, and second person a 300-word window."""

# ruff: noqa: E501, S311, SIM905 - lists of words and names read better as they are

from __future__ import annotations

import random
import re
from pathlib import Path

from sklearn.metrics import roc_auc_score
from style_corpus import Book, middle

from gaea_assets.style import persons, units
from gaea_assets.style.tokens import WORD, paragraphs, sentences

# Narrated in the first person throughout, known by reading; those of mixed or framed narration are left out of both sides.
FIRST = (
    "poirot-investigates the-man-in-the-brown-suit the-murder-on-the-links the-mysterious-affair-at-styles "
    "the-adventures-of-gerard the-exploits-of-brigadier-gerard the-adventures-of-sherlock-holmes the-mystery-of-cloomber "
    "the-jewel-of-seven-stars the-mystery-of-the-sea jane-eyre the-professor villette cranford a-princess-of-mars "
    "the-gods-of-mars the-warlord-of-mars typee white-jacket my-lady-nicotine the-little-white-bird greenmantle "
    "mr-standfast prester-john the-thirty-nine-steps the-arrow-of-gold the-golden-road a-romance-of-two-worlds "
    "the-sorrows-of-satan personal-recollections-of-joan-of-arc the-sacred-fount the-moon-and-sixpence "
    "the-law-and-the-lady the-legacy-of-cain the-master-of-ballantrae the-great-gatsby"
).split()
MIXED = (
    "the-lady-of-the-shroud oswald-bastable-and-others the-wouldbegoods the-little-minister twixt-land-sea the-merry-men "
    "plain-tales-from-the-hills soldiers-three a-diversity-of-creatures short-fiction tales-of-unrest twice-told-tales "
    "day-and-night-stories four-weird-tales incredible-adventures the-greater-inclination new-arabian-nights "
    "the-hermit-and-the-wild-woman-and-other-stories twelve-stories-and-a-dream israel-potter fanshawe "
    "lucy-maud-montgomery-short-stories-1902-to-1903 lucy-maud-montgomery-short-stories-1904 "
    "the-man-that-corrupted-hadleyburg-and-other-stories"
).split()
_TURN = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "we": "you", "us": "you", "our": "your",
    "ours": "yours", "ourselves": "yourselves", "i'm": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll",
}  # fmt: skip


def label(book: Book) -> str | None:
    """`first`, `third`, or None for a book of mixed narration."""
    stem = Path(book.file).stem
    return None if stem in MIXED else "first" if stem in FIRST else "third"


def _windows(parts: list[str], size: int) -> list[list[str]]:
    told = [s for part in parts for s in sentences(part) if WORD.search(s)]
    numbers = units.unit_numbers([len(WORD.findall(s)) for s in told], size)
    out: dict[int, list[str]] = {}
    for number, sentence in zip(numbers, told, strict=True):
        out.setdefault(int(number), []).append(sentence)
    return list(out.values())


def second_from_first(sentence: str) -> str:
    """A sentence of first-person narration turned to the second person (*I was* to *you were*)."""
    text = re.sub(r"\bI (am|was)\b", lambda m: "you are" if m.group(1) == "am" else "you were", sentence)
    text = re.sub(r"\b(am|was) I\b", lambda m: "are you" if m.group(1) == "am" else "were you", text)
    return WORD.sub(lambda m: _TURN.get(m.group().lower(), m.group()), text)


def person_figures(all_books: list[Book], passages: Path, words: int = 24_000, seed: int = 0) -> dict[str, float]:
    """AUC of first against third at 2,000 words, and recall and false positives of second person at 300 words."""
    kinds: list[bool] = []
    stripped, raw = [], []
    false, seen, turned, turned_seen, right, decided = 0, 0, 0, 0, 0, 0
    for book in all_books:
        if book.source != "A" or (kind := label(book)) is None:
            continue
        text = units.parse(middle(book.path.read_text(encoding="utf-8"), words)).text
        told = persons.narration_of(paragraphs(text))
        for full in _windows(paragraphs(text), 2000):
            raw.append(persons.decide(full).lean)
            kinds.append(kind == "first")
            stripped.append(persons.decide(persons.narration_of(full)).lean)
        small = _windows(told, 300)
        found = [persons.decide(window).person for window in small]
        false, seen = false + found.count("second"), seen + len(found)
        right, decided = right + found.count(kind), decided + len(found) - found.count("undecided")
        if kind == "first":
            again = [persons.decide([second_from_first(s) for s in window]).person for window in small]
            own = [p for p, was in zip(again, found, strict=True) if was == "first"]
            turned, turned_seen = turned + own.count("second"), turned_seen + len(own)
    recall, number = original_recall(passages, seed)
    return {
        "windows of 2,000 words": len(kinds), "first/third AUC, raw": float(roc_auc_score(kinds, raw)),
        "first/third AUC, speech stripped": float(roc_auc_score(kinds, stripped)),
        "windows of 300 words": seen, "decided rightly (first, third)": right / decided,
        "second person, false positives": false / seen,
        "second person, recall, original passages": recall, "original windows": number,
        "second person, recall, first person turned to second": turned / turned_seen, "turned windows": turned_seen,
    }  # fmt: skip


def original_recall(passages: Path, seed: int, count: int = 300) -> tuple[float, int]:
    """Recall on windows of about 300 words, each joined from random original second-person passages."""
    r = random.Random(seed)
    texts = []
    for line in passages.read_text(encoding="utf-8").splitlines():
        if line.startswith("second"):
            texts.append(line.split("|", 2)[2].strip().replace(" / ", "\n\n"))
    hits = 0
    for _ in range(count):
        text = units.parse("\n\n".join(r.sample(texts, 7))).text
        hits += persons.decide(persons.narration_of(paragraphs(text))).person == "second"
    return hits / count, count
