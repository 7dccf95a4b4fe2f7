"""What to change when a measure or a gate fails: in the recipe, and beside it.

No sizes: they depend on the recipe that was tried, which `gaea_assets.release.remedy` knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gaea_assets.style.scorecard import Scorecard


@dataclass(frozen=True)
class Advice:
    """What to change for one measure or gate; either part may be empty."""

    recipe: str
    """Which way to move the recipe, in fields of the voice file."""
    beside: str
    """What no recipe mends."""


ADVICE: Mapping[str, Advice] = {
    "transfer": Advice(
        "Train longer (training.epochs) and wider (training.rank with training.alpha).",
        "Where there are few chunks, add more manuscript.",
    ),
    "vocabulary": Advice(
        "Train wider (training.rank with training.alpha).",
        "Words that the model never saw it cannot use: more manuscript has more of them.",
    ),
    "structure": Advice(
        "Learn more of each scene (a smaller dataset.prompt_share_max), and train longer (training.epochs).",
        "Use whole scenes as chunks, so that the model learns where the author's sentences and paragraphs end.",
    ),
    "markers": Advice(
        "Train longer (training.epochs).",
        "The table of parts shows which marker is missing: keep the italics marks (*...*) in the chunks, and see that "
        "scenes with that marker are in train.jsonl, not only in validation.jsonl (another dataset.seed splits anew).",
    ),
    "pov": Advice(
        "Train longer (training.epochs).",
        "See that manuscript.person names the person you narrate in, and take chunks in another person out of the "
        "manuscript's folder.",
    ),
    "memorisation": Advice(
        "The model recites: train less (training.epochs, training.learning_rate) and narrower (training.rank with "
        "training.alpha).",
        "Take near-duplicate chunks out of the manuscript's folder.",
    ),
    "repetition": Advice(
        "Where the text loops, raise evaluation.temperature; where the grammar is lost, lower it, or train more gently "
        "(training.learning_rate).",
        "If it stays with every recipe, take a larger base.model.",
    ),
    "abilities": Advice(
        "Training has cost too much of what the base model could do: train more gently (training.learning_rate) or "
        "narrower (training.rank with training.alpha); a smaller update forgets less.",
        "",
    ),
}
UNDEFINED: Mapping[str, Advice] = {
    "too little text": Advice(
        "Raise evaluation.samples_per_prompt or dataset.validation_share.",
        "6,000 words and 8 prompts an arm are enough; a longer manuscript has more prompts to hold out.",
    ),
    "no text": Advice("", "Materialise the missing continuations first."),
    "told apart": Advice(
        "Raise dataset.validation_share.",
        "The base model already writes like this on this channel, or there is too little text to see the difference.",
    ),
    "nearer to the profile": Advice(
        "",
        "The held-out chunks are unlike the training chunks: split again with another dataset.seed, or check that "
        "they are by the same author.",
    ),
    "one prompt": Advice(
        "Raise dataset.validation_share.", "Hold out 5 prompts: a lower evaluation.passage_words gives more of them."
    ),
    "undecided": Advice(
        "Raise evaluation.max_new_tokens.", "300 words of narration, speech not counted, make one window to judge."
    ),
    "no marker": Advice("", "The base model already has the author's rates; rely on the other measures."),
    "nothing is left": Advice("", "All the text was learnt by heart: see the memorisation gate."),
}
NEXT = "next recipe"
SIZES = "`gaea remedy VOICE` writes it, from the recipe that was tried and its losses."


def remedies(scorecard: Scorecard) -> dict[str, str]:
    """Advice for every failed measure and gate, and where the next recipe comes from.

    Args:
        scorecard: The result.

    Returns:
        Advice by name of the measure or gate; empty when all is well. Where a gate fails, its recipe comes first: a
        low score gets only what no recipe mends, since longer training would do more of the harm that the gate found.
    """
    failed = [gate.name for gate in scorecard.gates if not gate.passed]
    out = {name: _joined(advice(name)) for name in failed}
    for measure in scorecard.measures:
        if measure.undefined or (measure.score is not None and measure.score <= measure.target):
            found = advice(measure.name, measure.undefined)
            out[measure.name] = found.beside if failed and not measure.undefined else _joined(found)
    return {**out, NEXT: SIZES} if out else out


def advice(name: str, undefined: str | None = None) -> Advice:
    """Advice for one measure or gate that fails.

    Args:
        name: Of the measure or gate.
        undefined: Why the measure has no score, where it has none.
    """
    if not undefined:
        return ADVICE[name]
    return next((text for key, text in UNDEFINED.items() if key in undefined), Advice("", f"Undefined: {undefined}."))


def _joined(found: Advice) -> str:
    return f"{found.recipe} {found.beside}".strip()
