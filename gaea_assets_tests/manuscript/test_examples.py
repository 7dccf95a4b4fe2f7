"""Chunks to prompt and completion, written as JSONL."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.examples import (
    Example,
    Piece,
    make_example,
    prompt_end,
    read_jsonl,
    write_jsonl,
)
from gaea_assets.manuscript.gates import no_system_message, prompts_well_cut
from gaea_assets_tests import vocabularies

TOKENS = [
    "You",
    "wait",
    "and",
    "it",
    "is",
    "Mr.",
    "She",
    "stays.",
    "goes?",
    '"Go."',
    "*No.*",
    "so...",
    "e.g.",
    "I.",
    "12.",
]
GAPS = [" ", " ", " ", "\n\n", "  ", "\u2028"]
PROSE = st.lists(st.tuples(st.sampled_from(TOKENS), st.sampled_from(GAPS)), min_size=2, max_size=150).map(
    lambda pairs: "".join(word + gap for word, gap in pairs).rstrip()
)
# What files can hold: everything but lone surrogates.
ANY = st.text(st.characters(codec="utf-8"), max_size=30)
EXAMPLES = st.lists(
    st.builds(Example, ANY, ANY, ANY, ANY, st.booleans(), st.integers(0, 5000), ANY, ANY), min_size=1, max_size=6
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = vocabularies.chatml(tmp_path_factory.mktemp("base"))
    return Encoder(folder, prompt_format(folder))


def example(name: str, chunk: str | None = None) -> Example:
    return Example(name, chunk or name, "You wait.", " It is night.", True, 12)


@given(PROSE, st.booleans())
@settings(max_examples=80, deadline=None)
def test_prompt_and_completion_are_the_text_and_the_gate_agrees(encoder: Encoder, text: str, ends_scene: bool) -> None:
    made = make_example(Piece("015a", "015", text, ends_scene), encoder, 0.05, 0.10)
    if made is None:
        return
    assert made.prompt + made.completion == text
    assert made.prompt.strip() and made.completion.strip()
    assert made.prompt == made.prompt.rstrip()
    assert 0.05 <= len(made.prompt.split()) / len(text.split()) <= 0.10
    assert prompts_well_cut([made], 0.05, 0.10).passed
    ids = encoder.prompt_ids(made.prompt) + encoder.completion_ids(made.completion, ends_scene=ends_scene)
    assert made.tokens == len(ids)
    assert (made.id, made.chunk, made.ends_scene) == ("015a", "015", ends_scene)


@given(PROSE, st.floats(0.01, 0.2), st.floats(0.01, 0.25))
@settings(max_examples=80, deadline=None)
def test_prompt_end_is_found_wherever_there_is_one(text: str, share_min: float, width: float) -> None:
    from gaea_assets.manuscript.sentences import sentence_ends

    share_max = share_min + width
    total = len(text.split())
    wanted = [end for end in sentence_ends(text) if share_min <= len(text[:end].split()) / total <= share_max]
    found = prompt_end(text, share_min, share_max)
    if not wanted:
        assert found is None
    else:
        middle = (share_min + share_max) / 2
        off = {end: abs(len(text[:end].split()) / total - middle) for end in wanted}
        assert found in wanted and off[found] == min(off.values())


def test_prompt_ends_nearest_to_the_middle_of_the_shares() -> None:
    text = " ".join(f"word{n}." if n in (4, 7, 9) else f"Word{n}" for n in range(100))
    assert prompt_end(text.replace("word", "Word"), 0.05, 0.10) == len(text[: text.index("word7.")] + "word7.")


@pytest.mark.parametrize("text", ["", "Word.", "You wait and " * 50, "You wait. " + "and so " * 100])
def test_chunk_with_no_sentence_end_in_the_shares_makes_no_example(encoder: Encoder, text: str) -> None:
    assert make_example(Piece("1", "1", text.strip(), True), encoder, 0.05, 0.10) is None


@given(EXAMPLES)
@settings(max_examples=100, deadline=None)
def test_examples_come_back_from_jsonl_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, examples: list[Example]
) -> None:
    path = tmp_path_factory.mktemp("dataset") / "train.jsonl"
    write_jsonl(examples, path)
    assert read_jsonl(path) == examples


def test_line_separators_inside_a_text_are_no_new_rows(tmp_path: Path) -> None:
    hard = replace(example("1"), prompt="a\u2028b\u2029c\x85d\x0be\rf\r\ng", completion="\ufeff\x1c\x00\n")
    path = tmp_path / "train.jsonl"
    write_jsonl([hard, example("2")], path)
    assert read_jsonl(path) == [hard, example("2")]
    assert path.read_bytes().count(b"\n") == 2


def test_an_empty_file_holds_no_examples(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("", "utf-8")
    assert read_jsonl(tmp_path / "empty.jsonl") == []


def test_rows_are_messages_that_the_datasets_library_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    write_jsonl([replace(example("1"), prompt="\u201cYou\u201d\u2028wait.")], path)
    row = json.loads(path.read_text("utf-8"))
    assert row == {
        "id": "1",
        "chunk": "1",
        "manuscript": "",
        "scene_type": "",
        "messages": [
            {"role": "user", "content": "\u201cYou\u201d\u2028wait."},
            {"role": "assistant", "content": " It is night."},
        ],
        "ends_scene": True,
        "tokens": 12,
    }
    assert no_system_message([row]).passed
    assert "\u201cYou\u201d" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "5", "null", "{}", '{"id": "1", "chunk": "1", "messages": [], "ends_scene": 1, "tokens": 1}'],
)
def test_row_that_is_no_example_names_file_line_and_remedy(tmp_path: Path, line: str) -> None:
    path = tmp_path / "train.jsonl"
    write_jsonl([example("1")], path)
    path.write_text(path.read_text() + line + "\n" + path.read_text())
    with pytest.raises(GaeaError) as error:
        read_jsonl(path)
    assert str(error.value).startswith(f"{path}: line 2: not an example (")
    assert str(error.value).endswith("); materialise prefix_completion_dataset again")
