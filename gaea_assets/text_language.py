"""The language of a text, told by the model that lies in the package py3langid; nothing is downloaded."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier


def language_of(text: str, among: tuple[str, ...] = ()) -> tuple[str, float]:
    """The language that a text is most likely in, as its ISO 639-1 code, and the probability of that.

    Args:
        text: The text.
        among: Codes of the languages to choose between; all that the model knows if none is given.
    """
    code, probability = _identifier(among).classify(text)
    return str(code), float(probability)


def is_known(code: str) -> bool:
    """Whether the model knows the language of an ISO 639-1 code."""
    return code in _identifier(()).labels


@cache
def _identifier(among: tuple[str, ...]) -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if among:
        identifier.set_languages(among)
    return identifier
