"""Text to token ids and exact counts, in the base model's own vocabulary."""

from functools import cached_property
from pathlib import Path

import tiktoken
from tokenizers import Tokenizer

from gaea_assets.base.files import read_json
from gaea_assets.base.prompt_format import PromptFormat

# The split pattern that the `tokenizers` library means by a ByteLevel pre-tokenizer (GPT-2's).
GPT2_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""

# Text with what tokenizers tend to disagree on, to hold the counter against the model's tokenizer.
PROBE = (
    "You don't *know* it yet\u2014\u201cnot yet,\u201d she says.\n\n   Caf\u00e9, na\u00efve, 12,345.67 \u2026 "
    "\u4f60\u597d \U0001f30d\tTab.\r\n\r\nUnits' sentinels'll  wait;they've  waited\n"
)


class Encoder:
    """Prompt and completion as ids, each tokenised by itself so that their boundary never drifts.

    Args:
        folder: The base model's files (`tokenizer.json`).
        marks: The prompt format.
    """

    def __init__(self, folder: Path, marks: PromptFormat) -> None:
        self.folder = folder
        self.marks = marks
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._before_prompt = self._mark_ids(marks.before_prompt())
        self._before_completion = self._mark_ids(marks.before_completion())
        self._end = self._mark_ids(marks.end)

    def prompt_ids(self, prompt: str) -> list[int]:
        """Everything the model is given: marks, prompt, and what opens the completion."""
        return self._before_prompt + self._text_ids(prompt) + self._before_completion

    def completion_ids(self, completion: str, *, ends_scene: bool) -> list[int]:
        """What the model is to write; the end mark follows only where the scene ends."""
        return self._text_ids(completion) + (self._end if ends_scene else [])

    def passage_ids(self, passage: str) -> list[int]:
        """A passage after one mark: where a text begins, or, in a vocabulary without such a mark, where one ended."""
        return [*(self._mark_ids(self.marks.begin) or self._end)[-1:], *self._text_ids(passage)]

    @property
    def end_id(self) -> int:
        """The id that generation stops at."""
        return self._end[-1]

    def decode(self, ids: list[int]) -> str:
        """Ids as text, marks left out."""
        return self._tokenizer.decode(ids, skip_special_tokens=True)

    def count(self, text: str) -> int:
        """Tokens of `text`, without marks."""
        if self._fast is None or any(token in text for token in self._single_tokens):
            return len(self._text_ids(text))
        return len(self._fast.encode_ordinary(text))

    def count_example(self, prompt: str, completion: str, *, ends_scene: bool) -> int:
        """Tokens of a whole example, marks included."""
        marks = len(self._before_prompt) + len(self._before_completion) + len(self._end) * ends_scene
        return marks + self.count(prompt) + self.count(completion)

    def _mark_ids(self, marks: str) -> list[int]:
        self._tokenizer.encode_special_tokens = False
        return self._tokenizer.encode(marks, add_special_tokens=False).ids

    def _text_ids(self, text: str) -> list[int]:
        # An author may write <|eot_id|>: in text it is text.
        self._tokenizer.encode_special_tokens = True
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    @cached_property
    def _single_tokens(self) -> list[str]:
        """Added tokens that are no marks: one id even in text, which the merges know nothing of."""
        added = self._tokenizer.get_added_tokens_decoder().values()
        return [token.content for token in added if not token.special]

    @cached_property
    def _fast(self) -> tiktoken.Encoding | None:
        """A tiktoken encoding with the model's own ranks, or None where it would not count alike."""
        fast = tiktoken_encoding(self.folder)
        if fast is None or len(fast.encode_ordinary(PROBE)) != len(self._text_ids(PROBE)):
            return None
        return fast


def tiktoken_encoding(folder: Path) -> tiktoken.Encoding | None:
    """A tiktoken encoding with the merges of a byte-level BPE `tokenizer.json`.

    Returns:
        The encoding, or None where the vocabulary is no byte-level BPE. Its ids are ranks of merging,
        not the model's ids: it is for counting.
    """
    settings = read_json(folder, "tokenizer.json")
    pattern = _split_pattern(settings.get("pre_tokenizer") or {})
    model = settings["model"]
    if pattern is None or settings.get("normalizer") or model.get("type") != "BPE" or model.get("byte_fallback"):
        return None
    to_byte = {char: byte for byte, char in _byte_alphabet().items()}
    if not to_byte.keys() <= model["vocab"].keys():
        return None  # the model passes over the bytes that it lacks
    parts = [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]
    words = [*to_byte, *("".join(merge) for merge in parts)]
    added = {token["content"] for token in settings.get("added_tokens", [])}
    if model.get("ignore_merges") and model["vocab"].keys() - set(words) - added:
        return None  # whole words that no merges lead to
    ranks: dict[bytes, int] = {}
    for word in words:
        ranks.setdefault(bytes(to_byte[char] for char in word), len(ranks))
    return tiktoken.Encoding(folder.name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def _split_pattern(pre_tokenizer: dict) -> str | None:
    """The regular expression that cuts text into words before merging."""
    match pre_tokenizer:
        case {"type": "ByteLevel", "use_regex": True, "add_prefix_space": False}:
            return GPT2_PATTERN
        case {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": str(pattern)}, "behavior": "Isolated"},
                {"type": "ByteLevel", "use_regex": False},
            ],
        }:
            return pattern
    return None


def _byte_alphabet() -> dict[int, str]:
    """Byte to the printable character that stands for it in byte-level BPE (GPT-2, 2019)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
