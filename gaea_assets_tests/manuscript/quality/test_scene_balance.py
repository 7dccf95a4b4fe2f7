"""Scene types far from their goal are told, with the chunks and how many are too few."""

from gaea_assets.manuscript.quality.scene_balance import scene_balance

GOAL = {"action": 30.0, "dialogue": 25.0, "introspection": 25.0, "exposition": 20.0}


def types(**counts: int) -> dict[str, str]:
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    return {f"{number:03d}": kind for number, kind in enumerate(kinds, 1)}


def test_shares_near_the_goal_pass() -> None:
    verdict = scene_balance(types(action=13, dialogue=11, introspection=8, exposition=8), GOAL)
    assert verdict.passed
    assert verdict.figures == {
        "action_share": 32.5,
        "dialogue_share": 27.5,
        "introspection_share": 20.0,
        "exposition_share": 20.0,
    }


def test_the_recorded_set_lacks_introspection() -> None:
    verdict = scene_balance(types(action=14, dialogue=11, introspection=5, exposition=5), GOAL)
    assert verdict.faults == [
        "introspection: 14 % of 35 chunks, wanted are 25 % (manuscript.scene_goal): about 4 chunk(s) too few; "
        "introspection are 026, 027, 028, 029, 030"
    ]


def test_a_type_that_is_everywhere_names_a_few_and_one_that_is_nowhere_none() -> None:
    faults = scene_balance(types(dialogue=20), GOAL).faults
    assert "dialogue: 100 % of 20 chunks" in faults[1] and "012 and 8 more" in faults[1]
    assert faults[0].endswith("action are none")


def test_no_chunks_no_faults() -> None:
    assert scene_balance({}, GOAL).passed
