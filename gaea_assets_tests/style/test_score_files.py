"""Scoring whole texts against an author."""

import random

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.resources import PROJECT
from gaea_assets.style import background, score_files
from gaea_assets.style.arms import build_arm
from gaea_assets.style.gates import Gate
from gaea_assets.style.score_files import AUTHOR_WORDS, SUSPECT, infer_person, score_texts
from gaea_assets_tests.style.writers import second_person, third_person

AUTHOR = [second_person(1500, number) for number in range(4)]
BASE = [third_person(4000, 90)]


def test_the_author_scores_above_another_writer() -> None:
    result = score_texts({"own": second_person(2200, 50), "other": third_person(2200, 50)}, AUTHOR, BASE, resamples=200)
    own, other = result["candidates"]
    assert own["similarity"] > other["similarity"]
    assert own["transfer"]["transfer"]["score"] > other["transfer"]["transfer"]["score"]
    assert own["interval"][0] <= own["similarity"] <= own["interval"][1]


def test_a_text_scores_the_same_beside_others_as_alone() -> None:
    texts = {"long": third_person(2200, 50), "short": second_person(700, 51), "own": second_person(2200, 50)}
    together = score_texts(texts, AUTHOR, BASE, resamples=100)["candidates"]
    alone = [score_texts({name: text}, AUTHOR, BASE, resamples=100)["candidates"][0] for name, text in texts.items()]
    assert together == alone


def test_no_short_text_claims_to_be_sure() -> None:
    chunks = [path.read_text("utf-8") for path in sorted((PROJECT / "data/raw/visions_of_gaea").glob("chunk_*.txt"))]
    pieces = {str(number): " ".join(chunk.split()[:600]) for number, chunk in enumerate(chunks[25:])}
    rows = score_texts(pieces, chunks[:25], resamples=200)["candidates"]
    # Pieces of 500 and 800 words of one book spread over 8.5 and 9.5 (docs/style_report.md).
    assert min(row["interval"][1] - row["interval"][0] for row in rows) > 5


def test_a_copy_of_the_author_gets_no_verdict() -> None:
    copy = score_texts({"copy": AUTHOR[0]}, AUTHOR)["candidates"][0]
    assert copy["verdict"] is None and not copy["gates"][0]["passed"]


def test_a_long_copy_with_a_refrain_is_scored_too() -> None:
    chance = random.Random(3)
    made_up = ["".join(chance.choices("abdeiklmnorstu", k=6)) for _ in range(3000)]
    parts = [" ".join(chance.choices(made_up, k=10)).capitalize() + "." for _ in range(2000)]
    parts[::20] = ["And then the bell rang over the old river again."] * len(parts[::20])
    text = " ".join(parts)
    copy = score_texts({"copy": text}, [text, AUTHOR[0]])["candidates"][0]
    assert copy["verdict"] is None and not copy["gates"][0]["passed"]
    assert copy["gates"][0]["figures"]["longest_run"] == copy["words"] == 20_000


