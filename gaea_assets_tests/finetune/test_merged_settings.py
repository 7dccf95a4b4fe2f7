"""What stands beside a merged model's weights is the base's own, but for what training has changed."""

import json
from pathlib import Path

import pytest
from transformers import AutoTokenizer, GenerationConfig

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.finetune.base_weights import BaseWeights
from gaea_assets.finetune.merged_settings import write_settings
from gaea_assets_tests import vocabularies
from gaea_assets_tests.finetune.tiny_models import tiny_model
from gaea_assets_tests.vocabularies import edit


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A Qwen2.5 that is no instruct model: it has a chat template, but its documents end with another mark."""
    folder = vocabularies.chatml(tmp_path / "base")
    edit(folder, "tokenizer_config.json", eos_token="<|endoftext|>", tokenizer_class="PreTrainedTokenizerFast")
    tiny_model("qwen2", vocabulary=448).config.save_pretrained(folder)
    return folder


def written(base: Path) -> tuple[Path, Encoder]:
    """The folder of a merged model without its weights, and the encoder it was trained with."""
    encoder, folder = Encoder(base, prompt_format(base)), base.with_name("merged")
    folder.mkdir()
    config = json.loads((base / "config.json").read_text("utf-8"))
    write_settings(BaseWeights(base, config, {}), encoder.marks.chat_template(), encoder.end_id, folder)
    return folder, encoder


@pytest.mark.parametrize(("own", "ends"), [(350, [350, 353]), ([350, 349], [350, 349, 353]), (None, [353])])
def test_a_text_ends_where_training_has_ended_it_and_where_the_base_ends_one(
    base: Path, own: object, ends: object
) -> None:
    (base / "generation_config.json").write_text(json.dumps({"eos_token_id": own, "top_p": 0.8}), "utf-8")
    folder, encoder = written(base)
    assert encoder.end_id == 353
    assert json.loads((folder / "generation_config.json").read_text("utf-8")) == {"eos_token_id": ends, "top_p": 0.8}


def test_settings_that_know_the_end_stay_as_they_are(base: Path) -> None:
    (base / "generation_config.json").write_text(json.dumps({"eos_token_id": 353, "temperature": 0.7}), "utf-8")
    folder, _ = written(base)
    found = json.loads((folder / "generation_config.json").read_text("utf-8"))
    assert found == {"eos_token_id": 353, "temperature": 0.7}


def test_a_base_without_generation_settings_gets_some_that_load(base: Path) -> None:
    folder, encoder = written(base)
    assert encoder.end_id in GenerationConfig.from_pretrained(folder).eos_token_id


def test_the_tokenizer_is_the_bases_own_with_the_trained_prompt_format(base: Path) -> None:
    (base / "special_tokens_map.json").write_text('{"eos_token": "<|endoftext|>"}', "utf-8")
    (base / "chat_template.jinja").write_text("another", "utf-8")
    folder, encoder = written(base)
    for name in ("tokenizer.json", "special_tokens_map.json"):
        assert (folder / name).read_bytes() == (base / name).read_bytes()
    settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    # transformers 5 saves names of classes that older ones do not know.
    assert settings["tokenizer_class"] == "PreTrainedTokenizerFast"
    template = encoder.marks.chat_template()
    assert settings["chat_template"] == (folder / "chat_template.jinja").read_text("utf-8") == template
    tokenizer = AutoTokenizer.from_pretrained(folder)
    given = tokenizer.apply_chat_template(
        [{"role": "user", "content": " You walk.\n"}], add_generation_prompt=True, return_dict=False
    )
    assert given == encoder.prompt_ids(" You walk.\n")
