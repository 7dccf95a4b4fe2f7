"""Lines are found where they stand."""

from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.manuscript.lines import line_of, lines


@given(st.text(alphabet="ab \n", max_size=80))
def test_lines_keep_their_offsets(text: str) -> None:
    for start, line in lines(text):
        assert text.startswith(line, start)
        assert text.split("\n")[line_of(text, start) - 1].strip() == line
