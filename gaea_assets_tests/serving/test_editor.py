"""The Continue configuration: its fields are those of Continue's schema v1, its prompts those of the training."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Base, Evaluation, Manuscript, VoiceConfig
from gaea_assets.serving.editor import continue_config, suggestion_template
from gaea_assets.serving.server_state import ServerState
from gaea_assets_tests import vocabularies

VOICE = VoiceConfig(
    name="my_book",
    manuscript=Manuscript(folder="book"),
    base=Base(model="org/base"),
    evaluation=Evaluation(temperature=0.7, top_p=0.9, max_new_tokens=900),
)
# packages/config-yaml/src/schemas/models.ts of continuedev/continue, d0a3c0b.
MODEL_FIELDS = {
    "name",
    "provider",
    "model",
    "apiBase",
    "apiKey",
    "roles",
    "defaultCompletionOptions",
    "chatOptions",
    "promptTemplates",
    "autocompleteOptions",
}
TEXTS = ("You walk along the street", '"Not yet," she says.\n\n*You know.* The')


def made(
    folder: Path,
    context: int = 65536,
    *,
    key: bool = False,
    models: tuple[str, ...] = ("my_book-tuned",),
    voices: Mapping[str, VoiceConfig] = MappingProxyType({}),
) -> Any:
    server = ServerState("my_book-tuned", models, "/m", "127.0.0.1", 8002, 1, 1.0, "/l", context)
    return yaml.safe_load(continue_config(server, VOICE, encoder(folder), key=key, voices=voices))


def encoder(folder: Path) -> Encoder:
    return Encoder(folder, prompt_format(folder))


def test_each_model_chats_and_the_first_suggests(tmp_path: Path) -> None:
    config = made(vocabularies.llama3(tmp_path), models=("my_book", "tales", "my_book-base"))
    assert {key: config[key] for key in ("name", "schema")} == {"name": "Gaea: my_book", "schema": "v1"}
    assert [(model["model"], model["roles"]) for model in config["models"]] == [
        ("my_book", ["chat"]),
        ("tales", ["chat"]),
        ("my_book-base", ["chat"]),
        ("my_book", ["autocomplete"]),
    ]
    assert len({model["name"] for model in config["models"]}) == 4
    for model in config["models"]:
        assert model.keys() <= MODEL_FIELDS
        assert (model["provider"], model["apiBase"]) == ("openai", "http://127.0.0.1:8002/v1")
        assert model["defaultCompletionOptions"]["temperature"] == 0.7
        assert model["defaultCompletionOptions"]["topP"] == 0.9
    assert all(model["chatOptions"] == {"baseSystemMessage": ""} for model in config["models"][:3])


def test_each_voice_on_one_server_is_sampled_as_it_was_judged(tmp_path: Path) -> None:
    wild = VOICE.model_copy(
        update={"name": "wild", "evaluation": Evaluation(temperature=1.1, top_p=1.0, max_new_tokens=300)}
    )
    folder = vocabularies.llama3(tmp_path)
    config = made(folder, models=("my_book", "wild", "my_book-base"), voices={"my_book": VOICE, "wild": wild})
    asked = [model["defaultCompletionOptions"] for model in config["models"]]
    assert [(given["temperature"], given["topP"], given["maxTokens"]) for given in asked] == [
        (0.7, 0.9, 900),
        (1.1, 1.0, 300),
        (0.7, 0.9, 900),
        (0.7, 0.9, 160),
    ]


@pytest.mark.parametrize("context", [256, 4096, 65536])
def test_prompt_and_answer_fit_the_context(tmp_path: Path, context: int) -> None:
    config = made(vocabularies.llama3(tmp_path), context)
    for model in config["models"]:
        options = model["defaultCompletionOptions"]
        assert options["contextLength"] == context
        assert 0 < options["maxTokens"] < context
    suggesting = config["models"][-1]
    prompt = suggesting["autocompleteOptions"]["maxPromptTokens"]
    assert 0 < prompt * 1.5 + suggesting["defaultCompletionOptions"]["maxTokens"] <= min(context, 4096)


def test_the_key_is_named_and_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAEA_API_KEY", "verysecret")
    folder = vocabularies.llama3(tmp_path)
    config = made(folder, key=True)
    assert {model["apiKey"] for model in config["models"]} == {"${{ secrets.GAEA_API_KEY }}"}
    assert "verysecret" not in str(config)
    assert all("apiKey" not in model for model in made(folder)["models"])


@pytest.mark.parametrize("family", ["plain", "llama3", "chatml"])
@pytest.mark.parametrize("adds_begin", [False, True])
def test_a_suggestion_is_asked_for_with_the_ids_of_the_training(tmp_path: Path, family: str, adds_begin: bool) -> None:
    folder = getattr(vocabularies, family)(tmp_path)
    marks = prompt_format(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    if adds_begin and marks.begin:  # as Llama 3.1's own tokenizer does
        begin = tokenizer.token_to_id(marks.begin)
        tokenizer.post_processor = TemplateProcessing(
            single=f"{marks.begin} $A", pair=None, special_tokens=[(marks.begin, begin)]
        )
        tokenizer.save(str(folder / "tokenizer.json"))
    template = suggestion_template(encoder(folder))
    for text in TEXTS:
        # vLLM tokenizes a text prompt with the marks that the tokenizer adds.
        assert tokenizer.encode(template.replace("{{{prefix}}}", text)).ids == encoder(folder).prompt_ids(text)
