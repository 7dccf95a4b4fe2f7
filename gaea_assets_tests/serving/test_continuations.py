"""Prompts from held-out chunks, and what a model writes from them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Evaluation
from gaea_assets.manuscript.examples import Example
from gaea_assets.manuscript.sentences import sentence_ends
from gaea_assets.serving.continuations import (
    Continuation,
    Prompt,
    continue_all,
    heldout_prompts,
    openings,
    read_continuations,
    write_continuations,
)
from gaea_assets.serving.generator import Generation, Sampling
from gaea_assets_tests import vocabularies

SETTINGS = Evaluation(passage_words=100, prompt_words=20, samples_per_prompt=3, prompts=("You wait,", "It is"))
# Sentences of six words; every one tells its number.
PARAGRAPHS = st.lists(st.integers(1, 12), min_size=1, max_size=40)
GAPS = ["\n\n", "\n\n\n", "\n \n"]


def example(text: str, name: str = "015a") -> Example:
    return Example(name, "015", text[:9], text[9:], True, 1)


def prose(sizes: list[int], gap: str = "\n\n") -> str:
    return gap.join(" ".join(f"You wait for lamp number {n}x{i}." for i in range(size)) for n, size in enumerate(sizes))


def passages(prompts: Sequence[Prompt]) -> list[str]:
    return [f"{prompt.text} {prompt.reference}" for prompt in prompts]


@given(PARAGRAPHS, st.sampled_from(GAPS))
@settings(max_examples=80, deadline=None)
def test_passages_hold_the_whole_chunk_once_and_in_order(sizes: list[int], gap: str) -> None:
    text = prose(sizes, gap)
    prompts = heldout_prompts([example(text)], SETTINGS)
    if len(text.split()) <= 6:
        assert prompts == []
        return
    assert " ".join(passages(prompts)).split() == text.split()
    for prompt in prompts:
        assert prompt.text in text
        assert prompt.reference and prompt.reference in text


@given(PARAGRAPHS)
@settings(max_examples=100, deadline=None)
def test_passages_are_whole_paragraphs_of_the_wanted_length(sizes: list[int]) -> None:
    text = prose(sizes)
    if len(text.split()) <= 6:
        return
    found = passages(heldout_prompts([example(text)], SETTINGS))
    lengths = [len(passage.split()) for passage in found]
    longest = max(sizes) * 6
    assert all(100 <= length < 100 + longest for length in lengths[:-1])
    assert lengths[-1] < 150 + longest
    assert len(lengths) == 1 or lengths[-1] >= 50
    starts = {paragraph.split()[5] for paragraph in text.split("\n\n")}
    assert all(passage.split()[5] in starts for passage in found)


def test_short_rest_joins_the_passage_before_it() -> None:
    # 120 words, then 24: less than half a passage.
    prompts = heldout_prompts([example(prose([10, 10, 4]))], SETTINGS)
    assert [len(passage.split()) for passage in passages(prompts)] == [144]
    # 120, 120, 24
    prompts = heldout_prompts([example(prose([10, 10, 10, 10, 4]))], SETTINGS)
    assert [len(passage.split()) for passage in passages(prompts)] == [120, 144]


def test_lines_without_blank_lines_between_stay_so() -> None:
    text = prose([3, 3, 3], gap="\n")
    (prompt,) = heldout_prompts([example(text)], SETTINGS)
    assert prompt.text + "\n" + str(prompt.reference) == text


@given(PARAGRAPHS)
@settings(max_examples=60, deadline=None)
def test_prompt_ends_at_the_sentence_end_nearest_to_the_wanted_length(sizes: list[int]) -> None:
    for prompt in heldout_prompts([example(prose(sizes))], SETTINGS):
        assert prompt.text.endswith(".")
        # Sentences of six words: 18 is nearest to 20, or the last but one where there are fewer.
        words = len(f"{prompt.text} {prompt.reference}".split())
        assert len(prompt.text.split()) == min(18, words - 6)


def test_prompts_are_numbered_within_their_example() -> None:
    prompts = heldout_prompts([example(prose([20, 20])), example(prose([4]), "016")], SETTINGS)
    assert [prompt.id for prompt in prompts] == ["015a-1", "015a-2", "016-1"]


def test_chunk_of_one_sentence_gives_no_prompt() -> None:
    assert heldout_prompts([example("You wait for the lamp.")], SETTINGS) == []
    assert sentence_ends("You wait for the lamp.")


def test_openings_have_no_reference() -> None:
    assert openings(SETTINGS) == [Prompt("opening-1", "You wait,", None), Prompt("opening-2", "It is", None)]


class Recorder:
    """Continues nothing, but keeps what it was asked."""

    def generate(self, prompts: Sequence[list[int]], sampling: Sampling) -> list[Generation]:
        self.prompts, self.sampling = list(prompts), sampling
        return [Generation(f"text {i}", ended=i % 2 == 0) for i in range(len(prompts))]


def test_each_prompt_is_continued_as_often_as_wanted_from_its_ids(tmp_path: Path) -> None:
    folder = vocabularies.llama3(tmp_path)
    encoder, generator = Encoder(folder, prompt_format(folder)), Recorder()
    found = continue_all(openings(SETTINGS), generator, encoder, SETTINGS)
    ids = [encoder.prompt_ids(text) for text in SETTINGS.prompts]
    assert generator.prompts == [ids[0]] * 3 + [ids[1]] * 3
    assert generator.sampling == Sampling(max_new_tokens=900, temperature=0.8, top_p=0.95, seed=0)
    assert [(c.prompt_id, c.prompt, c.text, c.ended) for c in found][2:4] == [
        ("opening-1", "You wait,", "text 2", True),
        ("opening-2", "It is", "text 3", False),
    ]


def test_answer_that_is_missing_is_noticed(tmp_path: Path) -> None:
    class Forgetful(Recorder):
        def generate(self, prompts: Sequence[list[int]], sampling: Sampling) -> list[Generation]:
            return super().generate(prompts, sampling)[1:]

    folder = vocabularies.plain(tmp_path)
    with pytest.raises(ValueError, match="zip"):
        continue_all(openings(SETTINGS), Forgetful(), Encoder(folder, prompt_format(folder)), SETTINGS)


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(st.builds(Continuation, TEXT, TEXT, TEXT, st.booleans()), max_size=5))
@settings(deadline=None)
def test_continuations_come_back_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, continuations: list[Continuation]
) -> None:
    path = tmp_path_factory.mktemp("out") / "continuations.jsonl"
    write_continuations([*continuations, Continuation("a", "\u2028\x85\r", "\n", True)], path)
    assert read_continuations(path) == [*continuations, Continuation("a", "\u2028\x85\r", "\n", True)]
