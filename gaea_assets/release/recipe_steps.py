"""The single moves from one recipe to the next. Their sizes are those of the user's own table of remedies."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gaea_assets.config import MOST_ALPHA, VoiceConfig
from gaea_assets.release.loss_curve import LossCurve

Values = Mapping[str, Any]
EPOCHS = (0.5, 20)
RANKS = (4, 128)
DROPOUTS = (0, 0.2)
RATES = (1e-6, 5e-3)
TEMPERATURES = (0.5, 1.2)
SAMPLES = (1, 16)
HELD_OUT = (0, 0.3)
TOKENS = (1024, math.inf)
"""Least and most: beyond these, another move is more likely to help than more of the same."""


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
    return _new("training.epochs", now, max(now + 1, round(now * 5 / 3)), EPOCHS)


def _shorter(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.training.epochs
    return _new("training.epochs", now, min(now, _halves(now * 2 / 3)), EPOCHS)


def _to_best(voice: VoiceConfig, curve: LossCurve | None) -> Values:
    now = voice.training.epochs
    return _new("training.epochs", now, min(now, _halves(curve.best[0])), (EPOCHS[0], now)) if curve else {}


def _room(factor: float) -> Callable[[VoiceConfig, LossCurve | None], Values]:
    """Another rank, the update scaled as before."""

    def values(voice: VoiceConfig, _: LossCurve | None) -> Values:
        rank, alpha = voice.training.rank, voice.training.alpha
        changed = _new("training.rank", rank, int(rank * factor), RANKS)
        if not changed:
            return {}
        scaled = min(MOST_ALPHA, max(1, round(alpha * changed["training.rank"] / rank)))
        return {**changed, "training.alpha": scaled}

    return values


def _rate(factor: float) -> Callable[[VoiceConfig, LossCurve | None], Values]:
    def values(voice: VoiceConfig, _: LossCurve | None) -> Values:
        now = voice.training.learning_rate
        return _new("training.learning_rate", now, float(f"{now * factor:.2g}"), RATES)

    return values


def _dropout(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.training.dropout
    return _new("training.dropout", now, round(now + 0.05, 2), DROPOUTS)


def _temperature(by: float) -> Callable[[VoiceConfig, LossCurve | None], Values]:
    def values(voice: VoiceConfig, _: LossCurve | None) -> Values:
        now = voice.evaluation.temperature
        return _new("evaluation.temperature", now, round(now + by, 2), TEMPERATURES)

    return values


def _shorter_prompts(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now, least = voice.dataset.prompt_share_max, voice.dataset.prompt_share_min
    return {"dataset.prompt_share_max": 0.08} if least < 0.08 < now else {}


def _shorter_examples(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.dataset.max_tokens
    return _new("dataset.max_tokens", now, now * 3 // 4, TOKENS)


def _more_samples(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.evaluation.samples_per_prompt
    return _new("evaluation.samples_per_prompt", now, now * 2, SAMPLES)


def _longer_texts(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now, context = voice.evaluation.max_new_tokens, voice.serving.max_model_len
    # The server's context holds the prompt too, which has fewer than two tokens a word.
    most = context - 2 * voice.evaluation.prompt_words if isinstance(context, int) else math.inf
    return _new("evaluation.max_new_tokens", now, now * 3 // 2, (1, most))


def _hold_out_more(voice: VoiceConfig, _: LossCurve | None) -> Values:
    now = voice.dataset.validation_share
    return _new("dataset.validation_share", now, float(f"{now * 1.5:.2g}"), HELD_OUT)


def _new(field: str, now: float, wanted: float, limits: tuple[float, float]) -> Values:
    """The field's new value: the wanted one within the limits, never one on the other side of the value of now.

    From beyond a limit a move towards it ends at the limit, and a move away from it is none.
    """
    least, most = limits
    within = min(most, max(least, wanted))
    if (within - now) * (wanted - now) <= 0:
        return {}
    return {field: int(within) if float(within).is_integer() else within}


def _halves(epochs: float) -> float:
    """Rounded up to half an epoch, where checkpoints are."""
    return math.ceil(round(epochs * 2, 2)) / 2


LONGER = Step("train longer", _longer)
SHORTER = Step("train less", _shorter)
TO_BEST = Step("end where it was lowest", _to_best)
WIDER = Step("give the adapter more room", _room(2))
NARROWER = Step("give the adapter less room", _room(0.5))
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
