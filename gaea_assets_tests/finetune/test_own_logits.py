"""A base is trained only where its own forward pass gives the logits that training computes."""

from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import own_logits
from gaea_assets.finetune.attention import NAME, attend_within_examples
from gaea_assets.finetune.model import Encoded
from gaea_assets.finetune.own_logits import require_own_logits
from gaea_assets_tests.finetune.tiny_models import KINDS, SIZES, tiny_model

EXAMPLE = Encoded([n % 120 for n in range(7, 300, 3)], 5)


def of_type(kind: str, louder: float = 1, **settings: Any) -> PreTrainedModel:
    """A tiny model of random weights of another family, its embeddings that much larger."""
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, vocab_size=120, pad_token_id=0, **(SIZES | settings))
    model = AutoModelForCausalLM.from_config(config).to(torch.bfloat16)
    model.get_output_embeddings().weight.data *= louder
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_the_families_that_are_trained_differ_by_rounding_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_logits, "TOLERANCE", 0.02)
    model = tiny_model(kind).bfloat16().train()
    attend_within_examples(model)
    require_own_logits(model, EXAMPLE)
    assert model.training
    assert model.config._attn_implementation == NAME


@pytest.mark.parametrize(
    ("kind", "louder", "settings"),
    [
        ("granite", 1, {"logits_scaling": 8.0}),
        ("cohere", 1, {"logit_scale": 0.0625}),
        ("gemma2", 300, {"head_dim": 16, "final_logit_softcapping": 30.0}),
    ],
)
def test_logits_that_are_scaled_or_capped_are_refused_by_the_models_type(
    kind: str, louder: float, settings: dict[str, Any]
) -> None:
    model = of_type(kind, louder, **settings)
    attend_within_examples(model)
    with pytest.raises(GaeaError, match=rf"base\.model: a model of type {kind} makes its logits in a way of its own"):
        require_own_logits(model, EXAMPLE)
