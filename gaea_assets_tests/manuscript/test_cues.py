"""Cues are named for every figure, and told at narrative boundaries alone."""

from gaea_assets.manuscript import cues
from gaea_assets.manuscript.boundaries import load_weights
from gaea_assets.manuscript.cues import strongest_cues
from gaea_assets.manuscript.segmenting import SegmentLimits, segment

HARBOUR = ["The boats lay at the quay, and the nets dried on the wall above the tide and the weed."] * 5
TURN = "The next morning Miriam rode out over the hills to the monastery, where the snow had begun to fall."
HILLS = ["Snow covered the path, and the monks carried wood from the forest to the chapel stove."] * 5
LIMITS = SegmentLimits(30, 40, 60, 120, 130, 160)


def test_every_figure_of_the_score_has_a_name() -> None:
    named = tuple(name for names in cues.CUES.values() for name in names)
    assert [name for name in load_weights().features if not name.startswith(named)] == []
    assert load_weights().lexicons.keys() <= cues.LEXICON_CUES.keys()


def test_cues_are_told_of_narrative_boundaries_alone() -> None:
    text = "\n\n".join(["# One", *HARBOUR, TURN, *HILLS, "# Two", "She waits."])
    found = segment(text, LIMITS)
    (boundary,) = (part for part in found if part.score is not None)
    assert boundary.prose.startswith("The next morning")
    told = strongest_cues(text, found)
    assert list(told) == [boundary.start]
    assert "time +" in told[boundary.start] or "its opening +" in told[boundary.start]


def test_a_document_of_whole_scenes_has_none() -> None:
    text = "# One\n\nShe waits.\n\n* * *\n\nHe goes."
    assert strongest_cues(text, segment(text, LIMITS)) == {}
