"""Whether training computes of a base what the base's own forward pass does."""

import torch  # noqa: TID253 - the training process
from transformers import PreTrainedModel  # noqa: TID253

from gaea_assets.errors import GaeaError
from gaea_assets.finetune import attention
from gaea_assets.finetune.loss import output_logits
from gaea_assets.finetune.model import Encoded, without_dropout

PROBE_TOKENS = 256
TOLERANCE = 0.1
"""Root mean square difference over the spread of the logits: rounding gives below .02, Granite's scale above 1."""


@torch.no_grad()
def require_own_logits(model: PreTrainedModel, example: Encoded) -> None:
    """Refuse a base whose logits are not its output layer's, or whose attention is not the plain one.

    Granite and Cohere scale their logits, Gemma 2 caps them and its attention scores: trained with the loss of here,
    they would learn something else than what they are asked later.

    Args:
        model: The base as training computes it (`attend_within_examples`), without its adapter.
        example: Its first tokens are computed both ways.

    Raises:
        GaeaError: They differ.
    """
    was_training = model.training
    without_dropout(model)
    ids, head = torch.tensor([example.input_ids[:PROBE_TOKENS]], device=model.device), model.get_output_embeddings()
    with torch.autocast(ids.device.type, torch.bfloat16):
        hidden = model.base_model(input_ids=ids, use_cache=False).last_hidden_state[0]
        here = output_logits(hidden, head.weight, getattr(head, "bias", None))
        model.set_attn_implementation("eager")
        own = model(input_ids=ids, use_cache=False).logits[0].float()
        model.set_attn_implementation(attention.NAME)
    model.train(was_training)
    difference = ((here - own).square().mean().sqrt() / own.std()).item()
    if not difference <= TOLERANCE:
        raise GaeaError(
            f"base.model: a model of type {model.config.model_type} makes its logits in a way of its own, which "
            f"training does not know (they differ by {difference:.2f} of their spread); name a Llama 3, Mistral, "
            f"Qwen2.5 or Qwen3"
        )
