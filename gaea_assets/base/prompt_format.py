"""How prompt and completion are marked for each family of base models."""

from dataclasses import dataclass
from pathlib import Path

from gaea_assets.base.files import read_json
from gaea_assets.errors import GaeaError


@dataclass(frozen=True)
class PromptFormat:
    """The marks around a turn.

    The families' own chat templates are not used: Llama 3.1's injects a date header, Qwen2.5's a
    system prompt, and both trim the text, which moves the boundary between prompt and completion.
    """

    name: str
    begin: str
    """Opens a conversation."""
    header: str
    """Opens a turn; `{role}` is filled in."""
    end: str
    """Closes a turn. Generation stops at it."""
    gap: str = ""
    """Between two turns."""
    closes_prompt: bool = True
    """Whether the prompt's turn is closed before the completion begins."""

    def before_prompt(self) -> str:
        """Marks in front of the prompt."""
        return self.begin + self.header.format(role="user")

    def before_completion(self) -> str:
        """Marks between prompt and completion."""
        closing = self.end + self.gap if self.closes_prompt else ""
        return closing + self.header.format(role="assistant")

    def chat_template(self) -> str:
        """The same marks as a Jinja template for the model's tokenizer, text untrimmed.

        A system message, which only inference has, gets a turn of its own.
        """
        header = f"{self.header!r}.replace('{{role}}', m['role'])"
        closing = (
            f"{self.end + self.gap!r}"
            if self.closes_prompt
            else f"({self.end!r} if m['role'] == 'assistant' else '\\n\\n' if m['role'] == 'system' else '')"
        )
        opening = self.header.format(role="assistant")
        return (
            f"{{{{ {self.begin!r} }}}}{{% for m in messages %}}{{{{ {header} + m['content'] + {closing} }}}}"
            f"{{% endfor %}}{{% if add_generation_prompt %}}{{{{ {opening!r} }}}}{{% endif %}}"
        )


LLAMA3 = PromptFormat("llama3", "<|begin_of_text|>", "<|start_header_id|>{role}<|end_header_id|>\n\n", "<|eot_id|>")
CHATML = PromptFormat("chatml", "", "<|im_start|>{role}\n", "<|im_end|>", gap="\n")


def prompt_format(folder: Path, wanted: str = "auto") -> PromptFormat:
    """The prompt format of the base model in `folder`.

    Args:
        folder: The model's files.
        wanted: `plain`, `llama3`, `chatml`, or `auto` to tell it by the tokenizer.

    Raises:
        GaeaError: `auto` does not know the model's chat format, or the vocabulary lacks the marks wanted.
    """
    settings = read_json(folder, "tokenizer_config.json")
    if wanted == "auto":
        wanted = _recognise(folder, settings)
    if wanted == "plain":
        return _plain(folder, settings)
    chosen = {"llama3": LLAMA3, "chatml": CHATML}[wanted]
    for mark in (chosen.end, _header_token(chosen)):
        if mark not in _added_tokens(folder):
            raise GaeaError(
                f"base.prompt_format: {wanted} needs the token {mark}, which {folder} does not have; use plain, or auto"
            )
    return chosen


def _header_token(known: PromptFormat) -> str:
    return known.header.split("{")[0]


def _recognise(folder: Path, settings: dict) -> str:
    # The base models of Llama 3 and Qwen share the vocabulary of their instruct models but have no
    # use for its marks; a chat template is what an instruct model has.
    if not (settings.get("chat_template") or (folder / "chat_template.jinja").is_file()):
        return "plain"
    tokens = _added_tokens(folder)
    for known in (LLAMA3, CHATML):
        if known.end in tokens and _header_token(known) in tokens:
            return known.name
    raise GaeaError(
        f"base.prompt_format: the chat format of {folder} is none of llama3, chatml; set plain if it is to "
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
    return PromptFormat("plain", begin, "", end, closes_prompt=False)


def _token_text(token: str | dict | None) -> str:
    return (token["content"] if isinstance(token, dict) else token) or ""


def _added_tokens(folder: Path) -> set[str]:
    return {token["content"] for token in read_json(folder, "tokenizer.json").get("added_tokens", [])}
