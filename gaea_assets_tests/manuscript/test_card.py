"""The dataset card and its drawings tell what the files hold."""

from xml.etree import ElementTree

import pytest

from gaea_assets.config import VoiceConfig
from gaea_assets.manuscript.card import Sizes, Split, dataset_card, histograms
from gaea_assets.manuscript.examples import Example

READ = Sizes([10, 30], [20, 4435])
PARTS = Sizes([10, 16, 14], [20, 2000, 2435])
SECONDS = {"a card": 0.2, "a processor": 90.0, "a slow one": 9000.0}


def voice(**manuscript: object) -> VoiceConfig:
    return VoiceConfig.model_validate(
        {"name": "mine", "manuscript": {"folder": "x", **manuscript}, "base": {"model": "org/base"}}
    )


def example(name: str, chunk: str | None = None, scene_type: str = "action", manuscript: str = "x") -> Example:
    return Example(name, chunk or name, "You wait.", " It is night.", True, 12, scene_type, manuscript)


def test_card_tells_sizes_sides_and_what_was_left_out() -> None:
    split = Split([example("001"), example("002", None, "dialogue")], [example("015a", "015")], ["007"])
    card = dataset_card(voice(), split, READ, PARTS, SECONDS)
    assert card.startswith("---\nconfigs:\n")
    assert "# mine: prefix-completion examples" in card
    assert "its first 5% to 10% of the words" in card
    assert "| as read | 2 | 40 | 10, 20, 30 | 2,228, 4,435 | 1 |" in card
    assert "| after splitting | 3 | 40 | 10, 13, 16 | 1,485, 2,435 | 0 |" in card
    assert "| train | 2 | 10 | 24 | 12 | 12 |" in card
    assert "| validation | 1 | 5 | 12 | 12 | 12 |" in card
    assert "Validation: 015a (`dataset.seed` 0)." in card
    assert "may end: 007." in card
    assert "| action | 1 (50%) | 1 (100%) |" in card and "| dialogue | 1 (50%) | 0 (0%) |" in card
    assert "24 tokens: under a second on a card; about 90 s on a processor; about 2.5 hours on a slow one." in card
    assert "| manuscript | train" not in card


def test_nothing_left_out_is_said() -> None:
    card = dataset_card(voice(), Split([example("001")], [example("002")], []), READ, PARTS, SECONDS)
    assert "may end: none." in card and "with another chunk: none." in card


@pytest.mark.parametrize(
    ("model", "told"),
    [("org/base", "org/base"), ("data/models/small", "data/models/small"), ("/home/me/models/small", "small")],
)
def test_the_base_model_is_named_without_the_folders_of_a_machine(model: str, told: str) -> None:
    config = VoiceConfig.model_validate({"name": "mine", "manuscript": {"folder": "x"}, "base": {"model": model}})
    card = dataset_card(config, Split([example("001")], [example("002")], []), READ, PARTS, SECONDS)
    assert f"in the vocabulary of {told}, marks included" in card and "/home" not in card


def test_several_manuscripts_are_shown_with_shares_and_weights() -> None:
    split = Split(
        [example("001"), *[example("tales/001", manuscript="tales")] * 3],
        [example("002")],
        [],
        unshown=[example("tales/009", manuscript="tales")],
    )
    card = dataset_card(voice(others={"tales": 3}), split, READ, PARTS, SECONDS)
    assert "| tales | 3 (75%) | 0 (0%) |" in card and "| x | 1 (25%) | 1 (100%) |" in card
    words = len(example("001").text.split())
    assert f"| x | {2 * words} (50%) | {words} (25%) |" in card
    assert f"| tales | {2 * words} (50%) | {3 * words} (75%) |" in card
    assert "more than once or in part: x 1, tales 3." in card and "leaves them out: tales/009." in card


def test_what_is_held_out_is_told_of_each_scene_type_and_manuscript_without_repeats() -> None:
    validation = [example("002"), example("tales/003", None, "dialogue", "tales")]
    train = [example("001"), *[example("tales/001", manuscript="tales")] * 3]
    split = Split(train, validation, [], unshown=[example("tales/009", manuscript="tales")])
    card = dataset_card(voice(others={"tales": 3}), split, READ, PARTS, SECONDS)
    assert "| manuscript | scene type | examples | 10% of them | held out |" in card
    for row in (
        "all | all | 5 | 0.5 | 2 (40%)",
        "all | dialogue | 1 | 0.1 | 1 (100%)",
        "tales | all | 3 | 0.3 | 1 (33%)",
    ):
        assert f"| {row} |" in card
    assert "| tales | action | 2 | 0.2 | 0 (0%) |" in card
    alone = dataset_card(voice(), Split([example("001")], [example("002")], []), READ, PARTS, SECONDS)
    assert "| all | action | 2 | 0.2 | 1 (50%) |" in alone and "| x |" not in alone


def test_the_card_shows_the_drawings() -> None:
    drawings = histograms(READ, PARTS, 2500, 4096)
    card = dataset_card(voice(), Split([example("001")], [example("002")], []), READ, PARTS, SECONDS)
    assert all(f"]({name})" in card for name in drawings)
    for drawing in drawings.values():
        ElementTree.fromstring(drawing)
