"""What a reading is made of."""

from collections import Counter

import pytest

from gaea_assets.blind.planning import EXCERPT_WORDS, make_plan
from gaea_assets.config import Blind
from gaea_assets.errors import GaeaError
from gaea_assets_tests.blind.readings import MODEL, continuations, passages, prompts, small_plan
from gaea_assets_tests.projects import scene


def test_the_same_seed_gives_the_same_plan_and_another_seed_or_model_another_one() -> None:
    assert small_plan() == small_plan()
    assert small_plan(seed=1).id != small_plan().id
    assert set(small_plan(seed=1).items).isdisjoint(small_plan().items)
    assert set(small_plan(model="f" * 64).items).isdisjoint(small_plan().items)


def test_no_text_of_a_model_stands_in_two_pairs() -> None:
    plan = small_plan()
    pairs = [plan.pairs[index] for index in plan.of_kind("pair")]
    texts = [text for pair in pairs for text in pair.texts.values()]
    assert len(texts) == len(set(texts)) == 2 * len(pairs) == 2 * 6 * 4  # the checks take no pair away


def test_checks_show_the_author_beside_the_same_words_shuffled_or_as_they_are() -> None:
    plan = small_plan(count=10, samples=5, checks=0.15)
    checks = [plan.pairs[index] for index in plan.of_kind("check")]
    assert len(checks) == 6  # 6 / 40 is the least share not below 0.15
    assert len({check.prompt_id for check in checks}) == 6
    for check in checks:
        found = next(passage for passage in passages() if passage.id == check.prompt_id)
        assert check.prompt == found.text.strip()
        text = check.texts["author"]
        assert found.reference and found.reference.startswith(text)
        (other,) = check.texts.keys() - {"author"}
        if other == "again":
            assert check.texts["again"] == text
        else:
            assert other == "shuffled" and check.texts["shuffled"] != text
            assert sorted(check.texts["shuffled"].split()) == sorted(text.split())
            assert check.texts["shuffled"].count("\n\n") == text.count("\n\n")
    assert sum("again" in check.texts for check in checks) == 3
    assert all(set(plan.pairs[index].texts) == {"base", "tuned"} for index in plan.of_kind("pair"))
    assert not small_plan(checks=0).of_kind("check")


def test_there_are_as_many_checks_as_the_attention_rule_wants() -> None:
    assert len(small_plan(count=2, samples=3, checks=0.01).of_kind("check")) == 3


def test_both_texts_of_a_pair_were_sampled_with_one_seed_from_one_prompt() -> None:
    given = prompts(6)
    base, tuned = continuations(given, 5, 1000), continuations(given, 5, 5000)
    for pair in small_plan().pairs:
        if pair.kind == "pair":
            places = [
                next(n for n, c in enumerate(texts) if c.text.strip().startswith(pair.texts[writer]))
                for writer, texts in (("base", base), ("tuned", tuned))
            ]
            assert places[0] == places[1]
            assert base[places[0]].prompt == pair.prompt


def test_each_pair_can_be_shown_both_ways_round_and_a_name_tells_neither_pair_nor_side() -> None:
    plan = small_plan()
    shown = Counter((item.pair, item.a) for item in plan.items.values())
    assert set(shown.values()) == {1} and len(shown) == 2 * len(plan.pairs)
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in plan.items)
    # Listed by name: neither the order of the pairs nor that of the sides shows in it.
    assert list(plan.items) == sorted(plan.items)
    in_order = [item.a == "base" for item in plan.items.values()]
    assert 0.3 < sum(in_order[: len(in_order) // 2]) / (len(in_order) // 2) < 0.7


def test_excerpts_are_the_authors_from_the_training_side() -> None:
    plan = small_plan()
    training = [scene(200 + n, 12) for n in range(5)]
    assert len(set(plan.excerpts)) == 5
    for excerpt in plan.excerpts:
        assert sum(excerpt in text for text in training) == 1
        assert EXCERPT_WORDS / 2 < len(excerpt.split()) <= EXCERPT_WORDS
    assert {pair.excerpt for pair in plan.pairs} == set(range(5))


def test_what_the_style_report_shows_with_its_writers_name_is_not_shown() -> None:
    """It shows each prompt's first continuation of either model."""
    first = {c.text.strip() for start in (1000, 5000) for c in continuations(prompts(6), 1, start)}
    plan = small_plan()
    assert not plan.in_report
    assert not any(whole.startswith(text) for pair in plan.pairs for text in pair.texts.values() for whole in first)
    assert small_plan(samples=1).in_report


def plan_of(base_paragraphs: int, tuned_paragraphs: int, training: dict[str, str] | None = None) -> object:
    given = prompts(2)
    base, tuned = (continuations(given, 3, s, n) for s, n in ((1000, base_paragraphs), (5000, tuned_paragraphs)))
    shown = {"001": scene(1)} if training is None else training
    return make_plan("pocket", MODEL, Blind(checks=0), "en", shown, [], given, base, tuned, {})


def test_a_model_that_writes_nothing_leaves_nothing_to_compare_and_is_named() -> None:
    with pytest.raises(GaeaError, match=r"no pair of continuations has 30 words .* \(too short: base 0, tuned 4\)"):
        plan_of(3, 0)
    with pytest.raises(GaeaError, match="too short: base 4, tuned 0"):
        plan_of(0, 3)


def test_without_training_text_there_is_no_voice_to_show() -> None:
    with pytest.raises(GaeaError, match="no text to show; materialise prefix_completion_dataset again"):
        plan_of(3, 3, {})


def test_continuations_of_other_prompts_are_not_shown() -> None:
    given = prompts(2)
    base, tuned = continuations(given, 2, 1000), continuations(prompts(3)[2:], 2, 5000)
    with pytest.raises(GaeaError, match="no pair of continuations"):
        make_plan("pocket", MODEL, Blind(), "en", {"001": scene(1)}, passages(), given, base, tuned, {})