@pytest.mark.parametrize(
    ("candidates", "author", "base", "told"),
    [
        ({"one": second_person(500, 1)}, [], [], "author: 0 words in 0 files"),
        ({"one": second_person(500, 1)}, [" ", "12 34"], [], "author: 0 words in 2 files"),
        ({"one": second_person(500, 1)}, [second_person(AUTHOR_WORDS - 200, 1)], [], "too few"),
        ({"blank": " \n\n "}, AUTHOR, [], "blank: there are no words"),
        ({"digits": "12, 13; 14."}, AUTHOR, [], "digits: there are no words"),
        ({"one": second_person(500, 1)}, AUTHOR, [*BASE, "..."], "base text 2: there are no words"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    candidates: dict[str, str], author: list[str], base: list[str], told: str
) -> None:
    with pytest.raises(GaeaError, match=told) as caught:
        score_texts(candidates, author, base)
    assert "\n" not in str(caught.value)


def test_a_few_words_have_no_similarity() -> None:
    few, some = score_texts({"few": "You wait by the cold gate.", "some": second_person(300, 9)}, AUTHOR)["candidates"]
    assert few["similarity"] is None and "6 words" in few["undefined"] and few["channels"] == {}
    assert some["similarity"] is not None and some["undefined"] is None and some["verdict"] is None
    assert any("too short" in warning for warning in some["warnings"])


def test_the_person_is_that_of_the_author() -> None:
    texts = {"second": second_person(2200, 50), "third": third_person(2200, 50)}
    by_second = score_texts(texts, AUTHOR, BASE, resamples=200)
    assert (by_second["author"]["person"], by_second["author"]["person_from"]) == ("second", "text")
    by_third = score_texts(texts, [third_person(6000, 3)], [second_person(4000, 90)], resamples=200)
    assert by_third["author"]["person"] == "third"
    for result, first in ((by_second, 0), (by_third, 1)):
        scores = [row["transfer"]["pov"]["score"] for row in result["candidates"]]
        assert scores[first] > 90 and scores[1 - first] < 10


def test_a_given_person_stands() -> None:
    result = score_texts({"own": second_person(2200, 50)}, AUTHOR, BASE, person="third", resamples=200)
    assert (result["author"]["person"], result["author"]["person_from"]) == ("third", "given")
    assert result["candidates"][0]["transfer"]["pov"]["score"] < 10
    with pytest.raises(ValueError, match="fourth"):
        score_texts({"own": second_person(2200, 50)}, AUTHOR, person="fourth")


def test_an_author_without_a_leading_person_makes_no_claim_of_it() -> None:
    impersonal = ["The lamp was cold. Nothing in the harbour was old. A bell rang over the narrow river. " * 400]
    result = score_texts({"own": second_person(2200, 50)}, impersonal, BASE, resamples=200)
    assert result["author"]["person"] is None and result["author"]["person_from"] is None
    pov = result["candidates"][0]["transfer"]["pov"]
    assert pov["score"] is None and not pov["passed"] and "--person" in pov["undefined"]


def test_the_person_of_most_windows_is_inferred() -> None:
    fitted = background.load()
    for texts, person in (
        ([second_person(4000, 1), third_person(1500, 1)], "second"),
        ([second_person(1500, 1), third_person(4000, 1)], "third"),
    ):
        assert infer_person(build_arm("train", texts, fitted)) == person
    assert infer_person(build_arm("train", [third_person(250, 1)], fitted)) is None


def test_an_author_too_short_to_hold_out_is_told() -> None:
    short = score_texts({"own": second_person(2200, 50)}, [second_person(2300, 1)], BASE, resamples=200)
    transfer = short["candidates"][0]["transfer"]
    for name in ("transfer", "vocabulary", "structure"):
        assert "hold any of it out" in transfer[name]["undefined"]
    assert transfer["pov"]["score"] is not None
    enough = score_texts({"own": second_person(2200, 50)}, [second_person(5200, 1)], BASE, resamples=200)
    assert enough["candidates"][0]["transfer"]["transfer"]["score"] is not None


def test_short_texts_are_told_by_whose_they_are() -> None:
    short = score_texts({"own": second_person(300, 50)}, AUTHOR, BASE, resamples=200)["candidates"][0]["transfer"]
    assert {name for name in short if "this text is too short" in (short[name]["undefined"] or "")} == {
        "transfer", "vocabulary", "structure", "markers",
    }  # fmt: skip
    assert "too little narration" in short["pov"]["undefined"]
    rows = score_texts({"own": second_person(2200, 50)}, AUTHOR, [third_person(200, 1)], resamples=200)["candidates"]
    assert "the base model's text is too short" in rows[0]["transfer"]["transfer"]["undefined"]


def test_speech_alone_has_too_little_narration() -> None:
    speech = "\n\n".join('"We shall go to the old river and count the bells there," said Mira.' for _ in range(80))
    pov = score_texts({"talk": speech}, AUTHOR, BASE, resamples=200)["candidates"][0]["transfer"]["pov"]
    assert pov["score"] is None and "narration" in pov["undefined"] and "0 of" not in pov["undefined"]


def test_the_verdict_follows_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("memorisation", "repetition"):  # the invented writers repeat themselves
        monkeypatch.setattr(score_files, f"{name}_gate", lambda *_, name=name, **__: Gate(name, True, "note", {}))
    texts = {
        str(share): "\n\n".join((second_person if n < share else third_person)(180, 300 + n) for n in range(12))
        for share in (0, 1, 2, 11)
    }
    rows = score_texts(texts, AUTHOR)["candidates"]
    for row in rows:
        low, high = row["interval"]
        assert row["verdict"] == ("by this author" if low > 0 else "not by this author" if high < 0 else "undecided")
    assert rows[-1]["verdict"] == "by this author" and "undecided" in {row["verdict"] for row in rows}


def test_a_score_better_than_the_author_is_suspect() -> None:
    seeds = iter(range(100, 200))
    author = [
        second_person(400, next(seeds)) if n % 5 < 4 else second_person(200, next(seeds)) + third_person(200, n)
        for n in range(20)
    ]  # every fifth piece is what is held out
    row = score_texts({"pure": second_person(2200, 50)}, author, BASE, resamples=200)["candidates"][0]
    assert row["transfer"]["transfer"]["score"] > SUSPECT
    assert any("suspect" in warning and "transfer" in warning for warning in row["warnings"])
    row = score_texts({"own": second_person(2200, 50)}, AUTHOR, BASE, resamples=200)["candidates"][0]
    high = [name for name, measure in row["transfer"].items() if (measure["score"] or 0) > SUSPECT]
    assert any("suspect" in warning for warning in row["warnings"]) == bool(high)
