"""A configuration for Continue (https://docs.continue.dev/reference), the editor plug-in, as `config.yaml`.

Two uses: a suggestion at the cursor, from the text before it alone, and a chat without a system prompt. Both send
what the model was trained on.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from tokenizers import Tokenizer

from gaea_assets.base.encoder import Encoder
from gaea_assets.config import VoiceConfig
from gaea_assets.serving.api_key import VARIABLE
from gaea_assets.serving.server_state import ServerState

SUGGESTION_TOKENS = 160
"""Length of a suggestion: a paragraph."""


def continue_config(
    server: ServerState, voice: VoiceConfig, encoder: Encoder, *, key: bool, voices: Mapping[str, VoiceConfig]
) -> str:
    """The configuration that a server's models are reached with from Continue.

    Args:
        server: A server that has answered; the first of its models suggests at the cursor.
        voice: The server's: sampling and trained lengths of every model that is of no other voice.
        encoder: The prompt format that the models were trained with.
        key: Whether the server asks for a key; it is named in the file, not written into it.
        voices: The voices whose adapters are on it, by the names of their models.
    """
    secret = {"apiKey": f"${{{{ secrets.{VARIABLE} }}}}"} if key else {}
    chats = [_chat(name, server, voices.get(name, voice)) for name in server.models]
    entries = [*chats, _suggestions(server, voices.get(server.models[0], voice), encoder)]
    config = {
        "name": f"Gaea: {voice.name}",
        "version": "1.0.0",
        "schema": "v1",
        "models": [entry | secret for entry in entries],
    }
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=120)


def suggestion_template(encoder: Encoder) -> str:
    """The training's prompt format around the text before the cursor, in Handlebars.

    A begin mark that the server's tokenizer puts before any text is left out: it would be there twice.
    """
    marks = encoder.marks
    before = marks.before_prompt()
    tokenizer = Tokenizer.from_file(str(encoder.folder / "tokenizer.json"))
    if tokenizer.encode("").ids == tokenizer.encode(marks.begin, add_special_tokens=False).ids:
        before = before.removeprefix(marks.begin)
    return before + "{{{prefix}}}" + marks.before_completion()


def _entry(name: str, model: str, server: ServerState, role: str) -> dict[str, Any]:
    # Not the provider `vllm`: for that one Continue chooses a template of its own by the model's name.
    return {"name": name, "provider": "openai", "model": model, "apiBase": server.url, "roles": [role]}


def _sampling(context: int, tokens: int, voice: VoiceConfig) -> dict[str, Any]:
    settings = voice.evaluation
    return {
        "contextLength": context,
        "maxTokens": min(tokens, context // 2),
        "temperature": settings.temperature,
        "topP": settings.top_p,
    }


def _chat(model: str, server: ServerState, voice: VoiceConfig) -> dict[str, Any]:
    return _entry(model, model, server, "chat") | {
        "defaultCompletionOptions": _sampling(_context(server), voice.evaluation.max_new_tokens, voice),
        "chatOptions": {"baseSystemMessage": ""},  # Continue's own makes a coding assistant of it
    }


def _suggestions(server: ServerState, voice: VoiceConfig, encoder: Encoder) -> dict[str, Any]:
    context = _context(server)
    sampling = _sampling(context, SUGGESTION_TOKENS, voice)
    # Continue counts with another vocabulary, and may be a third below the model's own count.
    longest = (min(context, voice.dataset.max_tokens) - sampling["maxTokens"]) * 2 // 3
    return _entry(f"{server.models[0]} at the cursor", server.models[0], server, "autocomplete") | {
        "defaultCompletionOptions": sampling,
        "promptTemplates": {"autocomplete": suggestion_template(encoder)},
        "autocompleteOptions": {
            "maxPromptTokens": longest,
            "prefixPercentage": 1.0,
            "maxSuffixPercentage": 0,
            "transform": False,  # made for code: it drops what repeats a line or leaves a bracket open
            "useCache": False,  # asked again, it is to suggest something else
            "useImports": False,
            "useRecentlyEdited": False,
            "useRecentlyOpened": False,
            "experimental_includeRecentlyVisitedRanges": False,
            "experimental_includeRecentlyEditedRanges": False,
            "experimental_includeDiff": False,
        },
    }


def _context(server: ServerState) -> int:
    assert server.context is not None  # noqa: S101 - the server has answered
    return server.context
