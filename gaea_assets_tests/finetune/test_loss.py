"""Packing and the chunked loss against what transformers computes example by example."""

import pytest
import torch

from gaea_assets.finetune import loss as loss_module
from gaea_assets.finetune.attention import attend_within_examples
from gaea_assets.finetune.loss import answer_with_loss, summed_nll
from gaea_assets.finetune.model import IGNORED, Encoded, heldout_loss
from gaea_assets.finetune.trainer import row
from gaea_assets_tests.finetune.tiny_models import KINDS, tiny_model


def examples() -> list[Encoded]:
    draw = torch.Generator().manual_seed(1)
    return [
        Encoded(torch.randint(120, (length,), generator=draw).tolist(), start)
        for length, start in ((40, 3), (17, 5), (61, 1), (2, 1))
    ]


def one_by_one(kind: str) -> tuple[float, dict[str, torch.Tensor]]:
    """Summed loss and its gradients by the model's own forward, one example at a time."""
    model = tiny_model(kind)
    model.get_output_embeddings().weight.requires_grad_(False)
    model.get_input_embeddings().weight.requires_grad_(False)
    total = torch.zeros(())
    for example in examples():
        ids, labels = torch.tensor([example.input_ids]), torch.tensor([example.labels])
        logits = model(input_ids=ids, use_cache=False).logits[0, :-1]
        total = total + torch.nn.functional.cross_entropy(logits, labels[0, 1:], ignore_index=IGNORED, reduction="sum")
    total.backward()
    return total.item(), {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def require_as_each_alone(kind: str) -> None:
    """Fail unless a packed row has the loss and the gradients of its examples computed one by one."""
    wanted, gradients = one_by_one(kind)
    model = tiny_model(kind)
    model.get_output_embeddings().weight.requires_grad_(False)
    model.get_input_embeddings().weight.requires_grad_(False)
    attend_within_examples(model)
    answer_with_loss(model, IGNORED)
    loss = model(**row(examples()))["loss"]
    loss.backward()
    assert loss.item() == pytest.approx(wanted, rel=1e-5)
    found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    assert found.keys() == gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_packed_examples_have_the_loss_and_gradients_of_each_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_module, "SLICE", 7)  # several slices even here
    require_as_each_alone(kind)


def test_examples_of_a_row_do_not_see_one_another() -> None:
    model = tiny_model("llama")
    attend_within_examples(model)
    first, second, *_ = examples()
    changed = Encoded([(token + 1) % 120 for token in first.input_ids], first.completion_start)
    with torch.no_grad():
        before, after = (model.base_model(**_inputs([one, second])).last_hidden_state[0] for one in (first, changed))
    length = len(first.input_ids)
    torch.testing.assert_close(before[length:], after[length:])
    assert not torch.allclose(before[:length], after[:length])


def test_a_row_without_labels_has_no_loss_and_no_gradient() -> None:
    model = tiny_model("llama")
    model.get_output_embeddings().weight.requires_grad_(False)
    attend_within_examples(model)
    silent = Encoded(examples()[0].input_ids, len(examples()[0].input_ids))
    loss = summed_nll(model, torch.tensor([silent.labels]), IGNORED, **_inputs([silent]))
    loss.backward()
    assert loss.item() == 0
    gradients = [p.grad for p in model.model.layers.parameters()]
    assert all(gradient is not None and not gradient.any() for gradient in gradients)


def test_without_labels_the_forward_is_what_it_was() -> None:
    model = tiny_model("qwen3")
    ids = torch.tensor([examples()[0].input_ids])
    before = model(input_ids=ids).logits
    answer_with_loss(model, IGNORED)
    torch.testing.assert_close(model(input_ids=ids).logits, before)


def test_the_heldout_loss_is_weighted_by_token() -> None:
    model = tiny_model("qwen2").to(torch.bfloat16)
    tokens = sum(len(example.input_ids) - example.completion_start for example in examples())
    assert heldout_loss(model, examples()) == pytest.approx(one_by_one("qwen2")[0] / tokens, rel=0.01)


def _inputs(group: list[Encoded]) -> dict:
    inputs = row(group)
    inputs.pop("labels")
    return inputs
