"""The sizes of a base model, read from its `config.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gaea_assets.errors import GaeaError

NEEDED = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "vocab_size")
DEFAULT_WINDOW, DEFAULT_FULL_LAYERS = 4096, 28
"""What transformers takes where a Mistral or Qwen does not tell `sliding_window` and `max_window_layers`."""


@dataclass(frozen=True)
class Shape:
    """A decoder of the Llama, Mistral or Qwen family, with gated feed-forward layers.

    Attributes:
        width: Of the hidden states.
        inner: Width between the feed-forward matrices.
        layers: Decoder layers.
        heads: Attention heads.
        attention: Width of the queries: heads times the width of a head.
        shared: Width of the keys, and of the values.
        head: Width of a head.
        vocabulary: Rows of the embedding.
        tied: Whether the output layer is the embedding.
        biased: Whether queries, keys and values have a bias.
        normed: Whether the heads of queries and keys are normalised.
        window: How many positions a layer with a sliding window sees; None where no layer has one.
        windowed: How many layers have it.
    """

    width: int
    inner: int
    layers: int
    heads: int
    attention: int
    shared: int
    head: int
    vocabulary: int
    tied: bool
    biased: bool
    normed: bool
    window: int | None
    windowed: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Shape:
        """The sizes that a `config.json` tells.

        Raises:
            GaeaError: It is not of a dense model of these families.
        """
        lacks = [name for name in NEEDED if not isinstance(config.get(name), int)]
        if lacks or config.get("num_experts") or config.get("num_local_experts"):
            why = f"{lacks[0]} is missing" if lacks else "it has experts"
            raise GaeaError(
                f"base.model: config.json: {why}; a dense model of the Llama, Mistral or Qwen family is wanted"
            )
        width, heads, kind = config["hidden_size"], config["num_attention_heads"], config.get("model_type")
        head = config.get("head_dim") or width // heads
        windowed = _windowed(config)
        return cls(
            width=width,
            inner=config["intermediate_size"],
            layers=config["num_hidden_layers"],
            heads=heads,
            attention=heads * head,
            shared=(config.get("num_key_value_heads") or heads) * head,
            head=head,
            vocabulary=config["vocab_size"],
            tied=bool(config.get("tie_word_embeddings", False)),
            biased=bool(config.get("attention_bias", kind == "qwen2")),
            normed=kind == "qwen3",
            window=config.get("sliding_window", DEFAULT_WINDOW) if windowed else None,
            windowed=windowed,
        )

    @property
    def linears(self) -> dict[str, tuple[int, int]]:
        """The matrices of a layer by name, each with the widths of its input and output."""
        return {
            "q": (self.width, self.attention),
            "k": (self.width, self.shared),
            "v": (self.width, self.shared),
            "o": (self.attention, self.width),
            "gate": (self.width, self.inner),
            "up": (self.width, self.inner),
            "down": (self.inner, self.width),
        }

    @property
    def linear_weights(self) -> int:
        """Weights of the matrices of all layers."""
        return self.layers * sum(rows * columns for rows, columns in self.linears.values())

    @property
    def small_weights(self) -> int:
        """Norms and biases."""
        norms = (2 * self.layers + 1) * self.width + self.normed * self.layers * 2 * self.head
        return norms + self.biased * self.layers * (self.attention + 2 * self.shared)

    @property
    def embedding_weights(self) -> int:
        """The embedding, and the output layer where it is another."""
        return (1 if self.tied else 2) * self.vocabulary * self.width

    @property
    def parameters(self) -> int:
        """All weights of the base."""
        return self.linear_weights + self.small_weights + self.embedding_weights

    def adapter_weights(self, rank: int) -> int:
        """Weights of an adapter on all matrices of the decoder layers (Hu et al. 2021, section 4.1)."""
        return self.layers * rank * sum(rows + columns for rows, columns in self.linears.values())


def _windowed(config: Mapping[str, Any]) -> int:
    """Layers that attend in a sliding window only (transformers: all of a Mistral, the last ones of a Qwen)."""
    kind, layers = config.get("model_type"), int(config["num_hidden_layers"])
    if not config.get("sliding_window", DEFAULT_WINDOW):
        return 0
    if kind == "mistral":
        return layers
    if kind not in ("qwen2", "qwen3") or not config.get("use_sliding_window"):
        return 0
    if kinds := config.get("layer_types"):
        return sum(one == "sliding_attention" for one in kinds)
    return max(0, layers - config.get("max_window_layers", DEFAULT_FULL_LAYERS))
