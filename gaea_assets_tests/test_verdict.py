from gaea_assets.verdict import Verdict


def test_gate_passes_where_it_found_no_fault() -> None:
    assert Verdict([]).passed
    assert Verdict([]).summary() == ""
    assert not Verdict(["a"]).passed


def test_summary_names_five_faults_and_counts_the_rest() -> None:
    assert Verdict(list("abcde")).summary() == "a; b; c; d; e"
    assert Verdict(list("abcdefg")).summary() == "a; b; c; d; e; and 2 more"
