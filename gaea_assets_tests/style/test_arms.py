"""Arms and the bundled background."""

import numpy as np

from gaea_assets.style import arms, background, similarity
from gaea_assets_tests.style.writers import second_person, third_person


def test_taking_texts_is_the_same_as_building_from_them() -> None:
    bg = background.load()
    texts = [second_person(500, 1), third_person(300, 2), second_person(400, 3)]
    whole = arms.build_arm("a", texts, bg)
    part = whole.take([2, 0], ["x", "y"])
    direct = arms.build_arm("a", [texts[2], texts[0]], bg, names=whole.names)
    assert np.array_equal(part.counts.mfw, direct.counts.mfw)
    assert np.array_equal(part.counts.chars, direct.counts.chars)
    assert np.array_equal(part.unit_text, direct.unit_text)
    assert part.unit_groups()[0] == "x" and part.unit_groups()[-1] == "y"


def test_the_background_is_compact_fitted_and_whole() -> None:
    bg = background.load()
    assert background.DATA.stat().st_size < 2_000_000
    assert bg.authors >= 20 and len(bg.words) == 500 and len(bg.trigrams) == 1500
    assert (bg.weights > 0).all() and (bg.calibration[:, 0] > 0).all()
    for channel in bg.channels.values():
        assert np.isfinite(channel.mean).all() and (channel.sd > 0).all()
        assert ((channel.damping > 0) & (channel.damping < 1)).all()


def test_a_writer_is_more_alike_to_themself_and_more_words_say_more() -> None:
    bg = background.load()
    profile = similarity.build_profile(arms.build_arm("a", [second_person(6000, 1)], bg).counts, bg)
    own = arms.build_arm("b", [second_person(2000, 2)], bg)
    other = arms.build_arm("c", [third_person(2000, 3)], bg)
    scores = [similarity.channel_scores(x.counts, np.ones((1, x.size)), profile, bg) for x in (own, other)]
    odds = [float(similarity.log_odds(s, 2000, bg)[0]) for s in scores]
    assert odds[0] > 0 > odds[1]
    assert float(similarity.log_odds(scores[1], 5000, bg)[0]) < float(similarity.log_odds(scores[1], 500, bg)[0])


def test_counting_is_the_same_for_curly_and_straight_typography() -> None:
    bg = background.load()
    straight = third_person(600, 4)
    curly = straight.replace(' "', " “").replace('\n"', "\n“").replace('"', "”").replace("'", "’")  # noqa: RUF001
    a, b = (arms.build_arm("x", [text], bg) for text in (straight, curly))
    assert np.array_equal(a.counts.marks, b.counts.marks) and np.array_equal(a.counts.chars, b.counts.chars)
