"""Memorisation and repetition."""

import random
import re
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.resources import PROJECT
from gaea_assets.style import arms, background, gates, memorisation
from gaea_assets_tests.style.writers import third_person

WORDS = st.lists(st.integers(0, 6), max_size=25)
# invented prose with words enough that no five of them come together twice by chance
POOL = [
    a + b
    for a in ["bal", "cor", "den", "fim", "gor", "hul", "jav", "kel"]
    for b in ["ad", "en", "ir", "os", "um", "ath", "eld"]
]


def prose(words: int, seed: int) -> str:
    r = random.Random(seed)
    return ". ".join(" ".join(r.choices(POOL, k=12)).capitalize() for _ in range(words // 12)) + "."


def _arms(train: list[str], tuned: list[str], heldout: list[str] | None = None) -> dict[str, arms.Arm]:
    bg = background.load()
    built = {"train": arms.build_arm("train", train, bg), "tuned": arms.build_arm("tuned", tuned, bg)}
    return built | {"heldout": arms.build_arm("heldout", heldout or [], bg)}


@given(WORDS, WORDS)
@settings(max_examples=150, deadline=None)
def test_edit_distance_is_levenshtein(a: list[int], b: list[int]) -> None:
    table = np.zeros((len(a) + 1, len(b) + 1), int)
    table[:, 0], table[0] = range(len(a) + 1), range(len(b) + 1)
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (x != y))
    assert memorisation.edit_distance(np.array(a, int), np.array(b, int)) == table[-1, -1]


def test_a_copied_run_is_found_with_its_source() -> None:
    train = [prose(400, 1), prose(400, 2)]
    copied = " ".join(train[1].split()[100:125])
    gate = gates.memorisation_gate(_arms(train, [prose(200, 3) + " " + copied]))
    assert not gate.passed and gate.severity == "error"
    assert gate.figures["longest_run"] == 25
    assert gate.findings[0].span is not None and gate.findings[0].span.chunk == 1


def test_a_near_copy_is_found() -> None:
    train = [prose(600, 1)]
    words = train[0].split()[200:280]
    changed = [w if i % 7 else "altered" for i, w in enumerate(words)]
    gate = gates.memorisation_gate(_arms(train, [prose(200, 3) + " " + " ".join(changed)]))
    assert not gate.passed
    assert any(f.span and f.span.kind == "near-verbatim" and f.span.words >= 40 for f in gate.findings)


def test_a_saying_that_the_author_repeats_is_told_but_no_failure() -> None:
    train = [prose(4000, 1)]
    said = " ".join(train[0].split()[100:114])
    gate = gates.memorisation_gate(_arms(train, [prose(2000, 3) + " " + said + " " + prose(600, 4)]))
    assert gate.passed and gate.severity == "warn"
    assert gate.figures["longest_run"] == 14 and 0 < gate.figures["coverage_13"] < 0.01
    assert gate.findings and "no more than authors repeat" in gate.reason


def test_many_short_copies_fail_together() -> None:
    train = [prose(4000, 1)]
    words = train[0].split()
    patches = [prose(120, 10 + i) + " " + " ".join(words[200 * i : 200 * i + 14]) for i in range(18)]
    gate = gates.memorisation_gate(_arms(train, [" ".join(patches)]))
    assert not gate.passed and gate.figures["longest_run"] < 20 and gate.figures["coverage_13"] > 0.01


def test_other_text_passes_and_a_refrain_of_the_author_is_no_copy() -> None:
    refrain = " ".join(prose(100, 9).split()[:24])
    train, own = [prose(600, 1) + " " + refrain], [prose(300, 4) + " " + refrain]
    assert gates.memorisation_gate(_arms(train, [prose(600, 2)])).passed
    assert gates.memorisation_gate(_arms(train, [prose(300, 3) + " " + refrain], own)).passed
    assert not gates.memorisation_gate(_arms(train, [prose(300, 3) + " " + refrain])).passed


def test_loops_fail() -> None:
    bg = background.load()
    paragraph = third_person(120, 1)
    looped = arms.build_arm("tuned", ["\n\n".join([paragraph] * 6)] * 3, bg)
    gate = gates.repetition_gate(looped, bg)
    assert not gate.passed and gate.findings


def test_shuffled_words_fail_for_their_order() -> None:
    bg = background.load()
    words = third_person(2000, 1).split()
    random.Random(0).shuffle(words)
    gate = gates.repetition_gate(arms.build_arm("tuned", [" ".join(words)], bg), bg)
    assert not gate.passed and "word order" in gate.reason


def test_snippets_put_together_anew_fail_though_none_is_long() -> None:
    r = random.Random(7)
    train = [prose(6000, 1)]
    words = train[0].split()
    mosaic = " ".join(" ".join(words[at : at + 7]) for at in (r.randrange(5900) for _ in range(120)))
    gate = gates.memorisation_gate(_arms(train, [mosaic]))
    assert not gate.passed and gate.figures["longest_run"] < 13
    assert gate.figures["coverage_5"] > 0.9 and "snippets of five words" in gate.reason


def test_words_chained_by_what_followed_them_fail() -> None:
    chunks = sorted((PROJECT / "data" / "raw" / "visions_of_gaea").glob("chunk_*.txt"))
    *train, unseen = [path.read_text("utf-8") for path in chunks]
    words = " ".join(train).split()
    after: dict[str, list[str]] = {}
    for word, following in pairwise(words):
        after.setdefault(word, []).append(following)
    r = random.Random(3)
    chain = ["You"]
    while len(chain) < 1500:
        chain.append(r.choice(after.get(chain[-1], words)))
    gate = gates.memorisation_gate(_arms(train, [" ".join(chain)]))
    assert not gate.passed and gate.figures["known_pairs"] > 0.98 and "as in chained words" in gate.reason
    own = gates.memorisation_gate(_arms(train, [unseen]))
    assert own.passed and own.figures["known_pairs"] < 0.7


def test_the_held_out_text_itself_is_no_achievement() -> None:
    own = prose(900, 5)
    gate = gates.memorisation_gate(_arms([prose(3000, 1)], [own], [own]))
    assert not gate.passed and "held-out" in gate.reason


def test_two_texts_for_every_prompt_fail() -> None:
    bg = background.load()
    texts = [third_person(400, seed) for seed in (1, 2)]
    gate = gates.repetition_gate(arms.build_arm("tuned", texts * 4, bg), bg)
    assert not gate.passed and "more than one sample" in gate.reason
    assert gates.repetition_gate(arms.build_arm("tuned", texts[:1], bg), bg).figures["repeated_between_samples"] == 0


def test_words_that_nobody_uses_fail() -> None:
    bg = background.load()
    text, r = third_person(900, 3), random.Random(1)
    made_up = re.sub(
        r"\b[a-z]{6,}\b", lambda _: "".join(r.choice("bdfklmnprst") + r.choice("aeiou") for _ in "1234"), text
    )
    arm = arms.build_arm("tuned", [made_up], bg)
    train = arms.build_arm("train", [third_person(900, 4)], bg)
    gate = gates.repetition_gate(arm, bg, train=train)
    assert not gate.passed and "nowhere in fiction" in gate.reason
    assert gate.figures["known_words"] < 0.92


def test_one_sample_without_word_order_fails() -> None:
    bg = background.load()
    words = third_person(400, 5).split()
    random.Random(1).shuffle(words)
    whole = [third_person(400, seed) for seed in range(10, 17)]
    gate = gates.repetition_gate(arms.build_arm("tuned", [*whole, " ".join(words)], bg), bg)
    assert gate.figures["salads"] == 1 and not gate.passed


def test_a_long_copy_is_found_in_bounded_time() -> None:
    text = prose(30_000, 1)
    gate = gates.memorisation_gate(_arms([text], [text]))
    assert not gate.passed and gate.figures["coverage_13"] == 1
