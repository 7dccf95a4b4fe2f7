import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaea_assets.manuscript.documents.name_order import in_order


@pytest.mark.parametrize(
    "names",
    [
        ["Prologue.txt", "Chapter One.txt", "Chapter Two.txt", "Chapter Three.txt", "Chapter Ten.txt", "Epilogue.txt"],
        ["Part One - Chapter Two.md", "Part One - Chapter Nine.md", "Part Two - Chapter One.md"],
        ["My Book - Preface.txt", "My Book - Chapter 2.txt", "My Book - Chapter 10.txt", "My Book - Afterword.txt"],
        ["I.txt", "II.txt", "V.txt", "IX.txt", "XL.txt"],
        ["nineteen.txt", "twenty.txt", "twenty-one.txt", "twenty_two.txt", "thirty.txt"],
        ["01 Prologue.txt", "02 Two.txt", "03 One.txt"],
        ["CIVIL.txt", "Day 1.txt", "Day 2.txt", "Night.txt"],
        ["a1.txt", "a1b.txt", "a2.txt", "b.txt"],
        [f"Part {letter}.txt" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
        ["Book I - A.txt", "Book I - B.txt", "Book II - A.txt", "Book IV - A.txt", "Book V - A.txt"],
    ],
)
def test_files_come_by_the_numbers_in_their_names(names: list[str]) -> None:
    assert in_order(sorted(names, key=lambda name: name[::-1])) == names


@given(st.lists(st.text("aIVX1290 -_.\u0663\u00b2", max_size=12), unique=True))
def test_every_name_comes_once_whatever_order_a_folder_gives(names: list[str]) -> None:
    found = in_order(names)
    assert sorted(found) == sorted(names)
    assert in_order(reversed(names)) == found
