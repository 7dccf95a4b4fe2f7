"""Marks around prompt and completion, told from the vocabulary; the saved chat template sets the same ones."""

import json
from pathlib import Path

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import CHATML, LLAMA3, MISTRAL, PromptFormat, prompt_format
from gaea_assets.config import Base
from gaea_assets.errors import GaeaError
from gaea_assets_tests import vocabularies

UNTRIMMED = "  You wait.\n"


def render(marks: PromptFormat, messages: list[tuple[str, str]], *, prompt_only: bool = False) -> str:
    # As transformers renders a template (utils/chat_template_utils.py).
    template = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(marks.chat_template())
    rows = [{"role": role, "content": content} for role, content in messages]
    return template.render(messages=rows, add_generation_prompt=prompt_only)


@pytest.mark.parametrize("name", ["llama3", "chatml", "mistral", "plain"])
def test_auto_tells_the_family_by_the_vocabulary(tmp_path: Path, name: str) -> None:
    assert prompt_format(getattr(vocabularies, name)(tmp_path)).name == name


@pytest.mark.parametrize("make", [vocabularies.llama3, vocabularies.chatml, vocabularies.mistral])
def test_base_model_without_chat_template_is_plain_though_its_vocabulary_has_the_marks(tmp_path: Path, make) -> None:
    marks = prompt_format(make(tmp_path, chat=False))
    assert marks.name == "plain"
    assert marks.before_completion() == ""


def test_chat_template_in_a_file_of_its_own_is_seen(tmp_path: Path) -> None:
    vocabularies.llama3(tmp_path, chat=False)
    (tmp_path / "chat_template.jinja").write_text(vocabularies.CHAT_TEMPLATE)
    assert prompt_format(tmp_path).name == "llama3"


def test_chat_format_that_is_not_known_is_refused_and_plain_proposed(tmp_path: Path) -> None:
    vocabularies.plain(tmp_path, bos_token="<s>", eos_token="</s>", chat_template="[INST]")
    with pytest.raises(GaeaError, match=r"^base\.prompt_format: .* none of llama3, chatml, mistral; set plain"):
        prompt_format(tmp_path)
    assert prompt_format(tmp_path, "plain").name == "plain"


@pytest.mark.parametrize(
    ("wanted", "token"), [("llama3", "<|eot_id|>"), ("chatml", "<|im_end|>"), ("mistral", "[INST]")]
)
def test_marks_that_the_vocabulary_lacks_are_refused(tmp_path: Path, wanted: str, token: str) -> None:
    with pytest.raises(GaeaError) as error:
        prompt_format(vocabularies.plain(tmp_path), wanted)
    assert str(error.value) == (
        f"base.prompt_format: {wanted} needs the token {token}, which {tmp_path} does not have; use plain, or auto"
    )


def test_header_token_that_the_vocabulary_lacks_is_refused(tmp_path: Path) -> None:
    vocabularies.llama3(tmp_path)
    tokens = json.loads((tmp_path / "tokenizer.json").read_text())["added_tokens"]
    vocabularies.edit(
        tmp_path, "tokenizer.json", added_tokens=[t for t in tokens if t["content"] != "<|start_header_id|>"]
    )
    with pytest.raises(GaeaError, match=r"needs the token <\|start_header_id\|>"):
        prompt_format(tmp_path, "llama3")


def test_every_format_that_the_configuration_allows_is_known(tmp_path: Path) -> None:
    allowed = Base.model_fields["prompt_format"].annotation.__args__  # type: ignore[union-attr]
    for wanted in allowed:
        folder = getattr(vocabularies, wanted, vocabularies.plain)(tmp_path / wanted)
        assert prompt_format(folder, wanted).name == ("plain" if wanted == "auto" else wanted)


@pytest.mark.parametrize("config", [{"bos_token": "<s>"}, {"bos_token": "<s>", "eos_token": "<never>"}])
def test_plain_base_without_an_end_token_is_refused(tmp_path: Path, config: dict[str, str]) -> None:
    with pytest.raises(GaeaError, match=r"^base\.model: .*eos_token.*a completion could never end$"):
        prompt_format(vocabularies.plain(tmp_path, **config))


