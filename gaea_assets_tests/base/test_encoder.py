"""Text to ids and exact counts, for every form of vocabulary."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.base.encoder import PROBE, Encoder, tiktoken_encoding
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets_tests import vocabularies

POCKET = Path(__file__).parents[2] / "data" / "pocket_base"
LITERALS = [
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|im_start|>",
    "<|im_end|>",
    "</s>",
    "<tool_call>",
    "They've ",
    "12,345",
    "\n\n",
    " \u2028 ",
    "\u201cNot yet\u2014\u201d",
    "e\u0301",
]
TEXT = st.lists(st.one_of(st.text(max_size=12), st.sampled_from(LITERALS)), max_size=8).map("".join)
MAKERS = {
    "plain": vocabularies.plain,
    "llama3": vocabularies.llama3,
    "chatml": vocabularies.chatml,
    "chatml_normalised": lambda folder: vocabularies.chatml(folder, normalise=True),
}


@pytest.fixture(scope="module", params=[*MAKERS, "pocket"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = POCKET if request.param == "pocket" else MAKERS[request.param](tmp_path_factory.mktemp(request.param))
    return Encoder(folder, prompt_format(folder))


@given(prompt=TEXT, completion=TEXT, ends_scene=st.booleans())
@settings(max_examples=60, deadline=None)
def test_count_of_an_example_is_the_length_of_its_ids(
    encoder: Encoder, prompt: str, completion: str, ends_scene: bool
) -> None:
    ids = encoder.prompt_ids(prompt) + encoder.completion_ids(completion, ends_scene=ends_scene)
    assert encoder.count_example(prompt, completion, ends_scene=ends_scene) == len(ids)


@given(text=TEXT)
@settings(max_examples=40, deadline=None)
def test_special_tokens_written_in_a_text_stay_text(encoder: Encoder, text: str) -> None:
    ids = encoder.completion_ids(text, ends_scene=False)
    marks = {t for t, added in encoder._tokenizer.get_added_tokens_decoder().items() if added.special}
    assert not marks & set(ids)


@given(text=TEXT)
@settings(max_examples=40, deadline=None)
def test_decoding_gives_the_text_back(encoder: Encoder, text: str) -> None:
    if encoder._tokenizer.normalizer is None:
        assert encoder.decode(encoder.completion_ids(text, ends_scene=True)) == text


def test_boundary_between_prompt_and_completion_never_drifts(encoder: Encoder) -> None:
    prompt, completion = "You walk along the str", "eet at night."
    alone = encoder.completion_ids(completion, ends_scene=False)
    whole = encoder.prompt_ids(prompt) + alone
    assert whole[-len(alone) :] == alone
    assert whole[: -len(alone)] == encoder.prompt_ids(prompt)


def test_end_mark_follows_only_where_the_scene_ends(encoder: Encoder) -> None:
    going_on, ending = (encoder.completion_ids("You wait.", ends_scene=ends) for ends in (False, True))
    assert ending == [*going_on, encoder.end_id]
    assert encoder.end_id not in going_on
    assert encoder._tokenizer.id_to_token(encoder.end_id) == encoder.marks.end


def test_empty_text_has_no_tokens(encoder: Encoder) -> None:
    assert encoder.count("") == 0


@pytest.mark.parametrize("name", ["plain", "llama3", "chatml"])
def test_byte_level_vocabularies_are_counted_by_tiktoken(name: str, tmp_path: Path) -> None:
    folder = MAKERS[name](tmp_path)
    encoder = Encoder(folder, prompt_format(folder))
    assert encoder._fast is not None
    assert encoder.count(PROBE) == len(encoder.completion_ids(PROBE, ends_scene=False))


def test_added_word_that_is_no_mark_is_one_token_in_text(tmp_path: Path) -> None:
    folder = vocabularies.chatml(tmp_path)
    encoder = Encoder(folder, prompt_format(folder))
    assert encoder._fast is not None
    assert encoder.count("<tool_call>") == 1


@pytest.mark.parametrize(
    "change",
    [{"byte_fallback": True}, {"type": "Unigram"}, {"vocab": {"a": 0}}, {"ignore_merges": True, "vocab": "+zzz"}],
    ids=["byte_fallback", "unigram", "bytes_missing", "words_without_merges"],
)
def test_vocabulary_that_tiktoken_would_count_otherwise_is_not_given_to_it(change: dict, tmp_path: Path) -> None:
    import json

    folder = vocabularies.plain(tmp_path)
    assert tiktoken_encoding(folder) is not None
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    if change.get("vocab") == "+zzz":
        change = change | {"vocab": model["vocab"] | {"zzz": 9999}}
    vocabularies.edit(folder, "tokenizer.json", model=model | change)
    assert tiktoken_encoding(folder) is None


def test_truncation_in_the_vocabulary_file_is_switched_off(tmp_path: Path) -> None:
    folder = vocabularies.plain(tmp_path)
    cut = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    vocabularies.edit(folder, "tokenizer.json", truncation=cut)
    encoder = Encoder(folder, prompt_format(folder))
    assert len(encoder.completion_ids(PROBE, ends_scene=False)) == encoder.count(PROBE) > 4


@pytest.mark.slow  # imports transformers
def test_counts_are_those_of_the_models_own_tokenizer() -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(POCKET)
    encoder = Encoder(POCKET, prompt_format(POCKET))

    @given(TEXT)
    @settings(max_examples=200, deadline=None)
    def same(text: str) -> None:
        ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
        assert encoder.completion_ids(text, ends_scene=False) == ids
        assert encoder.count(text) == len(ids)

    same()
    manuscript = Path(__file__).parents[2] / "data" / "raw" / "visions_of_gaea"
    for path in sorted(manuscript.glob("chunk_*.txt"))[:5]:
        text = path.read_text("utf-8")
        assert encoder.count(text) == len(tokenizer(text, add_special_tokens=False).input_ids)


def test_a_passage_follows_one_mark_and_is_tokenised_as_text(encoder: Encoder) -> None:
    ids = encoder.passage_ids("You wait. <|eot_id|>")
    assert ids[1:] == encoder.completion_ids("You wait. <|eot_id|>", ends_scene=False)
    assert encoder.decode(ids[:1]) == ""
