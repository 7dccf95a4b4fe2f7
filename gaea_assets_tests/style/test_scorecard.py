"""From samples to a scorecard and its report."""

import json
import re
from dataclasses import replace

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.style import report
from gaea_assets.style.remedies import ADVICE, UNDEFINED, remedies
from gaea_assets.style.scorecard import Sample, Scorecard, score_voice
from gaea_assets_tests.style.writers import second_person, third_person


def samples(write, count: int, words: int, seed: int) -> list[Sample]:  # type: ignore[no-untyped-def]
    return [Sample(f"p{i % 8}", write(words, seed + i)) for i in range(count)]


TRAIN = [second_person(900, i) for i in range(20)]
HELD = samples(second_person, 8, 600, 100)
BASE = samples(third_person, 16, 400, 200)


def score(tuned: list[Sample], **changes: object) -> Scorecard:
    arguments = {"train": TRAIN, "heldout": HELD, "base": BASE, "tuned": tuned, "resamples": 400} | changes
    return score_voice(**arguments)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def author_like() -> Scorecard:
    return score(samples(second_person, 16, 400, 300))


@pytest.fixture(scope="module")
def base_like() -> Scorecard:
    return score(samples(third_person, 16, 400, 400))


def test_the_author_scores_about_100_and_the_base_about_0(author_like: Scorecard, base_like: Scorecard) -> None:
    assert author_like.measure("transfer").score == pytest.approx(100, abs=12)
    assert base_like.measure("transfer").score == pytest.approx(0, abs=12)
    assert author_like.measure("pov").score == 100
    assert base_like.measure("pov").score == 0
    assert not base_like.passed


def test_intervals_hold_the_score(author_like: Scorecard) -> None:
    for m in author_like.measures:
        if m.score is not None and m.low is not None and m.high is not None:
            assert m.low - 1e-9 <= m.score <= m.high + 1e-9, m.name


def test_same_seed_same_result_and_json_is_plain(author_like: Scorecard) -> None:
    again = score(samples(second_person, 16, 400, 300))
    assert json.dumps(again.to_dict(), allow_nan=False) == json.dumps(author_like.to_dict(), allow_nan=False)
    assert author_like.to_dict()["schema_version"] == 1


def test_copied_text_is_withheld_and_rescored() -> None:
    card = score([Sample(f"p{i % 8}", TRAIN[i][:2500]) for i in range(16)])
    assert not card.gate("memorisation").passed
    assert not any(m.passed for m in card.measures)
    assert card.rescored is not None and not card.rescored.passed


def test_base_against_the_same_writer_is_undefined_in_words() -> None:
    card = score(samples(second_person, 16, 400, 500), base=samples(second_person, 16, 400, 700))
    assert card.measure("transfer").score is None
    assert "told apart" in str(card.measure("transfer").undefined) or "nearer" in str(
        card.measure("transfer").undefined
    )
    assert not card.measure("transfer").passed


@pytest.mark.parametrize("empty", ["train", "heldout", "base", "tuned"])
def test_missing_text_is_told_not_raised(empty: str) -> None:
    arguments = {"train": TRAIN[:3], "heldout": HELD[:2], "base": BASE[:2], "tuned": BASE[2:4], empty: []}
    card = score_voice(resamples=50, **arguments)  # type: ignore[arg-type]
    assert not card.passed
    assert all(m.undefined for m in card.measures)
    assert empty in str(card.measures[0].undefined)
    assert json.dumps(card.to_dict(), allow_nan=False)


def test_short_text_is_told_not_raised() -> None:
    card = score_voice(
        train=["You wait."],
        heldout=[Sample("a", "You go.")],
        base=[Sample("a", "He went.")],
        tuned=[Sample("a", "...")],
        resamples=50,
    )
    assert not card.passed and all(m.undefined for m in card.measures)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="person"):
        score([], person="fourth")
    with pytest.raises(ValueError, match="targets"):
        score([], targets={"beauty": 1.0})


def test_targets_decide() -> None:
    tuned = samples(second_person, 16, 400, 300)
    assert not score(tuned, targets={"transfer": 500.0}).measure("transfer").passed


def test_every_failure_has_advice(base_like: Scorecard) -> None:
    found = remedies(base_like)
    failed = {m.name for m in base_like.measures if not m.passed}
    assert failed <= set(found) | {g.name for g in base_like.gates if not g.passed}
    assert all(len(text) > 20 for text in found.values())
    assert "gaea remedy" in found["next recipe"]


def test_a_low_score_beside_a_failed_gate_is_no_reason_to_train_longer(base_like: Scorecard) -> None:
    harmed = replace(base_like, gates=tuple(replace(g, passed=g.name != "memorisation") for g in base_like.gates))
    low = replace(base_like, gates=tuple(replace(gate, passed=True) for gate in base_like.gates))
    assert "training.epochs" in remedies(low)["transfer"]
    assert "train less (training.epochs" in remedies(harmed)["memorisation"]
    assert "training." not in remedies(harmed)["transfer"]


def test_advice_gives_no_sizes_of_a_recipe_that_it_does_not_know() -> None:
    recipes = [found.recipe for found in [*ADVICE.values(), *UNDEFINED.values()]]
    assert not re.search(r"\d", " ".join(recipes))


def test_advice_names_only_fields_that_a_voice_file_has() -> None:
    named = re.findall(
        r"\b(manuscript|base|dataset|training|evaluation|gates|serving)\.(\w+)", str([ADVICE, UNDEFINED])
    )
    assert len(named) > 15
    for section, field in named:
        model = VoiceConfig.model_fields[section].annotation
        assert model is not None and field in model.model_fields, f"{section}.{field}"


def test_html_is_self_contained_and_escapes(author_like: Scorecard) -> None:
    page = report.render_html(
        author_like, [{"prompt": "Haji said,", "tuned": "<b>You</b>"}], {"title": "T", "base model": "m"}
    )
    assert "<b>You</b>" not in page and "&lt;b&gt;You" in page
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page
    assert all(title in page for title in report.TITLES.values())


def test_memorised_text_is_marked_in_the_page() -> None:
    tuned = [Sample(f"p{i % 8}", TRAIN[i][:2500]) for i in range(16)]
    page = report.render_html(score(tuned), [{"prompt": "x", "tuned": tuned[0].text}], {})
    assert page.count("<mark>") >= 2


def test_markdown_tells_the_verdict(author_like: Scorecard, base_like: Scorecard) -> None:
    assert "way from the base model" in report.render_markdown(author_like) or "No verdict" in report.render_markdown(
        author_like
    )
    assert "data:image/svg+xml;base64," in report.render_markdown(base_like)
    assert "What to change" in report.render_markdown(base_like)


def test_half_of_the_author_scores_about_half() -> None:
    half = samples(second_person, 8, 400, 600) + samples(third_person, 8, 400, 600)
    assert score(half).measure("transfer").score == pytest.approx(50, abs=15)
