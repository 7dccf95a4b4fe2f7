"""What to change when a measure or a gate fails: one concrete advice each, in fields of the voice file."""

from __future__ import annotations

from collections.abc import Mapping

from gaea_assets.style.scorecard import Scorecard

ADVICE: Mapping[str, str] = {
    "transfer": (
        "Train longer and wider: training.epochs 5 instead of 3, training.rank 32 and training.alpha 64 instead of "
        "16 and 32. Fewer than 30 chunks: add more manuscript."
    ),
    "vocabulary": (
        "Raise training.rank to 32 and training.alpha to 64; with fewer than 30 chunks, add more manuscript: words "
        "that the model never saw it cannot use."
    ),
    "structure": (
        "Use whole scenes as chunks, so that the model learns where the author's sentences and paragraphs end, and a "
        "smaller dataset.prompt_share_max (0.08), so that more of each scene is learnt; then training.epochs 5."
    ),
    "markers": (
        "The table of parts shows which marker is missing: keep the italics marks (*...*) in the chunks, and see that "
        "scenes with that marker are in train.jsonl, not only in validation.jsonl (another dataset.seed splits anew)."
    ),
    "pov": (
        "See that manuscript.person names the person you narrate in, take chunks in another person out of the "
        "manuscript's folder, and begin evaluation.prompts in your person; then training.epochs 5."
    ),
    "memorisation": (
        "The model recites: train less (training.epochs 2, or training.learning_rate 1e-4, or training.rank 8), and "
        "take near-duplicate chunks out of the manuscript's folder."
    ),
    "repetition": (
        "The model loops or loses its grammar. Loops: raise evaluation.temperature by 0.1 to 0.2. Lost grammar: lower "
        "it, or train more gently (training.learning_rate 1e-4). If both stay, take a larger base.model."
    ),
    "abilities": (
        "Training has cost too much of what the base model could do: train less (training.epochs 2, or "
        "training.learning_rate 1e-4), or lower training.rank to 8: a smaller update forgets less."
    ),
}
UNDEFINED: Mapping[str, str] = {
    "too little text": (
        "Raise evaluation.samples_per_prompt or dataset.validation_share: 6,000 words and 8 prompts an arm are enough."
    ),
    "no text": "Materialise the missing continuations first.",
    "told apart": (
        "The base model already writes like this on this channel, or there is too little text to see the "
        "difference: raise dataset.validation_share."
    ),
    "nearer to the profile": (
        "The held-out chunks are unlike the training chunks: split again with another dataset.seed, or check that "
        "they are by the same author."
    ),
    "one prompt": "Raise dataset.validation_share, or lower evaluation.passage_words, until 5 prompts are held out.",
    "undecided": (
        "Raise evaluation.max_new_tokens: 300 words of narration, speech not counted, make one window to judge."
    ),
    "no marker": "The base model already has the author's rates; rely on the other measures.",
    "nothing is left": "All the text was learnt by heart: see the memorisation gate.",
}


def remedies(scorecard: Scorecard) -> dict[str, str]:
    """Advice for every failed measure and gate.

    Args:
        scorecard: The result.

    Returns:
        Advice by name of the measure or gate; empty when all is well. A measure that fails only because of a
        gate gets no advice of its own: the gate's comes first.
    """
    out = {gate.name: advice(gate.name) for gate in scorecard.gates if not gate.passed}
    for measure in scorecard.measures:
        if measure.undefined or (measure.score is not None and measure.score <= measure.target):
            out[measure.name] = advice(measure.name, measure.undefined)
    return out


def advice(name: str, undefined: str | None = None) -> str:
    """Advice for one measure or gate that fails.

    Args:
        name: Of the measure or gate.
        undefined: Why the measure has no score, where it has none.
    """
    return _for_undefined(undefined) if undefined else ADVICE[name]


def _for_undefined(reason: str) -> str:
    return next((text for key, text in UNDEFINED.items() if key in reason), f"Undefined: {reason}.")
