"""Tiny byte-level BPE vocabularies in the forms that the model families give theirs."""

import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CORPUS = (
    "You walk along the street at night, and the sentinels walk with you. The Units wait; they've waited.\n\n"
    '"Not yet," she says. *You do not know it yet.* There were twelve thousand of them, 12,345 in all.\n\n'
) * 4
CHAT_TEMPLATE = "{% for m in messages %}{{ m['content'] | trim }}{% endfor %}"
LLAMA3_MARKS = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
MISTRAL_MARKS = ("<unk>", "<s>", "</s>", "[INST]", "[/INST]")
CHATML_MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def plain(folder: Path, **config: str | dict) -> Path:
    """A GPT-2-like vocabulary of a base model."""
    return _write(
        folder, pre_tokenizers.ByteLevel(add_prefix_space=False), ("<s>", "</s>"), config or _ends("<s>", "</s>")
    )


def llama3(folder: Path, *, chat: bool = True) -> Path:
    """Llama 3's: words split by a pattern, whole words taken from the vocabulary first."""
    config = _ends("<|begin_of_text|>", "<|eot_id|>" if chat else "<|end_of_text|>", chat=chat)
    return _write(folder, _by_pattern(), LLAMA3_MARKS, config, ignore_merges=True)


def chatml(folder: Path, *, chat: bool = True, normalise: bool = False) -> Path:
    """Qwen's: no token opens a text; `<tool_call>` is an added token, but no special one."""
    config = _ends(None, "<|im_end|>" if chat else "<|endoftext|>", chat=chat)
    return _write(folder, _by_pattern(), CHATML_MARKS, config, words=("<tool_call>",), normalise=normalise)


def mistral(folder: Path, *, chat: bool = True) -> Path:
    """Mistral's since Nemo: the marks of a turn are tokens; `[INST]` in a text is text."""
    return _write(folder, _by_pattern(), MISTRAL_MARKS, _ends("<s>", "</s>", chat=chat))


def _ends(begin: str | None, end: str, *, chat: bool = False) -> dict:
    return {"bos_token": begin, "eos_token": end} | ({"chat_template": CHAT_TEMPLATE} if chat else {})


def _by_pattern() -> pre_tokenizers.PreTokenizer:
    split = pre_tokenizers.Split(Regex(LLAMA3_PATTERN), behavior="isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def _write(
    folder: Path,
    pre_tokenizer: pre_tokenizers.PreTokenizer,
    marks: tuple[str, ...],
    config: dict,
    *,
    words: tuple[str, ...] = (),
    ignore_merges: bool = False,
    normalise: bool = False,
) -> Path:
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalise:
        tokenizer.normalizer = normalizers.NFC()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(
        [CORPUS], trainers.BpeTrainer(vocab_size=420, initial_alphabet=alphabet, show_progress=False)
    )
    tokenizer.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in marks])
    tokenizer.add_tokens([AddedToken(word, normalized=False) for word in words])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    (folder / "config.json").write_text("{}", "utf-8")
    return folder


def edit(folder: Path, name: str, **changes: object) -> None:
    """Change top-level fields of a JSON file; None takes one out."""
    path = folder / name
    fields = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in fields.items() if value is not None}), "utf-8")
