"""Segment a whole manuscript into scenes, and long scenes where the narrative turns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import inf

import numpy as np

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.boundaries import BETWEEN_SPEECHES, Dialogue, boundary_scores
from gaea_assets.manuscript.chapter_path import ChapterPath
from gaea_assets.manuscript.paragraphs import SCENE_BREAK, Paragraph, paragraphs
from gaea_assets.manuscript.splitting import LENIENCE, Array, Indices, cheapest_starts, way_back

OUTSIDE = 1e6
"""Cost of a part outside the good sizes: above any sum of scores, so that the fewest of them win."""
BEYOND = BETWEEN_SPEECHES
"""Cost of a part beyond the limits: as bad as a cut between two speeches."""
CUT = 2.0
"""Log-odds that a cut is worth for being one: log-odds are fitted for one boundary in 43 paragraphs, parts are shorter.

With it, parts of joined chapters of 26 novels begin at more of the removed chapter breaks, and as many cuts are right.
"""
BLOCK = 50_000
"""Words scored at a time, so that memory stays flat."""
MARGIN = 64
"""Paragraphs scored on either side of a block: more than a score looks at."""
OTHERS = 3
"""Next-best cuts that a segment tells of."""


@dataclass(frozen=True)
class SegmentLimits:
    """Sizes in words.

    Attributes:
        least: Parts of a split scene have at least this many.
        good_from: The good sizes begin here.
        ideal_from: The sizes that are mildly preferred begin here.
        ideal_to: And end here.
        good_to: A scene above this is split.
        most: No segment has more, unless a conversation offers no place.
    """

    least: int = 800
    good_from: int = 900
    ideal_from: int = 1200
    ideal_to: int = 1500
    good_to: int = 2100
    most: int = 2500

    def __post_init__(self) -> None:
        sizes = (self.least, self.good_from, self.ideal_from, self.ideal_to, self.good_to, self.most)
        if self.least < 1 or list(sizes) != sorted(sizes):
            raise GaeaError(f"sizes of segments: {sizes} do not rise from 1 word or more; put them in order")

    @property
    def utmost(self) -> int:
        """No segment ever has more: 15 % above `most`."""
        return self.most * (100 + LENIENCE) // 100

    @classmethod
    def between(cls, least: int, most: int) -> SegmentLimits:
        """The usual good and ideal sizes, as far as they lie between `least` and `most` words."""
        if least > most:
            raise GaeaError(f"sizes of segments: at least {least} and at most {most} words; put them in order")
        usual = cls()
        sizes = (usual.good_from, usual.ideal_from, usual.ideal_to, usual.good_to)
        good_from, ideal_from, ideal_to, good_to = (min(max(size, least), most) for size in sizes)
        return cls(least, good_from, ideal_from, ideal_to, good_to, most)

    def part_costs(self, words: Array) -> Array:
        """Costs of parts of so many words: 0 if ideal, 1 at the ends of the good sizes, `OUTSIDE` more beyond."""
        below = np.maximum(self.ideal_from - words, 0) / max(self.ideal_from - self.good_from, 1)
        above = np.maximum(words - self.ideal_to, 0) / max(self.good_to - self.ideal_to, 1)
        return below + above + OUTSIDE * ((words < self.good_from) | (words > self.good_to))


@dataclass(frozen=True)
class Candidate:
    """A place where a scene could have been cut instead.

    Attributes:
        score: Log-odds of a narrative boundary.
        before: Words of the segment before, cut here.
        behind: Words of the segment behind, cut here.
        text: The paragraph that the segment would begin with.
    """

    score: float
    before: int
    behind: int
    text: str


@dataclass(frozen=True)
class Segment:
    """A scene, or a part of one.

    Attributes:
        text: To the letter: the segments of a document concatenate to it.
        start: Offset in the document.
        prose: What a chunk holds: the text without headings, scene breaks and blank lines at its edges.
        words: Of the prose.
        chapter: The heading it stands under.
        why: Why it begins here; `cues.strongest_cues` says what speaks for a narrative boundary.
        score: Log-odds of the narrative boundary that it begins at; None where it begins a scene.
        others: The next-best places for this cut, best first.
        exception: The rule that it breaks for want of a better place, and where; empty where it breaks none.
    """

    text: str
    start: int
    prose: str
    words: int
    chapter: str | None
    why: str
    score: float | None = None
    others: tuple[Candidate, ...] = ()
    exception: str = ""

    @property
    def begins_scene(self) -> bool:
        """Whether it is a scene or the first part of one."""
        return self.score is None


@dataclass(frozen=True)
class Scene:
    """Prose between two explicit breaks, which stand in front of it."""

    start: int
    paras: list[Paragraph]
    chapter: str | None
    why: str

    @property
    def words(self) -> Indices:
        """Words before each paragraph, and all of them, shape (paragraphs + 1,)."""
        return np.cumsum([0, *(len(para.text.split()) for para in self.paras)])


@dataclass(frozen=True)
class _Cut:
    """Where a part begins, as a number of a paragraph of its scene, and why."""

    gap: int
    why: str
    score: float | None = None
    others: tuple[Candidate, ...] = ()
    between_speeches: bool = False


def segment(text: str, limits: SegmentLimits | None = None) -> list[Segment]:
    """The scenes of a document, long ones cut where the narrative turns.

    Headings and scene breaks always begin a segment; those with no prose behind them join the next one. A scene
    above `limits.good_to` words is cut into parts of `least` to `most` words. Of all ways the one with the least cost
    wins: first the fewest parts outside the good sizes, so none where there is a way without; then the smallest sum
    of, for each cut, minus its log-odds and minus `CUT`, and for each part, its distance from the ideal sizes (1 at
    the ends of the good ones). A sum of log-odds is the log-likelihood of a set of cuts but for a constant, so that
    ways with few cuts and with many compare. A scene of at most `most` words that has no such way stays whole; one
    below `least` is left to the gates. No cut is made between two speeches, but inside one that goes on through many
    paragraphs (a tale, a letter read out) where a scene of more than `most` words has no other way.

    Where there is no such way either, the least bad one is taken and the segment's `exception` tells of it: the scene
    whole if it has at most `utmost` words; parts of up to so many; else as few cuts between two speeches as can be, at
    the best scores, if need be with parts below `least`.

    Args:
        text: A document in normal form: blank lines between paragraphs, breaks in paragraphs of their own.
        limits: Sizes; those of the class where None.

    Returns:
        Segments in order; a document without prose is one segment of no words, an empty one none.

    Raises:
        GaeaError: A paragraph has more than `utmost` words.
    """
    limits = limits or SegmentLimits()
    whole = list(scenes(text))
    found: list[Segment] = []
    faults: list[_NoWayError] = []
    for scene, end in zip(whole, [*(scene.start for scene in whole[1:]), len(text)], strict=False):
        try:
            cuts = _cuts(scene, limits)
        except _NoWayError as fault:
            faults.append(fault)
            continue
        starts = [scene.start, *(scene.paras[cut.gap].start for cut in cuts[1:]), end]
        gaps = [*(cut.gap for cut in cuts), len(scene.paras)]
        for cut, (first, last), (start, stop) in zip(cuts, pairwise(gaps), pairwise(starts), strict=True):
            prose = _prose(text, scene.paras[first:last])
            part = Segment(
                text[start:stop], start, prose, len(prose.split()), scene.chapter, cut.why, cut.score, cut.others
            )
            found.append(replace(part, exception=_exception(part, cut, len(cuts) > 1, limits)))
    if faults:
        raise GaeaError(_in_one_line(faults, limits))
    return found


class _NoWayError(Exception):
    """A scene that holds a paragraph which is too long for any segment."""

    def __init__(self, scene: Scene, paragraph: Paragraph) -> None:
        super().__init__()
        self.scene, self.paragraph = scene, paragraph


def _in_one_line(faults: Sequence[_NoWayError], limits: SegmentLimits) -> str:
    scene, paragraph = faults[0].scene, faults[0].paragraph
    more = f"; so it is in {len(faults) - 1} more scene(s)" if len(faults) > 1 else ""
    return (
        f"{_under(scene.chapter)}the paragraph that begins {first_words(paragraph.text)} has "
        f"{len(paragraph.text.split()):,} words, and a chunk {limits.utmost:,} at most: "
        f"put a blank line, or a line `* * *` between blank lines, where it may be split{more}"
    )


def _exception(part: Segment, cut: _Cut, is_part: bool, limits: SegmentLimits) -> str:
    """What a segment breaks of the rules, and where; empty where it is nothing."""
    broken = []
    if cut.between_speeches:
        broken.append("begins between two speeches")
    if part.words > limits.most:
        broken.append(f"has {part.words:,} words, above {limits.most:,}")
    elif is_part and part.words < limits.least:
        broken.append(f"has {part.words:,} words, below {limits.least:,}")
    if not broken:
        return ""
    return (
        f"{_under(part.chapter)}the chunk that begins {first_words(part.prose)} {' and '.join(broken)}: no boundary "
        f"outside dialogue gives parts of {limits.least:,} to {limits.most:,} words there; put a line `* * *` between "
        f"blank lines where you would rather split it"
    )


def _under(chapter: str | None) -> str:
    return f"under {chapter}: " if chapter else ""


def scenes(text: str) -> Iterator[Scene]:
    """The scenes of a document in normal form, as its headings and scene breaks set them apart."""
    start, path, why, seen = 0, ChapterPath(), "beginning", False
    for is_break, run in groupby(paragraphs(text), key=lambda para: para.is_break):
        paras = list(run)
        if is_break:
            lines = [para.text.strip() for para in paras]
            headings = [line for line in lines if not SCENE_BREAK.fullmatch(line)]
            path.enter(headings)
            why = f"heading: {': '.join(line.lstrip('# ') for line in headings)}" if headings else "scene break"
            start = paras[0].start if seen else 0
        else:
            yield Scene(start, paras, str(path) or None, why)
            seen = True
    if text and not seen:
        yield Scene(0, [], str(path) or None, why)


def _prose(text: str, paras: Sequence[Paragraph]) -> str:
    if not paras:
        return ""
    end = paras[-1].start + len(paras[-1].text)
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text[paras[0].start : end]).rstrip()


def _cuts(scene: Scene, limits: SegmentLimits) -> list[_Cut]:
    """Where the parts of a scene begin, its own beginning first."""
    whole = [_Cut(0, scene.why)]
    words = scene.words
    total = int(words[-1])
    if total <= limits.good_to:
        return whole
    for dialogue, least, most, whole_to in (
        (Dialogue.NEVER, limits.least, limits.most, limits.most),
        # A tale told in one speech of many paragraphs is cut between them where there is no other way.
        (Dialogue.TALES, limits.least, limits.most, limits.utmost),
        (Dialogue.TALES, limits.least, limits.utmost, 0),
        (Dialogue.SPEECHES, limits.least, limits.most, 0),
        (Dialogue.SPEECHES, 1, limits.utmost, 0),
    ):
        scores = np.append(_scores(scene.paras, words, dialogue), 0.0)
        if way := _way(words, scores, limits, least, most):
            return whole + _cuts_of(way, scene.paras, words, scores, limits)
        if total <= whole_to:
            return whole
    raise _NoWayError(scene, scene.paras[int(np.argmax(np.diff(words)))])


def _cuts_of(
    way: Sequence[int], paras: Sequence[Paragraph], words: Indices, scores: Array, limits: SegmentLimits
) -> list[_Cut]:
    between = scores < -BETWEEN_SPEECHES / 2
    odds = np.where(between, scores + BETWEEN_SPEECHES, scores)
    return [
        _Cut(
            gap,
            f"{'between two speeches' if between[gap] else 'narrative boundary'}, log-odds {odds[gap]:.1f}",
            float(odds[gap]),
            _others(paras, words, odds, limits, (before, gap, behind_it)),
            bool(between[gap]),
        )
        for before, gap, behind_it in zip(way, way[1:], way[2:], strict=False)
    ]


def _way(words: Indices, scores: Array, limits: SegmentLimits, least: int, most: int) -> list[int]:
    """The gaps of the cheapest way through a scene in parts of `least` to `most` words; empty where there is none."""

    def costs(end: int, begins: Indices) -> Array:
        sizes = (words[end] - words[begins]).astype(float)
        return limits.part_costs(sizes) + BEYOND * ((sizes < limits.least) | (sizes > limits.most))

    first = np.searchsorted(words, words - most)
    first[-1] = max(int(first[-1]), 1)  # the whole is no way to cut it
    behind = np.searchsorted(words, words - least, side="right")
    return way_back(cheapest_starts(first, behind, -scores - CUT, costs))


def first_words(text: str, count: int = 8, most: int = 120) -> str:
    """The first words of a text in quotation marks, `most` characters at most."""
    words = text[: 20 * most].split(maxsplit=count)
    shown = " ".join(words[:count])
    cut = len(words) > count or len(shown) > most
    return f'"{shown[:most]}{"..." if cut else ""}"'


def blocks(words: Indices) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of a long scene that are scored one at a time.

    Args:
        words: Words before each paragraph of the scene, and all of them, shape (paragraphs + 1,).

    Yields:
        First and one behind the last paragraph of a block with its margins, and of the block itself.
    """
    count = len(words) - 1
    first = 0
    while first < count:
        last = max(int(np.searchsorted(words, words[first] + BLOCK, side="right")) - 1, first + 1)
        yield max(first - MARGIN, 0), min(last + MARGIN, count), first, last
        first = last


def _scores(paras: Sequence[Paragraph], words: Indices, dialogue: Dialogue) -> Array:
    """`boundary_scores` of a scene of any length."""
    scores = [np.zeros(0)]
    for low, high, first, last in blocks(words):
        scores.append(boundary_scores(paras[low:high], dialogue=dialogue)[first - low : last - low])
    return np.concatenate(scores)


def _others(
    paras: Sequence[Paragraph], words: Indices, scores: Array, limits: SegmentLimits, way: tuple[int, int, int]
) -> tuple[Candidate, ...]:
    """The best other gaps for the middle one of three, sizes within the limits."""
    before, chosen, behind = way
    found = [
        Candidate(float(scores[gap]), int(words[gap] - words[before]), int(words[behind] - words[gap]), paras[gap].text)
        for gap in range(before + 1, behind)
        if gap != chosen
        and scores[gap] > -inf
        and limits.least <= words[gap] - words[before] <= limits.most
        and limits.least <= words[behind] - words[gap] <= limits.most
    ]
    return tuple(sorted(found, key=lambda candidate: -candidate.score)[:OTHERS])
