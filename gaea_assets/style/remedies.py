"""What to change when a measure or a gate fails: one concrete advice each."""

from __future__ import annotations

from collections.abc import Mapping

from gaea_assets.style.scorecard import Scorecard

ADVICE: Mapping[str, str] = {
    "transfer": "Train longer and wider: 5 epochs instead of 3, rank 32 and alpha 64 instead of 16 and 32.",
    "vocabulary": (
        "Raise the rank to 32 and alpha to 64 and adapt the MLP layers too: word choice sits there; with "
        "fewer than 30 chunks, add more manuscript."
    ),
    "structure": (
        "Use whole scenes as chunks and shorter prompts (5 % of the chunk), so that the model learns where "
        "the author's sentences and paragraphs end; then 5 epochs."
    ),
    "markers": (
        "See in the table which marker is missing: keep the italics marks in the chunks, and make sure that "
        "scenes with that marker are in the training split, not only in validation."
    ),
    "pov": (
        "Take chunks in another person out of the training set (see the second-person share of each chunk), "
        "and start the prompts in the declared person; then 5 epochs."
    ),
    "memorisation": (
        "The model recites: train for fewer epochs (2), or lower the rank to 8 or the learning rate to "
        "1e-4, choose an earlier checkpoint, and remove near-duplicate chunks."
    ),
    "repetition": (
        "The model loops or loses its grammar: sample with temperature 0.8 and a repetition penalty of 1.05 "
        "first; if it stays, choose an earlier checkpoint or lower the learning rate to 1e-4."
    ),
}
UNDEFINED: Mapping[str, str] = {
    "too little text": (
        "Generate more samples, or hold out more of the manuscript: 6,000 words and 8 prompts an arm are enough."
    ),
    "no text": "Generate the missing continuations first.",
    "told apart": (
        "The base model already writes like this on this channel, or there is too little text to see the "
        "difference: hold out more prompts."
    ),
    "nearer to the profile": (
        "The held-out chunks are unlike the training chunks: split again with another seed, or check that "
        "they are by the same author."
    ),
    "one prompt": "Use at least 5 held-out prompts.",
    "undecided": "Generate longer samples with narration in them: 300 words of narration make one window.",
    "no marker": "The base model already has the author's rates; rely on the other measures.",
    "nothing is left": "All the text was learnt by heart: see the memorisation gate.",
}


def remedies(scorecard: Scorecard) -> dict[str, str]:
    """Advice for every failed measure and gate.

    Args:
        scorecard: The result.

    Returns:
        Advice by name of the measure or gate; empty when all is well. A measure that fails only because of a
        gate gets no
        advice of its own: the gate's comes first.
    """
    out = {gate.name: ADVICE[gate.name] for gate in scorecard.gates if not gate.passed}
    for measure in scorecard.measures:
        if measure.undefined:
            out[measure.name] = _for_undefined(measure.undefined)
        elif measure.score is not None and measure.score <= measure.target:
            out[measure.name] = ADVICE[measure.name]
    return out


def _for_undefined(reason: str) -> str:
    return next((text for key, text in UNDEFINED.items() if key in reason), f"Undefined: {reason}.")