def test_end_token_given_as_an_object_is_read(tmp_path: Path) -> None:
    vocabularies.plain(tmp_path, bos_token={"content": "<s>"}, eos_token={"content": "</s>"})
    marks = prompt_format(tmp_path)
    assert (marks.begin, marks.end) == ("<s>", "</s>")


def test_base_without_a_begin_token_starts_with_the_text(tmp_path: Path) -> None:
    marks = prompt_format(vocabularies.plain(tmp_path, eos_token="</s>"))
    assert marks.before_prompt() == ""


def test_llama3_marks_have_no_date_and_no_system_turn() -> None:
    assert LLAMA3.before_prompt() == "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n"
    assert LLAMA3.before_completion() == "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"


def test_chatml_marks_have_no_system_turn() -> None:
    assert CHATML.before_prompt() == "<|im_start|>user\n"
    assert CHATML.before_completion() == "<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize("make", [vocabularies.plain, vocabularies.llama3, vocabularies.chatml, vocabularies.mistral])
def test_chat_template_gives_the_ids_of_the_prompt_untrimmed(tmp_path: Path, make) -> None:
    marks = prompt_format(make(tmp_path))
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    rendered = render(marks, [("user", UNTRIMMED)], prompt_only=True)
    assert tokenizer.encode(rendered, add_special_tokens=False).ids == Encoder(tmp_path, marks).prompt_ids(UNTRIMMED)


@pytest.mark.parametrize("make", [vocabularies.plain, vocabularies.llama3, vocabularies.chatml, vocabularies.mistral])
def test_chat_template_gives_the_whole_example(tmp_path: Path, make) -> None:
    marks = prompt_format(make(tmp_path))
    tokenizer, encoder = Tokenizer.from_file(str(tmp_path / "tokenizer.json")), Encoder(tmp_path, marks)
    rendered = render(marks, [("user", UNTRIMMED), ("assistant", "\n It is night.  ")])
    assert rendered.endswith(marks.assistant.closes)
    rendered = rendered.removesuffix(marks.assistant.closes.removeprefix(marks.end))
    whole = encoder.prompt_ids(UNTRIMMED) + encoder.completion_ids("\n It is night.  ", ends_scene=True)
    # Plain has no mark between prompt and completion, so that ids may join across it in rendered text.
    assert tokenizer.decode(whole, skip_special_tokens=False) == rendered
    if marks.name != "plain":
        assert tokenizer.encode(rendered, add_special_tokens=False).ids == whole


@pytest.mark.parametrize("marks", [LLAMA3, CHATML], ids=lambda marks: marks.name)
def test_system_message_gets_a_turn_of_its_own(marks: PromptFormat) -> None:
    with_system = render(marks, [("system", " Be brief. "), ("user", "Go.")], prompt_only=True)
    turn = marks.system.opens + " Be brief. " + marks.system.closes
    assert turn == marks.user.opens.replace("user", "system") + " Be brief. " + marks.user.closes
    assert with_system == marks.begin + turn + marks.before_prompt().removeprefix(marks.begin) + "Go." + (
        marks.before_completion()
    )


def test_system_message_of_a_plain_base_is_a_paragraph_before_the_prompt(tmp_path: Path) -> None:
    marks = prompt_format(vocabularies.plain(tmp_path))
    assert render(marks, [("system", "Gaea."), ("user", "Go.")], prompt_only=True) == "<s>Gaea.\n\nGo."


def test_system_message_of_mistral_opens_the_users_turn() -> None:
    with_system = render(MISTRAL, [("system", "Be brief."), ("user", "Go.")], prompt_only=True)
    assert with_system == "<s>[INST]Be brief.\n\nGo.[/INST]"


def test_turns_of_a_longer_conversation_follow_one_another() -> None:
    said = [("user", "One."), ("assistant", "Two."), ("user", "Three.")]
    assert render(MISTRAL, said, prompt_only=True) == "<s>[INST]One.[/INST]Two.</s>[INST]Three.[/INST]"
    assert render(CHATML, said, prompt_only=True) == (
        "<|im_start|>user\nOne.<|im_end|>\n<|im_start|>assistant\nTwo.<|im_end|>\n<|im_start|>user\nThree.<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
