"""A scene is named by all the headings that it stands under."""

import pytest

from gaea_assets.manuscript.segmenting import segment


@pytest.mark.parametrize(
    ("headings", "names"),
    [
        (
            [["# PART ONE", "# Chapter 1", "# I"], ["# II"], ["# Chapter 2", "# I"], ["# PART TWO", "# Chapter 1"]],
            ["PART ONE: Chapter 1: I", "PART ONE: Chapter 1: II", "PART ONE: Chapter 2: I", "PART TWO: Chapter 1"],
        ),
        ([["# I"], ["# II"], ["# III"]], ["I", "II", "III"]),
        (
            [["# III", "# Two Men", "# I"], ["# II"], ["# IV", "# The Lamp"]],
            ["III: Two Men: I", "III: Two Men: II", "IV: The Lamp"],
        ),
        ([["# The Lamp", "## One"], ["## Two"], ["# The Clock"]], ["The Lamp: One", "The Lamp: Two", "The Clock"]),
        ([["# THE LAMP", "# CHAPTER I"], ["# CHAPTER II"]], ["THE LAMP: CHAPTER I", "CHAPTER II"]),
        ([["# Alice"], ["# Bernard"]], ["Alice", "Bernard"]),
        (
            [["# Part One", "## Chapter 1", "### Scene A"], ["### Scene B"], ["## Chapter 2", "### Scene A"]],
            ["Part One: Chapter 1: Scene A", "Part One: Chapter 1: Scene B", "Part One: Chapter 2: Scene A"],
        ),
        ([["## Chapter 1", "### Scene A"], ["### Scene B"]], ["Chapter 1: Scene A", "Chapter 1: Scene B"]),
        (
            [["# Chapter 1: A", "# Chapter 2: B", "# Chapter 3: C"], ["# Chapter 1: A"]],
            ["Chapter 3: C", "Chapter 1: A"],
        ),
        ([["# Part One", "# Part Two", "# Chapter 1"]], ["Part Two: Chapter 1"]),
        (
            [["# Part One"], ["# Prologue"], ["# Chapter One", "# The Lamp"]],
            ["Part One", "Part One: Prologue", "Part One: Chapter One: The Lamp"],
        ),
    ],
)  # fmt: skip
def test_levels_of_headings_are_kept(headings: list[list[str]], names: list[str]) -> None:
    text = "\n\n".join("\n\n".join([*above, "She waited for the lamp to go out."]) for above in headings)
    assert [part.chapter for part in segment(text)] == names
