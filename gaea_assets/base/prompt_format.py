"""How prompt and completion are marked for each family of base models."""

from dataclasses import dataclass
from pathlib import Path

from gaea_assets.base.files import read_json
from gaea_assets.errors import GaeaError


@dataclass(frozen=True)
class Turn:
    """The marks around what one side says."""

    opens: str
    closes: str


@dataclass(frozen=True)
class PromptFormat:
    """The marks around prompt and completion.

    The families' own chat templates are not used: Llama 3.1's injects a date header, Qwen2.5's a
    system prompt, and both trim the text, which moves the boundary between prompt and completion.
    """

    name: str
    begin: str
    """Opens a conversation."""
    system: Turn
    """Only inference has a system message."""
    user: Turn
    assistant: Turn
    end: str
    """Generation stops at it; what `assistant` is closed by begins with it."""
    system_joins_user: bool = False
    """Whether a system message stands inside the user's turn, which it then opens."""

    def before_prompt(self) -> str:
        """Marks in front of the prompt."""
        return self.begin + self.user.opens

    def before_completion(self) -> str:
        """Marks between prompt and completion."""
        return self.user.closes + self.assistant.opens

    def chat_template(self) -> str:
        """The same marks as a Jinja template for the model's tokenizer, text untrimmed."""
        turns = {"system": self.system, "user": self.user, "assistant": self.assistant}
        opens = "opens[m['role']]"
        if self.system_joins_user:
            after_system = "loop.previtem is defined and loop.previtem['role'] == 'system'"
            opens = f"('' if m['role'] == 'user' and {after_system} else {opens})"
        return (
            f"{{% set opens = { {role: turn.opens for role, turn in turns.items()} } %}}"
            f"{{% set closes = { {role: turn.closes for role, turn in turns.items()} } %}}"
            f"{{{{ {self.begin!r} }}}}{{% for m in messages %}}{{{{ {opens} + m['content'] + closes[m['role']] }}}}"
            f"{{% endfor %}}{{% if add_generation_prompt %}}{{{{ {self.assistant.opens!r} }}}}{{% endif %}}"
        )


def _by_header(name: str, begin: str, header: str, end: str, gap: str = "") -> PromptFormat:
    """A format whose turns each have a header with the role's name, and one end mark."""
    system, user, assistant = (Turn(header.format(role=role), end + gap) for role in ("system", "user", "assistant"))
    return PromptFormat(name, begin, system, user, assistant, end)


LLAMA3 = _by_header("llama3", "<|begin_of_text|>", "<|start_header_id|>{role}<|end_header_id|>\n\n", "<|eot_id|>")
CHATML = _by_header("chatml", "", "<|im_start|>{role}\n", "<|im_end|>", gap="\n")
MISTRAL = PromptFormat(
    "mistral",
    "<s>",
    system=Turn("[INST]", "\n\n"),
    user=Turn("[INST]", "[/INST]"),
    assistant=Turn("", "</s>"),
    end="</s>",
    system_joins_user=True,
)
NEEDED = {
    LLAMA3: ("<|eot_id|>", "<|start_header_id|>"),
    CHATML: ("<|im_end|>", "<|im_start|>"),
    MISTRAL: ("</s>", "[INST]", "[/INST]"),
}
"""The formats of instruct models, with the tokens that their vocabularies have (Mistral's from version 3 on)."""


def prompt_format(folder: Path, wanted: str = "auto") -> PromptFormat:
    """The prompt format of the base model in `folder`.

    Args:
        folder: The model's files.
        wanted: `plain`, the name of an instruct model's format, or `auto` to tell it by the tokenizer.

    Raises:
        GaeaError: `auto` does not know the model's chat format, or the vocabulary lacks the marks wanted.
    """
    settings = read_json(folder, "tokenizer_config.json")
    if wanted == "auto":
        wanted = _recognise(folder, settings)
    if wanted == "plain":
        return _plain(folder, settings)
    chosen = next(known for known in NEEDED if known.name == wanted)
    for mark in NEEDED[chosen]:
        if mark not in _added_tokens(folder):
            raise GaeaError(
                f"base.prompt_format: {wanted} needs the token {mark}, which {folder} does not have; use plain, or auto"
            )
    return chosen


def _recognise(folder: Path, settings: dict) -> str:
    # The base models of Llama 3 and Qwen share the vocabulary of their instruct models but have no
    # use for its marks; a chat template is what an instruct model has.
    if not (settings.get("chat_template") or (folder / "chat_template.jinja").is_file()):
        return "plain"
    tokens = _added_tokens(folder)
    for known, needed in NEEDED.items():
        if tokens.issuperset(needed):
            return known.name
    names = ", ".join(known.name for known in NEEDED)
    raise GaeaError(
        f"base.prompt_format: the chat format of {folder} is none of {names}; set plain if it is to "
        f"be trained as a plain base model"
    )


def _plain(folder: Path, settings: dict) -> PromptFormat:
    begin, end = (_token_text(settings.get(f"{which}_token")) for which in ("bos", "eos"))
    if not end:
        raise GaeaError("base.model: tokenizer_config.json names no eos_token; a completion could never end")
    if end not in _added_tokens(folder):
        raise GaeaError(
            f"base.model: the eos_token {end} of tokenizer_config.json is no added token of "
            f"{folder / 'tokenizer.json'}; a completion could never end"
        )
    return PromptFormat("plain", begin, Turn("", "\n\n"), Turn("", ""), Turn("", end), end)


def _token_text(token: str | dict | None) -> str:
    return (token["content"] if isinstance(token, dict) else token) or ""


def _added_tokens(folder: Path) -> set[str]:
    return {token["content"] for token in read_json(folder, "tokenizer.json").get("added_tokens", [])}
