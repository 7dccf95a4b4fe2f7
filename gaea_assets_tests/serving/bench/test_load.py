import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.serving.bench import prose
from gaea_assets.serving.bench.client import Answer
from gaea_assets.serving.bench.load import LENGTHS, SPARE, Scale, Spread, levels_up_to, spread, summarise


def answer(sent: float, pieces: tuple[float, ...], error: str | None = None) -> Answer:
    return Answer(sent, pieces[-1] if pieces else sent + 1, "x", 10, len(pieces), pieces, error)


def test_a_levels_figures_are_those_of_whole_answers_over_the_time_of_all() -> None:
    level = summarise(2, [answer(0, (1, 2, 3)), answer(0, (2, 4)), answer(1, (2, 10), error="dropped")])
    assert (level.requests, level.errors, level.tokens) == (3, 1, 5)
    assert level.seconds == 10
    assert level.tokens_per_second == 0.5
    assert level.first_token == Spread(1.5, pytest.approx(1.95))
    assert level.inter_token == Spread(1.0, pytest.approx(1.9))


def test_a_level_without_a_whole_answer_has_no_figures() -> None:
    level = summarise(1, [answer(0, (), error="refused")])
    assert (level.errors, level.tokens_per_second, level.first_token, level.inter_token) == (1, None, None, None)


def test_answers_of_one_piece_have_no_time_between_pieces() -> None:
    assert summarise(1, [answer(0, (1,))]).inter_token is None


def test_a_spread_is_the_median_and_the_95th_percentile() -> None:
    assert spread([float(n) for n in range(101)]) == Spread(50, 95)
    assert spread([]) is None


@pytest.mark.parametrize(
    ("most", "levels"), [(1, [1]), (2, [1, 2]), (16, [1, 2, 4, 8, 16]), (12, [1, 2, 4, 8, 12]), (3, [1, 2, 3])]
)
def test_streams_double_up_to_the_number_wanted(most: int, levels: list[int]) -> None:
    assert levels_up_to(most) == levels


@pytest.mark.parametrize(
    ("context", "lengths"),
    [
        (65_536, [1024, 4096, 16_384, 60_165]),
        (2_048, [1024, 1756]),
        (1_300, [1024]),  # the longest that fits is hardly longer
        (600, [424]),
        (100, []),
    ],
)
def test_lengths_rise_to_the_longest_that_leaves_room_for_the_answer(context: int, lengths: list[int]) -> None:
    assert Scale(4.0, context).lengths(128) == lengths


@given(st.integers(200, 2_000_000), st.integers(1, 128))
def test_no_length_is_above_what_the_server_takes(context: int, answer_tokens: int) -> None:
    lengths = Scale(4.0, context).lengths(answer_tokens)
    assert lengths == sorted(set(lengths))
    assert all(length + answer_tokens <= context * (1 - SPARE) for length in lengths)
    assert set(lengths[:-1]) <= set(LENGTHS)


@given(st.integers(20, 20_000), st.floats(1.5, 6))
def test_a_prompt_has_the_wanted_length(tokens: int, characters: float) -> None:
    prompt = Scale(characters, 65_536).prompt(tokens, seed=3)
    wanted = max(tokens * characters, len(prose.opening()) + 1)
    assert wanted - 30 <= len(prompt) <= wanted + 1


def test_no_two_prompts_begin_alike_and_their_prose_follows_from_the_seed() -> None:
    scale = Scale(4.0, 65_536)
    prompts = [scale.prompt(500, seed) for seed in (1, 1, 2)]
    assert len({prompt[:22] for prompt in prompts}) == 3
    first, second, other = (prompt.split("\n\n", 1)[1] for prompt in prompts)
    assert first == second != other


def test_filler_is_whole_words_and_no_page_is_like_another() -> None:
    text = prose.filler(100_000, seed=0)
    assert 99_900 < len(text) <= 100_000
    assert text[:29_000] not in text[29_000:]
    assert set(text.split()) <= {word for page in prose._paragraphs() for word in page.split()}
