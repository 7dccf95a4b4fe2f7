import re
from xml.etree import ElementTree

import pytest

from gaea_assets.charts import COLOURS, histogram, lines, score_bar


@pytest.mark.parametrize("mark", [None, 50.0])
@pytest.mark.parametrize("values", [[3.0], [0.0, 0.0], [1, 2, 2, 900]])
def test_a_histogram_counts_every_value(values: list[float], mark: float | None) -> None:
    drawing = histogram({"as read": values, "a <b>": [1.0, 2.0]}, "words", mark)
    ElementTree.fromstring(drawing)
    counts = [int(found) for found in re.findall(r"as read: (\d+) of", drawing)]
    assert sum(counts) == len(values)
    assert ("limit 50" in drawing) == (mark is not None)


def test_a_score_that_a_gate_withholds_is_not_drawn_as_a_success() -> None:
    assert COLOURS["author"] in score_bar(62.0, 49.0, 78.0, 60.0, passed=True)
    assert COLOURS["author"] not in score_bar(62.0, 49.0, 78.0, 60.0, passed=False)


@pytest.mark.parametrize("values", [[(0, 3.0)], [(0, 3.0), (9, 3.0)], [(0, 3.5), (4, float("nan")), (9, 3.1)]])
def test_lines_show_every_value_that_is_a_number(values: list[tuple[float, float]]) -> None:
    drawing = lines({"training loss": values, "held-out loss": [(5, 3.2)]}, "step")
    ElementTree.fromstring(drawing)
    assert "nan" not in drawing
    assert drawing.count("training loss: ") == sum(y == y for _, y in values)
