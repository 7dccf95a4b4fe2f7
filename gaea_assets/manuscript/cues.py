"""What speaks for the narrative boundaries at which a scene was cut, in words a reader can check."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gaea_assets.manuscript.boundaries import bends, load_weights
from gaea_assets.manuscript.boundary_features import features, lexicon_words
from gaea_assets.manuscript.segmenting import Scene, Segment, blocks, scenes
from gaea_assets.manuscript.splitting import Array

TIMES = ("elapsed", "next_time", "absolute", "clock", "dated", "when", "meanwhile")
CUES = {
    "tense": ("tense_", "perfect_", "rate_past", "rate_present", "rate_perfect", "start_pluperfect"),
    "pronouns": ("person_", "he_", "she_", "first_shift", "pronoun", "rate_", "start_pronoun"),
    "names": ("people_", "name_", "full_names", "fresh_name"),
    "vocabulary": ("content_", "both_dips"),
    "time": ("time_", "cue_", "digit_", *(f"start_{what}" for what in TIMES)),
    "place": ("place_", "start_place", "start_the_noun", "start_arrival", "start_light"),
    "speech and narration": ("spoken", "speaks", "narration", "mixed", "ends_spoken", "long_narration"),
    "lengths": ("length", "first_sentence", "sentence_", "short_", "long_dip", "pace_"),
    "the end before it": ("end_", "ends_with_"),
    "its opening": ("start_",),
}
"""What a cue calls the figures whose names begin so; the first that fits counts."""
LEXICON_CUES = {"first": "its opening", "opening": "its opening", "next": "its opening"} | dict.fromkeys(
    ("closing", "last"), "the end before it"
)
WORTH_TELLING = 0.3
"""Log-odds that a cue adds at least to be told of."""
MOST = 3


def strongest_cues(text: str, segments: Sequence[Segment]) -> dict[int, str]:
    """What adds most to the log-odds of each narrative boundary, against the average gap.

    Args:
        text: A document in normal form.
        segments: What `segmenting.segment` made of it.

    Returns:
        By the segment's offset, up to three cues with the log-odds they add, strongest first; only segments that
        begin at a narrative boundary have an entry, an empty one where no cue adds enough to tell.
    """
    wanted = {segment.start for segment in segments if segment.score is not None}
    told: dict[int, str] = {}
    for scene in scenes(text):
        gaps = [gap for gap, para in enumerate(scene.paras) if gap and para.start in wanted]
        if gaps:
            told |= {scene.paras[gap].start: cue for gap, cue in _at(scene, gaps).items()}
    return told


def _at(scene: Scene, gaps: Sequence[int]) -> dict[int, str]:
    texts = [para.text for para in scene.paras]
    told: dict[int, str] = {}
    for low, high, first, last in blocks(scene.words):
        chosen = [gap for gap in gaps if first <= gap < last]
        if chosen:
            told |= zip(chosen, _cues(texts[low:high], [gap - low for gap in chosen]), strict=True)
    return told


def _cues(texts: Sequence[str], gaps: Sequence[int]) -> list[str]:
    weights = load_weights()
    sums: dict[str, Array] = {cue: np.zeros(len(gaps)) for cue in CUES}
    figures = features(texts)
    for name, (mean, deviation, *bent) in weights.features.items():
        cue = next((cue for cue, names in CUES.items() if name.startswith(names)), None)
        if cue:
            sums[cue] += np.array(bent) @ bends((figures[name][list(gaps)] - mean) / deviation)
    for name, words in lexicon_words(texts).items():
        table = weights.lexicons[name]
        sums[LEXICON_CUES[name]] += [sum(table.get(word, 0.0) for word in words[gap]) for gap in gaps]
    ranked = [sorted(((added[i], cue) for cue, added in sums.items()), reverse=True)[:MOST] for i in range(len(gaps))]
    return [", ".join(f"{cue} {added:+.1f}" for added, cue in best if added >= WORTH_TELLING) for best in ranked]
