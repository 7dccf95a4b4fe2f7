from gaea_assets.style.charts import COLOURS, score_bar


def test_a_score_that_a_gate_withholds_is_not_drawn_as_a_success() -> None:
    assert COLOURS["author"] in score_bar(62.0, 49.0, 78.0, 60.0, passed=True)
    assert COLOURS["author"] not in score_bar(62.0, 49.0, 78.0, 60.0, passed=False)
