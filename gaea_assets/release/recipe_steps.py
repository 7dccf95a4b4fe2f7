"""The single moves from one recipe to the next. Their sizes are those of the user's own table of remedies."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gaea_assets.config import MOST_ALPHA, VoiceConfig
from gaea_assets.release.loss_curve import LossCurve

Values = Mapping[str, Any]
MOST_EPOCHS = 20
MOST_RANK = 128
LEAST_RANK = 4
MOST_DROPOUT = 0.2
RATES = (1e-6, 5e-3)
TEMPERATURES = (0.5, 1.2)
MOST_SAMPLES = 16
MOST_HELD_OUT = 0.3
LEAST_TOKENS = 1024
"""Beyond these, another move is more likely to help than more of the same."""


@dataclass(frozen=True)
class Step:
    """One move.

    Attributes:
        effect: What it does, as a person says it.
        values: New values by field of the voice file; empty where the recipe is at the limit.
    """

    effect: str
    values: Callable[[VoiceConfig, LossCurve | None], Values]


def _longer(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.training.epochs
    return _new("training.epochs", now, min(MOST_EPOCHS, max(now + 1, round(now * 5 / 3))))


def _shorter(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.training.epochs
    return _new("training.epochs", now, min(now, max(0.5, _halves(now * 2 / 3))))


def _to_best(voice: VoiceConfig, curve: LossCurve | None) -> Values:
    now = voice.training.epochs
    return _new("training.epochs", now, min(now, max(0.5, _halves(curve.best[0])))) if curve else {}


def _wider(voice: VoiceConfig, _: LossCurve | None) -> Values:
    rank, alpha = voice.training.rank, voice.training.alpha
    if rank * 2 > MOST_RANK:
        return {}
    return {"training.rank": rank * 2, "training.alpha": min(alpha * 2, MOST_ALPHA)}


def _narrower(voice: VoiceConfig, _: LossCurve | None) -> Values:
    rank, alpha = voice.training.rank, voice.training.alpha
    if rank // 2 < LEAST_RANK:
        return {}
    return {"training.rank": rank // 2, "training.alpha": max(1, alpha // 2)}


def _rate(factor: float) -> Callable[[VoiceConfig, LossCurve | None], Values]:
    def values(voice: VoiceConfig, _: LossCurve | None) -> Values:
        now = voice.training.learning_rate
        wanted = float(f"{now * factor:.2g}")
        return _new("training.learning_rate", now, wanted) if RATES[0] <= wanted <= RATES[1] else {}

    return values


def _dropout(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.training.dropout
    return _new("training.dropout", now, max(now, min(MOST_DROPOUT, round(now + 0.05, 2))))


def _temperature(by: float) -> Callable[[VoiceConfig, LossCurve | None], Values]:
    def values(voice: VoiceConfig, _: LossCurve | None) -> Values:
        now = voice.evaluation.temperature
        wanted = round(now + by, 2)
        return _new("evaluation.temperature", now, wanted) if TEMPERATURES[0] <= wanted <= TEMPERATURES[1] else {}

    return values


def _shorter_prompts(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now, least = voice.dataset.prompt_share_max, voice.dataset.prompt_share_min
    return _new("dataset.prompt_share_max", now, 0.08 if least < 0.08 < now else now)


def _shorter_examples(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.dataset.max_tokens
    wanted = now * 3 // 4
    return _new("dataset.max_tokens", now, wanted) if wanted >= LEAST_TOKENS else {}


def _more_samples(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.evaluation.samples_per_prompt
    return _new("evaluation.samples_per_prompt", now, max(now, min(MOST_SAMPLES, now * 2)))


def _longer_texts(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now, context = voice.evaluation.max_new_tokens, voice.serving.max_model_len
    # The server's context holds the prompt too, which has fewer than two tokens a word.
    most = context - 2 * voice.evaluation.prompt_words if isinstance(context, int) else now * 2
    return _new("evaluation.max_new_tokens", now, max(now, min(most, now * 3 // 2)))


def _hold_out_more(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.dataset.validation_share
    return _new("dataset.validation_share", now, max(now, min(MOST_HELD_OUT, round(now * 1.5, 2))))


def _new(field: str, now: float, wanted: float) -> Values:
    whole = int(wanted) if float(wanted).is_integer() else wanted
    return {} if wanted == now else {field: whole}


def _halves(epochs: float) -> float:
    """Rounded up to half an epoch, where checkpoints are."""
    return math.ceil(round(epochs * 2, 2)) / 2


LONGER = Step("train longer", _longer)
SHORTER = Step("train less", _shorter)
TO_BEST = Step("end where it was lowest", _to_best)
WIDER = Step("give the adapter more room", _wider)
NARROWER = Step("give the adapter less room", _narrower)
FASTER = Step("take larger steps", _rate(1.5))
GENTLER = Step("take smaller steps", _rate(0.5))
MORE_DROPOUT = Step("make learning by heart harder", _dropout)
WARMER = Step("sample more freely", _temperature(0.1))
COOLER = Step("sample more strictly", _temperature(-0.1))
SHORTER_PROMPTS = Step("learn more of each scene", _shorter_prompts)
SHORTER_EXAMPLES = Step("need less memory: chunks are split smaller", _shorter_examples)
MORE_SAMPLES = Step("have more text to judge by", _more_samples)
LONGER_TEXTS = Step("have longer texts to judge by", _longer_texts)
HOLD_OUT_MORE = Step("have more of the author's text to judge by", _hold_out_more)
